using CsCheck;
using VipOperator.Vrrp;

namespace VipOperator.Planning.Tests;

/// <summary>What holds for any cluster, after any changes.</summary>
public sealed class PlannerPropertyTests
{
    private static readonly string[] Apps = ["x", "y"];
    private static readonly string[] Addresses =
        ["10.0.0.1", "10.0.0.2/24", "10.0.0.3", "10.0.0.101", "2001:db8::1", "2001:db8::2/64", "fe80::1/64"];

    // A change is a kind and a few numbers that choose what is changed and how; each makes sense in any cluster.
    private static readonly Gen<int[][]> Changes = Gen.Int[0, 999].Array[5].Array[1, 40];

    [Fact]
    public void Plan_OverItsOwnResult_IsEmpty() => Changes.Sample(
        changes => Play(changes, (cluster, _) =>
        {
            // Who waits for what others give up in one plan has its turn in the next. And where the last one that
            // speaks keeps its old priority, those who are held back may find themselves behind it only then.
            Plan plan = cluster.PlanAndApply();
            for (int i = 0; i < 8 && cluster.VirtualIPs.Values.Any(v => Waits(v) || RollsOut(v)); i++)
                plan = cluster.PlanAndApply();
            Plan again = cluster.Plan();
            Assert.True(again.Steps.Count == 0, $"First {plan}, then {again}");
        }),
        iter: 6000);

    [Fact]
    public void Plan_DoesNotDependOnTheOrderOfWhatIsListed() => Changes.Sample(
        changes => Play(changes, (cluster, seed) =>
        {
            ClusterSnapshot snapshot = cluster.Snapshot();
            Random random = new(seed);
            ClusterSnapshot shuffled = snapshot with
            {
                VirtualIPs = Shuffle(snapshot.VirtualIPs, random),
                Pods = Shuffle(snapshot.Pods, random),
                Nodes = Shuffle(snapshot.Nodes, random),
                Members = Shuffle(snapshot.Members, random),
            };
            Plan plan = Planner.Plan(snapshot);

            Assert.Equal(plan, Planner.Plan(shuffled));
            cluster.Apply(plan);
        }),
        iter: 500);

    [Fact]
    public void MembersOfOneVirtualIP_HaveDifferentPrioritiesDownToTheFloorAndDifferentNodes() => Changes.Sample(
        changes => Play(changes, (cluster, _) =>
        {
            cluster.PlanAndApply();
            foreach (VirtualIPObject virtualIP in cluster.VirtualIPs.Values)
            {
                MemberSummary[] members = [.. virtualIP.Report.Members];
                Assert.Equal(members.Length, members.Select(m => m.NodeName).Distinct().Count());

                // The last one that speaks keeps what it had until the others are silent.
                if (virtualIP.Report.Find(ConditionType.Programmed)?.Reason == ConditionReason.RollingOut)
                    continue;
                Assert.All(
                    members.Zip(members.Skip(1)),
                    pair => Assert.True(pair.First.Priority > pair.Second.Priority || pair.First.Priority.Value == 1));
            }
        }),
        iter: 500);

    [Fact]
    public void NoTwoVirtualIPs_ShareAnIdInOneFamilyOnOneLinkOrAnAddress() => Changes.Sample(
        changes => Play(changes, (cluster, _) =>
        {
            Dictionary<ObjectKey, MemberSpec?> before = cluster.Members.ToDictionary(m => m.Key, m => m.Value.Spec);
            cluster.PlanAndApply();
            foreach (IGrouping<VirtualRouterId, MemberObject> sameId in Speaking(cluster)
                .GroupBy(m => m.Spec!.VirtualRouterId))
            {
                Assert.All(PairsOfDifferentOwners(sameId), pair => Assert.False(
                    ShareALink(pair.A.Spec!, pair.B.Spec!)
                    && FamiliesOf(pair.A.Spec!).Intersect(FamiliesOf(pair.B.Spec!)).Any()));
            }

            foreach (IGrouping<IpAddress, (IpAddress Address, MemberObject Member)> sameAddress in Speaking(cluster)
                .SelectMany(m => m.Spec!.Addresses.Select(a => (a.Address, Member: m))).GroupBy(m => m.Address))
            {
                Assert.All(PairsOfDifferentOwners(sameAddress.Select(m => m.Member)), pair => Assert.False(
                    !sameAddress.Key.IsLinkLocal || ShareALink(pair.A.Spec!, pair.B.Spec!)));
            }

            // Nor with one that is deleted, or written otherwise, in the same plan: its sidecar hears of that later.
            foreach (MemberSpec old in before.Values.OfType<MemberSpec>().Where(s => !s.Standby
                && cluster.Pods.Values.Any(p => p.Uid == s.PodUid && !p.IsOut)))
            {
                Assert.DoesNotContain(Speaking(cluster), m => m.Spec!.VirtualIPName != old.VirtualIPName
                    && (!before.TryGetValue(m.Key, out MemberSpec? was) || was?.Addresses != m.Spec.Addresses)
                    && m.Spec.Addresses.Any(a => !a.Address.IsLinkLocal
                        && old.Addresses.Any(o => o.Address == a.Address)));
            }
        }),
        iter: 500);

