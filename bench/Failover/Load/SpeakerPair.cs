using System.Globalization;
using System.Text;
using VipOperator.Bench.Failover.Speakers;
using VipOperator.Lab.Network;
using VipOperator.Lab.Tools;

namespace VipOperator.Bench.Failover.Load;

/// <summary>
/// Two nodes with a speaker each, without nginx and client, and as many links between them as their routers need.
/// </summary>
internal sealed class SpeakerPair : IAsyncDisposable
{
    /// <summary>The first 192.168.1.x link is the switch's; further ones go straight from node to node.</summary>
    private const string VirtualPrefixLength = "/32";

    private SpeakerPair(NetworkSegment segment, Speaker first, Speaker second) =>
        (Segment, First, Second) = (segment, first, second);

    public NetworkSegment Segment { get; }

    public Speaker First { get; }

    public Speaker Second { get; }

    /// <param name="plan">Of the first node.</param>
    /// <param name="secondPriority">Of the second node, whose plan is the same otherwise.</param>
    /// <param name="name">Of the segment: the lab's name and "-lane" with a number.</param>
    public static async Task<SpeakerPair> CreateAsync(
        Contestant contestant, SpeakerPlan plan, int secondPriority, string name, string folder, string programs,
        CancellationToken cancellation)
    {
        NetworkSegment segment = await NetworkSegment.CreateAsync(name, NetworkHost.Nodes, cancellation);
        try
        {
            await AddLinksAsync(segment, plan, cancellation);
            return new SpeakerPair(
                segment,
                Speaker.Prepare(contestant, segment, NetworkHost.Node1, plan, Path.Combine(folder, "node1"), programs),
                Speaker.Prepare(contestant, segment, NetworkHost.Node2, plan with { Priority = secondPriority },
                    Path.Combine(folder, "node2"), programs));
        }
        catch
        {
            await segment.DeleteAsync();
            throw;
        }
    }

    /// <summary>
    /// Routers on as few links as 255 ids allow, evenly; the links are those that <see cref="CreateAsync"/> makes.
    /// </summary>
    public static IReadOnlyList<RouterPart> Routers(int count)
    {
        int links = (count + 254) / 255;
        return [.. Enumerable.Range(0, count).Select(i =>
            new RouterPart($"eth{1 + (i % links)}", 1 + (i / links),
                $"10.{1 + (i % links)}.1.{1 + (i / links)}{VirtualPrefixLength}"))];
    }

    /// <summary>The one router of the tutorial, on the switch.</summary>
    public static IReadOnlyList<RouterPart> OneRouter { get; } =
        [new(NetworkHost.Link, 51, "192.168.1.108" + VirtualPrefixLength)];

    /// <summary>Starts the first, and when it holds all addresses the second.</summary>
    /// <exception cref="ToolException">It does not get them.</exception>
    public async Task StartAsync(int addresses, CancellationToken cancellation)
    {
        First.Start();
        bool held = await Wait.UntilAsync(
            async () => await CountAsync(NetworkHost.Node1, cancellation) == addresses,
            TimeSpan.FromMinutes(3),
            TimeSpan.FromMilliseconds(250),
            cancellation);
        if (!held)
            throw new ToolException(
                $"After 3 minutes {await CountAsync(NetworkHost.Node1, cancellation)} of {addresses} "
                + $"addresses are there.");
        Second.Start();
    }

    /// <summary>How many virtual addresses a node holds.</summary>
    public async Task<int> CountAsync(NetworkHost host, CancellationToken cancellation)
    {
        string text = await Tool.RunAsync(
            "ip", ["-n", Segment.NamespaceOf(host), "-4", "-o", "address", "show"], cancellation);
        return text.Split('\n').Count(l => l.Contains(VirtualPrefixLength + " ", StringComparison.Ordinal));
    }

    public async ValueTask DisposeAsync()
    {
        await First.DisposeAsync();
        await Second.DisposeAsync();
        await Segment.DeleteAsync();
    }

    private static async Task AddLinksAsync(NetworkSegment segment, SpeakerPlan plan, CancellationToken cancellation)
    {
        string[] links = [.. plan.Routers.Select(r => r.Link).Distinct().Where(l => l != NetworkHost.Link)];
        foreach (string link in links)
        {
            await Tool.RunAsync(
                "ip",
                ["link", "add", link, "netns", segment.NamespaceOf(NetworkHost.Node1), "type", "veth", "peer", "name",
                    link, "netns", segment.NamespaceOf(NetworkHost.Node2)],
                cancellation);
        }

        foreach (NetworkHost host in NetworkHost.Nodes)
        {
            StringBuilder commands = new();
            foreach (string link in links)
                commands.Append(CultureInfo.InvariantCulture,
                    $"addr add 10.{link[3..]}.0.{host.LastByte}/16 dev {link}\nlink set {link} up\n");
            (await Tool.TryRunAsync("ip", ["-n", segment.NamespaceOf(host), "-batch", "-"], cancellation,
                commands.ToString())).EnsureSucceeded();
        }
    }
}
