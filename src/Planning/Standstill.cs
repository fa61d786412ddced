using VipOperator.Vrrp;

namespace VipOperator.Planning;

/// <summary>
/// The members of a refused VirtualIP. They run on as they are; nothing that the refused spec asks for is written. Only
/// a roll-out that the refusal met half-way is undone: those held back come back to what is spoken, since nobody could
/// take over for as long as they are silent. And a pod that comes joins with what the members run, so that pods that
/// are replaced one by one do not use up the members.
/// </summary>
internal static class Standstill
{
    public static Seating Of(
        VirtualIPObject virtualIP,
        IEnumerable<MemberObject> members,
        PodIndex pods,
        IReadOnlyDictionary<string, NodeObject> nodes,
        bool evicted,
        long nowUnixMs)
    {
        List<Contender> staying = [];

        // By their pod: those that are being deleted, and those whose spec cannot be read.
        Dictionary<string, MemberObject> unusable = [];
        List<PlanStep> deletions = [];
        foreach (MemberObject member in members)
        {
            PodObject? pod = pods.Find(member.PodUid);
            if (!member.Deleting && (evicted || pod is null or { IsOut: true }))
            {
                deletions.Add(new DeleteMember(
                    virtualIP.Key, member.Key.Name, member.Uid,
                    pod is null or { IsOut: true } ? DeletionReason.PodGone : DeletionReason.NotAccepted));
                continue;
            }

            if (member is { Deleting: false, Spec: { } spec })
                staying.Add(ContenderFor(virtualIP, pod!, spec.NodeName, member, nodes).At(nowUnixMs));
            else
                unusable[member.PodUid] = member;
        }

        Dictionary<string, int> positions = [];
        foreach (MemberSummary summary in virtualIP.Report.Members)
            positions.TryAdd(summary.Name, positions.Count);
        staying.Sort((a, b) =>
        {
            // At the floor many have one priority: then as they stood, and as they came.
            int order = b.Member!.Spec!.Priority.CompareTo(a.Member!.Spec!.Priority);
            if (order == 0)
                order = PositionOf(a).CompareTo(PositionOf(b));
            if (order == 0)
                order = a.Member.Spec.Standby.CompareTo(b.Member.Spec.Standby);
            return order != 0 ? order : a.Member.Key.CompareTo(b.Member.Key);
        });
        List<Seat> seats = [];
        if (staying.Count > 0)
        {
            (List<Contender> all, MemberSpec[]? wanted) = AsBefore(
                virtualIP, staying, [.. JoinersOf(virtualIP, staying, unusable, pods, nodes)]);
            Turn[]? turns = wanted is null ? null : RollOut.TurnsOf(all, wanted, nowUnixMs);
            for (int rank = 0; rank < all.Count; rank++)
            {
                Turn turn = turns is null ? Turn.AsItIs : turns[rank];
                if (turn != Turn.NotYet)
                {
                    seats.Add(Seating.SeatFor(
                        virtualIP, all[rank], wanted?[rank] ?? all[rank].Member!.Spec!, turn, why: null, nowUnixMs));
                }
            }
        }

        // Whose pod joins is written anew.
        deletions.AddRange(unusable.Values
            .Where(m => !m.Deleting && !seats.Exists(s => s.Member == m))
            .Select(m => new DeleteMember(virtualIP.Key, m.Key.Name, m.Uid, DeletionReason.NotAccepted)));
        return new Seating(
            seats, [], [.. Seating.WritesOf(virtualIP, seats.Where(s => s.SpecChanges)), .. deletions],
            FromBefore: seats.Count > 0);

        int PositionOf(Contender contender) =>
            positions.GetValueOrDefault(contender.Member!.Key.Name, int.MaxValue);
    }

