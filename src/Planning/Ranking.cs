using System.Globalization;
using VipOperator.Vrrp;

namespace VipOperator.Planning;

/// <summary>
/// Who takes part in a VirtualIP, the best first. Fit before unfit, then the one on the node that a person asks for,
/// then by preference, then as they stood: whoever joins stands behind those of the same preference, so that a pod that
/// comes moves no address.
/// </summary>
internal sealed class Ranking
{
    /// <summary>By which a person asks for a node; here for messages alone.</summary>
    internal const string RequestAnnotation = "vipoperator.io/active-node";

    // While pods of several run; null otherwise.
    private readonly string? _newestRevision;

    private Priority[] _priorities = [];

    private Ranking(VirtualIPObject virtualIP, List<Contender> inOrder, IReadOnlyList<TurnedAway> turnedAway)
    {
        VirtualIP = virtualIP;
        InOrder = inOrder;
        _newestRevision = Revisions.Prefer(inOrder);
        TurnedAway = turnedAway;
    }

    public VirtualIPObject VirtualIP { get; }

    public List<Contender> InOrder { get; }

    public IReadOnlyList<TurnedAway> TurnedAway { get; }

    /// <summary>
    /// The fit ones that are to take the addresses from an Active one that is to give them up, whatever they are told
    /// about preemption. Empty when no planned move is under way.
    /// </summary>
    public IReadOnlyList<Contender> Takers { get; private set; } = [];

    /// <summary>
    /// Whether somebody of those who could be the best stood here before; then the first place is not free to give.
    /// </summary>
    private bool FirstIsSettled => InOrder.Count == 0 || Leaders().Any(c => c.Standing is not null);

    /// <param name="members">The VirtualIP's.</param>
    public static Ranking Of(
        VirtualIPObject virtualIP,
        PodIndex pods,
        IReadOnlyDictionary<string, NodeObject> nodes,
        IEnumerable<MemberObject> members,
        long nowUnixMs)
    {
        VirtualIPSettings settings = virtualIP.Settings!;
        Dictionary<string, MemberObject> memberOfPod = [];
        foreach (MemberObject member in members.OrderBy(m => m.Key))
            memberOfPod.TryAdd(member.PodUid, member);

        Dictionary<string, (int Position, Priority Given)> record = [];
        foreach (MemberSummary summary in virtualIP.Report.Members)
            record.TryAdd(summary.Name, (record.Count, summary.Priority));

        List<Contender> contenders = [];
        List<TurnedAway> turnedAway = [];
        foreach (PodObject pod in pods.Matching(virtualIP.Key.Namespace, settings.Selector))
        {
            NodeObject? node = pod.NodeName is { } name ? nodes.GetValueOrDefault(name) : null;
            MemberObject? member = memberOfPod.GetValueOrDefault(pod.Uid);
            Flaw? flaw = Flaw.Of(pod, node, settings);
            if (pod.IsOut || pod.NodeName is null || (member is null && flaw is not null))
                turnedAway.Add(new TurnedAway(pod, flaw?.Text ?? "it has ended"));
            else
                contenders.Add(ContenderFor(pod, node, member, Score(settings, node), flaw));
        }

        // A pod that the selector matches no more keeps its member until another has the addresses.
        foreach (MemberObject member in memberOfPod.Values)
        {
            if (pods.Find(member.PodUid) is { NodeName: { } nodeName } pod
                && (pod.Key.Namespace != virtualIP.Key.Namespace || !settings.Selector.Matches(pod.Labels)))
            {
                Contender leaver = ContenderFor(
                    pod, nodes.GetValueOrDefault(nodeName), member, score: 0, Flaw.Deselected);
                if (leaver.IsActive && contenders.Any(c => c.Flaw is null && c.Pod.NodeName != nodeName))
                    contenders.Add(leaver);
            }
        }

        if (settings.Router.Transport == Transport.Unicast && contenders.DistinctBy(c => c.Pod.NodeName).Count() > 1)
            contenders = Reachable(virtualIP, contenders, turnedAway, memberOfPod.Values);

        // Two speakers of one router on one host would fight over the same address.
        List<Contender> onePerNode = [];
        foreach (IGrouping<string, Contender> onNode in contenders.GroupBy(c => c.Pod.NodeName!))
        {
            Contender[] inOrder = [.. onNode
                .OrderByDescending(c => c.Standing is not null)
                .ThenByDescending(c => c.Standing?.Value ?? 0)
                .ThenBy(c => c.Position)
                .ThenBy(c => c.Pod.Key)];
            onePerNode.Add(inOrder[0]);
            turnedAway.AddRange(inOrder.Skip(1).Select(c => new TurnedAway(
                c.Pod, $"the pod {inOrder[0].Pod.Key.Name} on the same node takes part")));
        }

        onePerNode.Sort((a, b) => Compare(virtualIP, a, b));
        turnedAway.Sort((a, b) => a.Pod.Key.CompareTo(b.Pod.Key));
        return new Ranking(virtualIP, onePerNode, turnedAway);

        Contender ContenderFor(PodObject pod, NodeObject? node, MemberObject? member, int score, Flaw? flaw)
        {
            bool isKnown = record.TryGetValue(member?.Key.Name ?? "", out (int Position, Priority Given) known);
            return new Contender(pod, node, member, score, isKnown ? known.Position : int.MaxValue, flaw)
            {
                Given = isKnown ? known.Given : null,
            }.At(nowUnixMs);
        }
    }

