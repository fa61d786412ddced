using VipOperator.Vrrp;

namespace VipOperator.Planning.Tests;

/// <summary>Who takes part, and in which order.</summary>
public sealed class RankingTests
{
    [Fact]
    public void PriorityThatAPersonEditedInAMember_IsPutBackAndMovesNothing()
    {
        Cluster cluster = Cluster.OfTwo();
        cluster.AddVirtualIP("web", "192.168.1.107/32", s => s with { Spread = false });
        cluster.PlanAndApply();
        MemberObject first = cluster.Member("web", "node1");
        cluster.Members[first.Key] = first with
        {
            Spec = first.Spec! with { Priority = new Priority(7) },
            Generation = 2,
        };

        cluster.PlanAndApply();

        Assert.Equal("node1 254, node2 253", cluster.Places("web"));
        Assert.Equal(254, cluster.Member("web", "node1").Spec!.Priority.Value);
    }

    [Fact]
    public void TwoPods_CountDownFromHighest()
    {
        Cluster cluster = Cluster.OfTwo();
        cluster.AddVirtualIP("web", "192.168.1.108/32", s => s with { Highest = new Priority(100) });

        cluster.PlanAndApply();

        Assert.Equal("node1 100, node2 99", cluster.Places("web"));
    }

    [Fact]
    public void PodThatJoins_StandsLastAndChangesNoOther()
    {
        Cluster cluster = Cluster.OfTwo();
        cluster.AddVirtualIP("web", "192.168.1.108/32");
        cluster.PlanAndApply();
        cluster.AddNode("node0", "192.168.1.102");
        cluster.AddPod("nginx-0", "node0");

        Plan plan = cluster.PlanAndApply();

        Assert.Equal("node1 254, node2 253, node0 252", cluster.Places("web"));
        Assert.Equal("node0", Assert.Single(plan.Steps.OfType<ApplyMember>()).Spec.NodeName);
    }

    [Fact]
    public void PodThatGoes_LeavesAGapRatherThanMoveTheOthers()
    {
        Cluster cluster = Cluster.OfTwo();
        cluster.AddNode("node3", "192.168.1.105");
        cluster.AddPod("nginx-3", "node3");
        cluster.AddVirtualIP("web", "192.168.1.108/32", s => s with { Spread = false });
        cluster.PlanAndApply();
        cluster.AddPod("nginx-2", "node2");

        Plan plan = cluster.PlanAndApply();

        Assert.Equal("node1 254, node3 252, node2 251", cluster.Places("web"));
        Assert.Equal("node2", Assert.Single(plan.Steps.OfType<ApplyMember>()).Spec.NodeName);
    }

    [Fact]
    public void StatusSaysWhyEachStandsWhereItStands()
    {
        Cluster cluster = Cluster.OfTwo();
        cluster.AddNode("node3", "192.168.1.105", ("rack", "a"));
        cluster.AddPod("nginx-3", "node3");
        cluster.AddNode("node4", "192.168.1.106");
        cluster.AddPod("nginx-4", "node4");
        cluster.AddVirtualIP(
            "web", "192.168.1.108/32", s => s with { Spread = false, Preferences = [Prefer("rack", "a", 10)] });
        cluster.PlanAndApply();
        cluster.EditNode("node4", n => n with { Evacuating = true });
        cluster.PlanAndApply();

        Assert.Equal(
            [
                "Preference +10. Equals keep their order; who joins stands last.",
                "Behind node3: preference 0 against +10.",
                "Behind node1: no other preference; who came first, or was drawn first, stands first.",
                "Behind node2 because its node node4 is being evacuated.",
            ],
            cluster.StatusOf("web").Members.Select(m => m.Explanation));
    }

    [Fact]
    public void BestPodThatGoes_LetsTheNextHaveTheHighest()
    {
        Cluster cluster = Cluster.OfTwo();
        cluster.AddVirtualIP("web", "192.168.1.108/32");
        cluster.PlanAndApply();
        cluster.Pods.Remove(new ObjectKey("default", "nginx-1"));

        Plan plan = cluster.PlanAndApply();

        Assert.Equal("node2 254", cluster.Places("web"));
        Assert.Equal(DeletionReason.PodGone, Assert.Single(plan.Steps.OfType<DeleteMember>()).Reason);
    }

