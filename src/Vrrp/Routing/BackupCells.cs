namespace VipOperator.Vrrp;

/// <summary>RFC 9568 §6.4.2.</summary>
internal static class BackupCells
{
    /// <summary>It has started.</summary>
    public static RouterState Start(in StepInput step) => step.State;

    public static RouterState Stop(in StepInput step) => Transitions.ToInitialize(step, step.State);

    public static RouterState AdvertisementReceived(in StepInput step)
    {
        Priority heard = step.Event.Advertisement.Priority;
        if (heard.IsResigning)
            return ActiveResigned(step);
        if (heard >= step.State.EffectivePriority || !Preempts(step))
            return Transitions.Following(step, step.State) with { PreemptDeadline = MonotonicTime.Never };
        return step.Parameters.PreemptDelay > TimeSpan.Zero ? FollowUntilPreemption(step) : Discard(step);
    }

    public static RouterState DeadlineReached(in StepInput step)
    {
        RouterState state = step.State;
        if (step.Role != GroupRole.Alone || step.Now < VirtualRouter.ListeningEnd(state))
            return Releasing.AgainIfDue(step, state);
        // A loop that comes a whole interval late was stalled, or its machine slept: that nothing was heard means
        // nothing. DEVIATION: RFC 9568 §6.4.2 knows no late timers (docs/adr/0005-late-timers-listen-again.md).
        return step.Now >= state.ActiveDownDeadline
            && step.Now > state.ActiveDownDeadline.Plus(state.ActiveAdvertisementInterval)
            ? ListenOnceMore(step.Parameters.Version, state, step.Now)
            : Transitions.ToActive(step, state, TakeoverReason(state, step.Now));
    }

    public static RouterState ParametersChanged(in StepInput step)
    {
        RouterState next = Facts.Parameters(step);
        if (Transitions.Obstacle(step.Parameters, next) is not TransitionReason.None and var obstacle)
            return Transitions.ToFault(step, next, obstacle);
        // RFC 9568 §6.4.1: who becomes address owner does not wait.
        if (next.EffectivePriority.IsAddressOwner && !step.State.EffectivePriority.IsAddressOwner)
            return Transitions.ToActiveAsOwner(step, next);
        if (Facts.IsAnotherRouter(step))
            return Transitions.ToBackup(step, next, TransitionReason.ParametersChanged);
        return WithPreemptionOf(step, WithIntervalOf(step, WithSkewOf(step, next)));
    }

    public static RouterState LinkDown(in StepInput step) =>
        Transitions.ToFault(step, Facts.LinkDown(step), TransitionReason.LinkDown);

    public static RouterState LinkUp(in StepInput step)
    {
        RouterState next = Facts.LinkUp(step);
        return next.PrimaryAddress.IsNone ? Transitions.ToFault(step, next, TransitionReason.NoPrimaryAddress) : next;
    }

    public static RouterState HealthChanged(in StepInput step)
    {
        RouterState next = Facts.Health(step);
        if (Transitions.Obstacle(step.Parameters, next) is not TransitionReason.None and var obstacle)
            return Transitions.ToFault(step, next, obstacle);
        return WithPreemptionOf(step, WithSkewOf(step, next));
    }

    /// <summary>Nothing is held.</summary>
    public static RouterState AddressLost(in StepInput step) => step.State;

    /// <summary>It holds none.</summary>
    public static RouterState AddressClaimed(in StepInput step) => step.State;

    /// <summary>It has announced none.</summary>
    public static RouterState HardwareAddressChanged(in StepInput step) => step.State;

    public static RouterState EffectFailed(in StepInput step) => Releasing.Failed(step);

    /// <summary>Nothing to hand over, but from now on it does not preempt either.</summary>
    public static RouterState HandoverRequested(in StepInput step) =>
        step.State with { HandedOver = true, PreemptDeadline = MonotonicTime.Never };

    /// <summary>As after priority 0, if it is the one that is followed.</summary>
    // DEVIATION: RFC 9568 §6.4.2 shortens the timer for priority 0 alone (docs/adr/0023-lifelines.md).
    public static RouterState ActiveGone(in StepInput step) =>
        step.State.ActiveResigned || step.State.ActiveAddress.IsNone
        || step.State.ActiveAddress != step.Event.GoneAddress
            ? step.State
            : ActiveResigned(step) with { ActiveIsGone = true };

    /// <summary>As a single router does by itself, one that fails in the group is no use alone.</summary>
    public static RouterState PartnerFailed(in StepInput step) =>
        Transitions.ToFault(step, step.State with { PartnerIsOut = true }, TransitionReason.PartnerFailed);

    public static RouterState PartnersRecovered(in StepInput step) => step.State with { PartnerIsOut = false };

    /// <summary>Nothing is held.</summary>
    public static RouterState PartnerReleased(in StepInput step) => step.State;

    /// <summary>A group that resigns says so in each family; it counts in all, should it get lost in one.</summary>
    public static RouterState PartnerHeardResignation(in StepInput step) => ActiveResigned(step);

