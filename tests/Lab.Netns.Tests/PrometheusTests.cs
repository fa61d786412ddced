using System.Text.RegularExpressions;
using VipOperator.Charts.Tests;
using VipOperator.Lab.Cluster;
using VipOperator.Lab.Processes;
using VipOperator.Lab.Running;
using VipOperator.Lab.Tools;

namespace VipOperator.Lab.Netns.Tests;

/// <summary>
/// A real Prometheus with the chart's alerts watches the lab through faults: what is to fire fires, and resolves; every
/// query of the chart's dashboard has data.
/// </summary>
public sealed partial class PrometheusTests : IAsyncLifetime
{
    private const string Web = """
        apiVersion: vipoperator.io/v1alpha1
        kind: VirtualIP
        metadata: {name: NAME, namespace: default}
        spec:
          addresses: [ADDRESS]
          selector: {matchLabels: {app: nginx}}
          virtualRouterId: 51
          vrrp: {advertisementInterval: 200ms}
          probe: {http: {port: 80}, interval: 500ms, timeout: 500ms}
        """;

    /// <summary>The panels that docs/dashboard.svg shows.</summary>
    private static readonly string[] Pictured =
    [
        "State of each member", "Alerts", "Takeovers", "Verdict of the probe",
        "Advertisements received", "Probes that failed",
        "Addresses bound", "Conditions that are not True",
    ];

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private LabProgram _lab = null!;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private LabState State => LabState.Read(_lab.Folder)!;

    public async ValueTask InitializeAsync()
    {
        await Requirements.RootAndToolsAsync("prometheus", "promtool", "socat", "ss", "nft");
        _lab = await LabProgram.FindAsync();
    }

    public async ValueTask DisposeAsync()
    {
        if (_lab is not null)
            await _lab.DisposeAsync();
    }

    [Fact]
    public async Task Faults_FireAlertsThatResolve_AndEveryPanelHasData()
    {
        Assert.Equal(0, (await _lab.RunAsync("up")).ExitCode);
        DateTimeOffset start = DateTimeOffset.UtcNow;
        await using PrometheusServer prometheus = await PrometheusServer.StartAsync(_lab, await QuickRulesAsync());
        await ApplyAsync("web", "192.168.1.108");
        await BecomesAsync(
            prometheus, "sum(vipoperator_state == bool 2) == 1 and on() vipoperator_virtualip_ready == 1");
        await NothingFiresAsync(prometheus);

        await HiddenActiveIsNotTakenForNoneAsync(prometheus);

        // nginx dies on both nodes, and is started again by the kubelet after a while; one node is cut off from the API
        // server; and somebody asks for an id that is in use.
        await KillAsync("KILL", State.Nodes.Select(n => n.Containers.Single(c => c.Name == "nginx").Process!.Value));
        string way = Path.Combine(_lab.Folder.Path, "api.sock");
        NodeState first = State.Nodes[0];
        await KillAsync("KILL", await ProcessesIn(first.Namespace, "relay"));
        await ApplyAsync("second", "192.168.1.109");
        await FiresAsync(
            prometheus, "VirtualIPProbeFailing", "VirtualIPNoActive", "VirtualIPStatusStale", "VirtualIPIdConflict");

        await using (ChildProcess relay = ChildProcess.Start(new ChildProcessSpec
        {
            Name = "way to the API server",
            Program = Path.Combine(State.Programs, "vip-lab"),
            Arguments = ["relay", "127.0.0.1:6443", way],
            Namespace = first.Namespace,
            LogFile = "/dev/null",
        }))
        {
            await KubectlAsync(null, "delete", "virtualip", "second");
            await ResolvesAsync(prometheus, "VirtualIPProbeFailing", "VirtualIPNoActive",
                "VirtualIPStatusStale", "VirtualIPIdConflict");

            // A firewall swallows what comes in on one node, and the operator dies.
            NodeState second = State.Nodes[1];
            await NftAsync(second.Namespace, """
                table inet swallow {
                  chain in { type filter hook input priority 0; ip protocol 112 drop; }
                }
                """);
            await KillAsync("KILL", [State.OperatorProcess!.Value]);
            await FiresAsync(
                prometheus, "VirtualIPTwoActives", "VirtualIPAdvertisementsSwallowed", "VipOperatorNoLeader");

            await NftAsync(second.Namespace, "delete table inet swallow");
            await ResolvesAsync(
                prometheus, "VirtualIPTwoActives", "VirtualIPAdvertisementsSwallowed", "VipOperatorNoLeader");

            await EveryQueryHasDataAsync(prometheus, start);
            await PagesAreWellFormedAsync();
        }
    }

