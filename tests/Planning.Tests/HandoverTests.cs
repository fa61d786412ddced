using VipOperator.Vrrp;

namespace VipOperator.Planning.Tests;

/// <summary>Moves on purpose: away from what is to go, and to where a person wants the addresses.</summary>
public sealed class HandoverTests
{
    private static readonly Dictionary<string, (Action<Cluster> Depart, string Why)> Departures = new()
    {
        ["terminating"] = (c => c.EditPod("nginx-1", p => p with { Terminating = true }), "its pod is being deleted"),
        ["evacuated"] =
            (c => c.EditNode("node1", n => n with { Evacuating = true }), "its node node1 is being evacuated"),
        ["tainted"] = (
            c => c.EditNode("node1", n => n with { Taints = [new Taint("maintenance", "", "NoExecute")] }),
            "its node node1 has the taint maintenance:NoExecute"),
        ["out of service"] = (
            c => c.EditNode(
                "node1", n =>
                    n with { Taints = [new Taint("node.kubernetes.io/out-of-service", "nodeshutdown", "NoSchedule")] }),
            "its node node1 has the taint node.kubernetes.io/out-of-service:NoSchedule"),
        ["deselected"] = (
            c => c.EditPod("nginx-1", p => p with { Labels = new LabelSet(("app", "other")) }),
            "the selector does not match its pod any more"),
    };

    private static readonly Dictionary<string, (string Node, Action<Cluster> Hinder, string Why)> Obstacles = new()
    {
        ["no pod"] = ("node9", _ => { }, "no pod that the selector matches runs there"),
        ["no sidecar"] = (
            "node2",
            c => c.EditPod("nginx-2", p => p with { HasSidecar = false }),
            "its pod nginx-2 cannot take part: it has no container named vip-sidecar"),
        ["evacuated"] =
            ("node2", c => c.EditNode("node2", n => n with { Evacuating = true }), "its node node2 is being evacuated"),
        ["sidecar down"] = ("node2", c => c.EditPod("nginx-2", p => p with { SidecarDown = true }),
            "its container vip-sidecar does not run"),
        ["fault"] = ("node2", c => c.Report("web", "node2", RouterCondition.Fault, reason: "LinkDown"),
            "its sidecar says Fault (LinkDown)"),
    };

    [Theory]
    [InlineData("terminating")]
    [InlineData("evacuated")]
    [InlineData("tainted")]
    [InlineData("out of service")]
    [InlineData("deselected")]
    public void MemberThatIsToLeave_IsDemotedAndTheStatusSaysWhenTheOtherHasTheAddresses(string departure)
    {
        (Action<Cluster> depart, string why) = Departures[departure];
        Cluster cluster = Running();
        depart(cluster);

        Plan plan = cluster.PlanAndApply();

        Assert.Equal("node2 254, node1 253", cluster.Places("web"));
        Assert.Empty(plan.Steps.OfType<DeleteMember>());
        ConditionReport placed = cluster.Condition("web", ConditionType.Placed);
        Assert.Equal((ConditionStatus.False, ConditionReason.HandingOver), (placed.Status, placed.Reason));
        Assert.Equal($"node1 is to hand the addresses over because {why}; node2 is to take them.", placed.Message);
        Assert.Contains(
            plan.Steps.OfType<RecordEvent>(), e => e is { Reason: EventReason.HandingOver, IsWarning: false });
        Assert.Empty(cluster.Plan().Steps);

        cluster.Report("web", "node2", RouterCondition.Active);
        cluster.Report("web", "node1", RouterCondition.Backup);
        plan = cluster.PlanAndApply();

        placed = cluster.Condition("web", ConditionType.Placed);
        Assert.Equal((ConditionStatus.True, ConditionReason.Placed), (placed.Status, placed.Reason));
        Assert.Equal(["ActiveChanged", "HandedOver"], plan.Steps.OfType<RecordEvent>()
            .Select(e => e.Reason.ToString()).Except(["Assigned"]));
        Assert.Empty(cluster.Plan().Steps);
    }

    [Fact]
    public void RefusedVirtualIPOnANodeThatIsToBeLeft_IsNotPlaced()
    {
        Cluster cluster = Running();
        cluster.AddVirtualIP("other", "192.168.1.99", s => s with { Selector = Cluster.AppIs("none") });
        cluster.PlanAndApply();
        cluster.EditVirtualIP("web", s => s with
        {
            Addresses = [.. s.Addresses, IpPrefix.Parse("192.168.1.99")],
        });
        cluster.EditNode("node1", n => n with { Evacuating = true });

        cluster.PlanAndApply();

        ConditionReport placed = cluster.Condition("web", ConditionType.Placed);
        Assert.Equal((ConditionStatus.False, ConditionReason.NotAccepted), (placed.Status, placed.Reason));
        Assert.Equal(
            "node1 is to hand the addresses over because its node node1 is being evacuated, but the priorities of a "
            + "VirtualIP that is not accepted stay as they are: mend what the condition Accepted names.",
            placed.Message);
        Assert.Equal(
            "It would rank last because its node node1 is being evacuated, but a VirtualIP that is not accepted is "
            + "not ranked anew.",
            cluster.StatusOf("web").Members[0].Message);
        Assert.Equal("1/2", cluster.StatusOf("web").ReadyMembers);
        Assert.Empty(cluster.Plan().Steps);
    }

