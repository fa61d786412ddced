using VipOperator.Vrrp;

namespace VipOperator.Planning;

/// <summary>
/// From what is in the cluster to what is to be written. Total: any snapshot has a plan. Deterministic: the order of
/// the snapshot's lists does not matter. Idempotent: a plan over its own applied result has no steps, but for those who
/// waited for what others gave up in it, and for the priorities of those who are held back while the last one that
/// speaks keeps its old one.
/// </summary>
public static class Planner
{
    public static Plan Plan(ClusterSnapshot snapshot)
    {
        ArgumentNullException.ThrowIfNull(snapshot);
        VirtualIPObject[] inAgeOrder = [.. snapshot.VirtualIPs.OrderBy(v => v.CreatedUnixS).ThenBy(v => v.Key)];
        PodIndex pods = new(snapshot.Pods);
        Dictionary<string, PodObject> podOfUid = [];
        foreach (PodObject pod in snapshot.Pods)
            podOfUid.TryAdd(pod.Uid, pod);
        Dictionary<string, NodeObject> nodes = [];
        foreach (NodeObject node in snapshot.Nodes)
            nodes.TryAdd(node.Name, node);

        // A member whose pod is gone has no ground, whatever becomes of its VirtualIP.
        ILookup<string, MemberObject> members = snapshot.Members.OrderBy(m => m.Key).ToLookup(m => m.OwnerUid);
        ILookup<string, MemberObject> grounded = snapshot.Members
            .Where(m => !m.Deleting && podOfUid.TryGetValue(m.PodUid, out PodObject? pod) && !pod.IsOut)
            .OrderBy(m => m.Key)
            .ToLookup(m => m.OwnerUid);

        (Admission admission, RouterIds ids) = Admit(inAgeOrder, grounded, snapshot);
        Waits waits = Waits.Of([.. inAgeOrder.Where(v => !v.Deleting && admission[v].IsAccepted)], ids, grounded);
        Ranking[] rankings = [.. inAgeOrder
            .Where(v => !v.Deleting && VerdictOn(v, admission, ids, waits).IsAccepted)
            .Select(v => Ranking.Of(v, pods, nodes, grounded[v.Uid], snapshot.NowUnixMs))];
        Ranking.SpreadFirstPlaces(rankings);
        foreach (Ranking settled in rankings)
            settled.Settle();
        Dictionary<string, Ranking> rankingOf = rankings.ToDictionary(r => r.VirtualIP.Uid);

        List<PlanStep> steps = [];
        Roles roles = new();
        TimeSpan? recheck = ids.RecheckAfter;
        foreach (VirtualIPObject virtualIP in inAgeOrder.Where(v => !v.Deleting))
        {
            Verdict verdict = VerdictOn(virtualIP, admission, ids, waits);
            VirtualRouterId? id = verdict.IsAccepted ? ids[virtualIP] : virtualIP.Report.VirtualRouterId;
            Seating seating = rankingOf.TryGetValue(virtualIP.Uid, out Ranking? ranking)
                ? Seating.Of(ranking, id!.Value, members[virtualIP.Uid], podOfUid, snapshot.NowUnixMs)
                : Standstill.Of(
                    virtualIP, members[virtualIP.Uid], pods, nodes,
                    evicted: waits.GivesWay(virtualIP)
                        || (!admission[virtualIP].IsAccepted && admission.IsEvicted(virtualIP)),
                    snapshot.NowUnixMs);
            steps.AddRange(seating.Steps);

            StatusAssembly status = StatusAssembly.For(virtualIP, verdict, id, seating, snapshot.NowUnixMs);
            roles.Take(status.Report, seating.Seats);
            if (status.Report != virtualIP.Report)
            {
                steps.Add(new SetStatus(virtualIP.Key, virtualIP.Uid, status.Report));
                steps.AddRange(Events.Between(virtualIP, status.Report));
            }

            if (status.RecheckAfter is { } after && (recheck is null || after < recheck))
                recheck = after;
        }

        foreach (VirtualIPObject deleting in inAgeOrder.Where(v => v.Deleting))
            roles.Keep(members[deleting.Uid]);
        steps.AddRange(roles.Steps(podOfUid.Values));

        HashSet<string> known = [.. inAgeOrder.Select(v => v.Uid)];
        steps.AddRange(members
            .Where(group => !known.Contains(group.Key))
            .SelectMany(group => group)
            .Where(m => !m.Deleting)
            .OrderBy(m => m.Key)
            .Select(m => new DeleteMember(
                new ObjectKey(m.Key.Namespace, m.Spec?.VirtualIPName ?? ""), m.Key.Name, m.Uid,
                DeletionReason.OwnerGone)));
        return new Plan([.. steps], recheck);
    }

    private static (Admission Admission, RouterIds Ids) Admit(
        VirtualIPObject[] inAgeOrder, ILookup<string, MemberObject> grounded, ClusterSnapshot snapshot)
    {
        Admission admission = Admission.Decide(inAgeOrder, grounded, snapshot.Nodes);
        while (true)
        {
            VirtualIPObject[] holding = [.. inAgeOrder.Where(v =>
                v.Deleting || (!admission[v].IsAccepted && !admission.IsEvicted(v)))];
            RouterIds ids = RouterIds.Assign(
                [.. inAgeOrder.Where(v => !v.Deleting && admission[v].IsAccepted)],
                holding.SelectMany(v => grounded[v.Uid]),
                snapshot,
                grounded);
            VirtualIPObject? clashing = Array.Find(holding, v => !v.Deleting && grounded[v.Uid].Any(ids.Clashes));
            if (clashing is null)
                return (admission, ids);
            admission.Evict(clashing);
        }
    }

    private static Verdict VerdictOn(VirtualIPObject virtualIP, Admission admission, RouterIds ids, Waits waits)
    {
        Verdict verdict = admission[virtualIP];
        if (!verdict.IsAccepted)
            return verdict;
        if (ids[virtualIP] is null)
        {
            return new Verdict(
                ConditionReason.VirtualRouterIdsExhausted,
                "All 255 virtual router ids are in use by VirtualIPs or by other speakers heard on the wire, or were " +
                "until a moment ago. Delete a VirtualIP, put several addresses into one, or name different links "
                + "in interfaceName.");
        }

        return waits.Reason(virtualIP) is { } reason ? new Verdict(ConditionReason.StillInUse, reason) : verdict;
    }
}