    /// <summary>A firewall hides the metrics of the Active one, then of all: the operator knows better.</summary>
    private async Task HiddenActiveIsNotTakenForNoneAsync(PrometheusServer prometheus)
    {
        const string Firewall =
            "table inet hide { chain in { type filter hook input priority 0; tcp dport 9441 drop; }; }";
        bool firstIsActive = await prometheus.HoldsAsync("vipoperator_state{instance=~\"192.168.1.103:.*\"} == 2");
        NodeState[] nodes = firstIsActive ? [.. State.Nodes] : [.. State.Nodes.Reverse()];
        int hidden = 0;
        foreach (NodeState node in nodes)
        {
            await NftAsync(node.Namespace, Firewall);
            hidden++;
            await BecomesAsync(prometheus, $"(count(vipoperator_state) or vector(0)) == bool {nodes.Length - hidden}");
            await FiresAsync(prometheus, "VirtualIPMemberUnheard");
            Assert.DoesNotContain("VirtualIPNoActive", await prometheus.FiringAsync());
        }

        foreach (NodeState node in nodes)
            await NftAsync(node.Namespace, "delete table inet hide");
        await NothingFiresAsync(prometheus);
    }

    private static async Task EveryQueryHasDataAsync(PrometheusServer prometheus, DateTimeOffset start)
    {
        DateTimeOffset end = DateTimeOffset.UtcNow;
        List<string> empty = [];
        List<(DashboardQuery Query, IReadOnlyList<Series> Series)> panels = [];
        foreach (DashboardQuery query in DashboardQueries.All(rateInterval: "5s"))
        {
            IReadOnlyList<Series> found = await prometheus.RangeAsync(query.Expression, start, end);
            if (!found.Any(s => s.Points.Any(p => double.IsFinite(p.Value))))
                empty.Add($"{query.Panel}: {query.Expression}");
            if (Pictured.Contains(query.Panel) && panels.All(p => p.Query.Panel != query.Panel))
                panels.Add((query, found));
        }

        Assert.Empty(empty);
        string picture = DashboardPlot.Draw(
            [.. Pictured.Select(p => panels.Single(f => f.Query.Panel == p))], start, end);
        if (Environment.GetEnvironmentVariable("VIPOPERATOR_WRITE_DOCS") is { Length: > 0 })
            await File.WriteAllTextAsync(SourceTree.At("docs", "dashboard.svg"), picture, Cancellation);
    }

    /// <summary>promtool on the pages of a real operator and a real sidecar.</summary>
    private async Task PagesAreWellFormedAsync()
    {
        foreach (string address in new[] { "192.168.1.103:9441", "127.0.0.1:8080" })
        {
            ToolResult page = await Tool.TryRunAsync(
                "ip", ["netns", "exec", State.Client, "curl", "-sf", $"http://{address}/metrics"], Cancellation);
            ToolResult check = await Tool.TryRunAsync(
                "promtool", ["check", "metrics"], Cancellation, page.EnsureSucceeded().Output);
            Assert.True(check is { Succeeded: true, Text: "" }, $"{address}: {check.Text}");
        }
    }

