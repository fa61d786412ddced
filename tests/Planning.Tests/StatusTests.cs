namespace VipOperator.Planning.Tests;

/// <summary>What the status says, given what sidecars report.</summary>
public sealed class StatusTests
{
    private static Cluster Running()
    {
        Cluster cluster = Cluster.OfTwo();
        cluster.AddVirtualIP("web", "192.168.1.108/32");
        cluster.PlanAndApply();
        cluster.Report("web", "node1", RouterCondition.Active);
        cluster.Report("web", "node2", RouterCondition.Backup);
        cluster.PlanAndApply();
        return cluster;
    }

    [Fact]
    public void BeforeAnyReport_ItWaitsForTheSidecars()
    {
        Cluster cluster = Cluster.OfTwo();
        cluster.AddVirtualIP("web", "192.168.1.108/32");

        cluster.PlanAndApply();

        Assert.Equal(
            ["Accepted True Accepted", "Assigned True Assigned", "Programmed False WaitingForSidecars", "Available False NoActive", "Ready False NotProgrammed"],
            Conditions(cluster));
        Assert.Equal("0/2", cluster.StatusOf("web").ReadyMembers);
    }

    [Fact]
    public void OneActiveAndOneBackup_IsReady()
    {
        Cluster cluster = Running();

        Assert.Equal(
            ["Accepted True Accepted", "Assigned True Assigned", "Programmed True Programmed", "Available True OneActive", "Ready True Ready"],
            Conditions(cluster));
        VirtualIPReport status = cluster.StatusOf("web");
        Assert.Equal(("node1", "nginx-1", "2/2"), (status.ActiveNode, status.ActivePod, status.ReadyMembers));
        Assert.All(status.Conditions, c => Assert.Equal(1, c.ObservedGeneration));
    }

    [Fact]
    public void SpecThatASidecarHasNotTakenOver_IsNotProgrammed()
    {
        Cluster cluster = Running();
        cluster.EditVirtualIP("web", s => s with { Highest = new Vrrp.Priority(100) });

        cluster.PlanAndApply();

        ConditionReport programmed = cluster.Condition("web", ConditionType.Programmed);
        Assert.Equal(ConditionStatus.False, programmed.Status);
        Assert.Equal("Waiting for node1, node2 to take over the spec that was written last.", programmed.Message);
        Assert.Equal(2, programmed.ObservedGeneration);
        Assert.Equal(ConditionStatus.True, cluster.Condition("web", ConditionType.Available).Status);
    }

    [Fact]
    public void Move_IsReportedOnceWithBothNodes()
    {
        Cluster cluster = Running();
        cluster.Report("web", "node1", RouterCondition.Fault, secondsAgo: 1, reason: "ProbeFailed");
        cluster.Report("web", "node2", RouterCondition.Active, secondsAgo: 0);

        Plan plan = cluster.PlanAndApply();

        RecordEvent recorded = Assert.Single(plan.Steps.OfType<RecordEvent>());
        Assert.Equal((EventReason.ActiveChanged, false), (recorded.Reason, recorded.IsWarning));
        Assert.Equal("The pod nginx-2 on node2 is Active, before it node1.", recorded.Message);
        Assert.Equal(("node2", "1/2"), (cluster.StatusOf("web").ActiveNode, cluster.StatusOf("web").ReadyMembers));
    }

    [Fact]
    public void TwoActivesForAMoment_AreAMoveUnderWay()
    {
        Cluster cluster = Running();
        cluster.Report("web", "node2", RouterCondition.Active, secondsAgo: 1);

        Plan plan = cluster.PlanAndApply();

        Assert.Equal("node2", cluster.StatusOf("web").ActiveNode);
        Assert.Equal(TimeSpan.FromSeconds(2), plan.RecheckAfter);
    }

