using CsCheck;
using VipOperator.Vrrp;

namespace VipOperator.Planning.Tests;

/// <summary>In which order members take a spec over, so that all who speak hear each other.</summary>
public sealed class RollOutTests
{
    [Fact]
    public void OtherVersion_AllButTheActiveFallSilentBeforeItChanges()
    {
        Sidecars group = new(Serving());
        group.Cluster.EditVirtualIP("web", s => s with { Router = s.Router with { Version = VrrpVersion.V2 } });

        group.Cluster.PlanAndApply();
        Assert.Equal("node1 V3, node2 standby", Written(group.Cluster));
        Assert.Empty(group.Cluster.Plan().Steps);
        ConditionReport programmed = group.Cluster.Condition("web", ConditionType.Programmed);
        Assert.Equal((ConditionStatus.False, ConditionReason.RollingOut), (programmed.Status, programmed.Reason));

        group.Take("node2");
        group.Cluster.PlanAndApply();
        Assert.Equal("node1 V2, node2 standby", Written(group.Cluster));
        Assert.Empty(group.Cluster.Plan().Steps);

        group.Take("node1");
        group.Cluster.PlanAndApply();
        Assert.Equal("node1 V2, node2 V2", Written(group.Cluster));
        group.Take("node2");
        group.Cluster.PlanAndApply();
        Assert.Equal(ConditionStatus.True, group.Cluster.Condition("web", ConditionType.Programmed).Status);
    }

    // Three of 100 ms instead of three seconds without an owner.
    [Fact]
    public void OtherId_TheActiveBeginsAnewWithAShortIntervalUntilItIsActive()
    {
        Sidecars group = new(Serving());
        group.Cluster.EditVirtualIP("web", s => s with { VirtualRouterId = VirtualRouterId.Create(77) });
        group.Cluster.PlanAndApply();
        Assert.Equal("node1 100, node2 100 standby", Intervals(group.Cluster));
        group.Take("node2");

        group.Cluster.PlanAndApply();
        Assert.Equal("node1 10, node2 100 standby", Intervals(group.Cluster));
        Assert.Empty(group.Cluster.Plan().Steps);

        group.Take("node1", RouterCondition.Backup, secondsAgo: 0);
        group.Cluster.PlanAndApply();
        Assert.Equal("node1 10, node2 100", Intervals(group.Cluster));
        group.Take("node2", RouterCondition.Backup, secondsAgo: 0);
        group.Cluster.PlanAndApply();
        Assert.Equal("node1 10, node2 100", Intervals(group.Cluster));

        group.Take("node1", RouterCondition.Active, secondsAgo: 0);
        group.Cluster.PlanAndApply();
        Assert.Equal("node1 100, node2 100", Intervals(group.Cluster));
        Assert.Empty(group.Cluster.Plan().Steps);
    }

    [Theory]
    [InlineData("node1", 4, RouterCondition.Fault)]
    [InlineData("node2", 0, RouterCondition.Active)]
    public void ShortInterval_IsOverWhenAnotherIsActiveOrItCannotBecomeSo(
        string node, int secondsAgo, RouterCondition state)
    {
        Sidecars group = new(Serving());
        group.Cluster.EditVirtualIP("web", s => s with { VirtualRouterId = VirtualRouterId.Create(77) });
        group.Cluster.PlanAndApply();
        group.Take("node2");
        group.Cluster.PlanAndApply();
        group.Take("node1", RouterCondition.Backup, secondsAgo: 0);
        group.Cluster.PlanAndApply();

        group.Take("node2", RouterCondition.Backup, secondsAgo: 0);
        group.Take(node, state, secondsAgo);
        group.Cluster.PlanAndApply();

        Assert.Equal("node1 100, node2 100", Intervals(group.Cluster));
    }

