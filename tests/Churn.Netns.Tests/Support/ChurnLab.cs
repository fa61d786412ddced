using System.Net;
using System.Text.Json.Nodes;
using VipOperator.Lab.Cluster;
using VipOperator.Lab.Netns.Tests;
using VipOperator.Lab.Network;
using VipOperator.Lab.Probing;
using VipOperator.Lab.Processes;
using VipOperator.Lab.Running;
using VipOperator.Lab.Tools;

namespace VipOperator.Churn.Netns.Tests.Support;

/// <summary>A lab with the VirtualIP "web", and a client that asks it all the time.</summary>
internal sealed class ChurnLab : IAsyncDisposable
{
    public const string Address = "192.168.1.108";

    public static readonly TimeSpan Bound = TimeSpan.FromSeconds(30);

    private static readonly TimeSpan Pace = TimeSpan.FromMilliseconds(3);
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(50);
    private static int _count;

    private readonly LabLock _lock;
    private readonly RunningLab _lab;
    private OwnerWatch _owners = null!;
    private ClientProbe _client = null!;
    private long _since;

    private ChurnLab(LabLock held, RunningLab lab)
    {
        _lock = held;
        _lab = lab;
    }

    public static string Programs => Environment.GetEnvironmentVariable("VIPOPERATOR_BIN") is { Length: > 0 } named
        ? named
        : Path.Combine(FindRoot(), "artifacts", "bin");

    public RunningLab Lab => _lab;

    public IReadOnlyList<LabNode> Nodes => _lab.Nodes;

    /// <summary>The node that alone holds the address.</summary>
    public LabNode Active => Nodes.Single(n => n.Host.Name == _owners.Holders.Single());

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    /// <summary>Skips the test, aloud, where a lab cannot be.</summary>
    public static async Task<ChurnLab> StartAsync()
    {
        await Requirements.RootAndToolsAsync("nginx", "kubectl", "curl", "setpriv");
        foreach (string program in (string[])["vip-operator", "vip-sidecar", "vip-agent"])
            Assert.SkipUnless(
                File.Exists(Path.Combine(Programs, program)), $"{program} is not built; 'make build' does it.");
        LabOptions options = new()
        {
            Name = $"c{Environment.ProcessId}x{Interlocked.Increment(ref _count)}",
            Programs = Programs,
            RestartDelay = TimeSpan.FromSeconds(1),
            KeepLogs = Environment.GetEnvironmentVariable("VIPOPERATOR_LOGS") is { Length: > 0 } logs
                ? Path.Combine(logs, TestContext.Current.TestMethod!.MethodName)
                : null,
        };
        LabLock held = await LabLock.TryTakeAsync(options.Name, TimeSpan.Zero, Cancellation)
            ?? throw new InvalidOperationException($"There is a lab {options.Name}.");
        return new ChurnLab(held, await RunningLab.StartAsync(options, new Progress<string>(), Cancellation));
    }

    /// <summary>The VirtualIP is there and served.</summary>
    public async Task ServeAsync(string spec = $"{{addresses: [{Address}], selector: {{matchLabels: {{app: nginx}}}}, "
        + $"probe: {{http: {{port: 80}}}}}}")
    {
        _owners = await OwnerWatch.StartAsync(_lab.Network, NetworkHost.Nodes, IPAddress.Parse(Address), Cancellation);
        _client = ClientProbe.Start(_lab.Network, IPAddress.Parse(Address));
        await ApplyAsync([("web", spec)]);
        await BecomesAsync(async () => Ready(await StatusAsync("web")) && _client.Responder is not null
            && _owners.Holders.Count == 1, "it serves");
    }

    public async Task ApplyAsync((string Name, string Spec)[] virtualIPs) => (await _lab.KubectlAsync(
        ["apply", "--server-side", "-f", "-"],
        Cancellation,
        string.Concat(virtualIPs.Select(v =>
            $"---\napiVersion: vipoperator.io/v1alpha1\nkind: VirtualIP\nmetadata: {{name: {v.Name}}}\nspec: {v.Spec}\n")))).EnsureSucceeded();

    public async Task KubectlAsync(params string[] arguments) =>
        (await _lab.KubectlAsync(arguments, Cancellation)).EnsureSucceeded();

