using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;
using VipOperator.Interop.Netns.Tests.Observing;
using VipOperator.Sidecar.Netns.Tests.Support;

namespace VipOperator.Faults.Netns.Tests.Staging;

/// <summary>
/// Two nodes with a speaker each, the first the better one, and a client that asks the address all the time. What
/// happens between <see cref="Begin"/> and <see cref="End"/> becomes a row of the table.
/// </summary>
internal sealed partial class Stage : IAsyncDisposable
{
    public const string Address = "192.168.1.108";

    private static readonly TimeSpan Steady = TimeSpan.FromSeconds(1.5);

    /// <summary>Beyond what a warm process takes by chance; a leak per packet or event would be far more.</summary>
    private const int MemoryAllowanceKib = 8192;

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("vips-faults-");
    private readonly List<IDisposable> _parts = [];
    private readonly List<Process> _helpers = [];
    private readonly Dictionary<Node, Traces> _before = [];
    private DateTime _start;
    private int _firstRemark;
    private int _secondRemark;

    private Stage(params string[] programs) => Network = new TestNetwork(["ping", .. programs]);

    public TestNetwork Network { get; }

    public Speaker First { get; private set; } = null!;

    public Speaker Second { get; private set; } = null!;

    public HolderWatch FirstHolds { get; private set; } = null!;

    public HolderWatch SecondHolds { get; private set; } = null!;

    public Node ClientNode { get; private set; } = null!;

    public Client Client { get; private set; } = null!;

    /// <summary>More lines of the members' spec, such as a probe.</summary>
    private string Extra { get; init; } = "";

    private string[] Wrapper { get; init; } = [];

    /// <summary>Both speakers run, the first one is Active, the client is served.</summary>
    /// <param name="prepare">Before the speakers start.</param>
    public static async Task<Stage> Set(
        string extra = "", string[]? wrapper = null, Func<Stage, Task>? prepare = null, params string[] programs)
    {
        Stage stage = new(programs) { Extra = extra, Wrapper = wrapper ?? [] };
        try
        {
            stage._parts.Add(stage.FirstHolds = await HolderWatch.Start(stage.Network.First, Address));
            stage._parts.Add(stage.SecondHolds = await HolderWatch.Start(stage.Network.Second, Address));
            stage.ClientNode = stage.Network.AddClient();
            stage._parts.Add(stage.Client = new Client(stage.ClientNode, Address));
            if (prepare is not null)
                await prepare(stage);
            stage.StartFirst();
            await Eventually.True(() => stage.FirstHolds.Holds, stage.Tell);
            stage.StartSecond();
            await Eventually.True(() => stage.First.AgentId != 0 && stage.Second.AgentId != 0, stage.Tell);
            await Eventually.True(
                () => stage.Second.Remarks().Any(r => r.Contains("is Backup", StringComparison.Ordinal)), stage.Tell);
            return stage;
        }
        catch
        {
            await stage.DisposeAsync();
            throw;
        }
    }

    /// <summary>Since <see cref="Begin"/>.</summary>
    public TimeSpan NoHolderSoFar() => HolderWatch.None(FirstHolds, SecondHolds, _start, DateTime.UtcNow);

    public void StartFirst() => _parts.Add(First = Start(Network.First, "first", 254));

    public void StartSecond() => _parts.Add(Second = Start(Network.Second, "second", 253));

    public string Member(int priority, string addresses = $"{Address}/32", string interval = "200ms") => string.Create(
        CultureInfo.InvariantCulture,
        $"""
         apiVersion: vipoperator.io/v1alpha1
         kind: VirtualIPMember
         metadata: {"{"}name: web{"}"}
         spec:
           addresses: [{addresses}]
           interfaceName: eth0
           virtualRouterId: 51
           priority: {priority}
           vrrp: {"{"}advertisementInterval: {interval}{"}"}
         {Extra}
         """);

    /// <summary>The fault is about to happen.</summary>
    public void Begin()
    {
        foreach (Speaker speaker in new[] { First, Second })
            _before[speaker.Node] = Traces.Of(speaker);
        _firstRemark = First.Remarks().Count();
        _secondRemark = Second.Remarks().Count();
        _start = DateTime.UtcNow;
    }

    public Task FirstAlone(string when) =>
        Reaches(() => FirstHolds.Holds && !SecondHolds.Holds, $"the first node alone holds the address {when}");

    public Task SecondAlone(string when) =>
        Reaches(() => !FirstHolds.Holds && SecondHolds.Holds, $"the second node alone holds the address {when}");

    public Task Both(string when) =>
        Reaches(() => FirstHolds.Holds && SecondHolds.Holds, $"both nodes hold the address {when}");

    public Task Reaches(Func<bool> condition, string what) => Eventually.True(condition, () => $"{what}; {Tell()}");

    public Task Stays(Func<bool> condition, TimeSpan span, string what) =>
        Eventually.Always(condition, span, () => $"{what}; {Tell()}");

    /// <summary>Whether the agent tells of it in its state document, which a person reads first.</summary>
    public static bool StateTells(Speaker speaker, string text)
    {
        using System.Text.Json.JsonDocument? state = speaker.State();
        return state?.RootElement.GetRawText().Contains(text, StringComparison.Ordinal) ?? false;
    }

