namespace VipOperator.Planning;

/// <summary>
/// Whether the addresses are where they may stay: not on a member that is to leave, and on the node that a person asked
/// for. This condition is what to wait for after an evacuation or a move on purpose; a VirtualIP that is not placed may
/// serve all the same.
/// </summary>
internal static class Placement
{
    private const int MostNamed = 3;

    public static ConditionReport Of(VirtualIPObject virtualIP, Seating seating, Availability availability)
    {
        IReadOnlyList<Seat> seats = seating.Seats;
        if (seats.Count == 0)
            return False(ConditionReason.NotAssigned, "There is no member.");

        // The status of a move under way stays that of before it until the reports have settled.
        Seat? active = seats.FirstOrDefault(s => s.IsActive && s.Spec.NodeName == availability.Node)
            ?? seats.FirstOrDefault(s => s.Spec.NodeName == availability.Node);
        Seat? requested = seats.FirstOrDefault(s => s.Spec.NodeName == virtualIP.RequestedNode);
        if (virtualIP.RequestedNode is { } node
            && ObstacleOn(node, requested, seating, isThere: active is not null && active == requested) is { } obstacle)
        {
            string stays = active is null ? "" : $" The addresses stay on {active.Spec.NodeName}.";
            return False(
                ConditionReason.ActiveNodeUnavailable,
                $"The annotation {Ranking.RequestAnnotation} asks for {node}, but {obstacle}.{stays} Correct the " +
                "annotation, or remove it to leave the choice to the operator.");
        }

        if (active is null)
            return StatusAssembly.Condition(ConditionType.Placed, ConditionStatus.Unknown, ConditionReason.NotAvailable,
                "No member is known to be the one that is Active.");
        if (virtualIP.RequestedNode is not null && active != requested)
        {
            return False(
                ConditionReason.HandingOver,
                $"The addresses are to move from {active.Spec.NodeName} to {requested!.Spec.NodeName}, as the "
                + $"annotation {Ranking.RequestAnnotation} asks.");
        }

        return active.Flaw switch
        {
            { Leaving: true } flaw when seating.FromBefore => False(
                ConditionReason.NotAccepted,
                $"{active.Spec.NodeName} is to hand the addresses over because {flaw.Text}, but the priorities of a " +
                "VirtualIP that is not accepted stay as they are: mend what the condition Accepted names."),
            { Leaving: true } flaw => Leaving(active, flaw, seats),
            _ => Placed(active, seats),
        };
    }

    private static ConditionReport Leaving(Seat active, Flaw flaw, IReadOnlyList<Seat> seats)
    {
        Seat? taker = seats.FirstOrDefault(s => s != active && s.IsAble);
        return taker is not null
            ? False(
                ConditionReason.HandingOver,
                $"{active.Spec.NodeName} is to hand the addresses over because {flaw.Text}; {taker.Spec.NodeName} "
                + $"is to take them.")
            : False(
                ConditionReason.NoOtherMember,
                $"{active.Spec.NodeName} is to hand the addresses over because {flaw.Text}, but no other member can " +
                "take them; it keeps them for as long as it runs.");
    }

    private static ConditionReport Placed(Seat active, IReadOnlyList<Seat> seats)
    {
        Seat[] free = [.. seats.Where(s => s != active && s.Flaw is { Leaving: true })];
        string freed = free.Length == 0
            ? ""
            : $" Free of the addresses: "
                + $"{string.Join("; ", free.Take(MostNamed).Select(s => $"{s.Spec.NodeName}, {s.Flaw!.Text}"))}" +
                (free.Length > MostNamed ? "; and others." : ".");
        return StatusAssembly.Condition(
            ConditionType.Placed, ConditionStatus.True, ConditionReason.Placed,
            $"The addresses may stay on {active.Spec.NodeName}.{freed}");
    }

    // Why the addresses cannot go where a person wants them; goes behind "but".
    private static string? ObstacleOn(string node, Seat? requested, Seating seating, bool isThere)
    {
        if (requested is null)
        {
            TurnedAway? turnedAway = seating.TurnedAway.FirstOrDefault(t => t.Pod.NodeName == node);
            return turnedAway is null
                ? "no pod that the selector matches runs there"
                : $"its pod {turnedAway.Pod.Key.Name} cannot take part: {turnedAway.Reason}";
        }

        return requested switch
        {
            { Flaw: { } flaw } => flaw.Text,
            _ when isThere => null,
            { Silence: { } silence } => silence,
            { Report.ProbeFails: true } => "its probe fails",
            { Report: { State: RouterCondition.Fault, Reason: var reason } } => $"its sidecar says Fault ({reason})",
            _ => null,
        };
    }

    private static ConditionReport False(ConditionReason reason, string message) =>
        StatusAssembly.Condition(ConditionType.Placed, ConditionStatus.False, reason, message);
}