    [Fact]
    public void PodThatComesBackAsAnother_JoinsAtTheEndUnderAnotherName()
    {
        Cluster cluster = Cluster.OfTwo();
        cluster.AddVirtualIP("web", "192.168.1.108/32");
        cluster.PlanAndApply();
        string before = cluster.Member("web", "node1").Key.Name;
        cluster.AddPod("nginx-1", "node1");

        cluster.PlanAndApply();

        Assert.Equal("node2 254, node1 253", cluster.Places("web"));
        Assert.NotEqual(before, cluster.Member("web", "node1").Key.Name);
    }

    [Fact]
    public void Preference_OutweighsThePlaceThatOneHad()
    {
        Cluster cluster = Cluster.OfTwo();
        cluster.EditNode("node2", n => n with { Labels = new LabelSet(("rack", "a")) });
        cluster.AddVirtualIP("web", "192.168.1.108/32");
        cluster.PlanAndApply();
        Assert.Equal("node1 254, node2 253", cluster.Places("web"));

        cluster.EditVirtualIP("web", s => s with { Preferences = [Prefer("rack", "a", 10)] });
        cluster.PlanAndApply();

        Assert.Equal("node2 254, node1 253", cluster.Places("web"));
        Assert.Equal(
            "Preference +10. Equals keep their order; who joins stands last.",
            cluster.Member("web", "node2").Spec!.Explanation);
    }

    [Fact]
    public void NegativePreference_RanksBehindNone()
    {
        Cluster cluster = Cluster.OfTwo();
        cluster.EditNode("node1", n => n with { Labels = new LabelSet(("spot", "true")) });
        cluster.AddVirtualIP("web", "192.168.1.108/32", s => s with { Preferences = [Prefer("spot", "true", -1)] });

        cluster.PlanAndApply();

        Assert.Equal("node2 254, node1 253", cluster.Places("web"));
    }

    [Fact]
    public void TerminatingPod_KeepsItsMemberAndRanksLast()
    {
        Cluster cluster = Cluster.OfTwo();
        cluster.AddVirtualIP("web", "192.168.1.108/32");
        cluster.PlanAndApply();
        cluster.EditPod("nginx-1", p => p with { Terminating = true });

        Plan plan = cluster.PlanAndApply();

        Assert.Equal("node2 254, node1 253", cluster.Places("web"));
        Assert.Empty(plan.Steps.OfType<DeleteMember>());
        Assert.Equal(
            "Behind all that are fit, because its pod is being deleted.",
            cluster.Member("web", "node1").Spec!.Explanation);
    }

    [Fact]
    public void NodeThatIsNotReady_RanksLastAndDoesNotComeBackToTheFront()
    {
        Cluster cluster = Cluster.OfTwo();
        cluster.AddVirtualIP("web", "192.168.1.108/32");
        cluster.PlanAndApply();

        cluster.EditNode("node1", n => n with { Ready = false });
        cluster.PlanAndApply();
        Assert.Equal("node2 254, node1 253", cluster.Places("web"));

        cluster.EditNode("node1", n => n with { Ready = true });
        cluster.PlanAndApply();
        Assert.Equal("node2 254, node1 253", cluster.Places("web"));
    }

    public static TheoryData<string, Func<PodObject, PodObject>, string> UnfitPods => new()
    {
        { "pod network", p => p with { HostNetwork = false }, "nginx-1: it does not run in the host network." },
        { "no sidecar", p => p with { HasSidecar = false }, "nginx-1: it has no container named vip-sidecar." },
        { "unscheduled", p => p with { NodeName = null }, "nginx-1: it is not scheduled to a node." },
        { "terminating", p => p with { Terminating = true }, "nginx-1: its pod is being deleted." },
        { "pending", p => p with { Phase = PodPhase.Pending }, "nginx-1: its pod is Pending, not Running." },
        { "ended", p => p with { Phase = PodPhase.Succeeded }, "nginx-1: its pod is Succeeded, not Running." },
        { "no node", p => p with { NodeName = "node9" }, "nginx-1: its node node9 does not exist." },
    };