    [Fact]
    public void FitMembers_StandInTheOrderOfPreference() => Changes.Sample(
        changes => Play(changes, (cluster, _) =>
        {
            cluster.PlanAndApply();
            foreach (VirtualIPObject virtualIP in cluster.VirtualIPs.Values.Where(
                v => IsAccepted(v) && v.RequestedNode is null))
            {
                int[] scores =
                [
                    .. virtualIP.Report.Members
                        .Where(m => IsFit(cluster, virtualIP, m))
                        .Select(m => Score(virtualIP, cluster.Nodes[m.NodeName])),
                ];
                Assert.Equal(scores.OrderDescending(), scores);
            }
        }),
        iter: 500);

    [Fact]
    public void PodThatJoinsWithNoBetterPreference_MovesNothing() => Changes.Sample(
        changes =>
        {
            Cluster cluster = new();
            Play(cluster, changes, (_, _) => { });
            cluster.PlanAndApply();
            foreach (VirtualIPObject virtualIP in cluster.VirtualIPs.Values.Where(v => IsAccepted(v)
                && v.Settings!.Preferences.Count == 0).ToArray())
            {
                string[] before =
                    [.. virtualIP.Report.Members.Where(m => IsFit(cluster, virtualIP, m)).Select(m => m.Name)];
                cluster.AddNode("newcomer", "10.0.9.9");
                cluster.AddPod("newcomer", "newcomer", AppOf(virtualIP), virtualIP.Key.Namespace);

                cluster.PlanAndApply();

                string[] after =
                    [.. cluster.StatusOf(virtualIP.Key.Name, virtualIP.Key.Namespace).Members.Select(m => m.Name)];
                Assert.Equal(before, after.Take(before.Length));
                cluster.Pods.Remove(new ObjectKey(virtualIP.Key.Namespace, "newcomer"));
                cluster.Nodes.Remove("newcomer");
                cluster.PlanAndApply();
            }
        },
        iter: 500);

    [Fact]
    public void MembersThatStayInOrderBehindTheSameBest_KeepTheirPriorities() => Changes.Sample(
        changes =>
        {
            Cluster cluster = new();
            Play(cluster, changes[..^1], (_, _) => { });
            cluster.PlanAndApply();
            Dictionary<ObjectKey, VirtualIPObject> before = new(cluster.VirtualIPs);
            Change(cluster, changes[^1]);
            cluster.PlanAndApply();
            foreach ((ObjectKey key, VirtualIPObject after) in cluster.VirtualIPs)
            {
                if (!before.TryGetValue(key, out VirtualIPObject? old) || old.Uid != after.Uid
                    || old.Settings!.Highest != after.Settings!.Highest || !IsAccepted(old) || !IsAccepted(after))
                    continue;
                string[] stayed =
                    [.. old.Report.Members.Select(m => m.Name).Intersect(after.Report.Members.Select(m => m.Name))];
                MemberSummary[] then = [.. old.Report.Members.Where(m => stayed.Contains(m.Name))];
                MemberSummary[] now = [.. after.Report.Members.Where(m => stayed.Contains(m.Name))];
                int highest = after.Settings!.Highest.Value;
                bool sameOrder = then.Select(m => m.Name).SequenceEqual(now.Select(m => m.Name));
                bool joined = after.Report.Members.Count > stayed.Length;
                if (!sameOrder || joined || now.Length == 0 || old.Report.Members.Count > highest
                    || then[0].Name != old.Report.Members[0].Name)
                    continue;
                for (int rank = 0; rank < now.Length; rank++)
                {
                    bool isTooLow = then[rank].Priority.Value + rank < highest - Priorities.MostBelow;
                    Assert.True(
                        isTooLow || cluster.Members.Values.All(m => m.Spec is not null && m.Spec.Priority.Value > 0));
                    Assert.True(isTooLow || then[rank].Priority == now[rank].Priority);
                }
            }
        },
        iter: 1000);

