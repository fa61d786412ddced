using VipOperator.Vrrp;

namespace VipOperator.Planning;

/// <summary>A member as it will be once the plan is applied.</summary>
/// <param name="Member">null when it is new.</param>
/// <param name="SpecChanges">
/// Whether the plan changes its spec: then no sidecar runs it yet. A write that mends labels alone does not.
/// </param>
/// <param name="Silence">Why what its sidecar said last cannot be taken for what is; null when it can.</param>
/// <param name="AnswersWithin">
/// For how much longer it may take to answer what was written last; null when it is not waited for.
/// </param>
/// <param name="Flaw">Why it ranks last; null when it does not.</param>
/// <param name="Why">Why it stands behind the one before it; null when it was not ranked.</param>
internal sealed record Seat(
    string Name, MemberSpec Spec, MemberObject? Member, bool SpecChanges, string? Silence,
    TimeSpan? AnswersWithin, Flaw? Flaw, string? Why)
{
    public MemberReport? Report => Member?.Report;

    /// <summary>Whether it says so itself, and can be believed.</summary>
    public bool IsActive => Silence is null && Report?.State == RouterCondition.Active;

    /// <summary>Whether it could take the addresses at this moment.</summary>
    public bool IsAble => Silence is null && Flaw is null && Report is
    {
        State: RouterCondition.Active or RouterCondition.Backup,
        ProbeFails: false,
    };
}