    [Theory]
    [MemberData(nameof(UnfitPods))]
    public void UnfitPod_TakesNoPartAndTheStatusSaysWhy(string what, Func<PodObject, PodObject> edit, string why)
    {
        Assert.NotEmpty(what);
        Cluster cluster = Cluster.OfTwo();
        cluster.Pods.Remove(new ObjectKey("default", "nginx-2"));
        cluster.EditPod("nginx-1", edit);
        cluster.AddVirtualIP("web", "192.168.1.108/32");

        cluster.PlanAndApply();

        Assert.Empty(cluster.Members);
        ConditionReport assigned = cluster.Condition("web", ConditionType.Assigned);
        Assert.Equal(ConditionReason.NoEligiblePods, assigned.Reason);
        Assert.Equal($"No pod that the selector matches can take part: {why}", assigned.Message);
    }

    [Fact]
    public void PodOnANodeThatIsNotReady_DoesNotJoin()
    {
        Cluster cluster = Cluster.OfTwo();
        cluster.EditNode("node1", n => n with { Ready = false });
        cluster.AddVirtualIP("web", "192.168.1.108/32");

        cluster.PlanAndApply();

        Assert.Equal("node2 254", cluster.Places("web"));
    }

    [Fact]
    public void TwoPodsOnOneNode_OnlyOneTakesPart()
    {
        Cluster cluster = Cluster.OfTwo();
        cluster.AddPod("nginx-0", "node1");
        cluster.AddVirtualIP("web", "192.168.1.108/32");

        cluster.PlanAndApply();

        Assert.Equal("node1 254, node2 253", cluster.Places("web"));
        Assert.Equal("nginx-0", cluster.Member("web", "node1").Spec!.PodName);
        Assert.Contains("nginx-1: the pod nginx-0 on the same node takes part.",
            cluster.Condition("web", ConditionType.Assigned).Message);
    }

    [Fact]
    public void PodOfAnotherNamespace_IsNotSelected()
    {
        Cluster cluster = Cluster.OfTwo();
        cluster.AddNode("node3", "192.168.1.105");
        cluster.AddPod("nginx-3", "node3", @namespace: "other");
        cluster.AddVirtualIP("web", "192.168.1.108/32");

        cluster.PlanAndApply();

        Assert.Equal("node1 254, node2 253", cluster.Places("web"));
    }

    [Fact]
    public void PodThatIsNoLongerSelected_LosesItsMember()
    {
        Cluster cluster = Cluster.OfTwo();
        cluster.AddVirtualIP("web", "192.168.1.108/32");
        cluster.PlanAndApply();
        cluster.EditPod("nginx-2", p => p with { Labels = new LabelSet(("app", "other")) });

        cluster.PlanAndApply();

        Assert.Equal("node1 254", cluster.Places("web"));
    }

    [Fact]
    public void Spread_SharesFirstPlacesOutOverTheNodes()
    {
        Cluster cluster = Cluster.OfTwo();
        for (int i = 0; i < 4; i++)
            cluster.AddVirtualIP($"web{i}", $"192.168.1.{110 + i}");

        cluster.PlanAndApply();

        Assert.Equal(["node1", "node2", "node1", "node2"], Enumerable.Range(0, 4)
            .Select(i => cluster.StatusOf($"web{i}").Members[0].NodeName));
    }

    [Fact]
    public void Spread_LeavesThoseThatStandWhereTheyAre()
    {
        Cluster cluster = Cluster.OfTwo();
        for (int i = 0; i < 3; i++)
            cluster.AddVirtualIP($"web{i}", $"192.168.1.{110 + i}");
        cluster.PlanAndApply();
        cluster.VirtualIPs.Remove(new ObjectKey("default", "web1"));
        cluster.AddVirtualIP("web9", "192.168.1.119");

        cluster.PlanAndApply();

        Assert.Equal(["node1", "node1", "node2"], new[] { "web0", "web2", "web9" }.Select(
            v => cluster.StatusOf(v).Members[0].NodeName));
    }