    /// <summary>
    /// Gives the first places that are free to the nodes that have the fewest, in the order of
    /// <paramref name="rankings"/>.
    /// </summary>
    public static void SpreadFirstPlaces(IReadOnlyList<Ranking> rankings)
    {
        Dictionary<string, int> firstPlaces = [];
        Ranking[] spread = [.. rankings.Where(r => r.VirtualIP.Settings!.Spread && r.InOrder.Count > 0)];
        foreach (Ranking ranking in spread.Where(r => r.FirstIsSettled))
            Count(ranking);

        foreach (Ranking ranking in spread.Where(r => !r.FirstIsSettled))
        {
            Contender first = ranking.Leaders()
                .OrderBy(c => firstPlaces.GetValueOrDefault(c.Pod.NodeName!))
                .ThenBy(c => c.Pod.NodeName, StringComparer.Ordinal)
                .First();
            ranking.InOrder.Remove(first);
            ranking.InOrder.Insert(0, first);
            Count(ranking);
        }

        void Count(Ranking ranking)
        {
            string node = ranking.InOrder[0].Pod.NodeName!;
            firstPlaces[node] = firstPlaces.GetValueOrDefault(node) + 1;
        }
    }

    /// <summary>Gives priorities and sees who is to move. To be called when the order is final.</summary>
    public void Settle() => Settle(InOrder.Count);

    /// <summary>
    /// Puts those that are not to join yet behind all others: they take no place from them before they are there.
    /// </summary>
    public void Postpone(IReadOnlyCollection<Contender> joiners)
    {
        InOrder.RemoveAll(joiners.Contains);
        Settle(InOrder.Count);
        InOrder.AddRange(joiners);
    }

    private void Settle(int present)
    {
        _priorities = Priorities.Assign(
            [.. InOrder.Take(present).Select(c => c.Standing)], VirtualIP.Settings!.Highest);
        Takers = TakersOf();
    }

    /// <summary>
    /// The priority of the contender at <paramref name="rank"/>, from 0; those for which there is none left share the
    /// lowest.
    /// </summary>
    public Priority PriorityAt(int rank) => rank < _priorities.Length ? _priorities[rank] : new Priority(1);

    /// <summary>
    /// What ranks it. Says nothing that another's coming or going would change, so that its spec need not be rewritten
    /// for the words.
    /// </summary>
    public string Explain(int rank)
    {
        Contender contender = InOrder[rank];
        if (contender.Flaw is { } flaw)
            return $"Behind all that are fit, because {flaw.Text}.";
        if (IsRequested(contender))
            return $"First, because the annotation {RequestAnnotation} asks for {VirtualIP.RequestedNode}.";
        string weight = VirtualIP.Settings!.Preferences.Count == 0
            ? ""
            : string.Create(CultureInfo.InvariantCulture, $"Preference {Weight(contender)}. ");
        return weight + "Equals keep their order; who joins stands last.";
    }

    /// <summary>
    /// Why it stands behind the one before it; for a status, which is rewritten anyway when the order changes.
    /// </summary>
    public string Why(int rank)
    {
        Contender contender = InOrder[rank];
        if (rank == 0)
        {
            return contender.Flaw is null && (InOrder.Count == 1 || InOrder[1].Flaw is not null)
                ? "The only one that is fit."
                : contender.Flaw is { } own ? $"None is fit; this one is not because {own.Text}." : Explain(0);
        }

        Contender before = InOrder[rank - 1];
        string behind = $"Behind {before.Pod.NodeName}";
        return contender switch
        {
            { Flaw: { } flaw } => before.Flaw is null
                ? $"{behind} because {flaw.Text}."
                : $"{behind}; not fit either, because {flaw.Text}.",
            _ when IsRequested(before) => $"{behind}, which the annotation {RequestAnnotation} asks for.",
            _ when before.Score != contender.Score => string.Create(
                CultureInfo.InvariantCulture, $"{behind}: preference {Weight(contender)} against {Weight(before)}."),
            _ when _newestRevision is not null && Revisions.Of(before.Pod) == _newestRevision
            && Revisions.Of(contender.Pod) != _newestRevision =>
                $"{behind}, whose pod is of the newest revision of the workload.",
            _ => $"{behind}: no other preference; who came first, or was drawn first, stands first.",
        };
    }