    [Fact]
    public void TwoActivesThatLast_AreAWarning()
    {
        Cluster cluster = Running();
        cluster.Report("web", "node2", RouterCondition.Active, secondsAgo: 4);

        Plan plan = cluster.PlanAndApply();

        Assert.Equal(ConditionReason.MultipleActive, cluster.Condition("web", ConditionType.Available).Reason);
        Assert.Null(cluster.StatusOf("web").ActiveNode);
        Assert.Contains(plan.Steps.OfType<RecordEvent>(), e => e is { Reason: EventReason.MultipleActive, IsWarning: true });
        Assert.Null(plan.RecheckAfter);
    }

    [Fact]
    public void NoActiveForAMoment_LeavesTheStatusAsItWas()
    {
        Cluster cluster = Running();
        cluster.Report("web", "node1", RouterCondition.Backup, secondsAgo: 1);

        Plan plan = cluster.PlanAndApply();

        Assert.Equal(ConditionStatus.True, cluster.Condition("web", ConditionType.Available).Status);
        Assert.Equal("node1", cluster.StatusOf("web").ActiveNode);
        Assert.Equal(TimeSpan.FromSeconds(2), plan.RecheckAfter);
    }

    [Fact]
    public void NoActiveThatLasts_IsAWarningThatSaysWhy()
    {
        Cluster cluster = Running();
        cluster.Report("web", "node1", RouterCondition.Fault, secondsAgo: 5, reason: "ProbeFailed");
        cluster.Report("web", "node2", RouterCondition.Fault, secondsAgo: 4, reason: "LinkDown");

        Plan plan = cluster.PlanAndApply();

        RecordEvent warning = Assert.Single(plan.Steps.OfType<RecordEvent>());
        Assert.Equal(EventReason.NoActive, warning.Reason);
        Assert.Equal("No member is Active: node1 is Fault (ProbeFailed); node2 is Fault (LinkDown).", warning.Message);
    }

    [Fact]
    public void ReportOfANodeThatIsNotReady_IsNotTakenForWhatIs()
    {
        Cluster cluster = Running();
        cluster.EditNode("node1", n => n with { Ready = false });
        cluster.PlanAndApply();

        ConditionReport available = cluster.Condition("web", ConditionType.Available);
        Assert.Equal((ConditionStatus.Unknown, ConditionReason.ActiveNotHeard), (available.Status, available.Reason));

        cluster.Report("web", "node2", RouterCondition.Active);
        cluster.PlanAndApply();

        Assert.Equal(("node2", "1/2"), (cluster.StatusOf("web").ActiveNode, cluster.StatusOf("web").ReadyMembers));
        Assert.Equal(ConditionStatus.True, cluster.Condition("web", ConditionType.Ready).Status);
        Assert.Equal("Its node is not Ready; this is what it said last.", cluster.StatusOf("web").Members[1].Message);
    }

    [Fact]
    public void ClockOfANodeThatIsAhead_DoesNotKeepAPlanWaitingForEver()
    {
        Cluster cluster = Running();
        cluster.Report("web", "node2", RouterCondition.Active, secondsAgo: -3600);

        Plan plan = cluster.PlanAndApply();

        Assert.Equal(ConditionReason.MultipleActive, cluster.Condition("web", ConditionType.Available).Reason);
        Assert.Null(plan.RecheckAfter);
    }

    [Fact]
    public void FailingProbe_MakesAMemberUnready()
    {
        Cluster cluster = Running();
        MemberObject member = cluster.Member("web", "node2");
        cluster.Members[member.Key] = member with { Report = member.Report! with { ProbeFails = true } };

        cluster.PlanAndApply();

        Assert.Equal("1/2", cluster.StatusOf("web").ReadyMembers);
    }

    [Fact]
    public void NothingChanged_NothingIsWritten()
    {
        Cluster cluster = Running();
        cluster.NowUnixMs += 3_600_000;

        Assert.Empty(cluster.Plan().Steps);
    }

    private static IEnumerable<string> Conditions(Cluster cluster) =>
        cluster.StatusOf("web").Conditions.Select(c => $"{c.Type} {c.Status} {c.Reason}");
}