    [Fact]
    public void EditOfOneVirtualIP_WritesNoMemberOfAnother() => Changes.Sample(
        changes =>
        {
            Cluster cluster = new();
            Play(cluster, changes, (_, _) => { });
            foreach (VirtualIPObject virtualIP in cluster.VirtualIPs.Values.ToArray())
            {
                for (int i = 0; i < 8 && cluster.PlanAndApply().Steps.Count > 0; i++)
                {
                }

                // An explicit id wins over allocated ones wherever it is put.
                bool isAllocated = virtualIP.Settings!.VirtualRouterId is null;
                cluster.EditVirtualIP(
                    virtualIP.Key.Name,
                    s => s with
                    {
                        InterfaceName = isAllocated ? null : s.InterfaceName,
                        Addresses = isAllocated
                            ? [.. s.Addresses, IpPrefix.Parse($"10.9.9.{virtualIP.Key.Name[1..]}"),
                                IpPrefix.Parse($"2001:db8::9:{virtualIP.Key.Name[1..]}")]
                            : s.Addresses,
                        Highest = new Priority(77),
                        Probe = new ProbeDocument("{}"),
                        Spread = !s.Spread,
                        Router = s.Router with { Preempt = !s.Router.Preempt },
                    },
                    virtualIP.Key.Namespace);

                // Who had been refused may come into what an edited one without members leaves open.
                HashSet<ObjectKey> others = [.. cluster.VirtualIPs.Values
                    .Where(v => v.Key != virtualIP.Key && IsAccepted(v)).Select(v => v.Key)];

                Plan plan = cluster.PlanAndApply();

                Assert.DoesNotContain(plan.Steps.OfType<ApplyMember>(), a => others.Contains(a.VirtualIP));

                // With another family its own nodes may have no address for unicast peers.
                Assert.DoesNotContain(
                    plan.Steps.OfType<DeleteMember>(), d => !isAllocated || d.VirtualIP != virtualIP.Key);
            }
        },
        iter: 300);

    [Fact]
    public void FirstPlaces_AreSpreadWithinOne() => Gen.Select(Gen.Int[1, 8], Gen.Int[1, 60], Gen.Int[0, 1000]).Sample(
        (nodes, virtualIPs, seed) =>
        {
            Cluster cluster = new();
            for (int i = 0; i < nodes; i++)
            {
                cluster.AddNode($"n{i}", $"10.0.0.{100 + i}");
                cluster.AddPod($"p{i}", $"n{i}");
            }

            Random random = new(seed);
            for (int i = 0; i < virtualIPs; i++)
            {
                cluster.AddVirtualIP($"v{random.Next()}", $"10.0.1.{i + 1}");
                if (random.Next(3) == 0)
                    cluster.PlanAndApply();
            }

            cluster.PlanAndApply();

            int[] firsts = [.. cluster.Nodes.Keys.Select(
                n => cluster.VirtualIPs.Values.Count(v => v.Report.Members[0].NodeName == n))];
            Assert.InRange(firsts.Max() - firsts.Min(), 0, 1);
        },
        iter: 500);

    [Fact]
    public void PlanThatIsCutShortAnywhere_LeadsToTheSameMembers() => Changes.Sample(
        changes =>
        {
            Cluster whole = new();
            Play(whole, changes, (_, _) => { });
            Cluster cut = new();
            Play(cut, changes, (_, _) => { });
            whole.PlanAndApply();

            // One step at a time, planned anew after each, as when the operator dies at each write.
            for (int i = 0; cut.Plan().Steps is { Count: > 0 } steps; i++)
            {
                Assert.True(i < 1000, "It never comes to an end.");
                cut.Apply(steps[0]);
            }

            // Who has to wait for others to answer may come later after a cut, and stand behind those who did not.
            Settle(whole);
            Settle(cut);
            Assert.Equal(
                whole.Members.Values.Select(m => (m.Key, m.Spec! with { Priority = new Priority(1) })).OrderBy(
                    m => m.Key),
                cut.Members.Values.Select(m => (m.Key, m.Spec! with { Priority = new Priority(1) }))
                .OrderBy(m => m.Key));
        },
        iter: 300);

