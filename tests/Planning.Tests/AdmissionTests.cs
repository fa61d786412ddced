using VipOperator.Vrrp;

namespace VipOperator.Planning.Tests;

/// <summary>Who may have which address and which id.</summary>
public sealed class AdmissionTests
{
    [Fact]
    public void SameAddress_TheOlderHasItAndTheNewerTakesNoPart()
    {
        Cluster cluster = Cluster.OfTwo();
        cluster.AddVirtualIP("old", "192.168.1.108/32");
        cluster.AddVirtualIP("new", "192.168.1.108/24");

        cluster.PlanAndApply();

        Assert.Equal("node1 254, node2 253", cluster.Places("old"));
        Assert.Equal("", cluster.Places("new"));
        ConditionReport accepted = cluster.Condition("new", ConditionType.Accepted);
        Assert.Equal((ConditionStatus.False, ConditionReason.AddressConflict), (accepted.Status, accepted.Reason));
        Assert.Equal(
            "The address 192.168.1.108 is taken by the VirtualIP default/old. Remove it from one of the two.",
            accepted.Message);
        Assert.Equal(ConditionReason.NotAccepted, cluster.Condition("new", ConditionType.Ready).Reason);
    }

    [Fact]
    public void SameAddressInAnotherNamespace_IsAConflictToo()
    {
        Cluster cluster = Cluster.OfTwo();
        cluster.AddVirtualIP("old", "192.168.1.108/32");
        cluster.AddVirtualIP("new", "192.168.1.108/32", @namespace: "other");

        Plan plan = cluster.PlanAndApply();

        Assert.Equal(ConditionReason.AddressConflict, cluster.Condition("new", ConditionType.Accepted, "other").Reason);
        Assert.Contains(
            plan.Steps.OfType<RecordEvent>(), e => e is { Reason: EventReason.AddressConflict, IsWarning: true });
    }

    [Fact]
    public void AddressOfTheOther_IsFreeOnceTheOtherIsGone()
    {
        Cluster cluster = Cluster.OfTwo();
        VirtualIPObject old = cluster.AddVirtualIP("old", "192.168.1.108/32");
        cluster.AddVirtualIP("new", "192.168.1.108/32");
        cluster.PlanAndApply();
        cluster.VirtualIPs[old.Key] = cluster.VirtualIPs[old.Key] with { Deleting = true };
        cluster.PlanAndApply();
        Assert.Equal(ConditionStatus.False, cluster.Condition("new", ConditionType.Accepted).Status);

        cluster.VirtualIPs.Remove(old.Key);
        Plan plan = cluster.PlanAndApply();
        Assert.Equal(2, plan.Steps.OfType<DeleteMember>().Count());
        Assert.Empty(plan.Steps.OfType<ApplyMember>());
        Assert.DoesNotContain(plan.Steps.OfType<RecordEvent>(), e => e.IsWarning);
        ConditionReport waiting = cluster.Condition("new", ConditionType.Accepted);
        Assert.Equal(
            "The address 192.168.1.108 is still in the specs of members of the VirtualIP default/old, which is giving "
            + "it up. It is this one's as soon as they have it no more.",
            waiting.Message);
        Assert.Equal((ConditionStatus.False, ConditionReason.StillInUse), (waiting.Status, waiting.Reason));

        plan = cluster.PlanAndApply();

        Assert.Equal(ConditionStatus.True, cluster.Condition("new", ConditionType.Accepted).Status);
        Assert.Contains(plan.Steps.OfType<RecordEvent>(), e => e.Reason == EventReason.Accepted);
    }

    [Fact]
    public void OlderThatIsEditedToWantWhatTheNewerHas_IsRefusedAndRunsOnAsItWas()
    {
        Cluster cluster = Cluster.OfTwo();
        cluster.AddVirtualIP("old", "192.168.1.107/32");
        cluster.AddVirtualIP("new", "192.168.1.108/32");
        cluster.PlanAndApply();
        cluster.EditVirtualIP("old", s => s with { Addresses = [IpPrefix.Parse("192.168.1.108/32")] });

        Plan plan = cluster.PlanAndApply();

        Assert.Empty(plan.Steps.OfType<DeleteMember>());
        Assert.Empty(plan.Steps.OfType<ApplyMember>());
        Assert.Equal("node1 254, node2 253", cluster.Places("old"));
        Assert.Equal(IpPrefix.Parse("192.168.1.107/32"), Assert.Single(cluster.Member("old", "node1").Spec!.Addresses));
        Assert.Equal(
            "The address 192.168.1.108 is taken by the VirtualIP default/new. Remove it from one of the two. " +
            "Its members run on with the spec that was accepted before.",
            cluster.Condition("old", ConditionType.Accepted).Message);
    }

