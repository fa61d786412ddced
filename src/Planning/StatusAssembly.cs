using System.Globalization;
using VipOperator.Vrrp;

namespace VipOperator.Planning;

/// <summary>
/// What the status of a VirtualIP has to say, given the members as they will be and what their sidecars said last.
/// </summary>
internal sealed record StatusAssembly(VirtualIPReport Report, TimeSpan? RecheckAfter)
{
    /// <summary>
    /// The members' reports arrive one by one. For this long after a member's last change, a picture that does not add
    /// up (two Actives, or none where there was one) is taken for a move under way.
    /// </summary>
    internal static readonly TimeSpan SettleTime = TimeSpan.FromSeconds(3);

    private const int MostNamed = 3;

    public static StatusAssembly For(
        VirtualIPObject virtualIP, Verdict verdict, VirtualRouterId? id, Seating seating, long nowUnixMs)
    {
        IReadOnlyList<Seat> seats = seating.Seats;
        Availability availability = Availability.Of(virtualIP, seats, nowUnixMs);
        ConditionReport accepted = verdict.IsAccepted
            ? Condition(ConditionType.Accepted, ConditionStatus.True, ConditionReason.Accepted,
                string.Create(
                    CultureInfo.InvariantCulture, $"Its addresses and the virtual router id {id} are free for it."))
            : Condition(ConditionType.Accepted, ConditionStatus.False, verdict.Reason,
                seating.FromBefore ? verdict.Message
                + " Its members run on with the spec that was accepted before." : verdict.Message);
        ConditionReport assigned = Assigned(verdict, seating);
        ConditionReport programmed = Programmed(seats);
        ConditionReport available = Condition(
            ConditionType.Available, availability.Status, availability.Reason, availability.Message);

        ConditionReport[] conditions =
        [
            accepted, assigned, programmed, available, Summary(accepted, assigned, programmed, available),
            Placement.Of(virtualIP, seating, availability), Disturbance.Of(seats),
        ];
        int able = seats.Count(s => s.IsAble);
        VirtualIPReport report = new()
        {
            ObservedGeneration = virtualIP.Generation,
            Conditions = [.. conditions.Select(c => c with { ObservedGeneration = virtualIP.Generation })],
            VirtualRouterId = id,
            ActiveNode = availability.Node,
            ActivePod = availability.Pod,
            ReadyMembers = string.Create(CultureInfo.InvariantCulture, $"{able}/{seats.Count}"),
            Members = [.. seats.Select(Summarize)],
        };
        TimeSpan? answer = seats.Min(s => s.AnswersWithin);
        return new StatusAssembly(
            report, answer is null || availability.RecheckAfter < answer ? availability.RecheckAfter : answer);
    }

    private static ConditionReport Assigned(Verdict verdict, Seating seating)
    {
        string others = Others(seating.TurnedAway);
        if (!verdict.IsAccepted)
            return Condition(ConditionType.Assigned, ConditionStatus.False, ConditionReason.NotAccepted,
                "It takes no part until it is accepted.");
        if (seating.Seats.Count == 0)
        {
            return Condition(
                ConditionType.Assigned,
                ConditionStatus.False,
                ConditionReason.NoEligiblePods,
                seating.TurnedAway.Count == 0
                    ? "No pod of this namespace matches the selector."
                    : "No pod that the selector matches can take part: " + others);
        }

        Seat best = seating.Seats[0];
        string message = string.Create(
            CultureInfo.InvariantCulture,
            $"{Plural(seating.Seats.Count, "member")}; the best is {best.Spec.NodeName} with priority "
            + $"{best.Spec.Priority}.");
        return Condition(
            ConditionType.Assigned,
            ConditionStatus.True,
            ConditionReason.Assigned,
            seating.TurnedAway.Count == 0
                ? message
                : $"{message} {Plural(seating.TurnedAway.Count, "pod")} that the selector matches cannot "
                    + $"take part: {others}");
    }

