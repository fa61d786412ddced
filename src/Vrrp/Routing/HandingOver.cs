namespace VipOperator.Vrrp;

/// <summary>
/// An Active router that is asked to hand over (docs/adr/0028-handover.md): it says priority 0 and holds the addresses
/// until a peer has them and those that asked us before have their answers. If no peer takes them, it stays.
/// </summary>
internal static class HandingOver
{
    /// <summary>
    /// A peer's Skew_Time is below our Active_Down_Interval, so any peer there is comes before we stay.
    /// </summary>
    public static RouterState Begin(in StepInput step)
    {
        RouterState state = step.State;
        if (state.IsHandingOver)
            return state;
        if (state.EffectivePriority.IsAddressOwner)
        {
            // It hears nobody (RFC 9568 §7.1), so it can but go, and come back if nobody does.
            Transitions.Resign(step);
            return Transitions.ToBackup(step, state with { HandedOver = true }, TransitionReason.HandedOver);
        }

        // The peer's announcement must be the last word, so we make none any more.
        return Advertising.Advertise(step, state with
        {
            HandoverEnd = step.Now.PlusNanoseconds(ActiveCells.Patience(step)),
            AnnounceDeadline = MonotonicTime.Never,
        });
    }

    /// <summary>
    /// A peer has taken over, as it was asked to, whatever its priority. One that resigns takes nothing: two that hand
    /// over at the same time go on doing so, but one that has taken the addresses from us and leaves as well must not
    /// leave nobody.
    /// </summary>
    // DEVIATION: RFC 9568 §6.4.3 answers a lower router and yields to a better one at once
    // (docs/adr/0028-handover.md).
    public static RouterState Heard(in StepInput step)
    {
        if (!step.Event.Advertisement.Priority.IsResigning)
            return Taken(step);
        return step.State.IsTaken ? Stay(step) : step.State;
    }

    /// <summary>The peer has the addresses, and those that had asked us have had the time for their answers.</summary>
    public static RouterState LetGo(in StepInput step)
    {
        step.Effects.Add(RouterEffect.Release());
        return Transitions.ToBackupBehindKnown(step, step.State, TransitionReason.HandedOver);
    }

    /// <summary>Nobody takes the addresses, or who took them is gone.</summary>
    public static RouterState Stay(in StepInput step)
    {
        RouterState next = Advertising.Advertise(step, step.State with
        {
            IsTaken = false,
            HandoverEnd = MonotonicTime.Never,
            ActiveAddress = default,
            ActivePriority = default,
            ActiveAdvertisementInterval = step.Parameters.AdvertisementInterval,
        });
        return step.State.IsTaken ? Announcing.Again(step, next) : Announcing.Scheduled(step, next);
    }

    // From now on neighbours ask the peer.
    private static RouterState Taken(in StepInput step)
    {
        ref readonly RouterEvent heard = ref step.Event;
        RouterState next = step.State with
        {
            ActiveAddress = heard.Advertisement.Source,
            ActivePriority = heard.Advertisement.Priority,
            ActiveAdvertisementInterval = heard.Advertisement.AdvertisementInterval,
        };
        return next.IsTaken ? next : next with
        {
            IsTaken = true,
            AdvertisementDeadline = MonotonicTime.Never,
            HandoverEnd = step.Now.PlusNanoseconds(RouterTiming.HandoverOverlap),
        };
    }
}