    [Fact]
    public void WithoutSpread_NamesDecide()
    {
        Cluster cluster = Cluster.OfTwo();
        for (int i = 0; i < 3; i++)
            cluster.AddVirtualIP($"web{i}", $"192.168.1.{110 + i}", s => s with { Spread = false });

        cluster.PlanAndApply();

        Assert.All(Enumerable.Range(0, 3), i => Assert.Equal("node1 254, node2 253", cluster.Places($"web{i}")));
    }

    [Fact]
    public void MoreThan254Pods_ShareTheLowestPriorityFromThereOn()
    {
        Cluster cluster = new();
        for (int i = 0; i < 300; i++)
        {
            cluster.AddNode($"node{i:000}", $"10.0.{i / 250}.{(i % 250) + 1}");
            cluster.AddPod($"nginx-{i:000}", $"node{i:000}");
        }

        cluster.AddVirtualIP("web", "192.168.1.108/32", s => s with { Spread = false });
        cluster.PlanAndApply();

        VirtualIPReport status = cluster.StatusOf("web");
        Assert.Equal(300, status.Members.Count);
        Assert.Equal(("node000", 254), (status.Members[0].NodeName, (int)status.Members[0].Priority.Value));
        Assert.Equal(("node253", 1), (status.Members[253].NodeName, (int)status.Members[253].Priority.Value));
        Assert.Equal(("node299", 1), (status.Members[299].NodeName, (int)status.Members[299].Priority.Value));
        Assert.Empty(cluster.Plan().Steps);
    }

    [Fact]
    public void ASwapOfPlaces_LowersBeforeItRaises()
    {
        Cluster cluster = Cluster.OfTwo();
        cluster.EditNode("node2", n => n with { Labels = new LabelSet(("rack", "a")) });
        cluster.AddVirtualIP("web", "192.168.1.108/32");
        cluster.PlanAndApply();
        cluster.EditVirtualIP("web", s => s with { Preferences = [Prefer("rack", "a", 10)] });

        Plan plan = cluster.Plan();

        Assert.Equal(
            ["node1 253", "node2 254"], plan.Steps.OfType<ApplyMember>().Select(
                a => $"{a.Spec.NodeName} {a.Spec.Priority}"));
    }

    [Fact]
    public void UnicastPeers_AreTheOthersNodesInTheFamiliesOfTheAddresses()
    {
        Cluster cluster = Cluster.OfTwo();
        cluster.EditNode(
            "node1", n => n with { Addresses = [IpAddress.Parse("192.168.1.103"), IpAddress.Parse("2001:db8::103")] });
        cluster.AddVirtualIP(
            "web", "192.168.1.108/32", s => s with { Router = new RouterSettings { Transport = Transport.Unicast } });

        cluster.PlanAndApply();

        Assert.Equal(
            [new Peer("node2", [IpAddress.Parse("192.168.1.104")])], cluster.Member("web", "node1").Spec!.Peers!);
        Assert.Equal(
            [new Peer("node1", [IpAddress.Parse("192.168.1.103")])], cluster.Member("web", "node2").Spec!.Peers!);
    }

    [Fact]
    public void UnicastPeers_OfTheOnlyMember_AreNone()
    {
        Cluster cluster = Cluster.OfTwo();
        cluster.EditPod("nginx-2", p => p with { Phase = PodPhase.Failed });
        cluster.AddVirtualIP(
            "web", "192.168.1.108/32", s => s with { Router = new RouterSettings { Transport = Transport.Unicast } });

        cluster.PlanAndApply();

        Assert.Equal([], cluster.Member("web", "node1").Spec!.Peers!);
    }

    [Fact]
    public void PodWithoutAnAddressThatPeersCouldSendTo_TakesNoPartRatherThanBeLeftOutOfTheirLists()
    {
        Cluster cluster = Cluster.OfTwo();
        cluster.AddNode("node3", "192.168.1.105");
        cluster.AddPod("nginx-3", "node3");
        cluster.EditNode("node2", n => n with { Addresses = [IpAddress.Parse("2001:db8::104")] });
        cluster.AddVirtualIP("web", "192.168.1.108/32",
            s => s with { Spread = false, Router = new RouterSettings { Transport = Transport.Unicast } });

        cluster.PlanAndApply();

        Assert.Equal("node1 254, node3 253", cluster.Places("web"));
        Assert.Equal(
            [new Peer("node3", [IpAddress.Parse("192.168.1.105")])], cluster.Member("web", "node1").Spec!.Peers!);
        Assert.Contains(
            "nginx-2: its node node2 has no known address in each family, to which its unicast peers could send.",
            cluster.Condition("web", ConditionType.Assigned).Message);
        Assert.Empty(cluster.Plan().Steps);
    }

