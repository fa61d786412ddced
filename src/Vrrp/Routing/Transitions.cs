namespace VipOperator.Vrrp;

/// <summary>How each state is entered, and what a router that holds the addresses does before it leaves.</summary>
internal static class Transitions
{
    /// <summary>
    /// Where a started router that does not hold the addresses belongs: Initialize until the first verdict, Fault
    /// while something is in the way, Active at once as address owner, else Backup (RFC 9568 §6.4.1).
    /// </summary>
    /// <param name="state">What the event has changed already applied.</param>
    /// <param name="reason">Why it takes part, if it does.</param>
    public static RouterState TakePart(in StepInput step, in RouterState state, TransitionReason reason)
    {
        if (state.Health == Health.Unknown)
            return state;
        TransitionReason obstacle = Obstacle(step.Parameters, state);
        if (obstacle != TransitionReason.None)
            return ToFault(step, state, obstacle);
        return state.EffectivePriority.IsAddressOwner
            ? ToActiveAsOwner(step, state)
            : ToBackup(step, state, reason);
    }

    /// <summary>An address owner does not wait (RFC 9568 §6.4.1), except for its partners.</summary>
    public static RouterState ToActiveAsOwner(in StepInput step, in RouterState state) => step.Role == GroupRole.Alone
        ? ToActive(step, state, TransitionReason.AddressOwner)
        : ToBackup(step, state, TransitionReason.AddressOwner) with { ActiveDownDeadline = step.Now };

    /// <summary>What keeps a router from taking part, the most fundamental first; None if nothing does.</summary>
    public static TransitionReason Obstacle(RouterParameters parameters, in RouterState state)
    {
        if (!state.LinkIsUp)
            return TransitionReason.LinkDown;
        if (state.PrimaryAddress.IsNone)
            return TransitionReason.NoPrimaryAddress;
        if (parameters is { Transport: Transport.Unicast, Alone: false, Peers.IsEmpty: true })
            return TransitionReason.NoPeers;
        if (state.Health == Health.Failing && parameters.OnProbeFailure == FailurePolicy.Release)
            return TransitionReason.ProbeFailed;
        if (!state.RetryDeadline.IsNever)
            return TransitionReason.EffectFailed;
        return state.PartnerIsOut ? TransitionReason.PartnerFailed : TransitionReason.None;
    }

    /// <summary>
    /// RFC 9568 §6.4.2, Active_Down_Timer fires: advertise, announce, set the Adver_Timer. The addresses are bound
    /// before that: a lower-priority holder lets go when it hears the advertisement, and there must be no moment
    /// without an owner. If they cannot be bound, it is not to hear anything (<see cref="Withdraw"/>).
    /// </summary>
    public static RouterState ToActive(in StepInput step, in RouterState state, TransitionReason reason)
    {
        RouterState next = Idle(state) with
        {
            RetryDeadline = MonotonicTime.Never,
            ReleaseDeadline = MonotonicTime.Never,
            ActiveAdvertisementInterval = step.Parameters.AdvertisementInterval,
            ActiveAddress = default,
            ActivePriority = default,
            HandedOver = false,
            TakesOverFrom = state.Kind,
        };
        if (reason == TransitionReason.ActiveRouterGone)
            next = next with
            {
                LeftBehindUntil = step.Now.PlusNanoseconds(
                RouterTiming.LeftBehindNanoseconds(step.Parameters))
            };
        next = Advertising.Leased(step, next);
        // DEVIATION: what is bound accepts packets, which RFC 3768 §6.4.3 forbids, and RFC 9568 §6.1 by default
        // (docs/adr/0032-accept-mode.md).
        step.Effects.Add(RouterEffect.Bind());
        next = Advertising.Advertise(step, next);
        next = Announcing.Begin(step, next);
        return Entered(step, next, RouterStateKind.Active, reason);
    }

    /// <summary>
    /// Backup with the Active_Down_Timer set from our own interval, as nobody was heard yet (RFC 9568 §6.4.1).
    /// </summary>
    public static RouterState ToBackup(in StepInput step, in RouterState state, TransitionReason reason)
    {
        RouterState next = Idle(state) with
        {
            RetryDeadline = MonotonicTime.Never,
            ActiveAddress = default,
            ActivePriority = default,
            ActiveAdvertisementInterval = step.Parameters.AdvertisementInterval,
        };
        return Entered(step, Listening(step, next), RouterStateKind.Backup, reason);
    }

    /// <summary>Backup behind the router that was just heard (RFC 9568 §6.4.3).</summary>
    public static RouterState ToBackupBehind(in StepInput step, in RouterState state, TransitionReason reason) =>
        Entered(step, Following(step, Idle(state)), RouterStateKind.Backup, reason);