    [Fact]
    public void OneThatTwoOnDifferentLinksStandInTheWayOf_IsToldOfTheSameWhicheverCameFirst()
    {
        Cluster cluster = Cluster.OfTwo();
        cluster.AddVirtualIP("z", "fe80::1", s => s with { InterfaceName = "eth0", Selector = Cluster.AppIs("none") });
        cluster.AddVirtualIP("a", "fe80::1", s => s with { InterfaceName = "eth1" });
        cluster.AddVirtualIP("loser", "fe80::1");

        cluster.PlanAndApply();

        Assert.Equal(
            "The address fe80::1 is taken by the VirtualIP default/a. Remove it from one of the two.",
            cluster.Condition("loser", ConditionType.Accepted).Message);
        Assert.Empty(cluster.Plan().Steps);
    }

    [Fact]
    public void RefusedOneThatRunsOn_GoesWhenWhatItHoldsBecomesAnothers()
    {
        Cluster cluster = Cluster.OfTwo();
        cluster.AddVirtualIP("old", "192.168.1.107/32");
        cluster.AddVirtualIP("new", "192.168.1.108/32");
        cluster.PlanAndApply();
        cluster.EditVirtualIP("old", s => s with { Addresses = [IpPrefix.Parse("192.168.1.108/32")] });
        cluster.PlanAndApply();
        cluster.AddVirtualIP("third", "192.168.1.107/32");

        Plan plan = cluster.PlanAndApply();
        Assert.Equal(2, plan.Steps.OfType<DeleteMember>().Count());
        Assert.All(plan.Steps.OfType<DeleteMember>(), d => Assert.Equal(DeletionReason.NotAccepted, d.Reason));
        Assert.Empty(plan.Steps.OfType<ApplyMember>());

        cluster.PlanAndApply();
        Assert.Equal(ConditionStatus.True, cluster.Condition("third", ConditionType.Accepted).Status);
        Assert.Equal("", cluster.Places("old"));
        Assert.Empty(cluster.Plan().Steps);
    }

    [Fact]
    public void TwoAcceptedThatHoldTheSame_AsAfterABackupIsRestored_OnlyTheOlderKeepsIt()
    {
        Cluster cluster = Cluster.OfTwo();
        cluster.AddVirtualIP("old", "192.168.1.107/32");
        VirtualIPObject newer = cluster.AddVirtualIP("new", "192.168.1.108/32");
        cluster.PlanAndApply();
        cluster.VirtualIPs[newer.Key] = cluster.VirtualIPs[newer.Key] with
        {
            Settings = newer.Settings! with { Addresses = [IpPrefix.Parse("192.168.1.107/32")] },
        };
        foreach (MemberObject member in cluster.Members.Values.Where(m => m.OwnerUid == newer.Uid).ToArray())
            cluster.Members[member.Key] =
                member with { Spec = member.Spec! with { Addresses = [IpPrefix.Parse("192.168.1.107/32")] } };

        cluster.PlanAndApply();

        Assert.Equal("node1 254, node2 253", cluster.Places("old"));
        Assert.Equal("", cluster.Places("new"));
        Assert.Empty(cluster.Plan().Steps);
    }

    [Fact]
    public void AddressOfANode_IsRefused()
    {
        Cluster cluster = Cluster.OfTwo();
        cluster.AddVirtualIP("web", "192.168.1.103/32");

        cluster.PlanAndApply();

        Assert.Equal(
            "The address 192.168.1.103 is the own address of the node node1. A virtual IP must be an address "
            + "that no node has.",
            cluster.Condition("web", ConditionType.Accepted).Message);
    }

    [Fact]
    public void AddressThatANodeReportsWhileItHoldsIt_ChangesNothing()
    {
        Cluster cluster = Cluster.OfTwo();
        cluster.AddVirtualIP("web", "192.168.1.108/32");
        cluster.PlanAndApply();
        cluster.EditNode("node1", n => n with { Addresses = [IpAddress.Parse("192.168.1.108")] });

        Assert.Empty(cluster.Plan().Steps);
    }

