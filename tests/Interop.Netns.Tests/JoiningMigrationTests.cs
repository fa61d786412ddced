using System.Globalization;
using System.Text.RegularExpressions;
using VipOperator.Import;
using VipOperator.Interop.Netns.Tests.Observing;
using VipOperator.Sidecar.Netns.Tests.Support;
using VipOperator.Vrrp;

namespace VipOperator.Interop.Netns.Tests;

/// <summary>
/// The migration that docs/migrating-from-keepalived.md describes, on real networks: the tutorial's pair of keepalived
/// runs with version 2 and a password, our speakers join behind it with the priorities that the importer gives, then go
/// before it, and it ends. At no moment is the address without an owner.
/// </summary>
public abstract partial class JoiningMigration
{
    private const string Address = "192.168.1.108";

    private protected static readonly Dialect Tutorial = new(
        PeerProgram.Keepalived, VrrpVersion.V2, IpFamily.V4, Transport.Multicast, HasPassword: true);

    /// <summary>Longer than the three intervals and the skew that a Backup waits.</summary>
    private protected static readonly TimeSpan LongerThanATakeover = TimeSpan.FromSeconds(4);

    private protected static SidecarUnderTest Join(Node node, int priority)
    {
        // As it ships: at real-time priority nothing comes between its advertisement, on which keepalived lets go, and
        // its binding the address.
        SidecarUnderTest sidecar = new(node, "env", "-u", "VIP_SIDECAR_REALTIME_PRIORITY");
        sidecar.Agent.Configure(Tutorial.Router(priority));
        return sidecar;
    }

    private protected static string Configuration(int priority) => Keepalived.Instance(
        2, priority, "1", Tutorial.Prefix, "authentication {\n auth_type PASS\n auth_pass 1111222\n}\n");

    // What the importer says of the two files.
    private protected static int Highest(ImportStep step)
    {
        ImportResult result = KeepalivedImport.Run(
            [new ImportHost("web1.conf", "web1"), new ImportHost("web2.conf", "web2")], new Pair(),
            new ImportOptions { Step = step });
        Assert.Empty(result.Errors);
        return int.Parse(HighestLine().Match(result.Manifests[^1].Text).Groups[1].Value, CultureInfo.InvariantCulture);
    }

    [GeneratedRegex(@"^ +highest: (\d+)$", RegexOptions.Multiline)]
    private static partial Regex HighestLine();

    private sealed class Pair : IConfigurationFiles
    {
        public FileText Read(string path) => path switch
        {
            "web1.conf" => new FileText(Configuration(100)),
            "web2.conf" => new FileText(Configuration(99)),
            _ => new FileText(null, "does not exist"),
        };

        public IReadOnlyList<string> List(string folder) => [];
    }

    /// <summary>Who owns the address, and who answers for it.</summary>
    private protected sealed class Watching : IDisposable
    {
        private const int MostInFlight = 2;

        private readonly OwnerLog _owners;
        private readonly Node _clientNode;
        private Client? _client;
        private DateTime _since;
        private int _firstRequest;
        private readonly List<string> _story = [];

        private Watching(OwnerLog owners, Node clientNode) => (_owners, _clientNode) = (owners, clientNode);

        public static async Task<Watching> Start(TestNetwork network)
        {
            Node client = network.AddClient();
            return new Watching(await OwnerLog.Start(network, Address), client);
        }

        /// <summary>From now on nothing may be missed.</summary>
        public async Task Begins(Node node)
        {
            await Eventually.True(() => _owners.IsOwnedBy(node)
                && _clientNode.Reaches(Address), $"{node.Address} owns the address and answers");
            _client = new Client(_clientNode, Address);
            _since = DateTime.UtcNow;
            await Eventually.True(() => _client.FirstAnswerAfter(_since) is not null, "the client is answered");
            _firstRequest = _client.FirstAnswerAfter(_since)!.Value;
        }

        /// <summary>For the story that is told at the end.</summary>
        public void Note(string what) =>
            _story.Add(string.Create(
                CultureInfo.InvariantCulture, $"{(DateTime.UtcNow - _since).TotalSeconds:0.00} s: {what}"));

        public async Task GoesTo(Node node)
        {
            await Eventually.True(() => _owners.IsOwnedBy(node), $"{node.Address} alone owns the address");
            Note($"{node.Address} alone owns the address");
        }

        public Task StaysWith(Node node) =>
            Eventually.Always(
                () => _owners.IsOwnedBy(node), LongerThanATakeover, $"{node.Address} alone owns the address");