    private bool IsRequested(Contender contender) =>
        VirtualIP.RequestedNode is { } node && contender.Pod.NodeName == node;

    private static string Weight(Contender contender) =>
        contender.Score.ToString("+0;-0;0", CultureInfo.InvariantCulture);

    private Contender[] TakersOf()
    {
        if (!InOrder.Any(c => c.IsActive && (c.Flaw is { Leaving: true }
            || (InOrder[0].Flaw is null && IsRequested(InOrder[0]) && c != InOrder[0]))))
            return [];
        Contender[] fit = [.. InOrder.TakeWhile(c => c.Flaw is null)];
        return fit.Any(c => c.IsActive) ? [.. fit.Where(IsRequested)] : fit;
    }

    // A list of peers that lacks one would make each side believe that the other is not there. So whoever cannot be
    // sent to does not take part, but for those of one node, which then is alone.
    private static List<Contender> Reachable(
        VirtualIPObject virtualIP, List<Contender> contenders, List<TurnedAway> turnedAway,
        IReadOnlyCollection<MemberObject> members)
    {
        IpFamily[] families = [.. virtualIP.Settings!.Addresses.Select(a => a.Address.Family).Distinct().Order()];
        Contender[] all = [.. WithPeerAddresses(contenders, families, members)];
        string? only = all.Any(IsReachable)
            ? null
            : all.Order(Comparer<Contender>.Create((a, b) => Compare(virtualIP, a, b)))
            .MinBy(c => c.Member is null)!.Pod.NodeName;
        ILookup<bool, Contender> byPart = all.ToLookup(c => only is null ? IsReachable(c) : c.Pod.NodeName == only);
        turnedAway.AddRange(byPart[false].Select(c => new TurnedAway(
            c.Pod, c.Flaw?.Text ?? $"its node {c.Pod.NodeName} has no known address in each family, to which its "
                + $"unicast peers could send")));
        return [.. byPart[true]];

        bool IsReachable(Contender contender) => contender.PeerAddresses.Count == families.Length;
    }

    /// <summary>The same, with the addresses that are known of their nodes.</summary>
    /// <param name="members">What they were told of each other stays known.</param>
    public static IEnumerable<Contender> WithPeerAddresses(
        IEnumerable<Contender> contenders, IpFamily[] families, IEnumerable<MemberObject> members)
    {
        ILookup<string, IpAddress> knownBefore = members
            .OrderBy(m => m.Key)
            .SelectMany(m => m.Spec?.Peers ?? [])
            .SelectMany(p => p.Addresses.Select(a => (p.NodeName, Address: a)))
            .ToLookup(p => p.NodeName, p => p.Address);
        return contenders.Select(c => c with { PeerAddresses = AddressesOf(c) });

        ValueList<IpAddress> AddressesOf(Contender contender)
        {
            IpAddress[] known = [.. contender.Node?.Addresses ?? [], .. contender.Pod.HostAddresses,
                .. knownBefore[contender.Pod.NodeName!]];
            return [.. families.Select(f => Array.Find(known, a => a.Family == f)).Where(a => !a.IsNone)];
        }
    }

    private static int Score(VirtualIPSettings settings, NodeObject? node) =>
        node is null ? 0 : settings.Preferences.Where(p => p.NodeSelector.Matches(node.Labels)).Sum(p => p.Weight);

    private static int Compare(VirtualIPObject virtualIP, Contender a, Contender b)
    {
        int order = (a.Flaw is not null).CompareTo(b.Flaw is not null);
        if (order == 0 && virtualIP.RequestedNode is { } asked)
            order = (b.Pod.NodeName == asked).CompareTo(a.Pod.NodeName == asked);
        if (order == 0)
            order = b.Score.CompareTo(a.Score);
        if (order == 0)
            order = (a.Standing is null).CompareTo(b.Standing is null);
        if (order == 0)
            order = (b.Standing?.Value ?? 0).CompareTo(a.Standing?.Value ?? 0);
        if (order == 0)
            order = a.Position.CompareTo(b.Position);

        // With spread, the second places and those behind are shared out too, so that a dead node's addresses go to
        // several.
        if (order == 0 && virtualIP.Settings!.Spread)
            order =
                StableHash.Of(virtualIP.Uid, a.Pod.NodeName!).CompareTo(StableHash.Of(virtualIP.Uid, b.Pod.NodeName!));
        if (order == 0)
            order = string.CompareOrdinal(a.Pod.NodeName, b.Pod.NodeName);
        return order != 0 ? order : a.Pod.Key.CompareTo(b.Pod.Key);
    }

    // Those who are fit, if anybody is, and asked for or liked best.
    private IEnumerable<Contender> Leaders()
    {
        Contender best = InOrder[0];
        return InOrder.TakeWhile(c =>
            (c.Flaw is null) == (best.Flaw is null) && IsRequested(c) == IsRequested(best) && c.Score == best.Score);
    }
}