    [Fact]
    public void EvacuatedNode_IsNamedAsFreeOfTheAddresses()
    {
        Cluster cluster = Running();
        cluster.EditNode("node1", n => n with { Evacuating = true });
        cluster.PlanAndApply();
        cluster.Report("web", "node2", RouterCondition.Active);
        cluster.Report("web", "node1", RouterCondition.Backup);
        cluster.PlanAndApply();

        Assert.Equal(
            "The addresses may stay on node2. Free of the addresses: node1, its node node1 is being evacuated.",
            cluster.Condition("web", ConditionType.Placed).Message);

        // It comes back to the end of the row: nothing moves a second time.
        cluster.EditNode("node1", n => n with { Evacuating = false });
        cluster.PlanAndApply();
        Assert.Equal("node2 254, node1 253", cluster.Places("web"));
    }

    [Fact]
    public void MoveUnderWay_IsNotTakenForDone()
    {
        Cluster cluster = Running();
        cluster.EditNode("node1", n => n with { Evacuating = true });
        cluster.PlanAndApply();
        cluster.Report("web", "node1", RouterCondition.Backup, secondsAgo: 1);

        Plan plan = cluster.PlanAndApply();

        Assert.Equal(ConditionReason.HandingOver, cluster.Condition("web", ConditionType.Placed).Reason);
        Assert.NotNull(plan.RecheckAfter);
    }

    [Fact]
    public void WhereNobodyElseCan_TheMemberKeepsTheAddressesAndTheStatusSaysSo()
    {
        Cluster cluster = Running();
        cluster.Report("web", "node2", RouterCondition.Fault, reason: "ProbeFailed");
        cluster.PlanAndApply();
        cluster.EditNode("node1", n => n with { Evacuating = true });

        Plan plan = cluster.PlanAndApply();

        ConditionReport placed = cluster.Condition("web", ConditionType.Placed);
        Assert.Equal(ConditionReason.NoOtherMember, placed.Reason);
        Assert.Equal(
            "node1 is to hand the addresses over because its node node1 is being evacuated, but no other member can " +
            "take them; it keeps them for as long as it runs.",
            placed.Message);
        Assert.Contains(
            plan.Steps.OfType<RecordEvent>(), e => e is { Reason: EventReason.HandoverBlocked, IsWarning: true });
        Assert.Equal(ConditionStatus.True, cluster.Condition("web", ConditionType.Available).Status);
    }

    [Fact]
    public void BareCordon_MovesNothing()
    {
        Cluster cluster = Running();
        cluster.EditNode("node1", n => n with { Cordoned = true });

        Assert.Empty(cluster.Plan().Steps);
    }

    [Fact]
    public void Cordon_MovesWhereTheVirtualIPAsksForIt()
    {
        Cluster cluster = Running();
        cluster.EditVirtualIP("web", s => s with { DemoteCordoned = true });
        cluster.PlanAndApply();
        cluster.EditNode("node1", n => n with { Cordoned = true });

        cluster.PlanAndApply();

        Assert.Equal("node2 254, node1 253", cluster.Places("web"));
    }

    [Fact]
    public void TaintThatThePodPutsUpWithForGood_MovesNothing()
    {
        Cluster cluster = Running();
        cluster.EditPod("nginx-1",
            p => p with { Tolerations = [new Toleration("maintenance", AnyValue: true, "", null, ForGood: true)] });
        cluster.EditNode("node1", n => n with { Taints = [new Taint("maintenance", "soon", "NoExecute")] });

        Assert.Empty(cluster.Plan().Steps);
    }

    [Fact]
    public void TaintThatThePodPutsUpWithForAWhile_Moves()
    {
        Cluster cluster = Running();
        cluster.EditPod(
            "nginx-1", p =>
                p with
                {
                    Tolerations = [new Toleration("maintenance", AnyValue: true, "",
                    "NoExecute", ForGood: false)]
                });
        cluster.EditNode("node1", n => n with { Taints = [new Taint("maintenance", "soon", "NoExecute")] });

        cluster.PlanAndApply();

        Assert.Equal("node2 254, node1 253", cluster.Places("web"));
    }

    [Theory]
    [InlineData("node.kubernetes.io/not-ready", "NoExecute")]
    [InlineData("node.kubernetes.io/unschedulable", "NoSchedule")]
    [InlineData("node.kubernetes.io/disk-pressure", "NoSchedule")]
    public void TaintThatEvictsNobodyOrFollowsReadiness_MovesNothing(string key, string effect)
    {
        Cluster cluster = Running();
        cluster.EditNode("node1", n => n with { Taints = [new Taint(key, "", effect)] });

        Assert.Empty(cluster.Plan().Steps);
    }