    [Fact]
    public void AddressesThatANodeReportsNoMore_StayKnownFromThePeers()
    {
        Cluster cluster = Cluster.OfTwo();
        cluster.AddVirtualIP(
            "web", "192.168.1.108/32", s => s with { Router = new RouterSettings { Transport = Transport.Unicast } });
        cluster.PlanAndApply();
        cluster.EditNode("node2", n => n with { Addresses = [] });

        Assert.Empty(cluster.Plan().Steps);
    }

    [Fact]
    public void UnicastPeers_OfANodeThatReportsNoAddress_ComeFromItsPod()
    {
        Cluster cluster = Cluster.OfTwo();
        cluster.EditNode("node2", n => n with { Addresses = [] });
        cluster.EditPod("nginx-2", p => p with { HostAddresses = [IpAddress.Parse("192.168.1.204")] });
        cluster.AddVirtualIP(
            "web", "192.168.1.108/32", s => s with { Router = new RouterSettings { Transport = Transport.Unicast } });

        cluster.PlanAndApply();

        Assert.Equal(
            [new Peer("node2", [IpAddress.Parse("192.168.1.204")])], cluster.Member("web", "node1").Spec!.Peers!);
    }

    [Fact]
    public void MemberWhoseLabelsWereStripped_IsWrittenAgain()
    {
        Cluster cluster = Cluster.OfTwo();
        cluster.AddVirtualIP("web", "192.168.1.108/32");
        cluster.PlanAndApply();
        MemberObject member = cluster.Member("web", "node1");
        cluster.Members[member.Key] = member with { LabelsIntact = false };

        Plan plan = cluster.Plan();

        Assert.Equal(member.Key.Name, Assert.IsType<ApplyMember>(plan.Steps[0]).Name);
    }

    [Fact]
    public void MemberOfAVirtualIPThatIsGone_IsDeleted()
    {
        Cluster cluster = Cluster.OfTwo();
        cluster.AddVirtualIP("web", "192.168.1.108/32");
        cluster.PlanAndApply();
        cluster.VirtualIPs.Clear();

        Plan plan = cluster.PlanAndApply();

        PlanStep[] deletions = [.. plan.Steps.Where(s => s is not LabelPod)];
        Assert.Equal(2, deletions.Length);
        Assert.All(deletions, s => Assert.Equal(DeletionReason.OwnerGone, Assert.IsType<DeleteMember>(s).Reason));
        Assert.Empty(cluster.Members);
    }

    [Fact]
    public void VirtualIPThatIsBeingDeleted_IsLeftToTheGarbageCollector()
    {
        Cluster cluster = Cluster.OfTwo();
        VirtualIPObject web = cluster.AddVirtualIP("web", "192.168.1.108/32");
        cluster.PlanAndApply();
        cluster.VirtualIPs[web.Key] = cluster.VirtualIPs[web.Key] with { Deleting = true };
        cluster.AddNode("node3", "192.168.1.105");
        cluster.AddPod("nginx-3", "node3");

        Assert.Empty(cluster.Plan().Steps);
    }

    [Fact]
    public void MemberNames_AreValidAndShortWhateverTheNamesOfThePodAndTheVirtualIP()
    {
        Cluster cluster = new();
        cluster.AddNode("node1", "192.168.1.103");
        string pod = new('p', 60);
        cluster.AddPod($"{pod}.{pod}.{pod}", "node1");
        cluster.AddVirtualIP(new string('v', 28) + ".x", "192.168.1.108/32");

        cluster.PlanAndApply();

        string name = Assert.Single(cluster.Members.Keys).Name;
        Assert.Matches("^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$", name);
        Assert.InRange(name.Length, 1, 100);
    }

    private static NodePreference Prefer(string key, string value, int weight) =>
        new(new Selector([new SelectorRequirement(key, SelectorOperator.In, [value])]), weight);
}
