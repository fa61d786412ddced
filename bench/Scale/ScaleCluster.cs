using System.Globalization;

namespace VipOperator.Bench.Scale;

/// <summary>
/// The cluster that is measured: groups of three pods, each pod on a node of its own among all, and up to 50 VirtualIPs
/// per group. Links have up to 200 VirtualIPs each, because one has 255 virtual router ids.
/// </summary>
internal sealed class ScaleCluster(BenchApi api, int virtualIPs)
{
    public const int PodsPerGroup = 3;
    private const int VirtualIPsPerGroup = 50;
    private const int VirtualIPsPerLink = 200;
    private const int Nodes = 30;

    /// <summary>Requests under way at a time while the cluster is built.</summary>
    private const int Concurrency = 16;

    // What each member's sidecar said last.
    private readonly Dictionary<string, Report> _reported = [];

    public int VirtualIPs => virtualIPs;

    private int Groups => (virtualIPs + VirtualIPsPerGroup - 1) / VirtualIPsPerGroup;

    public static string PodName(int group, int pod) =>
        string.Create(CultureInfo.InvariantCulture, $"nginx-{group}-{pod}");

    public static string NameOf(int index) => string.Create(CultureInfo.InvariantCulture, $"vip-{index}");

    public async Task BuildAsync()
    {
        foreach (string file in Directory.EnumerateFiles(Path.Combine(AppContext.BaseDirectory, "crds"), "*.yaml"))
            await api.CreateYamlAsync(Paths.Definitions, await File.ReadAllTextAsync(file));
        await ServedAsync();
        await EachAsync(Nodes, AddNodeAsync);
        await EachAsync(Groups * PodsPerGroup, i => AddPodAsync(i / PodsPerGroup, i % PodsPerGroup));
        await EachAsync(virtualIPs, AddVirtualIPAsync);
    }

    /// <summary>
    /// What sidecars say that follow their specs, of those that have not said so yet: the first of each VirtualIP is
    /// Active, the others are Backup.
    /// </summary>
    public async Task ReportAsync(IReadOnlyList<MemberView> members)
    {
        HashSet<string> first = [.. members.GroupBy(m => m.VirtualIP).Select(g => g.MaxBy(m => m.Priority)!.Name)];
        (string Name, Report Report)[] due =
        [
            .. members
                .Select(m => (m.Name, Report: new Report(
                    m.Generation, first.Contains(m.Name) ? "Active" : "Backup", m.Priority)))
                .Where(m => _reported.GetValueOrDefault(m.Name) != m.Report),
        ];
        await EachAsync(due.Length, i => api.MergeAsync(
            $"{Paths.Members}/{due[i].Name}/status",
            string.Create(
                CultureInfo.InvariantCulture,
                $$"""
                {"status":{"observedGeneration":{{due[i].Report.Generation}},"state":"{{due[i].Report.State}}",
                "since":"2026-01-01T00:00:00Z","reason":"Measured","effectivePriority":{{due[i].Report.Priority}},"probe":{"result":"Disabled"} } }
                """)));
        foreach ((string name, Report report) in due)
            _reported[name] = report;
    }

    private async Task AddNodeAsync(int index)
    {
        await api.CreateAsync(Paths.Nodes, $$"""{"apiVersion":"v1","kind":"Node","metadata":{"name":"node{{index}}"} }""");
        await api.MergeAsync(
            $"{Paths.Nodes}/node{index}/status",
            $$"""
            {"status":{"addresses":[{"type":"InternalIP","address":"172.16.0.{{index + 1}}"}],"conditions":[{"type":"Ready","status":"True",
            "reason":"KubeletReady","message":"","lastHeartbeatTime":"2026-01-01T00:00:00Z","lastTransitionTime":"2026-01-01T00:00:00Z"}]} }
            """);
    }

    private async Task AddPodAsync(int group, int pod)
    {
        string name = PodName(group, pod);
        int node = ((group * PodsPerGroup) + pod) % Nodes;
        await api.CreateAsync(
            Paths.Pods,
            $$"""
            {"apiVersion":"v1","kind":"Pod","metadata":{"name":"{{name}}","labels":{"app":"nginx-{{group}}"} },
            "spec":{"nodeName":"node{{node}}","hostNetwork":true,"automountServiceAccountToken":false,
            "containers":[{"name":"nginx","image":"nginx"},{"name":"vip-sidecar","image":"vip-sidecar"}]} }
            """);
        await api.MergeAsync($"{Paths.Pods}/{name}/status", """{"status":{"phase":"Running"} }""");
    }

    private Task AddVirtualIPAsync(int index) => api.CreateAsync(
        Paths.VirtualIPs,
        $$"""
        {"apiVersion":"vipoperator.io/v1alpha1","kind":"VirtualIP","metadata":{"name":"{{NameOf(index)}}"},
        "spec":{"addresses":["10.{{index / 65536}}.{{index / 256 % 256}}.{{index % 256}}/32"],"interfaceName":"eth0.{{index / VirtualIPsPerLink}}",
        "virtualRouterId":{{(index % VirtualIPsPerLink) + 1}},
        "selector":{"matchLabels":{"app":"nginx-{{index / VirtualIPsPerGroup}}"} },"probe":{"http":{} } } }
        """);

    private async Task ServedAsync()
    {
        while (true)
        {
            try
            {
                await api.GetAsync(Paths.AllVirtualIPs);
                await api.GetAsync(Paths.AllMembers);
                return;
            }
            catch (InvalidOperationException)
            {
                await Task.Delay(50);
            }
        }
    }

    private static Task EachAsync(int count, Func<int, Task> action) => Parallel.ForEachAsync(
        Enumerable.Range(0, count),
        new ParallelOptions { MaxDegreeOfParallelism = Concurrency },
        async (index, _) => await action(index));

    private sealed record Report(long Generation, string State, int Priority);
}
