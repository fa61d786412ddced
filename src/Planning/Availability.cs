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

        TimeSpan? unsettled = UntilSettled(heard.Select(s => s.Report!), nowUnixMs);
        if (active.Length > 1)
        {
            // Those that were Active before may have died without a word; they have been asked.
            if (Doubted(seats).All(s => s.SpecChanges || s.AnswersWithin is not null))
                unsettled ??= Doubted(seats).Max(s => s.AnswersWithin) ?? Contender.AnswerTime;
            return unsettled is not null
                ? One(Latest(active), unsettled)
                : new Availability(
                    ConditionStatus.False,
                    ConditionReason.MultipleActive,
                    $"The sidecars on {Names(active)} all say that they are Active, and were asked again. " +
                    "Advertisements do not get through between them: look for a firewall or switch that drops IP "
                    + "protocol 112 to 224.0.0.18 or ff02::12.",
                    null,
                    null,
                    null);
        }

        ConditionReport? before = virtualIP.Report.Find(ConditionType.Available);
        if (unsettled is not null && before?.Status == ConditionStatus.True)
        {
            return new Availability(
                before.Status, before.Reason, before.Message, virtualIP.Report.ActiveNode,
                virtualIP.Report.ActivePod, unsettled);
        }

        Seat? lost = seats.FirstOrDefault(s => s.Silence is not null && s.Report?.State == RouterCondition.Active);
        if (lost is not null)
        {
            return new Availability(
                ConditionStatus.Unknown,
                ConditionReason.ActiveNotHeard,
                $"The sidecar on {lost.Spec.NodeName} was Active when last heard of; {lost.Silence}, and no other says "
                + $"that it is Active.",
                null,
                null,
                null);
        }

        return new Availability(
            ConditionStatus.False,
            ConditionReason.NoActive,
            seats.Count == 0
                ? "There is no member that could be Active."
                : $"No member is Active: {StatusAssembly.Few(seats.Select(Describe), "; ")}.",
            null,
            null,
            null);
    }

    /// <summary>Of several that say that they are Active all but the one that became so last.</summary>
    public static IEnumerable<Seat> Doubted(IEnumerable<Seat> seats) => seats
        .Where(s => s.IsActive)
        .OrderByDescending(s => s.Report!.SinceUnixMs)
        .ThenBy(s => s.Name, StringComparer.Ordinal)
        .Skip(1);

    private static Seat Latest(Seat[] active) => active.Except(Doubted(active)).Single();

    private static Availability One(Seat seat, TimeSpan? recheckAfter) => new(
        ConditionStatus.True,
        ConditionReason.OneActive,
        $"{seat.Spec.NodeName} is Active.",
        seat.Spec.NodeName,
        seat.Spec.PodName,
        recheckAfter);

    // Clocks of nodes differ a little, so a change may seem to lie in the future.
    public static TimeSpan? UntilSettled(IEnumerable<MemberReport> heard, long nowUnixMs)
    {
        long settleMs = (long)StatusAssembly.SettleTime.TotalMilliseconds;
        long latest = heard.Select(r => r.SinceUnixMs).Where(since => Math.Abs(nowUnixMs - since) < settleMs)
            .DefaultIfEmpty(long.MinValue).Max();
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

    private static string Names(Seat[] seats) =>
        StatusAssembly.Few(seats.Select(s => s.Spec.NodeName), seats.Length == 2 ? " and " : ", ");
}