    // All sidecars take over what is written for them, until nothing is left to do.
    private static void Settle(Cluster cluster)
    {
        for (int round = 0; round < 12; round++)
        {
            foreach (MemberObject member in cluster.Members.Values.Where(m => m.Report is not null).ToArray())
            {
                cluster.Members[member.Key] = member with
                {
                    Report = member.Report! with
                    {
                        ObservedGeneration = member.Generation,
                        Reason = member.Spec!.Standby ? "HeldBack" : "",
                    },
                };
            }

            cluster.PlanAndApply();
            cluster.NowUnixMs += 5000;
        }
    }

    private static void Play(int[][] changes, Action<Cluster, int> check) => Play(new Cluster(), changes, check);

    // Every few changes the operator has its say, so that later changes meet members, ids and statuses of before.
    private static void Play(Cluster cluster, int[][] changes, Action<Cluster, int> check)
    {
        for (int i = 0; i < 4; i++)
            cluster.AddNode($"n{i}", $"10.0.0.{100 + i}", ("rack", i % 2 == 0 ? "a" : "b"));
        foreach (int[] c in changes)
        {
            Change(cluster, c);
            if (c[4] % 3 == 0)
                check(cluster, c[4]);
        }

        check(cluster, changes.Length);
    }

    private static void Change(Cluster cluster, int[] c)
    {
        string @namespace = c[1] % 5 == 0 ? "b" : "a";
        string virtualIP = $"v{c[1] % 6}";
        ObjectKey key = new(@namespace, virtualIP);
        string pod = $"p{c[2] % 8}";
        ObjectKey podKey = new(@namespace, pod);
        string node = $"n{c[3] % 5}";
        switch (c[0] % 15)
        {
            case 0 or 1:
                if (!cluster.VirtualIPs.ContainsKey(key))
                    cluster.AddVirtualIP(
                        virtualIP, Addresses[c[2] % Addresses.Length], s => Settings(s, c), @namespace);
                break;
            case 2:
                if (cluster.VirtualIPs.ContainsKey(key))
                    cluster.EditVirtualIP(
                        virtualIP, s =>
                            Settings(s with { Addresses = [IpPrefix.Parse(Addresses[c[2] % Addresses.Length])] }, c),
                            @namespace);
                break;
            case 3:
                cluster.VirtualIPs.Remove(key);
                break;
            case 4 or 5 or 6:
                cluster.AddPod(pod, node, Apps[c[4] % 2], @namespace);
                if (c[4] % 3 > 0)
                    cluster.EditPod(pod,
                        p => p with { Labels = p.Labels.With("controller-revision-hash", $"r{c[4] % 3}") }, @namespace);
                break;
            case 7:
                cluster.Pods.Remove(podKey);
                break;
            case 8:
                if (cluster.Pods.ContainsKey(podKey))
                {
                    cluster.EditPod(
                        pod,
                        p => (c[4] % 6) switch
                        {
                            4 => p with { SidecarDown = !p.SidecarDown },
                            5 => p with
                            {
                                Tolerations = [new Toleration(null, AnyValue: true,
                                "", null, ForGood: true)]
                            },
                            0 => p with { Terminating = true },
                            1 => p with { Phase = PodPhase.Failed },
                            2 => p with { HasSidecar = false },
                            _ => p with { Labels = new LabelSet(("app", "z")) },
                        },
                        @namespace);
                }

                break;
            case 9:
                if (cluster.Nodes.ContainsKey(node))
                    cluster.EditNode(node, n => n with { Ready = !n.Ready });
                break;
            case 10:
                if (cluster.Members.Count > 0)
                    Report(cluster, c);
                break;
            case 11:
                if (cluster.Nodes.ContainsKey(node))
                    cluster.EditNode(node, n => n with { Evacuating = c[4] % 3 == 0, Cordoned = c[4] % 4 == 0 });
                break;
            case 12:
                if (cluster.Nodes.ContainsKey(node))
                    cluster.EditNode(node,
                        n => n with { Taints = c[4] % 2 == 0 ? [new Taint("maintenance", "", Taint.NoExecute)] : [] });
                break;
            case 13:
                if (cluster.VirtualIPs.ContainsKey(key))
                    cluster.VirtualIPs[key] =
                        cluster.VirtualIPs[key] with { RequestedNode = c[4] % 2 == 0 ? node : null };
                break;
            default:
                cluster.NowUnixMs += c[2] * 20;
                break;
        }
    }