    public static RouterState GroupTakesOver(in StepInput step) =>
        Transitions.ToActive(step, step.State, TakeoverReason(step.State, step.Now));

    /// <summary>
    /// Sets the Active_Down_Timer for an interval and the skew, in which an Active router that lives is heard.
    /// </summary>
    public static RouterState ListenOnceMore(VrrpVersion version, in RouterState state, MonotonicTime now)
    {
        Centiseconds interval = state.ActiveAdvertisementInterval;
        long skew = RouterTiming.SkewNanoseconds(version, state.EffectivePriority, interval);
        return state with { ActiveDownDeadline = now.PlusNanoseconds(interval.Nanoseconds + skew) };
    }

    private static TransitionReason TakeoverReason(in RouterState state, MonotonicTime now)
    {
        if (state.Reason == TransitionReason.AddressOwner && state.EffectivePriority.IsAddressOwner)
            return TransitionReason.AddressOwner;
        if (now < state.ActiveDownDeadline)
            return TransitionReason.PreemptDelayExpired;
        if (state.ActiveIsGone)
            return TransitionReason.ActiveRouterGone;
        return state.ActiveResigned ? TransitionReason.ActiveRouterResigned : TransitionReason.ActiveDownTimerExpired;
    }

    // RFC 9568 §6.4.2: the skew alone, so that the best Backup comes first.
    private static RouterState ActiveResigned(in StepInput step) => step.State with
    {
        ActiveResigned = true,
        ActiveDownDeadline = step.Now.PlusNanoseconds(
            RouterTiming.SkewNanoseconds(
                step.Parameters.Version, step.State.EffectivePriority, step.State.ActiveAdvertisementInterval)),
        PreemptDeadline = MonotonicTime.Never,
    };

    // RFC 9568 §6.4.2: the timer runs on, and when it fires we preempt. Who was heard is kept for the status alone.
    private static RouterState Discard(in StepInput step) => step.State with
    {
        ActiveAddress = step.Event.Advertisement.Source,
        ActivePriority = step.Event.Advertisement.Priority,
    };

    // DEVIATION: RFC 9568 §6.4.2 knows no delay (docs/adr/0033-preemption-that-waits.md). Until it is over, a
    // lower-priority Active router is followed as if it were not lower.
    private static RouterState FollowUntilPreemption(in StepInput step)
    {
        RouterState next = Transitions.Following(step, step.State);
        return next.PreemptDeadline.IsNever
            ? next with { PreemptDeadline = step.Now.Plus(step.Parameters.PreemptDelay) }
            : next;
    }

    // DEVIATION: nor does RFC 9568 §6.4.2 know handovers, after which the lower router is followed too
    // (docs/adr/0033-preemption-that-waits.md).
    private static bool Preempts(in StepInput step) => step.Parameters.Preempt && !step.State.HandedOver;

    // The timer runs from where it was set: another priority shifts its end by the difference in Skew_Time.
    private static RouterState WithSkewOf(in StepInput step, in RouterState next)
    {
        VrrpVersion version = step.Parameters.Version;
        Centiseconds interval = step.State.ActiveAdvertisementInterval;
        long before = RouterTiming.SkewNanoseconds(version, step.State.EffectivePriority, interval);
        long after = RouterTiming.SkewNanoseconds(version, next.EffectivePriority, interval);
        return next with { ActiveDownDeadline = next.ActiveDownDeadline.PlusNanoseconds(after - before) };
    }

    // An Active router that the change has not reached yet keeps the old interval: the timer is set for the longer one
    // and never fires earlier than it would have. v3 goes on with the interval that it learned.
    private static RouterState WithIntervalOf(in StepInput step, in RouterState next)
    {
        Centiseconds before = step.State.Parameters?.AdvertisementInterval ?? default;
        Centiseconds after = step.Parameters.AdvertisementInterval;
        bool isLearned = step.Parameters.Version == VrrpVersion.V3 && !next.ActiveAddress.IsNone;
        if (before == after || isLearned || next.ActiveResigned)
            return next;
        RouterState longest = Transitions.Listening(
            step, next with { ActiveAdvertisementInterval = before > after ? before : after });
        return longest with
        {
            ActiveAdvertisementInterval = after,
            ActiveDownDeadline = longest.ActiveDownDeadline > next.ActiveDownDeadline
                ? longest.ActiveDownDeadline
                : next.ActiveDownDeadline,
        };
    }

    // A pending preemption ends where there is nothing to preempt any more, and comes earlier with a shorter delay.
    private static RouterState WithPreemptionOf(in StepInput step, in RouterState next)
    {
        if (next.PreemptDeadline.IsNever)
            return next;
        bool isOff = !step.Parameters.Preempt
            || step.Parameters.PreemptDelay == TimeSpan.Zero
            || next.ActivePriority >= next.EffectivePriority;
        MonotonicTime latest = step.Now.Plus(step.Parameters.PreemptDelay);
        return next with
        {
            PreemptDeadline = isOff
            ? MonotonicTime.Never
            : MonotonicTime.Earlier(next.PreemptDeadline, latest)
        };
    }
}