    [Fact]
    public void ChangeThatMembersUnderstandBeforeAndAfter_IsWrittenToAllAtOnce()
    {
        Sidecars group = new(Serving());
        group.Cluster.EditVirtualIP("web", s => s with
        {
            Router = s.Router with
            {
                AdvertisementInterval = new Centiseconds(50),
                Authentication = AuthenticationType.Hmac,
                Secret = new SecretKey("vrrp", "key"),
            },
        });

        Plan plan = group.Cluster.PlanAndApply();

        Assert.Equal(2, plan.Steps.OfType<ApplyMember>().Count());
        Assert.DoesNotContain(plan.Steps.OfType<ApplyMember>(), a => a.Spec.Standby);
    }

    [Fact]
    public void MemberThatIsNotHeardOf_IsNotWaitedFor()
    {
        Sidecars group = new(Serving());
        group.Cluster.EditNode("node2", n => n with { Ready = false });
        group.Cluster.EditVirtualIP("web", s => s with { Router = s.Router with { Transport = Transport.Unicast } });

        group.Cluster.PlanAndApply();

        Assert.Equal("node1 V3, node2 standby", Written(group.Cluster));
        Assert.Equal(Transport.Unicast, group.Cluster.Member("web", "node1").Spec!.Router.Transport);
    }

    [Fact]
    public void NewUnicastPeer_IsMadeWhenAllWhoSpeakKnowIt()
    {
        Sidecars group = new(Serving(Transport.Unicast));
        group.Cluster.AddNode("node3", "192.168.1.105");
        group.Cluster.AddPod("nginx-3", "node3");

        group.Cluster.PlanAndApply();
        Assert.Equal("node1 254, node2 253", group.Cluster.Places("web"));
        Assert.Equal(["node2", "node3"], group.Cluster.Member("web", "node1").Spec!.Peers!.Select(p => p.NodeName));
        Assert.Contains("nginx-3: it joins as soon as all members have taken over what was written for them last.",
            group.Cluster.Condition("web", ConditionType.Assigned).Message);

        group.Take("node1");
        group.Cluster.PlanAndApply();
        Assert.Equal(2, group.Cluster.Members.Count);
        group.Take("node2");
        group.Cluster.PlanAndApply();
        Assert.Equal("node1 254, node2 253, node3 252", group.Cluster.Places("web"));
        Assert.Equal(["node1", "node2"], group.Cluster.Member("web", "node3").Spec!.Peers!.Select(p => p.NodeName));
    }

    [Fact]
    public void UnicastPeerThatIsSelectedNoMore_FallsSilentBeforeTheOthersDropIt()
    {
        Sidecars group = new(Serving(Transport.Unicast));
        group.Cluster.EditPod("nginx-2", p => p with { Labels = new LabelSet(("app", "other")) });

        Plan plan = group.Cluster.Plan();

        Assert.Equal(
            [typeof(DeleteMember), typeof(ApplyMember)],
            plan.Steps.Where(s => s is DeleteMember or ApplyMember).Select(s => s.GetType()));
    }

    [Fact]
    public void RefusedHalfWay_ThoseHeldBackComeBackToWhatTheActiveSpeaks()
    {
        Sidecars group = new(Serving());
        VirtualRouterId before = group.Cluster.StatusOf("web").VirtualRouterId!.Value;
        group.Cluster.EditVirtualIP("web", s => s with { VirtualRouterId = VirtualRouterId.Create(77) });
        group.Cluster.PlanAndApply();
        group.Take("node2");
        Refuse(group.Cluster);

        group.Cluster.PlanAndApply();

        Assert.Equal("node1 V3, node2 V3", Written(group.Cluster));
        Assert.All(group.Cluster.Members.Values, m => Assert.Equal(before, m.Spec!.VirtualRouterId));
        Assert.Equal("node1 254, node2 253", group.Cluster.Places("web"));
        Assert.Empty(group.Cluster.Plan().Steps);
    }

    [Fact]
    public void RefusedWhenTheLastHadBeenToldToChange_TheOthersFollowOnceItHas()
    {
        Sidecars group = new(Serving());
        group.Cluster.EditVirtualIP("web", s => s with { VirtualRouterId = VirtualRouterId.Create(77) });
        group.Cluster.PlanAndApply();
        group.Take("node2");
        group.Cluster.PlanAndApply();
        Refuse(group.Cluster);

        group.Cluster.PlanAndApply();
        Assert.Equal("node1 10, node2 100 standby", Intervals(group.Cluster));

        group.Take("node1", RouterCondition.Active);
        group.Cluster.PlanAndApply();
        group.Take("node2");
        group.Cluster.PlanAndApply();
        Assert.Equal("node1 100, node2 100", Intervals(group.Cluster));
        Assert.All(group.Cluster.Members.Values, m => Assert.Equal(77, m.Spec!.VirtualRouterId.Value));
    }