    /// <summary>Backup behind the router that was heard last.</summary>
    public static RouterState ToBackupBehindKnown(in StepInput step, in RouterState state, TransitionReason reason) =>
        Entered(step, Listening(step, Idle(state)), RouterStateKind.Backup, reason);

    public static RouterState ToFault(in StepInput step, in RouterState state, TransitionReason reason) =>
        Entered(step, Idle(state), RouterStateKind.Fault, reason);

    public static RouterState ToInitialize(in StepInput step, in RouterState state)
    {
        RouterState next = Idle(state) with
        {
            Started = false,
            HandedOver = false,
            Failures = 0,
            RetryDeadline = MonotonicTime.Never,
            ActiveAddress = default,
            ActivePriority = default,
        };
        return Entered(step, next, RouterStateKind.Initialize, TransitionReason.Shutdown);
    }

    /// <summary>
    /// Gives the addresses up in the open (RFC 9568 §6.4.3 Shutdown). Priority 0 goes first: a peer waits for its
    /// Skew_Time, 78 µs at the very least (priority 254, 10 ms), and the release takes about 50 µs; the other order
    /// would delay every takeover.
    /// </summary>
    public static void Resign(in StepInput step)
    {
        Advertising.Send(step, step.State, Priority.Resigning);
        step.Effects.Add(RouterEffect.Release());
    }

    /// <summary>
    /// Resigns, unless the addresses could not even be bound when it took over: then a peer that serves has heard
    /// nothing, and must not hear of it.
    /// </summary>
    /// <returns>The state to go on from.</returns>
    public static RouterState Withdraw(in StepInput step)
    {
        if (step.State.TakesOverFrom is not { } before)
        {
            Resign(step);
            return step.State;
        }

        // Of several addresses some may have been bound.
        step.Effects.Add(RouterEffect.Release());
        return step.State with { Kind = before };
    }

    /// <summary>
    /// Takes the heard advertisement as the Active router's: its interval (v3) and a fresh Active_Down_Timer.
    /// </summary>
    public static RouterState Following(in StepInput step, in RouterState state)
    {
        ref readonly RouterEvent heard = ref step.Event;
        RouterState next = state with
        {
            ActiveAddress = heard.Advertisement.Source,
            ActivePriority = heard.Advertisement.Priority,
            ActiveResigned = false,
            ActiveIsGone = false,
            // RFC 9568 §6.4.2. v2 does not learn, but there no other interval than ours gets here, or ours until a
            // moment ago.
            ActiveAdvertisementInterval = heard.Advertisement.AdvertisementInterval,
        };
        return Listening(step, next);
    }

    /// <summary>Sets the Active_Down_Timer to the Active_Down_Interval.</summary>
    public static RouterState Listening(in StepInput step, in RouterState state) => state with
    {
        ActiveDownDeadline = step.Now.PlusNanoseconds(
            RouterTiming.ActiveDownNanoseconds(
                step.Parameters.Version, state.EffectivePriority, state.ActiveAdvertisementInterval)),
    };

    // Sets kind and reason, and reports if either changed. Since is when the kind was entered.
    private static RouterState Entered(
        in StepInput step, in RouterState state, RouterStateKind kind, TransitionReason reason)
    {
        if (state.Kind == kind && state.Reason == reason)
            return state;
        step.Effects.Add(RouterEffect.Report(state.Kind, kind, reason));
        return state with { Kind = kind, Reason = reason, Since = state.Kind == kind ? state.Since : step.Now };
    }

    // Without the duties and timers of the state that is left. A retry or a release that is still due stays so.
    private static RouterState Idle(in RouterState state) => state with
    {
        TakesOverFrom = null,
        AdvertisementDeadline = MonotonicTime.Never,
        ActiveDownDeadline = MonotonicTime.Never,
        PreemptDeadline = MonotonicTime.Never,
        RenewDeadline = MonotonicTime.Never,
        LeaseEnd = MonotonicTime.Never,
        HandoverEnd = MonotonicTime.Never,
        IsTaken = false,
        HandedOver = state.HandedOver || state.IsHandingOver,
        AnnounceDeadline = MonotonicTime.Never,
        AnnouncementsLeft = 0,
        ActiveResigned = false,
        ActiveIsGone = false,
        LeftBehindUntil = default,
        ReassertedUntil = default,
        ReannouncedUntil = default,
        DefendedUntil = default,
        TieSince = default,
        TieUntil = default,
        LossCount = 0,
        LossWindowEnd = default,
        LossCountedUntil = default,
        SendFailingSince = default,
        SendFailingUntil = default,
    };
}