        public void Judge(ITestOutputHelper output)
        {
            (int timesNobody, TimeSpan nobody) = _owners.Nobody(_since);
            (int timesSeveral, TimeSpan several) = _owners.Several(_since);
            int unanswered = _client!.UnansweredSince(_firstRequest);
            foreach ((DateTime from, TimeSpan length) in _client.Gaps(_since, TimeSpan.FromMilliseconds(100)))
                _story.Add(string.Create(CultureInfo.InvariantCulture,
                    $"{(from - _since).TotalSeconds:0.00} s: no answer for {length.TotalMilliseconds:0} ms"));
            foreach (string line in _story)
                output.WriteLine(line);
            TimeSpan watched = DateTime.UtcNow - _since;
            output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"""
                in {watched.TotalSeconds:0.0} s of a request each {Client.Period.TotalMilliseconds} ms: without an owner {timesNobody} times, {nobody.TotalMilliseconds:0.###} ms;
                with several {timesSeveral} times, {several.TotalMilliseconds:0.###} ms; {unanswered} requests unanswered
                """));

            Assert.Equal(0, timesNobody);
            // A request can be on its way to the old owner when that lets go: one or two in a takeover, of a hundred a
            // second.
            Assert.InRange(unanswered, 0, MostInFlight);
        }

        public void Dispose()
        {
            _client?.Dispose();
            _owners.Dispose();
        }
    }
}

// A class each, so that they run side by side.

public sealed class NewNodesMigrationTests(ITestOutputHelper output) : JoiningMigration
{
    [Fact]
    public async Task NewNodesJoin_TakeOver_AndKeepalivedEnds_NoMomentWithoutAnOwner()
    {
        using TestNetwork network = new("keepalived", "ping");
        Node third = network.AddNode("d", 106);
        Node fourth = network.AddNode("e", 107);
        using Watching watching = await Watching.Start(network);
        using Keepalived best = new(network.First, Configuration(100));
        await watching.Begins(network.First);
        // Not with the other: started at once, both are Master for a moment, and neighbours may believe the second one
        // for five seconds.
        using Keepalived second = new(network.Second, Configuration(99));
        await watching.StaysWith(network.First);

        using SidecarUnderTest ours = Join(third, Highest(ImportStep.Join));
        using SidecarUnderTest behind = Join(fourth, Highest(ImportStep.Join) - 1);
        await ours.Reaches(RouterStateKind.Backup);
        await behind.Reaches(RouterStateKind.Backup);
        await watching.StaysWith(network.First);

        watching.Note("the members go before keepalived");
        ours.Agent.Configure(Tutorial.Router(Highest(ImportStep.TakeOver)));
        behind.Agent.Configure(Tutorial.Router(Highest(ImportStep.TakeOver) - 1));
        await watching.GoesTo(third);

        await second.Stop();
        await best.Stop();
        watching.Note("keepalived has ended");
        await watching.StaysWith(third);
        watching.Note("the members take their last priorities");
        ours.Agent.Configure(Tutorial.Router(Highest(ImportStep.Final)));
        behind.Agent.Configure(Tutorial.Router(Highest(ImportStep.Final) - 1));
        await watching.StaysWith(third);

        Assert.Equal(RouterStateKind.Backup, behind.State());
        watching.Judge(output);
    }
}

public sealed class SameNodesMigrationTests(ITestOutputHelper output) : JoiningMigration
{
    [Fact]
    public async Task TheSameTwoNodes_OneAfterTheOther_NoMomentWithoutAnOwner()
    {
        using TestNetwork network = new("keepalived", "ping");
        using Watching watching = await Watching.Start(network);
        using Keepalived best = new(network.First, Configuration(100));
        await watching.Begins(network.First);
        // Not with the other: started at once, both are Master for a moment, and neighbours may believe the second one
        // for five seconds.
        using Keepalived second = new(network.Second, Configuration(99));
        await watching.StaysWith(network.First);

        // The Backup's host first: nobody misses it.
        await second.Stop();
        using SidecarUnderTest ours = Join(network.Second, Highest(ImportStep.Join));
        await ours.Reaches(RouterStateKind.Backup);
        await watching.StaysWith(network.First);
        watching.Note("the members go before keepalived");
        ours.Agent.Configure(Tutorial.Router(Highest(ImportStep.TakeOver)));
        await watching.GoesTo(network.Second);

        // Then the other's, which holds nothing any more.
        await best.Stop();
        using SidecarUnderTest behind = Join(network.First, Highest(ImportStep.TakeOver) - 1);
        await behind.Reaches(RouterStateKind.Backup);
        await watching.StaysWith(network.Second);

        watching.Judge(output);
    }
}