    [Fact]
    public void RefusedHalfWayAndTheActiveDies_AnotherCanTakeOver()
    {
        Sidecars group = new(Serving());
        group.Cluster.EditVirtualIP("web", s => s with { VirtualRouterId = VirtualRouterId.Create(77) });
        group.Cluster.PlanAndApply();
        group.Take("node2");
        group.Cluster.EditNode("node1", n => n with { Ready = false });
        Refuse(group.Cluster);

        group.Cluster.PlanAndApply();

        Assert.False(group.Cluster.Member("web", "node2").Spec!.Standby);
    }

    [Theory]
    [InlineData(Transport.Multicast)]
    [InlineData(Transport.Unicast)]
    public void PodThatComesWhileRefused_JoinsWithWhatTheMembersRun(Transport transport)
    {
        Sidecars group = new(Serving(transport));
        Refuse(group.Cluster);
        group.Cluster.AddNode("node3", "192.168.1.105");
        group.Cluster.AddPod("nginx-3", "node3");

        for (int round = 0; round < 3; round++)
        {
            group.Cluster.PlanAndApply();
            group.Take("node1", RouterCondition.Active);
            group.Take("node2");
            group.AssertAllHearEachOther();
        }

        Assert.Equal("node1 254, node2 253, node3 252", group.Cluster.Places("web"));
        Assert.All(group.Cluster.Members.Values, m => Assert.Single(m.Spec!.Addresses));
        Assert.Empty(group.Cluster.Plan().Steps);
    }

    [Fact]
    public void MemberThatCannotBeRead_IsWrittenAnewWhileRefusedAndNotDeletedToo()
    {
        Sidecars group = new(Serving());
        Refuse(group.Cluster);
        group.Cluster.PlanAndApply();
        MemberObject broken = group.Cluster.Member("web", "node2");
        group.Cluster.Members[broken.Key] = broken with { Spec = null };

        Plan plan = group.Cluster.PlanAndApply();

        Assert.Equal(broken.Key.Name, Assert.Single(plan.Steps.OfType<ApplyMember>()).Name);
        Assert.Empty(plan.Steps.OfType<DeleteMember>());
        Assert.Equal("node1 254, node2 253", group.Cluster.Places("web"));
        Assert.Empty(group.Cluster.Plan().Steps);
    }

    [Fact]
    public void ThoseOfOnePriorityAtTheFloor_KeepTheirOrderWhileRefused()
    {
        Cluster cluster = Serving();
        cluster.EditVirtualIP("web", s => s with { Highest = new Priority(1) });
        cluster.PlanAndApply();
        Refuse(cluster);
        cluster.AddNode("node0", "192.168.1.105");
        cluster.AddPod("nginx-0", "node0");

        for (int round = 0; round < 3; round++)
        {
            Sidecars group = new(cluster);
            cluster.PlanAndApply();
            group.Take("node1", RouterCondition.Active);
            group.Take("node2");
        }

        Assert.Equal("node1 1, node2 1, node0 1", cluster.Places("web"));
        Assert.Empty(cluster.Plan().Steps);
    }

    [Fact]
    public void PodThatComesWhileRefused_DoesNotJoinWhereTheSelectorWasEditedToo()
    {
        Sidecars group = new(Serving());
        Refuse(group.Cluster);
        group.Cluster.EditVirtualIP("web", s => s with { Selector = Cluster.AppIs("other") });
        group.Cluster.AddNode("node3", "192.168.1.105");
        group.Cluster.AddPod("other-3", "node3", app: "other");

        group.Cluster.PlanAndApply();

        Assert.Equal("node1 254, node2 253", group.Cluster.Places("web"));
    }