    [Fact]
    public void WithoutPreemption_OthersArePermittedItForTheMoveAlone()
    {
        Cluster cluster = Running(
            s => s with { Router = new RouterSettings { Preempt = false, PreemptDelay = TimeSpan.FromMinutes(5) } });
        cluster.EditNode("node1", n => n with { Evacuating = true });

        cluster.PlanAndApply();

        Assert.Equal((true, TimeSpan.Zero), Preemption("node2"));
        Assert.Equal((false, TimeSpan.FromMinutes(5)), Preemption("node1"));

        cluster.Report("web", "node2", RouterCondition.Active);
        cluster.Report("web", "node1", RouterCondition.Backup);
        cluster.PlanAndApply();

        Assert.Equal((false, TimeSpan.FromMinutes(5)), Preemption("node2"));
        Assert.Empty(cluster.Plan().Steps);

        (bool, TimeSpan) Preemption(string node)
        {
            RouterSettings router = cluster.Member("web", node).Spec!.Router;
            return (router.Preempt, router.PreemptDelay);
        }
    }

    [Fact]
    public void NodeThatIsNotReady_IsNoReasonToOverrideAPersonsWillNotToPreempt()
    {
        Cluster cluster = Running(s => s with { Router = new RouterSettings { Preempt = false } });
        cluster.EditNode("node1", n => n with { Ready = false });

        cluster.PlanAndApply();

        Assert.False(cluster.Member("web", "node2").Spec!.Router.Preempt);
    }

    [Fact]
    public void ActiveNode_MovesTheAddressBeforeAllPreferences()
    {
        Cluster cluster = Running(s => s with
        {
            Preferences = [new NodePreference(
                new Selector([new SelectorRequirement("rack", SelectorOperator.DoesNotExist, [])]), 5)],
        });
        cluster.EditNode("node2", n => n with { Labels = new LabelSet(("rack", "b")) });
        cluster.Request("web", "node2");

        Plan plan = cluster.PlanAndApply();

        Assert.Equal("node2 254, node1 253", cluster.Places("web"));
        Assert.Equal(
            "First, because the annotation vipoperator.io/active-node asks for node2.",
            cluster.Member("web", "node2").Spec!.Explanation);
        Assert.Equal(
            "The addresses are to move from node1 to node2, as the annotation vipoperator.io/active-node asks.",
            cluster.Condition("web", ConditionType.Placed).Message);
        Assert.Contains(plan.Steps.OfType<RecordEvent>(), e => e.Reason == EventReason.HandingOver);

        cluster.Report("web", "node2", RouterCondition.Active);
        cluster.Report("web", "node1", RouterCondition.Backup);
        cluster.PlanAndApply();
        Assert.Equal(ConditionReason.Placed, cluster.Condition("web", ConditionType.Placed).Reason);

        cluster.Request("web", null);
        cluster.PlanAndApply();
        Assert.Equal("node1 254, node2 253", cluster.Places("web"));
    }

    [Fact]
    public void ActiveNode_WithoutPreemption_MovesTheAddress()
    {
        Cluster cluster = Running(s => s with { Router = new RouterSettings { Preempt = false } });
        cluster.Request("web", "node2");

        cluster.PlanAndApply();

        Assert.True(cluster.Member("web", "node2").Spec!.Router.Preempt);
        Assert.False(cluster.Member("web", "node1").Spec!.Router.Preempt);
    }

    [Theory]
    [InlineData("no pod")]
    [InlineData("no sidecar")]
    [InlineData("evacuated")]
    [InlineData("sidecar down")]
    [InlineData("fault")]
    public void ActiveNodeThatCannotHaveTheAddress_IsToldInTheConditions(string obstacle)
    {
        (string node, Action<Cluster> hinder, string why) = Obstacles[obstacle];
        Cluster cluster = Running();
        hinder(cluster);
        cluster.PlanAndApply();
        cluster.Request("web", node);

        Plan plan = cluster.PlanAndApply();

        ConditionReport placed = cluster.Condition("web", ConditionType.Placed);
        Assert.Equal((ConditionStatus.False, ConditionReason.ActiveNodeUnavailable), (placed.Status, placed.Reason));
        Assert.Equal(
            $"The annotation vipoperator.io/active-node asks for {node}, but {why}. The addresses stay on node1. " +
            "Correct the annotation, or remove it to leave the choice to the operator.",
            placed.Message);
        Assert.Contains(
            plan.Steps.OfType<RecordEvent>(), e => e is { Reason: EventReason.ActiveNodeUnavailable, IsWarning: true });
        Assert.Equal("node1", cluster.StatusOf("web").ActiveNode);
    }

    internal static Cluster Running(Func<VirtualIPSettings, VirtualIPSettings>? edit = null)
    {
        Cluster cluster = Cluster.OfTwo();
        cluster.AddVirtualIP("web", "192.168.1.108/32", edit);
        cluster.PlanAndApply();
        cluster.Report("web", "node1", RouterCondition.Active);
        cluster.Report("web", "node2", RouterCondition.Backup);
        cluster.PlanAndApply();
        return cluster;
    }
}