    /// <summary>
    /// After the fault: one holder and no request unanswered in the steady time, nothing crashed, nothing left behind.
    /// </summary>
    public async Task<FaultRow> End(string fault, bool firstHolds = true, bool clientIsServed = true)
    {
        Func<bool> holder = () => FirstHolds.Holds == firstHolds && SecondHolds.Holds != firstHolds;
        string node = firstHolds ? "first" : "second";
        await Reaches(holder, $"after \"{fault}\" the {node} node alone holds the address");
        DateTime held = DateTime.UtcNow;
        if (clientIsServed)
            await Reaches(() => Client.FirstAnswerAfter(held) is not null, $"the client is served after \"{fault}\"");
        int first = Client.FirstAnswerAfter(held) ?? 0;
        await Stays(holder, Steady, $"that lasts after \"{fault}\"");
        DateTime end = DateTime.UtcNow;
        if (clientIsServed)
        {
            int unanswered = Client.UnansweredSince(first);
            Assert.True(unanswered == 0, $"{unanswered} requests unanswered after \"{fault}\"; {Tell()}");
        }

        foreach (Speaker speaker in new[] { First, Second })
        {
            Assert.False(speaker.HasEnded, $"a speaker has ended after \"{fault}\"; {Tell()}");
            await Reaches(() => speaker.AgentId != 0, $"the agent runs after \"{fault}\"");
            Assert.DoesNotContain("Unhandled exception", speaker.Log, StringComparison.Ordinal);
            await NothingIsLeft(speaker, fault);
        }

        return new FaultRow(
            fault,
            node,
            Client.LongestGap(_start, end),
            HolderWatch.None(FirstHolds, SecondHolds, _start, end),
            HolderWatch.Overlap(FirstHolds, SecondHolds, _start, end),
            [.. Said(First, _firstRemark, "first"), .. Said(Second, _secondRemark, "second")]);
    }

    /// <summary>Starts vip-traffic in a namespace; it ends with the stage.</summary>
    public Process Traffic(string networkNamespace, params string[] arguments)
    {
        Process process = Process.Start(new ProcessStartInfo(
            "ip",
            ["netns", "exec", networkNamespace, Path.Combine(AppContext.BaseDirectory, "vip-traffic"), .. arguments])
        {
            RedirectStandardOutput = true,
        })!;
        _helpers.Add(process);
        return process;
    }

    public static void EndTraffic(Process process)
    {
        if (!process.HasExited)
            process.Kill();
        process.WaitForExit();
    }

    public async ValueTask DisposeAsync()
    {
        _helpers.ForEach(EndTraffic);
        _parts.Reverse();
        _parts.ForEach(p => p.Dispose());
        Network.Dispose();
        _folder.Delete(recursive: true);
        await ValueTask.CompletedTask;
    }

    public string Tell() =>
        $"the first {Says(FirstHolds)} it, the second {Says(SecondHolds)} it\n"
        + $"first:\n{First?.Log}\nsecond:\n{Second?.Log}";

    public string FolderOf(string name) => Directory.CreateDirectory(Path.Combine(_folder.FullName, name)).FullName;

    private static string Says(HolderWatch watch) => watch.Holds ? "holds" : "does not hold";

    private Speaker Start(Node node, string name, int priority) => new(node, FolderOf(name), Member(priority), Wrapper);

    private IEnumerable<string> Said(Speaker speaker, int from, string who) =>
        speaker.Remarks().Skip(speaker.Remarks().Count() >= from ? from : 0)
            .Select(r => $"{who}: {Numbers().Replace(r.Split(". ")[0], "$1…")}")
            .Distinct();

    // A speaker that was started again has other numbers, but not more of them.
    private async Task NothingIsLeft(Speaker speaker, string fault)
    {
        Traces before = _before[speaker.Node];
        await Eventually.True(
            () =>
            {
                Traces now = Traces.Of(speaker);
                return now.Descriptors <= before.Descriptors && now.Links == before.Links;
            },
            () => $"after \"{fault}\" nothing is left on {speaker.Node.Namespace}: "
                + $"before {before}, now {Traces.Of(speaker)}");
        Traces after = Traces.Of(speaker);
        Assert.True(
            after.MemoryKib <= before.MemoryKib + MemoryAllowanceKib,
            $"after \"{fault}\" {speaker.Node.Namespace} uses more memory: before {before}, now {after}");
    }

    // What was said, without the advice; times and counts differ from run to run.
    [GeneratedRegex("""(\bafter |\bin |\bfor )[0-9.]+""")]
    private static partial Regex Numbers();

    private sealed record Traces(int Descriptors, int MemoryKib, string Links)
    {
        public static Traces Of(Speaker speaker) => new(
            speaker.OpenDescriptors(),
            speaker.MemoryKib(),
            string.Join(
                ' ',
                speaker.Node.Ip("-br", "link").Split('\n', StringSplitOptions.RemoveEmptyEntries)
                    .Select(l => l.Split(' ')[0].Split('@')[0])
                    .Order()));
    }
}
