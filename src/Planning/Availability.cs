using VipOperator.Vrrp;

namespace VipOperator.Planning;

/// <summary>Who answers, as far as the sidecars' reports tell.</summary>
/// <param name="Node">null unless exactly one member is Active.</param>
/// <param name="RecheckAfter">When time alone may change the answer.</param>
internal sealed record Availability(
    ConditionStatus Status, ConditionReason Reason, string Message, string? Node, string? Pod, TimeSpan? RecheckAfter)
{
    public static Availability Of(VirtualIPObject virtualIP, IReadOnlyList<Seat> seats, long nowUnixMs)
    {
        // What a silent one said last may be long over: it neither makes a second Active nor is it proof of one.
        Seat[] heard = [.. seats.Where(s => s.Silence is null && s.Report is not null)];
        Seat[] active = [.. heard.Where(s => s.Report!.State == RouterCondition.Active)];
        if (active.Length == 1)
            return One(active[0], null);

        TimeSpan? unsettled = UntilSettled(heard, nowUnixMs);
        if (active.Length > 1)
        {
            Seat latest = active.MaxBy(s => s.Report!.SinceUnixMs)!;
            // It has seen the other's process end, so what that one said last is over; were it alive, it would have
            // answered, and this one would have yielded.
            if (active.Length == 2 && latest.Report!.Reason == nameof(TransitionReason.ActiveRouterGone))
                return One(latest, null);
            return unsettled is not null
                ? One(latest, unsettled)
                : new Availability(
                    ConditionStatus.False,
                    ConditionReason.MultipleActive,
                    $"The sidecars on {Names(active)} all say that they are Active. Either advertisements do not get through between them " +
                    "(look for a firewall or switch that drops IP protocol 112 to 224.0.0.18 or ff02::12), or one of them died without a word.",
                    null,
                    null,
                    null);
        }

        ConditionReport? before = virtualIP.Report.Find(ConditionType.Available);
        if (unsettled is not null && before?.Status == ConditionStatus.True)
        {
            return new Availability(
                before.Status, before.Reason, before.Message, virtualIP.Report.ActiveNode, virtualIP.Report.ActivePod, unsettled);
        }

        Seat? lost = seats.FirstOrDefault(s => s.Silence is not null && s.Report?.State == RouterCondition.Active);
        if (lost is not null)
        {
            return new Availability(
                ConditionStatus.Unknown,
                ConditionReason.ActiveNotHeard,
                $"The sidecar on {lost.Spec.NodeName} was Active when last heard of; {lost.Silence}, and no other says that it is Active.",
                null,
                null,
                null);
        }

        return new Availability(
            ConditionStatus.False,
            ConditionReason.NoActive,
            seats.Count == 0 ? "There is no member that could be Active." : $"No member is Active: {string.Join("; ", seats.Select(Describe))}.",
            null,
            null,
            null);
    }

    private static Availability One(Seat seat, TimeSpan? recheckAfter) => new(
        ConditionStatus.True,
        ConditionReason.OneActive,
        $"{seat.Spec.NodeName} is Active.",
        seat.Spec.NodeName,
        seat.Spec.PodName,
        recheckAfter);

    // Clocks of nodes differ a little, so a change may seem to lie in the future.
    private static TimeSpan? UntilSettled(Seat[] heard, long nowUnixMs)
    {
        long settleMs = (long)StatusAssembly.SettleTime.TotalMilliseconds;
        long latest = heard.Select(s => s.Report!.SinceUnixMs).Where(since => Math.Abs(nowUnixMs - since) < settleMs).DefaultIfEmpty(long.MinValue).Max();
        return latest == long.MinValue ? null : TimeSpan.FromMilliseconds(latest + settleMs - nowUnixMs);
    }

    private static string Describe(Seat seat) => seat switch
    {
        { Silence: { } silence } => $"{seat.Spec.NodeName} is not heard of because {silence}",
        { Report: null } => $"{seat.Spec.NodeName} has not reported yet",
        { Report: { } report } => report.Reason.Length == 0
            ? $"{seat.Spec.NodeName} is {report.State}"
            : $"{seat.Spec.NodeName} is {report.State} ({report.Reason})",
    };

    private static string Names(IEnumerable<Seat> seats) => string.Join(" and ", seats.Select(s => s.Spec.NodeName));
}
