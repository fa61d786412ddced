using VipOperator.Vrrp;

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
    public void ClockThatIsSetBack_DoesNotKeepASilentMemberAliveForEver()
    {
        Cluster cluster = HandoverTests.Running();
        cluster.EditVirtualIP("web", s => s with { Probe = new ProbeDocument("{}") });
        cluster.PlanAndApply();
        cluster.NowUnixMs -= 3_600_000;
        cluster.PlanAndApply();
        Assert.Empty(cluster.Plan().Steps);

        cluster.NowUnixMs += 10_000;
        cluster.PlanAndApply();

        Assert.Equal(RouterCondition.Unknown, cluster.StatusOf("web").Members[0].State);
    }

    // The API server takes messages of 32,768 characters.
    [Fact]
    public void ManyMembersWithLongNames_LeaveEveryMessageShort()
    {
        Cluster cluster = new();
        for (int i = 0; i < 400; i++)
        {
            string node = $"node-{i:000}-{new string('x', 54)}";
            Assert.Equal(63, node.Length);
            cluster.AddNode(node, $"10.20.{i / 250}.{(i % 250) + 1}");
            cluster.AddPod($"nginx-{i}", node);
        }

        cluster.AddVirtualIP("web", "10.0.0.1");
        Check();
        ReportAll(RouterCondition.Fault);
        ReportAll(RouterCondition.Backup);
        Assert.StartsWith("No member is Active: node-", cluster.Condition("web", ConditionType.Available).Message,
            StringComparison.Ordinal);
        Assert.EndsWith(" is Backup; and 397 more.", cluster.Condition("web", ConditionType.Available).Message,
            StringComparison.Ordinal);
        ReportAll(RouterCondition.Active);

        // They have been asked, and answer that they are.
        foreach (MemberObject member in cluster.Members.Values.ToArray())
        {
            cluster.Members[member.Key] = member with
            {
                Report = member.Report! with { ObservedGeneration = member.Generation },
            };
        }

        Check();
        Assert.Equal(ConditionReason.MultipleActive, cluster.Condition("web", ConditionType.Available).Reason);
        cluster.EditVirtualIP("web", s => s with { Probe = new ProbeDocument("{}") });
        Check();
        cluster.NowUnixMs += 60_000;
        Check();
        ReportAll(RouterCondition.Backup);
        cluster.EditVirtualIP("web", s => s with { VirtualRouterId = VirtualRouterId.Create(77) });
        Check();
        Assert.Equal(ConditionReason.RollingOut, cluster.Condition("web", ConditionType.Programmed).Reason);
        foreach (string node in cluster.Nodes.Keys.Take(399).ToArray())
            cluster.EditNode(node, n => n with { Evacuating = true });
        Check();
        foreach (string node in cluster.Nodes.Keys.ToArray())
            cluster.EditNode(node, n => n with { Ready = false });
        Check();

        void ReportAll(RouterCondition state)
        {
            foreach (string node in cluster.Nodes.Keys)
                cluster.Report("web", node, state, reason: state == RouterCondition.Fault ? "LinkDown" : "");
            Check();
        }

        void Check()
        {
            cluster.PlanAndApply();
            Assert.All(cluster.StatusOf("web").Conditions, c => Assert.InRange(c.Message.Length, 1, 1000));
            Assert.All(cluster.StatusOf("web").Members, m => Assert.InRange(m.Message?.Length ?? 0, 0, 1000));
        }
    }

    [Fact]
    public void BeforeAnyReport_ItWaitsForTheSidecars()
    {
        Cluster cluster = Cluster.OfTwo();
        cluster.AddVirtualIP("web", "192.168.1.108/32");

        cluster.PlanAndApply();

        Assert.Equal(
            ["Accepted True Accepted", "Assigned True Assigned", "Programmed False WaitingForSidecars",
                "Available False NoActive", "Ready False NotProgrammed",
                "Placed Unknown NotAvailable", "Undisturbed True Undisturbed"],
            Conditions(cluster));
        Assert.Equal("0/2", cluster.StatusOf("web").ReadyMembers);
    }

    [Fact]
    public void OneActiveAndOneBackup_IsReady()
    {
        Cluster cluster = Running();

        Assert.Equal(
            ["Accepted True Accepted", "Assigned True Assigned", "Programmed True Programmed",
                "Available True OneActive", "Ready True Ready",
                "Placed True Placed", "Undisturbed True Undisturbed"],
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

    // Which of them is dead, if one is, only an answer can tell.
    [Fact]
    public void TwoActivesThatLast_TheOneOfBeforeIsAskedOnce_AndTheStatusStaysThatOfAMove()
    {
        Cluster cluster = Running();
        cluster.Report("web", "node2", RouterCondition.Active, secondsAgo: 4);

        Plan plan = cluster.PlanAndApply();

        ApplyMember asked = Assert.Single(plan.Steps.OfType<ApplyMember>());
        Assert.Equal("node1", asked.Spec.NodeName);
        Assert.Equal("Is it Active still? node2 says that it is, since 999996 s after 1970.", asked.Spec.Inquiry);
        Assert.Equal(TimeSpan.FromSeconds(10), plan.RecheckAfter);
        Assert.Equal("node2", cluster.StatusOf("web").ActiveNode);
        Assert.Equal(ConditionStatus.True, cluster.Condition("web", ConditionType.Ready).Status);
        Assert.Empty(cluster.Plan().Steps);
    }

    [Fact]
    public void TwoActivesThatLast_AndTheOneOfBeforeAnswers_AreAWarning()
    {
        Cluster cluster = Running();
        cluster.Report("web", "node2", RouterCondition.Active, secondsAgo: 4);
        cluster.PlanAndApply();
        cluster.Report("web", "node1", RouterCondition.Active);

        Plan plan = cluster.PlanAndApply();

        Assert.Equal(ConditionReason.MultipleActive, cluster.Condition("web", ConditionType.Available).Reason);
        Assert.Null(cluster.StatusOf("web").ActiveNode);
        Assert.Contains(
            plan.Steps.OfType<RecordEvent>(), e => e is { Reason: EventReason.MultipleActive, IsWarning: true });
        Assert.DoesNotContain(plan.Steps, s => s is ApplyMember);
        Assert.Null(plan.RecheckAfter);
    }

    // A node that loses its power is found to be not Ready after 40 s or more.
    [Fact]
    public void TwoActivesThatLast_AndTheOneOfBeforeDoesNotAnswer_ItIsNotHeardOfAndTheOtherServes()
    {
        Cluster cluster = Running();
        cluster.Report("web", "node2", RouterCondition.Active, secondsAgo: 4);
        cluster.PlanAndApply();
        cluster.NowUnixMs += 10_000;

        Plan plan = cluster.PlanAndApply();

        Assert.Equal("node2", cluster.StatusOf("web").ActiveNode);
        Assert.Equal(ConditionStatus.True, cluster.Condition("web", ConditionType.Ready).Status);
        MemberSummary silent = cluster.StatusOf("web").Members.Single(m => m.NodeName == "node1");
        Assert.Equal(RouterCondition.Unknown, silent.State);
        Assert.Equal(
            "Nothing is heard of it because its sidecar has not taken over what was written for it; it "
            + "was Active before.", silent.Message);
        Assert.DoesNotContain(plan.Steps, s => s is RecordEvent { IsWarning: true });
        Assert.Null(plan.RecheckAfter);
    }

    [Fact]
    public void SpecThatIsNotTakenOverForLong_MakesTheMemberUnknown()
    {
        Cluster cluster = Running();
        cluster.EditVirtualIP("web", s => s with { Highest = new Priority(100) });
        cluster.PlanAndApply();
        cluster.Report("web", "node1", RouterCondition.Active);
        Assert.Equal(TimeSpan.FromSeconds(10), cluster.PlanAndApply().RecheckAfter);

        // Another write does not give it more time.
        cluster.NowUnixMs += 6_000;
        cluster.EditVirtualIP("web", s => s with { Highest = new Priority(99) });
        cluster.PlanAndApply();
        cluster.Report("web", "node1", RouterCondition.Active);
        cluster.NowUnixMs += 4_000;
        cluster.PlanAndApply();

        Assert.Equal([RouterCondition.Active, RouterCondition.Unknown],
            cluster.StatusOf("web").Members.Select(m => m.State!.Value));
        cluster.Report("web", "node2", RouterCondition.Backup);
        cluster.PlanAndApply();
        Assert.Equal([RouterCondition.Active, RouterCondition.Backup],
            cluster.StatusOf("web").Members.Select(m => m.State!.Value));
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
        MemberSummary silent = cluster.StatusOf("web").Members[1];
        Assert.Equal(RouterCondition.Unknown, silent.State);
        Assert.Equal("Nothing is heard of it because its node is not Ready; it was Active before.", silent.Message);
    }

    [Fact]
    public void ReportOfASidecarThatDoesNotRun_IsNotTakenForWhatIs()
    {
        Cluster cluster = Running();
        cluster.EditPod("nginx-1", p => p with { SidecarDown = true });
        cluster.PlanAndApply();

        Assert.Equal("node1 254, node2 253", cluster.Places("web"));
        Assert.Equal(RouterCondition.Unknown, cluster.StatusOf("web").Members[0].State);
        Assert.Equal(
            "The sidecar on node1 was Active when last heard of; its container vip-sidecar does not run, and no other "
            + "says that it is Active.",
            cluster.Condition("web", ConditionType.Available).Message);
    }

    [Fact]
    public void Hints_AreACondition_AndAWarningOnce()
    {
        Cluster cluster = Running();
        Hint foreign = new("ForeignSpeaker",
            "192.168.1.9 advertises our virtual router id and is not listened to. Choose another id.");
        MemberObject member = cluster.Member("web", "node2");
        cluster.Members[member.Key] =
            member with { Report = member.Report! with { Hints = [new Hint("LoopLate", "Late."), foreign] } };

        Plan plan = cluster.PlanAndApply();

        ConditionReport undisturbed = cluster.Condition("web", ConditionType.Undisturbed);
        Assert.Equal((ConditionStatus.False, ConditionReason.ForeignSpeaker), (undisturbed.Status, undisturbed.Reason));
        Assert.Equal($"node2: {foreign.Message} node2: Late.", undisturbed.Message);
        Assert.Equal(ConditionStatus.True, cluster.Condition("web", ConditionType.Ready).Status);
        RecordEvent warning = Assert.Single(plan.Steps.OfType<RecordEvent>());
        Assert.Equal((EventReason.Disturbed, true), (warning.Reason, warning.IsWarning));

        cluster.Members[member.Key] =
            member with { Report = member.Report! with { Hints = [foreign with { Message = "Once more." }] } };
        Assert.Empty(cluster.PlanAndApply().Steps.OfType<RecordEvent>());
        cluster.Members[member.Key] = member;
        RecordEvent end = Assert.Single(cluster.PlanAndApply().Steps.OfType<RecordEvent>());
        Assert.Equal(ConditionStatus.True, cluster.Condition("web", ConditionType.Undisturbed).Status);
        Assert.Equal(
            (EventReason.Undisturbed, false, "ForeignSpeaker is over. No member notices anything that disturbs it."),
            (end.Reason, end.IsWarning, end.Message));
        Assert.Empty(cluster.PlanAndApply().Steps);
    }

    [Fact]
    public void HintOfAKindThatIsNotKnown_IsToldAllTheSame()
    {
        Cluster cluster = Running();
        MemberObject member = cluster.Member("web", "node2");
        cluster.Members[member.Key] =
            member with { Report = member.Report! with { Hints = [new Hint("Newer", "Something.")] } };

        cluster.PlanAndApply();

        Assert.Equal(ConditionReason.Disturbed, cluster.Condition("web", ConditionType.Undisturbed).Reason);
    }

    [Fact]
    public void Roles_AreLabelsOfThePods()
    {
        Cluster cluster = Running();

        Assert.Equal(("active", "backup"), (Role("nginx-1"), Role("nginx-2")));

        cluster.Report("web", "node1", RouterCondition.Backup);
        cluster.Report("web", "node2", RouterCondition.Active);
        Plan plan = cluster.PlanAndApply();

        Assert.Equal(("backup", "active"), (Role("nginx-1"), Role("nginx-2")));
        Assert.Equal(2, plan.Steps.OfType<LabelPod>().Count());

        cluster.VirtualIPs.Clear();
        cluster.PlanAndApply();
        Assert.Equal((null, null), (Role("nginx-1"), Role("nginx-2")));

        string? Role(string pod) =>
            cluster.Pods[new ObjectKey("default", pod)].Labels.TryGetValue("vipoperator.io/role", out string? role)
                ? role
                : null;
    }

    [Fact]
    public void PodThatIsActiveForOneVirtualIPAndBackupForAnother_IsActive()
    {
        Cluster cluster = Running();
        cluster.AddVirtualIP("other", "192.168.1.109/32");
        cluster.PlanAndApply();
        cluster.Report("other", "node2", RouterCondition.Active);
        cluster.Report("other", "node1", RouterCondition.Backup);
        cluster.PlanAndApply();

        Assert.All(cluster.Pods.Values, p => Assert.Contains(
            new KeyValuePair<string, string>("vipoperator.io/role", "active"), p.Labels.Pairs));
        Assert.Empty(cluster.Plan().Steps);
    }

    [Fact]
    public void ClockOfANodeThatIsAhead_DoesNotKeepAPlanWaitingForEver()
    {
        Cluster cluster = Running();
        cluster.Report("web", "node2", RouterCondition.Active, secondsAgo: -3600);

        Plan plan = cluster.PlanAndApply();

        Assert.Equal(TimeSpan.FromSeconds(10), plan.RecheckAfter);
        cluster.Report("web", "node1", RouterCondition.Active);
        plan = cluster.PlanAndApply();
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
