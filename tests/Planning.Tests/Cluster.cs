using VipOperator.Vrrp;

namespace VipOperator.Planning.Tests;

/// <summary>
/// A cluster that plans can be applied to, as the API server would: uids, generations, and what a write leaves alone.
/// </summary>
internal sealed class Cluster
{
    private int _uids;

    public long NowUnixMs { get; set; } = 1_000_000_000;

    public Dictionary<ObjectKey, VirtualIPObject> VirtualIPs { get; } = [];

    public Dictionary<ObjectKey, PodObject> Pods { get; } = [];

    public Dictionary<string, NodeObject> Nodes { get; } = [];

    public Dictionary<ObjectKey, MemberObject> Members { get; } = [];

    public IReadOnlyList<RestingId> Resting { get; set; } = [];

    public ClusterSnapshot Snapshot() => new()
    {
        NowUnixMs = NowUnixMs,
        VirtualIPs = [.. VirtualIPs.Values],
        Pods = [.. Pods.Values],
        Nodes = [.. Nodes.Values],
        Members = [.. Members.Values],
        RestingIds = Resting,
    };

    public Plan Plan() => Planner.Plan(Snapshot());

    public Plan PlanAndApply()
    {
        Plan plan = Plan();
        Apply(plan);
        return plan;
    }

    public void Apply(Plan plan)
    {
        foreach (PlanStep step in plan.Steps)
            Apply(step);
    }

    public void Apply(PlanStep step)
    {
        switch (step)
        {
            case ApplyMember apply:
                ObjectKey key = new(apply.VirtualIP.Namespace, apply.Name);
                Members.TryGetValue(key, out MemberObject? before);
                Members[key] = (before ?? new MemberObject
                {
                    Key = key,
                    Uid = $"member-{++_uids}",
                    Generation = 0,
                    OwnerUid = apply.OwnerUid,
                    PodUid = apply.Spec.PodUid,
                }) with
                {
                    Generation = (before?.Generation ?? 0) + (before?.Spec == apply.Spec ? 0 : 1),
                    OwnerUid = apply.OwnerUid,
                    PodUid = apply.Spec.PodUid,
                    LabelsIntact = true,
                    Spec = apply.Spec,
                };
                break;
            case DeleteMember delete:
                Assert.True(
                    Members.Remove(new ObjectKey(delete.VirtualIP.Namespace, delete.Name), out MemberObject? gone));
                Assert.Equal(delete.Uid, gone.Uid);
                break;
            case SetStatus status:
                VirtualIPs[status.VirtualIP] = VirtualIPs[status.VirtualIP] with { Report = status.Report };
                break;
            case LabelPod label:
                Pods[label.Pod] =
                    Pods[label.Pod] with { Labels = Pods[label.Pod].Labels.With("vipoperator.io/role", label.Role) };
                break;
            case RecordEvent:
                break;
            default:
                throw new InvalidOperationException(step.GetType().Name);
        }
    }

    public NodeObject AddNode(string name, string address, params (string Key, string Value)[] labels) =>
        Nodes[name] =
            new NodeObject { Name = name, Labels = new LabelSet(labels), Addresses = [IpAddress.Parse(address)] };

    public PodObject AddPod(string name, string node, string app = "nginx", string @namespace = "default")
    {
        ObjectKey key = new(@namespace, name);
        return Pods[key] = new PodObject
        {
            Key = key,
            Uid = $"pod-{name}-{++_uids}",
            Labels = new LabelSet(("app", app)),
            CreatedUnixS = 1000 + _uids,
            NodeName = node,
        };
    }

    public void EditPod(string name, Func<PodObject, PodObject> edit, string @namespace = "default")
    {
        ObjectKey key = new(@namespace, name);
        Pods[key] = edit(Pods[key]);
    }

    public void EditNode(string name, Func<NodeObject, NodeObject> edit) => Nodes[name] = edit(Nodes[name]);

    public VirtualIPObject AddVirtualIP(
        string name, string address, Func<VirtualIPSettings, VirtualIPSettings>? edit = null,
        string @namespace = "default")
    {
        ObjectKey key = new(@namespace, name);
        VirtualIPSettings settings = new()
        {
            Addresses = [IpPrefix.Parse(address)],
            Selector = AppIs("nginx"),
            Router = new RouterSettings(),
        };
        return VirtualIPs[key] = new VirtualIPObject
        {
            Key = key,
            Uid = $"vip-{name}-{++_uids}",
            Generation = 1,
            CreatedUnixS = 1000 + VirtualIPs.Count,
            Settings = edit is null ? settings : edit(settings),
        };
    }

    public void EditVirtualIP(
        string name, Func<VirtualIPSettings, VirtualIPSettings> edit, string @namespace = "default")
    {
        ObjectKey key = new(@namespace, name);
        VirtualIPs[key] =
            VirtualIPs[key] with
            {
                Settings = edit(VirtualIPs[key].Settings!),
                Generation = VirtualIPs[key].Generation + 1
            };
    }

    public void Request(string virtualIP, string? node)
    {
        ObjectKey key = new("default", virtualIP);
        VirtualIPs[key] = VirtualIPs[key] with { RequestedNode = node };
    }

    /// <summary>As the sidecar of the member on that node would report.</summary>
    public void Report(string virtualIP, string node, RouterCondition state, int secondsAgo = 60, string reason = "")
    {
        MemberObject member = Member(virtualIP, node);
        Members[member.Key] = member with
        {
            Report = new MemberReport
            {
                ObservedGeneration = member.Generation,
                State = state,
                SinceUnixMs = NowUnixMs - (secondsAgo * 1000L),
                Reason = reason,
            },
        };
    }

    public MemberObject Member(string virtualIP, string node) =>
        Members.Values.Single(m => m.Spec!.VirtualIPName == virtualIP && m.Spec.NodeName == node);

    public VirtualIPReport StatusOf(string virtualIP, string @namespace = "default") =>
        VirtualIPs[new ObjectKey(@namespace, virtualIP)].Report;

    public ConditionReport Condition(string virtualIP, ConditionType type, string @namespace = "default") =>
        StatusOf(virtualIP, @namespace).Find(type)!;

    /// <summary>"node1 254, node2 253", the best first.</summary>
    public string Places(string virtualIP, string @namespace = "default") =>
        string.Join(", ", StatusOf(virtualIP, @namespace).Members.Select(m => $"{m.NodeName} {m.Priority}"));

    public static Selector AppIs(string app) => new([new SelectorRequirement("app", SelectorOperator.In, [app])]);

    /// <summary>Two nodes with one nginx each, as in the tutorial.</summary>
    public static Cluster OfTwo()
    {
        Cluster cluster = new();
        cluster.AddNode("node1", "192.168.1.103");
        cluster.AddNode("node2", "192.168.1.104");
        cluster.AddPod("nginx-1", "node1");
        cluster.AddPod("nginx-2", "node2");
        return cluster;
    }
}