    [Fact]
    public void LinkLocalAddressOnDifferentLinks_IsNoConflict()
    {
        Cluster cluster = Cluster.OfTwo();
        cluster.AddVirtualIP("a", "fe80::1/64", s => s with { InterfaceName = "eth0" });
        cluster.AddVirtualIP("b", "fe80::1/64", s => s with { InterfaceName = "eth1" });
        cluster.AddVirtualIP("c", "fe80::1/64");

        cluster.PlanAndApply();

        Assert.Equal(ConditionStatus.True, cluster.Condition("b", ConditionType.Accepted).Status);
        Assert.Equal(ConditionReason.AddressConflict, cluster.Condition("c", ConditionType.Accepted).Reason);
    }

    [Fact]
    public void SameExplicitId_TheOlderHasIt()
    {
        Cluster cluster = Cluster.OfTwo();
        cluster.AddVirtualIP("old", "192.168.1.107/32", WithId(51));
        cluster.AddVirtualIP("new", "192.168.1.108/32", WithId(51));

        cluster.PlanAndApply();

        ConditionReport accepted = cluster.Condition("new", ConditionType.Accepted);
        Assert.Equal(ConditionReason.VirtualRouterIdConflict, accepted.Reason);
        Assert.Equal(
            "The virtual router id 51 is taken by the VirtualIP default/old. Choose another, or leave virtualRouterId "
            + "out to have one allocated.",
            accepted.Message);
    }

    [Fact]
    public void SameExplicitIdInDifferentFamiliesOrOnDifferentLinks_IsNoConflict()
    {
        Cluster cluster = Cluster.OfTwo();
        cluster.AddVirtualIP("v4", "192.168.1.107/32", WithId(51));
        cluster.AddVirtualIP("v6", "2001:db8::107", WithId(51));
        cluster.AddVirtualIP("eth0", "192.168.1.108/32", s => WithId(52)(s) with { InterfaceName = "eth0" });
        cluster.AddVirtualIP("eth1", "192.168.1.109/32", s => WithId(52)(s) with { InterfaceName = "eth1" });

        cluster.PlanAndApply();

        Assert.All(cluster.VirtualIPs.Values, v => Assert.Equal(
            ConditionStatus.True, v.Report.Find(ConditionType.Accepted)!.Status));
    }

    [Fact]
    public void ExplicitId_WinsOverAnAllocatedOne()
    {
        Cluster cluster = Cluster.OfTwo();
        cluster.AddVirtualIP("old", "192.168.1.107/32");
        cluster.PlanAndApply();
        int allocated = cluster.StatusOf("old").VirtualRouterId!.Value.Value;
        cluster.AddVirtualIP("new", "192.168.1.108/32", WithId(allocated));

        Plan plan = cluster.PlanAndApply();
        Assert.Equal(ConditionReason.StillInUse, cluster.Condition("new", ConditionType.Accepted).Reason);
        Assert.DoesNotContain(plan.Steps.OfType<ApplyMember>(), a => a.VirtualIP.Name == "new");
        cluster.PlanAndApply();

        Assert.Equal(allocated, cluster.StatusOf("new").VirtualRouterId!.Value.Value);
        Assert.NotEqual(allocated, cluster.StatusOf("old").VirtualRouterId!.Value.Value);
        Assert.Contains(plan.Steps.OfType<RecordEvent>(), e => e.Reason == EventReason.VirtualRouterIdChanged);
    }

    [Fact]
    public void IdThatARollOutHasNotLeftYet_IsNotGivenOut()
    {
        Cluster cluster = Cluster.OfTwo();
        VirtualIPObject old = cluster.AddVirtualIP("old", "192.168.1.107/32");
        cluster.PlanAndApply();
        VirtualRouterId spoken = cluster.StatusOf("old").VirtualRouterId!.Value;
        cluster.Report("old", "node1", RouterCondition.Active);
        cluster.Report("old", "node2", RouterCondition.Backup);
        cluster.EditVirtualIP("old", WithId(spoken.Value == 7 ? 8 : 7));
        VirtualIPObject added = cluster.AddVirtualIP("new", "192.168.1.108/32");
        cluster.VirtualIPs[added.Key] = added with { Uid = UidThatDraws(spoken, not: old.Uid) };
        cluster.PlanAndApply();

        Assert.Equal(spoken, cluster.Member("old", "node1").Spec!.VirtualRouterId);
        Assert.NotEqual(spoken, cluster.StatusOf("new").VirtualRouterId);
        Assert.NotNull(cluster.StatusOf("new").VirtualRouterId);
    }