    // What all are to run, as far as those who speak tell; no specs when all stay as they are.
    private static (List<Contender> All, MemberSpec[]? Wanted) AsBefore(
        VirtualIPObject virtualIP, List<Contender> staying, Contender[] joiners)
    {
        MemberSpec spoken = staying
            .OrderBy(c => c.Member!.Spec!.Standby)
            .ThenByDescending(RollOut.IsHeard)
            .ThenByDescending(c => c.IsActive)
            .First().Member!.Spec!;

        // The short interval of one that was alone is for the time being.
        Centiseconds interval = new(staying.Max(c =>
            Speaks(c.Member!.Spec!) ? c.Member.Spec!.Router.AdvertisementInterval.Value : 0));
        if (joiners.Length == 0 && staying.All(c => c.Member!.Spec is { Standby: false } spec && Speaks(spec)
            && spec.Router.AdvertisementInterval == interval))
            return (staying, null);

        List<Contender> all = [.. staying, .. joiners];
        if (spoken.Router.Transport == Transport.Unicast)
        {
            IpFamily[] families = [.. spoken.Addresses.Select(a => a.Address.Family).Distinct().Order()];
            all = [.. Ranking.WithPeerAddresses(all, families, staying.Select(c => c.Member!))];

            // A list of peers that lacks one is worse than a member fewer.
            all.RemoveAll(c => c.Member?.Spec is null && c.PeerAddresses.Count < families.Length);
            if (all.Exists(c => c.PeerAddresses.Count < families.Length))
                return (staying, null);
        }

        Priority[] priorities = Priorities.Assign(
            [.. all.Select(c => c.Standing)], staying[0].Member!.Spec!.Priority);
        return (all, [.. all.Select((c, rank) => SpecFor(c) with
        {
            Priority = priorities[rank],
            Peers = spoken.Router.Transport == Transport.Unicast ? Seating.PeersOf(all, c) : null,
        })]);

        bool Speaks(MemberSpec spec) => RollOut.LanguageOf(spec) == RollOut.LanguageOf(spoken);

        MemberSpec SpecFor(Contender contender) =>
            contender.Member?.Spec is { Standby: false } own && Speaks(own)
                ? own with { Router = own.Router with { AdvertisementInterval = interval } }
                : spoken with
                {
                    PodName = contender.Pod.Key.Name,
                    PodUid = contender.Pod.Uid,
                    NodeName = contender.Pod.NodeName!,
                    Router = spoken.Router with { AdvertisementInterval = interval },
                    Standby = false,
                    Explanation = contender.Member?.Spec?.Explanation
                        ?? "Equals keep their order; who joins stands last.",
                    Inquiry = contender.Member?.Spec?.Inquiry,
                };
    }

    // A selector that does not match the members is of the spec that was refused, and says nothing of who belongs here.
    private static IEnumerable<Contender> JoinersOf(
        VirtualIPObject virtualIP, List<Contender> staying, Dictionary<string, MemberObject> unusable, PodIndex pods,
        IReadOnlyDictionary<string, NodeObject> nodes)
    {
        if (virtualIP.Settings is not { } settings || !staying.TrueForAll(c => settings.Selector.Matches(c.Pod.Labels)))
            return [];
        HashSet<string> taken = [.. staying.Select(c => c.Pod.NodeName!)];
        return pods.Matching(virtualIP.Key.Namespace, settings.Selector)
            .Where(p => p is { IsOut: false, NodeName: not null }
                && unusable.GetValueOrDefault(p.Uid) is not { Deleting: true })
            .OrderBy(p => p.Key)
            .Select(p => ContenderFor(virtualIP, p, p.NodeName!, unusable.GetValueOrDefault(p.Uid), nodes))
            .Where(c => c.Flaw is null && taken.Add(c.Pod.NodeName!));
    }

    private static Contender ContenderFor(
        VirtualIPObject virtualIP, PodObject pod, string nodeName, MemberObject? member,
        IReadOnlyDictionary<string, NodeObject> nodes)
    {
        NodeObject? node = nodes.GetValueOrDefault(nodeName);
        return new Contender(
            pod, node, member, Score: 0, Position: int.MaxValue, Flaw.Of(pod, node, virtualIP.Settings));
    }
}
