using System.Globalization;
using BenchmarkDotNet.Attributes;
using VipOperator.Planning;
using VipOperator.Vrrp;

namespace VipOperator.Bench.Micro;

/// <summary>A first plan of a cluster whose VirtualIPs all choose the same three pods.</summary>
public class PlannerBenchmarks
{
    private ClusterSnapshot _snapshot = null!;

    [Params(10, 100, 250)]
    public int VirtualIPs { get; set; }

    [GlobalSetup]
    public void Prepare() => _snapshot = new ClusterSnapshot
    {
        NowUnixMs = 1_000_000_000,
        VirtualIPs = [.. Enumerable.Range(0, VirtualIPs).Select(VirtualIP)],
        Nodes = [.. Enumerable.Range(1, 3).Select(n => new NodeObject
        {
            Name = Name("node", n),
            Labels = new LabelSet(),
            Addresses = [IpAddress.Parse(Name("10.0.0.", n))],
        })],
        Pods = [.. Enumerable.Range(1, 3).Select(n => new PodObject
        {
            Key = new ObjectKey("default", Name("pod", n)),
            Uid = Name("uid", n),
            Labels = new LabelSet(("app", "nginx")),
            NodeName = Name("node", n),
        })],
        Members = [],
    };

    [Benchmark]
    public int FirstPlan() => Planner.Plan(_snapshot).Steps.Count;

    private static VirtualIPObject VirtualIP(int number) => new()
    {
        Key = new ObjectKey("default", Name("web", number)),
        Uid = Name("vip", number),
        Generation = 1,
        CreatedUnixS = 1000 + number,
        Settings = new VirtualIPSettings
        {
            Addresses = [IpPrefix.Parse(
                string.Create(CultureInfo.InvariantCulture, $"10.0.{1 + (number / 250)}.{1 + (number % 250)}/32"))],
            Selector = new Selector([new SelectorRequirement("app", SelectorOperator.In, ["nginx"])]),
            Router = new RouterSettings(),
        },
    };

    private static string Name(string prefix, int number) => prefix + number.ToString(CultureInfo.InvariantCulture);
}