    [Fact]
    public void IdOfMembersWhoseVirtualIPIsGone_IsNotGivenOut()
    {
        Cluster cluster = Cluster.OfTwo();
        VirtualIPObject old = cluster.AddVirtualIP("old", "192.168.1.107/32");
        cluster.PlanAndApply();
        VirtualRouterId spoken = cluster.StatusOf("old").VirtualRouterId!.Value;
        cluster.VirtualIPs.Remove(old.Key);
        VirtualIPObject added = cluster.AddVirtualIP("new", "192.168.1.108/32");
        cluster.VirtualIPs[added.Key] = added with { Uid = UidThatDraws(spoken, not: old.Uid) };

        cluster.PlanAndApply();

        Assert.NotEqual(spoken, cluster.StatusOf("new").VirtualRouterId);
        Assert.Equal(2, cluster.Members.Count);
    }

    [Fact]
    public void SameNameAsTheOneThatIsGone_BeginsWhenItsMembersAreGone()
    {
        Cluster cluster = Cluster.OfTwo();
        VirtualIPObject old = cluster.AddVirtualIP("web", "192.168.1.107/32");
        cluster.PlanAndApply();
        cluster.VirtualIPs.Remove(old.Key);
        VirtualIPObject added = cluster.AddVirtualIP("web", "192.168.1.107/32");

        cluster.PlanAndApply();
        Assert.Empty(cluster.Members);
        cluster.PlanAndApply();

        Assert.All(cluster.Members.Values, m => Assert.Equal(added.Uid, m.OwnerUid));
        Assert.Equal("node1 254, node2 253", cluster.Places("web"));
    }

    [Fact]
    public void TwoThatSwapTheirAddresses_DoSoOneAfterTheOther()
    {
        Cluster cluster = Cluster.OfTwo();
        cluster.AddVirtualIP("a", "192.168.1.107/32");
        cluster.AddVirtualIP("b", "192.168.1.108/32");
        cluster.PlanAndApply();
        cluster.EditVirtualIP("a", s => s with { Addresses = [IpPrefix.Parse("192.168.1.108/32")] });
        cluster.EditVirtualIP("b", s => s with { Addresses = [IpPrefix.Parse("192.168.1.107/32")] });

        for (int i = 0; i < 3; i++)
        {
            cluster.PlanAndApply();
            Assert.True(cluster.Members.Values.GroupBy(m => m.Spec!.Addresses[0].Address)
                .All(g => g.Select(m => m.OwnerUid).Distinct().Count() == 1));
        }

        Assert.All(cluster.VirtualIPs.Values, v => Assert.Equal(
            ConditionStatus.True, v.Report.Find(ConditionType.Accepted)!.Status));
        Assert.Equal(IpPrefix.Parse("192.168.1.108/32"), cluster.Member("a", "node1").Spec!.Addresses[0]);
        Assert.Equal(IpPrefix.Parse("192.168.1.107/32"), cluster.Member("b", "node1").Spec!.Addresses[0]);
        Assert.Empty(cluster.Plan().Steps);
    }

    [Theory]
    [InlineData("192.168.1.107/32", "eth0", "192.168.1.108/32", "eth1")]
    [InlineData("192.168.1.107/32", null, "2001:db8::8", null)]
    public void EditThatWouldClashWithANewer_ChangesTheIdOfTheOneThatIsEdited(
        string address, string? link, string otherAddress, string? otherLink)
    {
        Cluster cluster = Cluster.OfTwo();
        VirtualIPObject old = cluster.AddVirtualIP("old", address, s => s with { InterfaceName = link });
        VirtualIPObject added = cluster.AddVirtualIP("new", otherAddress, s => s with { InterfaceName = otherLink });
        VirtualRouterId drawn = VirtualRouterId.Create((int)(StableHash.Of(old.Uid) % 255) + 1);
        cluster.VirtualIPs[added.Key] = added with { Uid = UidThatDraws(drawn, not: old.Uid) };
        cluster.PlanAndApply();
        Assert.Equal(cluster.StatusOf("old").VirtualRouterId, cluster.StatusOf("new").VirtualRouterId);
        cluster.EditVirtualIP("old", s => s with
        {
            InterfaceName = null,
            Addresses = [.. s.Addresses, IpPrefix.Parse("2001:db8::7")],
        });

        Plan plan = cluster.PlanAndApply();

        Assert.Equal(drawn, cluster.StatusOf("new").VirtualRouterId);
        Assert.NotEqual(drawn, cluster.StatusOf("old").VirtualRouterId);
        Assert.DoesNotContain(plan.Steps, s => s.VirtualIP == added.Key);
    }