    /// <summary>null while it speaks of an older spec.</summary>
    public async Task<JsonNode?> StatusAsync(string name)
    {
        JsonNode virtualIP = await _lab.Api.GetAsync(ClusterObjects.VirtualIPPath(name), Cancellation);
        long generation = virtualIP["metadata"]!["generation"]!.GetValue<long>();
        return virtualIP["status"] is { } status && status["observedGeneration"]?.GetValue<long>() == generation
            ? status
            : null;
    }

    public static bool Ready(JsonNode? status) => ConditionOf(status, "Ready") == "True";

    public static string? ConditionOf(JsonNode? status, string type) => status?["conditions"]?.AsArray()
        .FirstOrDefault(c => c!["type"]!.GetValue<string>() == type)?["status"]!.GetValue<string>();

    /// <summary>
    /// Both members could serve, and the status of the address is settled: <paramref name="node"/> has it.
    /// </summary>
    public Task SettlesAsync(LabNode node) => BecomesAsync(
        async () =>
        {
            JsonNode? status = await StatusAsync("web");
            return Ready(status)
                && status!["readyMembers"]!.GetValue<string>() == "2/2"
                && status["activeNode"]?.GetValue<string>() == node.Host.Name;
        },
        $"the status says that {node.Host.Name} is Active, of two that are ready");

    public async Task BecomesAsync(Func<Task<bool>> condition, string what) => Assert.True(
        await Wait.UntilAsync(condition, Bound, Look, Cancellation),
        $"It does not come to pass that {what}. "
        + $"{(await _lab.KubectlAsync(["get", "vip,vipm", "-A", "-o", "yaml"], Cancellation)).Text}");

    /// <summary>The operation is about to begin.</summary>
    public async Task BeginAsync()
    {
        await _client.BeginMeasurementAsync(Pace, Cancellation);
        _since = Clock.NowMicroseconds;
    }

    /// <summary>The operation is over.</summary>
    public async Task<ChurnRow> EndAsync(string what)
    {
        // Every request that was begun has an answer by then, or none.
        await Task.Delay(ClientProbe.Timeout + ClientProbe.Timeout, Cancellation);
        ProbeSample[] all = [.. _client.Samples().OrderBy(s => s.EndedAt)];
        ProbeSample[] answered = [.. all.Where(s => s.Answered)];
        ProbeSample[] failed = [.. all.Where(s => !s.Answered)];
        ChurnRow row = new(
            what,
            _owners.Log.TakenSince(_since),
            all.Length,
            failed.Length,
            string.Join(", ", failed.GroupBy(s => s.Error).Select(g => $"{g.Count()} {g.Key}")),
            Clock.Span(answered.Zip(answered.Skip(1)).Max(p => p.Second.EndedAt - p.First.EndedAt)),
            _owners.Log.FreeTime(_since, Clock.NowMicroseconds),
            _owners.Log.SharedTime(_since, Clock.NowMicroseconds));
        TestContext.Current.TestOutputHelper!.WriteLine(row.ToString());
        return row;
    }

    /// <summary>
    /// Each pod is deleted gracefully, one after the other, and replaced when it is gone, as a DaemonSet does.
    /// </summary>
    /// <param name="programs">The folder of the new pods' sidecar.</param>
    public async Task RollAsync(IEnumerable<LabNode> order, string programs)
    {
        foreach (LabNode node in order.ToArray())
        {
            Assert.True((await node.DeletePodAsync(Cancellation)).Succeeded);
            await node.StartPodAsync(programs, Cancellation);
            await BecomesAsync(() => node.IsReadyAsync(Cancellation), $"the new pod of {node.Host.Name} is ready");
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_client is not null)
            await _client.DisposeAsync();
        if (_owners is not null)
            await _owners.DisposeAsync();
        await _lab.DisposeAsync();
        _lock.Dispose();
    }

    private static string FindRoot()
    {
        string? folder = AppContext.BaseDirectory;
        while (folder is not null && !File.Exists(Path.Combine(folder, "VipOperator.sln")))
            folder = Path.GetDirectoryName(folder);
        return folder ?? throw new InvalidOperationException("VipOperator.sln is in no folder above the tests.");
    }
}