    // Sidecars take what is written in any order and at any time; they may also die and come back. Whatever a person
    // edits meanwhile, those that speak must be able to hear each other, and in the end all speak as they should.
    [Fact]
    public void AllWhoSpeak_HearEachOtherAtAnyTime() => Gen.Int[0, 999].Array[3].Array[1, 60].Sample(
        changes =>
        {
            Sidecars group = new(Serving(changes[0][1] % 2 == 0 ? Transport.Unicast : Transport.Multicast));
            foreach (int[] c in changes)
            {
                Change(group, c);
                group.Note($"{c[0] % 12} {c[1] % 4} {c[2] % 6}");
                group.AssertAllHearEachOther();
            }

            // A refused one comes to rest with whom it has.
            Settle(group);
            Assert.DoesNotContain(group.Cluster.Members.Values, m => m.Spec!.Standby);
            Assert.Equal(group.Cluster.Members.Count, group.Speakers);

            Accept(group.Cluster);
            Settle(group);
            Assert.DoesNotContain(
                group.Cluster.Members.Values, m => m.Spec!.Standby || m.Spec.Router.AdvertisementInterval.Value < 100);
            Assert.Equal(group.Cluster.Pods.Count, group.Cluster.Members.Count);
            Assert.Equal(group.Cluster.Pods.Count, group.Speakers);
        },
        iter: 3000);

    private static void Settle(Sidecars group)
    {
        for (int round = 0; round < 20; round++)
        {
            group.Cluster.PlanAndApply();
            foreach (string node in group.Nodes)
                group.Take(node);
            group.AssertAllHearEachOther();
        }
    }

    // It asks for an address that another has.
    private static void Refuse(Cluster cluster) => cluster.EditVirtualIP("web", s => s with
    {
        Addresses = [.. s.Addresses.Take(1), IpPrefix.Parse("192.168.1.99")],
    });

    private static void Accept(Cluster cluster) =>
        cluster.EditVirtualIP("web", s => s with { Addresses = [.. s.Addresses.Take(1)] });

    private static void Change(Sidecars group, int[] c)
    {
        Cluster cluster = group.Cluster;
        string node = $"node{1 + (c[1] % 4)}";
        switch (c[0] % 12)
        {
            case 0 or 1 or 2:
                cluster.PlanAndApply();
                break;
            case 3:
                // Cut short: the operator dies between two writes. (Not while a member has never been heard: it could
                // start with what was written before, which no order of writes can rule out.)
                if (cluster.Members.Values.All(m => m.Report is not null)
                    && cluster.Plan().Steps is { Count: > 0 } steps)
                    cluster.Apply(steps[0]);
                break;
            case 4 or 5 or 6:
                group.Take(node);
                break;
            case 7:
                cluster.EditVirtualIP("web", s => s with
                {
                    VirtualRouterId = VirtualRouterId.Create(1 + (c[1] % 2)),
                    Router = s.Router with
                    {
                        Version = c[2] % 3 == 0 ? VrrpVersion.V2 : VrrpVersion.V3,
                        Transport = c[2] % 2 == 0 ? Transport.Unicast : Transport.Multicast,
                    },
                });
                break;
            case 8:
                if (!cluster.Nodes.ContainsKey(node))
                    cluster.AddNode(node, $"192.168.1.{102 + (c[1] % 4)}");
                if (cluster.Pods.Values.All(p => p.NodeName != node))
                    cluster.AddPod($"nginx-{node}-{c[2]}", node);
                break;
            case 10:
                Refuse(cluster);
                break;
            case 11:
                Accept(cluster);
                break;
            default:
                // Its processes end with the pod.
                if (cluster.Pods.Count > 1 && cluster.Pods.Values.FirstOrDefault(p => p.NodeName == node) is { } pod)
                {
                    cluster.Pods.Remove(pod.Key);
                    group.Die(node);
                }

                break;
        }
    }

    private static Cluster Serving(Transport transport = Transport.Multicast)
    {
        Cluster cluster = HandoverTests.Running(
            s => s with { Spread = false, Router = new RouterSettings { Transport = transport } });
        cluster.AddVirtualIP("other", "192.168.1.99", s => s with { Selector = Cluster.AppIs("none") });
        cluster.PlanAndApply();
        return cluster;
    }