    [Fact]
    public void AllocatedId_IsKeptForLife()
    {
        Cluster cluster = Cluster.OfTwo();
        cluster.AddVirtualIP("web", "192.168.1.107/32");
        cluster.PlanAndApply();
        VirtualRouterId? id = cluster.StatusOf("web").VirtualRouterId;
        cluster.Pods.Clear();
        cluster.PlanAndApply();
        cluster.EditVirtualIP("web", s => s with { Addresses = [IpPrefix.Parse("2001:db8::7")] });
        cluster.AddPod("nginx-7", "node1");
        cluster.PlanAndApply();

        Assert.Equal(id, cluster.StatusOf("web").VirtualRouterId);
    }

    [Fact]
    public void AllocatedId_OutlivesALostStatus()
    {
        Cluster cluster = Cluster.OfTwo();
        VirtualIPObject web = cluster.AddVirtualIP("web", "192.168.1.107/32");
        cluster.PlanAndApply();
        VirtualRouterId? id = cluster.StatusOf("web").VirtualRouterId;
        cluster.VirtualIPs[web.Key] = web;
        cluster.AddVirtualIP("other", "192.168.1.109/32");

        Plan plan = cluster.PlanAndApply();

        Assert.Equal(id, cluster.StatusOf("web").VirtualRouterId);
        Assert.DoesNotContain(plan.Steps.OfType<ApplyMember>(), a => a.VirtualIP == web.Key);
    }

    [Fact]
    public void IdsHeardFromOthers_AreNotAllocated()
    {
        Cluster cluster = Cluster.OfTwo();
        cluster.AddVirtualIP("web", "192.168.1.107/32", WithId(7));
        cluster.PlanAndApply();
        cluster.Report("web", "node1", RouterCondition.Active);
        MemberObject member = cluster.Member("web", "node1");
        int[] free = [42, 99];
        cluster.Members[member.Key] = member with
        {
            Report = member.Report! with
            {
                HeardIds = [.. Enumerable.Range(1, 255).Except(free).Except([7])
                    .Select(id => new HeardId("eth0", VirtualRouterId.Create(id), IpFamily.V4))],
            },
        };
        cluster.AddVirtualIP("a", "192.168.1.110");
        cluster.AddVirtualIP("b", "192.168.1.111");
        cluster.AddVirtualIP("c", "192.168.1.112");

        Plan plan = cluster.PlanAndApply();

        Assert.Equal(
            free, new[] { "a", "b" }.Select(v => (int)cluster.StatusOf(v).VirtualRouterId!.Value.Value).Order());
        Assert.Equal(ConditionReason.VirtualRouterIdsExhausted, cluster.Condition("c", ConditionType.Accepted).Reason);
        Assert.Contains(plan.Steps.OfType<RecordEvent>(), e => e.Reason == EventReason.VirtualRouterIdsExhausted);
        Assert.Empty(cluster.Plan().Steps);
    }

    [Fact]
    public void IdHeardInTheOtherFamilyOrOnAnotherLink_IsFree()
    {
        Cluster cluster = Cluster.OfTwo();
        cluster.AddVirtualIP("web", "192.168.1.107/32", s => WithId(255)(s) with { InterfaceName = "eth1" });
        cluster.PlanAndApply();
        cluster.Report("web", "node1", RouterCondition.Active);
        MemberObject member = cluster.Member("web", "node1");
        cluster.Members[member.Key] = member with
        {
            Report = member.Report! with
            {
                HeardIds =
                [
                    .. Enumerable.Range(1, 255).Select(
                        id => new HeardId("eth1", VirtualRouterId.Create(id), IpFamily.V4)),
                    .. Enumerable.Range(1, 254).Select(
                        id => new HeardId("eth0", VirtualRouterId.Create(id), IpFamily.V6)),
                ],
            },
        };
        cluster.AddVirtualIP("v4", "192.168.1.110", s => s with { InterfaceName = "eth0" });
        cluster.AddVirtualIP("v6", "2001:db8::7", s => s with { InterfaceName = "eth0" });
        cluster.AddVirtualIP("any", "192.168.1.111");

        cluster.PlanAndApply();

        Assert.NotNull(cluster.StatusOf("v4").VirtualRouterId);
        Assert.Equal(255, (int)cluster.StatusOf("v6").VirtualRouterId!.Value.Value);
        Assert.Equal(
            ConditionReason.VirtualRouterIdsExhausted, cluster.Condition("any", ConditionType.Accepted).Reason);
    }

