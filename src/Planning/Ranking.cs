using System.Globalization;
using VipOperator.Vrrp;

namespace VipOperator.Planning;

/// <summary>A pod that takes part, with its place.</summary>
/// <param name="Node">null when there is no such node any more.</param>
/// <param name="Member">null when it joins.</param>
/// <param name="Score">The sum of the weights of the preferences that its node matches.</param>
/// <param name="Position">
/// Its place in the status written last, or a number beyond all of them: what tells those apart that share the lowest priority.
/// </param>
/// <param name="Problem">Why it ranks behind all that have none; null when it is fit.</param>
internal sealed record Contender(
    PodObject Pod, NodeObject? Node, MemberObject? Member, int Score, int Position, string? Problem)
{
    /// <summary>Where it stood; null when it joins, or what was written for it cannot be read.</summary>
    public Priority? Standing => Member?.Spec?.Priority;
}

/// <summary>A pod that the selector matches and that does not take part.</summary>
internal sealed record TurnedAway(PodObject Pod, string Reason);

/// <summary>
/// Who takes part in a VirtualIP, the best first. Fit before unfit, then by preference, then as they stood: whoever joins stands
/// behind those of the same preference, so that a pod that comes moves no address.
/// </summary>
internal sealed class Ranking
{
    private Ranking(VirtualIPObject virtualIP, List<Contender> inOrder, IReadOnlyList<TurnedAway> turnedAway)
    {
        VirtualIP = virtualIP;
        InOrder = inOrder;
        TurnedAway = turnedAway;
    }

    public VirtualIPObject VirtualIP { get; }

    public List<Contender> InOrder { get; }

    public IReadOnlyList<TurnedAway> TurnedAway { get; }

    /// <summary>Whether somebody of those who could be the best stood here before; then the first place is not free to give.</summary>
    private bool FirstIsSettled => InOrder.Count == 0 || Leaders().Any(c => c.Standing is not null);

    /// <param name="members">The VirtualIP's.</param>
    public static Ranking Of(
        VirtualIPObject virtualIP,
        PodIndex pods,
        IReadOnlyDictionary<string, NodeObject> nodes,
        IEnumerable<MemberObject> members)
    {
        VirtualIPSettings settings = virtualIP.Settings!;
        Dictionary<string, MemberObject> memberOfPod = [];
        foreach (MemberObject member in members.OrderBy(m => m.Key))
            memberOfPod.TryAdd(member.PodUid, member);

        Dictionary<string, int> positions = [];
        foreach (MemberSummary summary in virtualIP.Report.Members)
            positions.TryAdd(summary.Name, positions.Count);

        List<Contender> contenders = [];
        List<TurnedAway> turnedAway = [];
        foreach (PodObject pod in pods.Matching(virtualIP.Key.Namespace, settings.Selector))
        {
            NodeObject? node = pod.NodeName is { } name ? nodes.GetValueOrDefault(name) : null;
            MemberObject? member = memberOfPod.GetValueOrDefault(pod.Uid);
            string? problem = ProblemOf(pod, node);
            if (pod.IsOut || pod.NodeName is null || (member is null && problem is not null))
                turnedAway.Add(new TurnedAway(pod, problem ?? "it does not run in the host network or has no sidecar"));
            else
                contenders.Add(new Contender(pod, node, member, Score(settings, node), PositionOf(member), problem));
        }

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

        int PositionOf(MemberObject? member) =>
            member is not null && positions.TryGetValue(member.Key.Name, out int position) ? position : int.MaxValue;
    }

    /// <summary>Gives the first places that are free to the nodes that have the fewest, in the order of <paramref name="rankings"/>.</summary>
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

    /// <summary>The priority of the contender at <paramref name="rank"/>, from 0; those beyond the 254th share the lowest.</summary>
    public Priority PriorityAt(int rank) => new((byte)Math.Max(1, VirtualIP.Settings!.Highest.Value - rank));

    /// <summary>Why it has its place. Says nothing that another's coming or going would change, so that it need not be rewritten.</summary>
    public string Explain(int rank)
    {
        Contender contender = InOrder[rank];
        string place = string.Create(CultureInfo.InvariantCulture, $"Rank {rank + 1}");
        string behind = contender.Problem is { } problem ? $", behind all others because {problem}" : "";
        string weight = VirtualIP.Settings!.Preferences.Count == 0
            ? ""
            : string.Create(CultureInfo.InvariantCulture, $"; preference {contender.Score:+0;-0;0}");
        return $"{place}{behind}{weight}. Equals keep their order; who joins stands last.";
    }

    private static string? ProblemOf(PodObject pod, NodeObject? node) => pod switch
    {
        { HostNetwork: false } => "it does not run in the host network",
        { HasSidecar: false } => "it has no container named vip-sidecar",
        { NodeName: null } => "it is not scheduled to a node",
        { Terminating: true } => "its pod is being deleted",
        { Phase: not PodPhase.Running } => $"its pod is {pod.Phase}, not Running",
        _ when node is null => $"its node {pod.NodeName} does not exist",
        _ when !node.Ready => $"its node {node.Name} is not Ready",
        _ => null,
    };

    private static int Score(VirtualIPSettings settings, NodeObject? node) =>
        node is null ? 0 : settings.Preferences.Where(p => p.NodeSelector.Matches(node.Labels)).Sum(p => p.Weight);

    private static int Compare(VirtualIPObject virtualIP, Contender a, Contender b)
    {
        int order = (a.Problem is not null).CompareTo(b.Problem is not null);
        if (order == 0)
            order = b.Score.CompareTo(a.Score);
        if (order == 0)
            order = (a.Standing is null).CompareTo(b.Standing is null);
        if (order == 0)
            order = (b.Standing?.Value ?? 0).CompareTo(a.Standing?.Value ?? 0);
        if (order == 0)
            order = a.Position.CompareTo(b.Position);

        // With spread, the second places and those behind are shared out too, so that a dead node's addresses go to several.
        if (order == 0 && virtualIP.Settings!.Spread)
            order = StableHash.Of(virtualIP.Uid, a.Pod.NodeName!).CompareTo(StableHash.Of(virtualIP.Uid, b.Pod.NodeName!));
        if (order == 0)
            order = string.CompareOrdinal(a.Pod.NodeName, b.Pod.NodeName);
        return order != 0 ? order : a.Pod.Key.CompareTo(b.Pod.Key);
    }

    // Those who are fit, if anybody is, and liked best.
    private IEnumerable<Contender> Leaders()
    {
        Contender best = InOrder[0];
        return InOrder.TakeWhile(c => (c.Problem is null) == (best.Problem is null) && c.Score == best.Score);
    }
}
