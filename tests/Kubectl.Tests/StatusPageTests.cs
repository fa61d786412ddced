using VipOperator.Api;
using VipOperator.Kubectl.Cluster;
using VipOperator.Kubectl.Showing;

namespace VipOperator.Kubectl.Tests;

public sealed class StatusPageTests
{
    private static readonly DateTimeOffset Now = new(2026, 1, 1, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public void TwoActives_AreNamed_WithTheCommandThatShowsWhoHearsWhom()
    {
        ClusterSnapshot snapshot = Snapshot(ReportedState.Active, new Condition
        {
            Type = ConditionTypes.Available,
            Status = "False",
            LastTransitionTime = Now,
            Reason = ConditionReasons.MultipleActive,
            Message = "Both say so.",
        });

        string page = StatusPage.Render(snapshot, withNamespace: false, Now);

        Assert.StartsWith("web  192.168.1.108  virtual router id 51  node1 and node2 all say that they are Active\n",
            page, StringComparison.Ordinal);
        Assert.EndsWith("  ! not Available (MultipleActive): Both say so.\n    kubectl vip capture -n default web\n",
            page, StringComparison.Ordinal);
    }

    [Fact]
    public void Unheard_IsNotTheActiveOne_AndItsStateIsOfThePast()
    {
        ClusterSnapshot snapshot = Snapshot(ReportedState.Unknown);

        string page = StatusPage.Render(snapshot, withNamespace: true, Now);

        Assert.StartsWith(
            "default/web  192.168.1.108  virtual router id 51  node1 is Active since 3m20s: the Active router gave "
            + "the addresses up\n",
            page, StringComparison.Ordinal);
        Assert.Contains(
            "  node2  Unknown (Active)  3m20s  253       Passing  Second.\n", page, StringComparison.Ordinal);
        Assert.False(snapshot.IsActive(snapshot.Members[1]));
        Assert.True(snapshot.WasActive(snapshot.Members[1]));
    }

    private static ClusterSnapshot Snapshot(ReportedState second, params Condition[] conditions)
    {
        Condition accepted =
            new() { Type = "Accepted", Status = "True", LastTransitionTime = Now, Reason = "Accepted", Message = "" };
        VirtualIP virtualIP = new()
        {
            Metadata = new ObjectMetadata { Namespace = "default", Name = "web" },
            Spec = new VirtualIPSpec { Addresses = ["192.168.1.108"], Selector = new LabelSelector() },
            Status = new VirtualIPStatus
            {
                VirtualRouterId = 51,
                Conditions = [accepted, .. conditions],
                Members = [Summary("node1", 254, ReportedState.Active, "First."),
                    Summary("node2", 253, second, "Second.")],
            },
        };
        return new ClusterSnapshot([virtualIP], [Member("node1", 254), Member("node2", 253)]);
    }

    private static VirtualIPMemberSummary Summary(string node, int priority, ReportedState state, string explanation) =>
        new()
        {
            Name = "web-" + node,
            PodName = "nginx-" + node,
            NodeName = node,
            Priority = priority,
            State = state,
            Explanation = explanation,
        };

    private static VirtualIPMember Member(string node, int priority) => new()
    {
        Metadata = new ObjectMetadata { Namespace = "default", Name = "web-" + node },
        Spec = new VirtualIPMemberSpec
        {
            VirtualIPName = "web",
            NodeName = node,
            Addresses = ["192.168.1.108"],
            VirtualRouterId = 51,
            Priority = priority
        },
        Status = new VirtualIPMemberStatus
        {
            State = MemberState.Active,
            Since = Now - TimeSpan.FromSeconds(200),
            Reason = "ActiveRouterResigned",
            EffectivePriority = priority,
            Probe = new MemberProbeStatus { Result = ProbeResult.Passing },
        },
    };
}