    /// <summary>The chart's rules, with seconds where they have minutes.</summary>
    private static async Task<string> QuickRulesAsync()
    {
        string file = Path.Combine(SourceTree.Root, "charts", "vip-operator", "files", "rules", "vip-operator.yaml");
        string rules = await File.ReadAllTextAsync(file, Cancellation);
        return For().Replace(rules, "for: 2s")
            .Replace("[1m]", "[5s]", StringComparison.Ordinal)
            .Replace("[5m]", "[5s]", StringComparison.Ordinal)
            .Replace("[1d:5m]", "[5m:1s]", StringComparison.Ordinal);
    }

    private static async Task BecomesAsync(PrometheusServer prometheus, string query) => Assert.True(
        await Wait.UntilAsync(() => prometheus.HoldsAsync(query), Patience,
            TimeSpan.FromMilliseconds(300), Cancellation), query);

    private static async Task FiresAsync(PrometheusServer prometheus, params string[] alerts)
    {
        HashSet<string> seen = [];
        bool all = await Wait.UntilAsync(
            async () =>
            {
                seen.UnionWith(await prometheus.FiringAsync());
                return seen.IsSupersetOf(alerts);
            },
            Patience,
            TimeSpan.FromMilliseconds(300),
            Cancellation);
        Assert.True(all, $"Fired: {string.Join(", ", seen)}");
        TestContext.Current.TestOutputHelper!.WriteLine($"Fired: {string.Join(", ", seen)}");
    }

    private static async Task NothingFiresAsync(PrometheusServer prometheus)
    {
        IReadOnlySet<string> firing = new HashSet<string>();
        bool right = await Wait.UntilAsync(
            async () => (firing = await prometheus.FiringAsync()).Count == 0, Patience,
            TimeSpan.FromMilliseconds(300), Cancellation);
        Assert.True(right, $"Firing: {string.Join(", ", firing)}");
    }

    private static async Task ResolvesAsync(PrometheusServer prometheus, params string[] alerts)
    {
        IReadOnlySet<string> firing = alerts.ToHashSet();
        bool right = await Wait.UntilAsync(
            async () => !(firing = await prometheus.FiringAsync()).Overlaps(alerts),
            Patience,
            TimeSpan.FromMilliseconds(300),
            Cancellation);
        Assert.True(right, $"Firing: {string.Join(", ", firing)}");
    }

    private Task ApplyAsync(string name, string address) => KubectlAsync(
        Web.Replace("NAME", name, StringComparison.Ordinal).Replace("ADDRESS", address, StringComparison.Ordinal),
        "apply", "--server-side", "-f", "-");

    private async Task KubectlAsync(string? input, params string[] arguments) => (await Tool.TryRunAsync(
        "kubectl", ["--kubeconfig", State.Kubeconfig, .. arguments], Cancellation, input)).EnsureSucceeded();

    private static async Task NftAsync(string ns, string commands) => (await Tool.TryRunAsync(
        "ip", ["netns", "exec", ns, "nft", "-f", "-"], Cancellation, commands)).EnsureSucceeded();

    private static Task<string> KillAsync(string signal, IEnumerable<int> processes) =>
        Tool.RunAsync("sh", ["-c", $"kill -s {signal} {string.Join(' ', processes)}"], Cancellation);

    /// <summary>Those of a namespace that run vip-lab with that command.</summary>
    private static async Task<IReadOnlyList<int>> ProcessesIn(string ns, string command)
    {
        string all = await Tool.RunAsync("ip", ["netns", "pids", ns], Cancellation);
        return
        [
            .. all.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(int.Parse)
                .Where(id => CommandLineOf(id) is [_, var second, ..] && second == command),
        ];
    }

    // Empty when it has ended meanwhile, as those that were killed just before do.
    private static string[] CommandLineOf(int process)
    {
        try
        {
            return File.ReadAllText($"/proc/{process}/cmdline").Split('\0');
        }
        catch (IOException)
        {
            return [];
        }
    }

    [GeneratedRegex(@"for: \w+")]
    private static partial Regex For();
}