    private static VirtualIPSettings Settings(VirtualIPSettings settings, int[] c) => settings with
    {
        InterfaceName = (c[2] % 5) switch { 0 => "eth0", 1 => "eth1", _ => null },
        Selector = Cluster.AppIs(Apps[c[3] % 2]),
        VirtualRouterId = c[3] % 3 == 0 ? VirtualRouterId.Create(1 + (c[4] % 3)) : null,
        Highest = new Priority((byte)(c[4] % 7 == 0 ? 2 : 254)),
        Spread = c[3] % 5 != 0,
        DemoteCordoned = c[3] % 4 == 0,
        Router = new RouterSettings
        {
            Version = c[4] % 3 == 0
                && settings.Addresses.All(a => a.Address.Family == IpFamily.V4) ? VrrpVersion.V2 : VrrpVersion.V3,
            Transport = c[4] % 4 == 0 ? Transport.Unicast : Transport.Multicast,
            Preempt = c[4] % 5 != 0,
            PreemptDelay = TimeSpan.FromSeconds(c[4] % 6 == 0 ? 30 : 0),
        },
        Preferences = c[2] % 3 == 0
            ? [new NodePreference(
                new Selector([new SelectorRequirement("rack", SelectorOperator.In, ["a"])]), (c[4] % 21) - 10)]
            : [],
    };

    private static void Report(Cluster cluster, int[] c)
    {
        MemberObject member = cluster.Members.Values.OrderBy(m => m.Key).ElementAt(c[1] % cluster.Members.Count);
        cluster.Members[member.Key] = member with
        {
            LabelsIntact = c[3] % 9 != 0,
            Spec = c[3] % 10 == 0 ? null : member.Spec,
            Report = new MemberReport
            {
                ObservedGeneration = c[2] % 3 == 0 ? null : member.Generation,
                State = (RouterCondition)(1 + (c[2] % 4)),
                SinceUnixMs = cluster.NowUnixMs - (c[3] * 20),
                Reason = member.Spec is { Standby: true } ? "HeldBack" : "",
                ProbeFails = c[4] % 4 == 0,
                HeardIds = c[4] % 2 == 0
                    ? [new HeardId("eth0", VirtualRouterId.Create(1 + c[4] % 255), IpFamily.V4)] : [],
            },
        };
    }

    private static IEnumerable<MemberObject> Speaking(Cluster cluster) =>
        cluster.Members.Values.Where(m => m.Spec is { Standby: false });

    private static IEnumerable<(MemberObject A, MemberObject B)> PairsOfDifferentOwners(
        IEnumerable<MemberObject> members) =>
        from a in members
        from b in members
        where string.CompareOrdinal(a.OwnerUid, b.OwnerUid) < 0
        select (a, b);

    private static bool ShareALink(MemberSpec a, MemberSpec b) =>
        a.InterfaceName is null || b.InterfaceName is null || a.InterfaceName == b.InterfaceName;

    private static IEnumerable<IpFamily> FamiliesOf(MemberSpec spec) =>
        spec.Addresses.Select(a => a.Address.Family).Distinct();

    private static bool Waits(VirtualIPObject virtualIP) =>
        virtualIP.Report.Find(ConditionType.Accepted)?.Reason == ConditionReason.StillInUse;

    private static bool RollsOut(VirtualIPObject virtualIP) =>
        virtualIP.Report.Find(ConditionType.Programmed)?.Reason == ConditionReason.RollingOut;

    private static bool IsAccepted(VirtualIPObject virtualIP) =>
        virtualIP.Report.Find(ConditionType.Accepted)?.Status == ConditionStatus.True;

    private static bool IsFit(Cluster cluster, VirtualIPObject virtualIP, MemberSummary member) =>
        cluster.Nodes.TryGetValue(member.NodeName, out NodeObject? node)
        && node is { Ready: true, Evacuating: false } && !(node.Cordoned && virtualIP.Settings!.DemoteCordoned)
        && cluster.Pods[new ObjectKey(virtualIP.Key.Namespace,
            member.PodName)] is { Terminating: false, Phase: PodPhase.Running } pod
        && (node.Taints.Count == 0 || pod.Tolerations.Count > 0) && virtualIP.Settings!.Selector.Matches(pod.Labels);

    private static int Score(VirtualIPObject virtualIP, NodeObject node) =>
        virtualIP.Settings!.Preferences.Where(p => p.NodeSelector.Matches(node.Labels)).Sum(p => p.Weight);

    private static string AppOf(VirtualIPObject virtualIP) => virtualIP.Settings!.Selector.Requirements[0].Values[0];

    private static T[] Shuffle<T>(IReadOnlyList<T> items, Random random)
    {
        T[] shuffled = [.. items];
        random.Shuffle(shuffled);
        return shuffled;
    }
}