/// <summary>The members of one VirtualIP, the best first, and the writes that make them so.</summary>
/// <param name="FromBefore">The VirtualIP is refused and these run on with a spec that was accepted before.</param>
internal sealed record Seating(
    IReadOnlyList<Seat> Seats, IReadOnlyList<TurnedAway> TurnedAway, IReadOnlyList<PlanStep> Steps, bool FromBefore)
{
    public static Seating Of(
        Ranking ranking, VirtualRouterId id, IEnumerable<MemberObject> members,
        IReadOnlyDictionary<string, PodObject> pods, long nowUnixMs)
    {
        VirtualIPObject virtualIP = ranking.VirtualIP;
        HashSet<string> kept = [];
        List<Seat> seats = [];
        List<TurnedAway> turnedAway = [.. ranking.TurnedAway];
        MemberSpec[] wanted = WantedBy(ranking, id);
        Turn[] turns = RollOut.TurnsOf(ranking.InOrder, wanted, nowUnixMs);
        if (turns.Contains(Turn.NotYet))
        {
            ranking.Postpone([.. ranking.InOrder.Where((_, rank) => turns[rank] == Turn.NotYet)]);
            wanted = WantedBy(ranking, id);
            turns = RollOut.TurnsOf(ranking.InOrder, wanted, nowUnixMs);
        }

        Dictionary<Contender, string> inquiries = Inquiries.Of(ranking.InOrder, nowUnixMs);
        for (int rank = 0; rank < wanted.Length; rank++)
        {
            Contender contender = ranking.InOrder[rank];
            MemberObject? member = contender.Member;
            if (member is not null)
                kept.Add(member.Uid);
            if (turns[rank] == Turn.NotYet)
            {
                turnedAway.Add(new TurnedAway(
                    contender.Pod, "it joins as soon as all members have taken over what was written for them last"));
                continue;
            }

            seats.Add(SeatFor(
                virtualIP, contender, wanted[rank] with { Inquiry = inquiries.GetValueOrDefault(contender) },
                turns[rank], ranking.Why(rank), nowUnixMs));
        }

        // Not in the order of ranks: who joins has none yet, and where others' Actives are may change it.
        turnedAway.Sort((a, b) => a.Pod.Key.CompareTo(b.Pod.Key));
        List<PlanStep> steps = WritesOf(
            virtualIP, seats.Where(s => s.SpecChanges || s.Member is { LabelsIntact: false }));

        // After the others are written, so that somebody is there to take over. But not if they are to drop it as a
        // peer then: it must have fallen silent before.
        List<PlanStep> deletions = [];
        foreach (MemberObject member in members.Where(m => !m.Deleting && !kept.Contains(m.Uid)))
        {
            bool redundant = pods.TryGetValue(member.PodUid, out PodObject? pod)
                && !pod.IsOut && virtualIP.Settings!.Selector.Matches(pod.Labels);
            deletions.Add(new DeleteMember(
                virtualIP.Key, member.Key.Name, member.Uid,
                redundant ? DeletionReason.Redundant : DeletionReason.PodGone));
        }

        bool unicast = virtualIP.Settings!.Router.Transport == Transport.Unicast && kept.Count > 0;
        return new Seating(
            seats, turnedAway, unicast ? [.. deletions, .. steps] : [.. steps, .. deletions], FromBefore: false);
    }

    /// <param name="wanted">Without an inquiry, what was asked last stands.</param>
    /// <param name="turn">Any but <see cref="Turn.NotYet"/>.</param>
    public static Seat SeatFor(
        VirtualIPObject virtualIP, Contender contender, MemberSpec wanted, Turn turn, string? why, long nowUnixMs)
    {
        MemberObject? member = contender.Member;
        MemberSpec spec = turn switch
        {
            Turn.AsItIs => member!.Spec!,
            Turn.HeldBack => wanted with { Standby = true },
            Turn.Alone => wanted with { Router = RollOut.Hastened(wanted.Router) },
            _ => wanted,
        };
        spec = spec with
        {
            Inquiry = wanted.Inquiry ?? member?.Spec?.Inquiry,
            AwaitedSinceUnixS = Contender.IsAhead(member, nowUnixMs)
                ? nowUnixMs / 1000
                : member?.Spec?.AwaitedSinceUnixS,
        };
        bool changes = member?.Spec != spec;
        if (changes && (member is not { Report: not null, HasAnswered: false } || spec.AwaitedSinceUnixS is null))
            spec = spec with { AwaitedSinceUnixS = nowUnixMs / 1000 };
        return new Seat(
            member?.Key.Name ?? MemberNames.For(virtualIP, contender.Pod),
            spec,
            member,
            changes,
            contender.Silence,
            contender.AnswersWithin,
            contender.Flaw,
            why);
    }

    /// <summary>In an order that is safe at any moment between.</summary>
    public static List<PlanStep> WritesOf(VirtualIPObject virtualIP, IEnumerable<Seat> seats) =>
        [.. InSafeOrder(seats).Select(s => new ApplyMember(virtualIP.Key, virtualIP.Uid, s.Name, s.Spec))];

    /// <summary>
    /// In the order of names, not of ranks: a change of rank alone leaves the lists of the others as they are.
    /// </summary>
    public static ValueList<Peer> PeersOf(IEnumerable<Contender> all, Contender self) =>
    [
        .. all
            .Where(c => c != self)
            .OrderBy(c => c.Pod.NodeName, StringComparer.Ordinal)
            .Select(c => new Peer(c.Pod.NodeName!, c.PeerAddresses)),
    ];

    private static MemberSpec[] WantedBy(Ranking ranking, VirtualRouterId id) =>
        [.. ranking.InOrder.Select((_, rank) => SpecFor(ranking, rank, id))];

    private static MemberSpec SpecFor(Ranking ranking, int rank, VirtualRouterId id)
    {
        VirtualIPSettings settings = ranking.VirtualIP.Settings!;
        Contender contender = ranking.InOrder[rank];
        return new MemberSpec
        {
            VirtualIPName = ranking.VirtualIP.Key.Name,
            PodName = contender.Pod.Key.Name,
            PodUid = contender.Pod.Uid,
            NodeName = contender.Pod.NodeName!,
            Addresses = settings.Addresses,
            InterfaceName = settings.InterfaceName,
            VirtualRouterId = id,
            Priority = ranking.PriorityAt(rank),
            Router = ranking.Takers.Contains(contender)
                ? settings.Router with { Preempt = true, PreemptDelay = TimeSpan.Zero }
                : settings.Router,
            // The ranking has seen to it that all addresses are known.
            Peers = settings.Router.Transport == Transport.Unicast ? PeersOf(ranking.InOrder, contender) : null,
            Probe = settings.Probe,
            Explanation = ranking.Explain(rank),
        };
    }

    // Between the writes the members run on mixed priorities. Lowering first, from the worst up, and then raising, from
    // the best down, lets a better member at times tie with a worse one, which moves nothing, but never fall behind it.
    private static IEnumerable<Seat> InSafeOrder(IEnumerable<Seat> seats)
    {
        // But before all, those who may be about to start with what was written before: who is to fall silent, or has
        // never been heard. Then those who join: after the others they would have to wait for their answers.
        return seats
            .OrderBy(s => s switch
            {
                { Spec.Standby: true } => 0,
                { Member: not null, Report: null } or { Silence: not null } => 1,
                { Member: null } => 2,
                _ => 3,
            })
            .ThenByDescending(IsLowered)
            .ThenBy(s => IsLowered(s) ? s.Spec.Priority.Value : -s.Spec.Priority.Value)
            .ThenBy(s => s.Name, StringComparer.Ordinal);

        static bool IsLowered(Seat seat) => seat.Member?.Spec is { } old && seat.Spec.Priority < old.Priority;
    }
}