    private static ConditionReport Programmed(IReadOnlyList<Seat> seats)
    {
        if (seats.Count == 0)
            return Condition(
                ConditionType.Programmed, ConditionStatus.False, ConditionReason.NotAssigned, "There is no member.");
        Seat[] heard = [.. seats.Where(s => s.Silence is null)];
        if (heard.Length == 0)
        {
            return Condition(
                ConditionType.Programmed,
                ConditionStatus.Unknown,
                ConditionReason.WaitingForSidecars,
                $"Nothing is heard of its members: {Few(seats.Select(s => $"{s.Spec.NodeName}: {s.Silence}"), "; ")}.");
        }

        if (seats.Any(s => s.Spec.Standby))
        {
            return Condition(
                ConditionType.Programmed,
                ConditionStatus.False,
                ConditionReason.RollingOut,
                $"Members that differ in version, id, transport or link would not hear each other. So "
                + $"{Names(seats.Where(s => s.Spec.Standby))} " +
                "run no router until the others have taken the new spec over.");
        }

        Seat[] silent = [.. heard.Where(s => s.Report is null)];
        // Who is only asked whether it lives has nothing to take over.
        Seat[] doubted = [.. Availability.Doubted(heard)];
        Seat[] behind = [.. heard.Where(
            s => s.Report is not null && (s.SpecChanges || !s.Member!.HasAnswered) && !doubted.Contains(s))];
        string message = "";
        if (behind.Length > 0)
            message = $"Waiting for {Names(behind)} to take over the spec that was written last. ";
        if (silent.Length > 0)
        {
            message += $"The sidecar has not reported yet on {Names(silent)}. If it lasts, look at the logs of the " +
                $"container vip-sidecar of the pod {silent[0].Spec.PodName}.";
        }

        return message.Length == 0
            ? Condition(
                ConditionType.Programmed,
                ConditionStatus.True,
                ConditionReason.Programmed,
                heard.Length == seats.Count
                    ? "Every sidecar runs the spec that was written for it."
                    : $"Every sidecar that is heard of runs the spec that was written for it; not heard of: "
                        + $"{Names(seats.Except(heard))}.")
            : Condition(
                ConditionType.Programmed, ConditionStatus.False, ConditionReason.WaitingForSidecars, message.TrimEnd());
    }

    private static ConditionReport Summary(
        ConditionReport accepted, ConditionReport assigned, ConditionReport programmed, ConditionReport available)
    {
        (ConditionReport Part, ConditionReason Reason)[] parts =
        [
            (accepted, ConditionReason.NotAccepted),
            (assigned, ConditionReason.NotAssigned),
            (programmed, ConditionReason.NotProgrammed),
            (available, ConditionReason.NotAvailable),
        ];
        foreach ((ConditionReport part, ConditionReason reason) in parts)
        {
            if (part.Status != ConditionStatus.True)
                return Condition(ConditionType.Ready, part.Status, reason, part.Message);
        }

        return Condition(ConditionType.Ready, ConditionStatus.True, ConditionReason.Ready, available.Message);
    }

    private static MemberSummary Summarize(Seat seat) => new()
    {
        Name = seat.Name,
        PodName = seat.Spec.PodName,
        NodeName = seat.Spec.NodeName,
        Priority = seat.Spec.Priority,
        State = seat is { Report: not null, Silence: not null } ? RouterCondition.Unknown : seat.Report?.State,
        Explanation = seat.Why,
        Message = seat switch
        {
            { Silence: { } silence, Report: { } last } =>
                $"Nothing is heard of it because {silence}; it was {last.State} before.",
            { Flaw: { } flaw, Why: null } =>
                $"It would rank last because {flaw.Text}, but a VirtualIP that is not accepted is not ranked anew.",
            { Flaw: { } flaw } => $"It ranks last because {flaw.Text}.",
            _ => seat.Report?.Message,
        },
    };

    private static string Names(IEnumerable<Seat> seats) => Few(seats.Select(s => s.Spec.NodeName), ", ");

    private static string Others(IReadOnlyList<TurnedAway> turnedAway) =>
        Few(turnedAway.Select(t => $"{t.Pod.Key.Name}: {t.Reason}"), "; ") + ".";

    /// <summary>The first, and how many more there are: a message has 32,768 characters at most.</summary>
    public static string Few(IEnumerable<string> all, string separator)
    {
        string[] named = [.. all];
        string first = string.Join(separator, named.Take(MostNamed));
        return named.Length > MostNamed
            ? string.Create(CultureInfo.InvariantCulture, $"{first}{separator}and {named.Length - MostNamed} more")
            : first;
    }

    private static string Plural(int count, string noun) =>
        string.Create(CultureInfo.InvariantCulture, $"{count} {noun}{(count == 1 ? "" : "s")}");

    internal static ConditionReport Condition(
        ConditionType type, ConditionStatus status, ConditionReason reason, string message) =>
        new(type, status, reason, message, ObservedGeneration: null);
}