    private static string Written(Cluster cluster) => string.Join(
        ", ",
        cluster.Members.Values
            .OrderBy(m => m.Spec!.NodeName, StringComparer.Ordinal)
            .Select(m => m.Spec!.Standby
                ? $"{m.Spec.NodeName} standby"
                : $"{m.Spec.NodeName} {m.Spec.Router.Version}"));

    private static string Intervals(Cluster cluster) => string.Join(
        ", ",
        cluster.Members.Values
            .OrderBy(m => m.Spec!.NodeName, StringComparer.Ordinal)
            .Select(m =>
                $"{m.Spec!.NodeName} {m.Spec.Router.AdvertisementInterval.Value}{(m.Spec.Standby ? " standby" : "")}"));

    /// <summary>What each node's sidecar runs, which lags behind what is written.</summary>
    private sealed class Sidecars
    {
        private readonly Dictionary<string, (string Member, MemberSpec Spec)> _running = [];
        private readonly List<string> _story = [];

        public Sidecars(Cluster cluster)
        {
            Cluster = cluster;
            foreach (MemberObject member in cluster.Members.Values)
                _running[member.Spec!.NodeName] = (member.Uid, member.Spec);
        }

        public Cluster Cluster { get; }

        public IEnumerable<string> Nodes => Cluster.Nodes.Keys;

        public int Speakers => _running.Values.Count(r => !r.Spec.Standby);

        /// <summary>It takes over what is written for its node, and says so.</summary>
        public void Take(string node, RouterCondition state = RouterCondition.Backup, int secondsAgo = 60)
        {
            if (Cluster.Members.Values.SingleOrDefault(m => m.Spec!.NodeName == node
                && Cluster.Pods.Values.Any(p => p.Uid == m.PodUid)) is not { } member)
            {
                _running.Remove(node);
                return;
            }

            _running[node] = (member.Uid, member.Spec!);
            Cluster.Members[member.Key] = member with
            {
                Report = new MemberReport
                {
                    ObservedGeneration = member.Generation,
                    State = member.Spec!.Standby ? RouterCondition.Initialize : state,
                    Reason = member.Spec.Standby ? "HeldBack" : "",
                    SinceUnixMs = Cluster.NowUnixMs - (secondsAgo * 1000L),
                },
            };
        }

        /// <summary>For the message of a failure: what was done, what is written and what runs.</summary>
        public void Note(string change) => _story.Add(
            $"{change}: {string.Join(", ", Cluster.Members.Values.OrderBy(m => m.Spec!.NodeName).Select(m =>
                $"{Describe(m.Spec!)} g{m.Generation} seen {m.Report?.ObservedGeneration} {m.Report?.Reason}"))} " +
            $"| {string.Join(", ", _running.OrderBy(r => r.Key).Select(r => Describe(r.Value.Spec)))}");

        private static string Describe(MemberSpec spec) =>
            $"{spec.NodeName}{(spec.Standby ? " standby" : "")} {spec.Router.Version} {spec.Router.Transport} " +
            $"{spec.VirtualRouterId} knows "
            + $"{(spec.Peers is null ? "-" : string.Join('+', spec.Peers.Select(p => p.NodeName)))}";

        public void Die(string node) => _running.Remove(node);

        public void AssertAllHearEachOther()
        {
            MemberSpec[] speakers = [.. _running.Values.Select(r => r.Spec).Where(s => !s.Standby)];
            Assert.True(
                speakers.Select(s => (s.Router.Version, s.VirtualRouterId, s.Router.Transport)).Distinct().Count() <= 1,
                string.Join('\n', _story));
            foreach (MemberSpec speaker in speakers.Where(s => s.Router.Transport == Transport.Unicast))
            {
                IEnumerable<string> known = speaker.Peers!.Select(p => p.NodeName);
                Assert.True(
                    !speakers.Select(s => s.NodeName).Where(n => n != speaker.NodeName).Except(known).Any(),
                    string.Join('\n', _story));
            }
        }
    }
}
