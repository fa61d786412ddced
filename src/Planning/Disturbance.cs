namespace VipOperator.Planning;

/// <summary>
/// What members notice of others that disturb their routers, although these may do their part: their hints, in one
/// condition.
/// </summary>
internal static class Disturbance
{
    private const int MostNamed = 4;

    public static ConditionReport Of(IReadOnlyList<Seat> seats)
    {
        (Seat Seat, Hint Hint)[] hints =
        [
            .. seats
                .Where(s => s.Silence is null && s.Report is not null)
                .SelectMany(s => s.Report!.Hints.Select(h => (Seat: s, Hint: h)))
                .OrderBy(h => ReasonOf(h.Hint))
                .ThenBy(h => h.Seat.Spec.NodeName, StringComparer.Ordinal)
                .ThenBy(h => h.Hint.Message, StringComparer.Ordinal),
        ];
        if (hints.Length == 0)
        {
            return StatusAssembly.Condition(
                ConditionType.Undisturbed, ConditionStatus.True, ConditionReason.Undisturbed,
                "No member notices anything that disturbs it.");
        }

        string named = string.Join(" ", hints.Take(MostNamed).Select(h => $"{h.Seat.Spec.NodeName}: {h.Hint.Message}"));
        return StatusAssembly.Condition(
            ConditionType.Undisturbed,
            ConditionStatus.False,
            ReasonOf(hints[0].Hint),
            hints.Length > MostNamed
                ? $"{named} And {hints.Length - MostNamed} more, in the status of the members." : named);
    }

    // The gravest first; what a newer sidecar calls by another name is still told.
    private static ConditionReason ReasonOf(Hint hint) => hint.Kind switch
    {
        nameof(ConditionReason.TwoActives) => ConditionReason.TwoActives,
        nameof(ConditionReason.HeldElsewhere) => ConditionReason.HeldElsewhere,
        nameof(ConditionReason.AddressConflict) => ConditionReason.AddressConflict,
        nameof(ConditionReason.AdvertisementsLost) => ConditionReason.AdvertisementsLost,
        nameof(ConditionReason.ForeignSpeaker) => ConditionReason.ForeignSpeaker,
        nameof(ConditionReason.NoPeers) => ConditionReason.NoPeers,
        nameof(ConditionReason.AddressesRemoved) => ConditionReason.AddressesRemoved,
        nameof(ConditionReason.VirtualMacRefused) => ConditionReason.VirtualMacRefused,
        nameof(ConditionReason.OtherAddresses) => ConditionReason.OtherAddresses,
        nameof(ConditionReason.OtherInterval) => ConditionReason.OtherInterval,
        nameof(ConditionReason.LoopLate) => ConditionReason.LoopLate,
        _ => ConditionReason.Disturbed,
    };
}