    [Fact]
    public void VirtualIPsOnDifferentNamedLinks_MayHaveTheSameIds()
    {
        Cluster cluster = Cluster.OfTwo();
        for (int i = 0; i < 510; i++)
            cluster.AddVirtualIP(
                $"web{i:000}", $"10.0.{i / 200}.{(i % 200) + 1}", s => s with { InterfaceName = $"eth0.{i % 2}" });

        cluster.PlanAndApply();

        Assert.All(cluster.VirtualIPs.Values, v => Assert.NotNull(v.Report.VirtualRouterId));
    }

    [Fact]
    public void FreedId_RestsBeforeItIsGivenOutAgain()
    {
        Cluster cluster = Cluster.OfTwo();
        cluster.Resting = [.. Enumerable.Range(1, 254).Select(id => Rest(id, 300)), Rest(255, 2)];
        cluster.AddVirtualIP("web", "192.168.1.107/32");

        Plan plan = cluster.PlanAndApply();

        Assert.Equal(
            ConditionReason.VirtualRouterIdsExhausted, cluster.Condition("web", ConditionType.Accepted).Reason);
        Assert.Equal(TimeSpan.FromSeconds(2), plan.RecheckAfter);
        cluster.NowUnixMs += 2000;
        cluster.PlanAndApply();
        Assert.Equal(255, (int)cluster.StatusOf("web").VirtualRouterId!.Value.Value);

        RestingId Rest(int id, int seconds) =>
            new(VirtualRouterId.Create(id), IpFamily.V4, null, cluster.NowUnixMs + (seconds * 1000));
    }

    [Fact]
    public void TwoHundredAndFiftyFiveVirtualIPs_HaveAllIds()
    {
        Cluster cluster = Cluster.OfTwo();
        for (int i = 0; i < 256; i++)
            cluster.AddVirtualIP($"web{i:000}", $"10.0.{i / 200}.{(i % 200) + 1}");

        cluster.PlanAndApply();

        Assert.Equal(
            Enumerable.Range(1, 255),
            cluster.VirtualIPs.Values.Select(v => v.Report.VirtualRouterId).OfType<VirtualRouterId>()
            .Select(id => (int)id.Value).Order());
        Assert.Equal(
            ConditionReason.VirtualRouterIdsExhausted, cluster.Condition("web255", ConditionType.Accepted).Reason);
    }

    [Fact]
    public void SpecThatMakesNoSense_IsRefusedAndRunsOnAsItWas()
    {
        Cluster cluster = Cluster.OfTwo();
        VirtualIPObject web = cluster.AddVirtualIP("web", "192.168.1.107/32");
        cluster.PlanAndApply();
        cluster.VirtualIPs[web.Key] = cluster.VirtualIPs[web.Key] with
        {
            Settings = null,
            Problem = "spec.addresses: 'x' is not an address.",
            Generation = 2,
        };

        Plan plan = cluster.PlanAndApply();

        Assert.Empty(plan.Steps.OfType<DeleteMember>());
        ConditionReport accepted = cluster.Condition("web", ConditionType.Accepted);
        Assert.Equal(ConditionReason.InvalidSpec, accepted.Reason);
        Assert.StartsWith("spec.addresses: 'x' is not an address.", accepted.Message, StringComparison.Ordinal);
    }

    private static string UidThatDraws(VirtualRouterId id, string not) => Enumerable.Range(0, 100_000)
        .Select(i => $"uid-{i}")
        .First(uid => uid != not && (int)(StableHash.Of(uid) % 255) + 1 == id.Value);

    private static Func<VirtualIPSettings, VirtualIPSettings> WithId(int id) =>
        s => s with { VirtualRouterId = VirtualRouterId.Create(id) };
}
