using Event = VipOperator.Vrrp.RouterEventKind;
using State = VipOperator.Vrrp.RouterStateKind;

namespace VipOperator.Vrrp;

/// <summary>The virtual-router state machine (RFC 9568 §6.4, RFC 3768 §6.4) as a function.</summary>
public static class VirtualRouter
{
    /// <summary>
    /// Takes one event. Total: every state × event cell is defined. Pure: the result depends on the arguments alone.
    /// </summary>
    /// <param name="parameters">
    /// The parameters in force from this step on, valid (<see cref="RouterParameters.TryValidate"/>). They may differ
    /// from those of the step before with Start and ParametersChanged only.
    /// </param>
    /// <param name="state">The state after the step before, <see cref="RouterState.Initial"/> at first.</param>
    /// <param name="event">
    /// What happened. Of several things that are ready at once, received packets go before the deadline: an
    /// advertisement that waits to be read is proof that its sender is alive.
    /// </param>
    /// <param name="now">The time of the event; never earlier than in the step before.</param>
    /// <param name="effects">Receives the effects, in order; not cleared first.</param>
    /// <returns>The new state.</returns>
    public static RouterState Step(
        RouterParameters parameters, in RouterState state, in RouterEvent @event,
        MonotonicTime now, RouterEffects effects)
    {
        ArgumentNullException.ThrowIfNull(parameters);
        ArgumentNullException.ThrowIfNull(effects);
        if (state.TakesOverFrom is null || IsFailedBind(@event))
            return StepAs(GroupRole.Alone, parameters, state, @event, now, effects);
        RouterState tookOver = state with { TakesOverFrom = null };
        return StepAs(GroupRole.Alone, parameters, tookOver, @event, now, effects);
    }

    /// <summary>
    /// The earliest instant at which <see cref="RouterEventKind.DeadlineReached"/> changes something.
    /// </summary>
    public static MonotonicTime NextDeadline(in RouterState state) =>
        MonotonicTime.Earlier(ListeningEnd(state), NextDeadlineOfDuties(state));

    /// <summary>
    /// Whether a Backup has gone without an advertisement for longer than the Active_Down_Interval and holds still
    /// because its partners hear the Active router: in its family the advertisements get lost on the way.
    /// </summary>
    public static bool IsOverdue(in RouterState state, MonotonicTime now) =>
        state.Kind == State.Backup && now > state.ActiveDownDeadline.Plus(state.ActiveAdvertisementInterval);

    /// <summary>
    /// The interval that was configured until a moment ago and that peers may still have, none if all have had time to
    /// change; v2 takes it beside the configured one (docs/adr/0006-interval-change.md).
    /// </summary>
    public static Centiseconds PreviousInterval(in RouterState state, MonotonicTime now) =>
        now < state.PreviousIntervalEnd ? state.PreviousAdvertisementInterval : default;

    /// <summary>
    /// The parameters whose authentication was in force until a moment ago and that peers may still use, null if all
    /// have had time to change. It is accepted, and sent, beside that of the parameters in force.
    /// </summary>
    public static RouterParameters? PreviousAuthentication(in RouterState state, MonotonicTime now) =>
        now < state.PreviousAuthenticationEnd ? state.PreviousAuthentication : null;

    /// <summary>Any other event after a takeover means that it succeeded.</summary>
    internal static bool IsFailedBind(in RouterEvent @event) =>
        @event is { Kind: Event.EffectFailed, FailedEffect: RouterEffectKind.BindAddresses };

    internal static RouterState StepAs(
        GroupRole role, RouterParameters parameters, in RouterState state, in RouterEvent @event,
        MonotonicTime now, RouterEffects effects)
    {
        var step = new StepInput(parameters, in state, in @event, now, effects, role);
        // A takeover that did not succeed, be it for want of time, has nothing that a peer could have taken.
        if (state.Kind != State.Active || now < state.LeaseEnd || state.TakesOverFrom is not null)
            return Dispatch(step);

        // The loop did not run for so long that a peer may hold the addresses: nothing is sent or renewed. What
        // happened then happens to a Backup. DEVIATION: RFC 9568 §6.4.3 sends when the Adver_Timer fires, however late
        // (docs/adr/0002-address-lifetime.md).
        effects.Add(RouterEffect.Release());
        RouterState backup = Transitions.ToBackup(step, state, TransitionReason.LoopStalled);
        return Dispatch(new StepInput(parameters, in backup, in @event, now, effects, role));
    }

    /// <summary>When a Backup may become Active; never in the other states.</summary>
    internal static MonotonicTime ListeningEnd(in RouterState state) =>
        MonotonicTime.Earlier(state.ActiveDownDeadline, state.PreemptDeadline);

    /// <summary>The earliest deadline of all others: holding, retrying, releasing.</summary>
    internal static MonotonicTime NextDeadlineOfDuties(in RouterState state)
    {
        MonotonicTime holding = MonotonicTime.Earlier(
            state.AdvertisementDeadline, MonotonicTime.Earlier(state.RenewDeadline, state.AnnounceDeadline));
        MonotonicTime mending = MonotonicTime.Earlier(state.RetryDeadline, state.ReleaseDeadline);
        return MonotonicTime.Earlier(state.HandoverEnd, MonotonicTime.Earlier(holding, mending));
    }

    /// <summary>
    /// Until when the loop may let those wait for other routers' deadlines. What an Active router does all the time is
    /// late by the same time each time, and peers count from what they hear; the rest waits for hardly anybody.
    /// </summary>
    internal static MonotonicTime LatestDeadlineOfDuties(RouterParameters parameters, in RouterState state)
    {
        long slack = RouterTiming.SlackNanoseconds(parameters.AdvertisementInterval);
        long announceSlack = state.AnnouncementsLeft > 0
            ? RouterTiming.BurstSlackNanoseconds(parameters.AdvertisementInterval)
            : slack;
        MonotonicTime steady =
            MonotonicTime.Earlier(state.AdvertisementDeadline, state.RenewDeadline).PlusNanoseconds(slack);
        MonotonicTime holding =
            MonotonicTime.Earlier(steady, state.AnnounceDeadline.PlusNanoseconds(announceSlack));
        MonotonicTime mending = MonotonicTime.Earlier(state.RetryDeadline, state.ReleaseDeadline);
        return MonotonicTime.Earlier(state.HandoverEnd, MonotonicTime.Earlier(holding, mending));
    }

    // No discard arm: a cell that is missing fails the build.
    private static RouterState Dispatch(in StepInput step) => (step.State.Kind, step.Event.Kind) switch
    {
        (State.Initialize, Event.Start) => InitializeCells.Start(step),
        (State.Initialize, Event.Stop) => InitializeCells.Stop(step),
        (State.Initialize, Event.AdvertisementReceived) => InitializeCells.AdvertisementReceived(step),
        (State.Initialize, Event.DeadlineReached) => InitializeCells.DeadlineReached(step),
        (State.Initialize, Event.ParametersChanged) => InitializeCells.ParametersChanged(step),
        (State.Initialize, Event.LinkDown) => InitializeCells.LinkDown(step),
        (State.Initialize, Event.LinkUp) => InitializeCells.LinkUp(step),
        (State.Initialize, Event.HealthChanged) => InitializeCells.HealthChanged(step),
        (State.Initialize, Event.AddressLost) => InitializeCells.AddressLost(step),
        (State.Initialize, Event.AddressClaimed) => InitializeCells.AddressClaimed(step),
        (State.Initialize, Event.HardwareAddressChanged) => InitializeCells.HardwareAddressChanged(step),
        (State.Initialize, Event.EffectFailed) => InitializeCells.EffectFailed(step),
        (State.Initialize, Event.HandoverRequested) => InitializeCells.HandoverRequested(step),
        (State.Initialize, Event.ActiveGone) => InitializeCells.ActiveGone(step),
        (State.Initialize, Event.PartnerFailed) => InitializeCells.PartnerFailed(step),
        (State.Initialize, Event.PartnersRecovered) => InitializeCells.PartnersRecovered(step),
        (State.Initialize, Event.PartnerReleased) => InitializeCells.PartnerReleased(step),
        (State.Initialize, Event.PartnerHeardResignation) => InitializeCells.PartnerHeardResignation(step),
        (State.Initialize, Event.GroupTakesOver) => InitializeCells.GroupTakesOver(step),

        (State.Backup, Event.Start) => BackupCells.Start(step),
        (State.Backup, Event.Stop) => BackupCells.Stop(step),
        (State.Backup, Event.AdvertisementReceived) => BackupCells.AdvertisementReceived(step),
        (State.Backup, Event.DeadlineReached) => BackupCells.DeadlineReached(step),
        (State.Backup, Event.ParametersChanged) => BackupCells.ParametersChanged(step),
        (State.Backup, Event.LinkDown) => BackupCells.LinkDown(step),
        (State.Backup, Event.LinkUp) => BackupCells.LinkUp(step),
        (State.Backup, Event.HealthChanged) => BackupCells.HealthChanged(step),
        (State.Backup, Event.AddressLost) => BackupCells.AddressLost(step),
        (State.Backup, Event.AddressClaimed) => BackupCells.AddressClaimed(step),
        (State.Backup, Event.HardwareAddressChanged) => BackupCells.HardwareAddressChanged(step),
        (State.Backup, Event.EffectFailed) => BackupCells.EffectFailed(step),
        (State.Backup, Event.HandoverRequested) => BackupCells.HandoverRequested(step),
        (State.Backup, Event.ActiveGone) => BackupCells.ActiveGone(step),
        (State.Backup, Event.PartnerFailed) => BackupCells.PartnerFailed(step),
        (State.Backup, Event.PartnersRecovered) => BackupCells.PartnersRecovered(step),
        (State.Backup, Event.PartnerReleased) => BackupCells.PartnerReleased(step),
        (State.Backup, Event.PartnerHeardResignation) => BackupCells.PartnerHeardResignation(step),
        (State.Backup, Event.GroupTakesOver) => BackupCells.GroupTakesOver(step),

        (State.Active, Event.Start) => ActiveCells.Start(step),
        (State.Active, Event.Stop) => ActiveCells.Stop(step),
        (State.Active, Event.AdvertisementReceived) => ActiveCells.AdvertisementReceived(step),
        (State.Active, Event.DeadlineReached) => ActiveCells.DeadlineReached(step),
        (State.Active, Event.ParametersChanged) => ActiveCells.ParametersChanged(step),
        (State.Active, Event.LinkDown) => ActiveCells.LinkDown(step),
        (State.Active, Event.LinkUp) => ActiveCells.LinkUp(step),
        (State.Active, Event.HealthChanged) => ActiveCells.HealthChanged(step),
        (State.Active, Event.AddressLost) => ActiveCells.AddressLost(step),
        (State.Active, Event.AddressClaimed) => ActiveCells.AddressClaimed(step),
        (State.Active, Event.HardwareAddressChanged) => ActiveCells.HardwareAddressChanged(step),
        (State.Active, Event.EffectFailed) => ActiveCells.EffectFailed(step),
        (State.Active, Event.HandoverRequested) => ActiveCells.HandoverRequested(step),
        (State.Active, Event.ActiveGone) => ActiveCells.ActiveGone(step),
        (State.Active, Event.PartnerFailed) => ActiveCells.PartnerFailed(step),
        (State.Active, Event.PartnersRecovered) => ActiveCells.PartnersRecovered(step),
        (State.Active, Event.PartnerReleased) => ActiveCells.PartnerReleased(step),
        (State.Active, Event.PartnerHeardResignation) => ActiveCells.PartnerHeardResignation(step),
        (State.Active, Event.GroupTakesOver) => ActiveCells.GroupTakesOver(step),

        (State.Fault, Event.Start) => FaultCells.Start(step),
        (State.Fault, Event.Stop) => FaultCells.Stop(step),
        (State.Fault, Event.AdvertisementReceived) => FaultCells.AdvertisementReceived(step),
        (State.Fault, Event.DeadlineReached) => FaultCells.DeadlineReached(step),
        (State.Fault, Event.ParametersChanged) => FaultCells.ParametersChanged(step),
        (State.Fault, Event.LinkDown) => FaultCells.LinkDown(step),
        (State.Fault, Event.LinkUp) => FaultCells.LinkUp(step),
        (State.Fault, Event.HealthChanged) => FaultCells.HealthChanged(step),
        (State.Fault, Event.AddressLost) => FaultCells.AddressLost(step),
        (State.Fault, Event.AddressClaimed) => FaultCells.AddressClaimed(step),
        (State.Fault, Event.HardwareAddressChanged) => FaultCells.HardwareAddressChanged(step),
        (State.Fault, Event.EffectFailed) => FaultCells.EffectFailed(step),
        (State.Fault, Event.HandoverRequested) => FaultCells.HandoverRequested(step),
        (State.Fault, Event.ActiveGone) => FaultCells.ActiveGone(step),
        (State.Fault, Event.PartnerFailed) => FaultCells.PartnerFailed(step),
        (State.Fault, Event.PartnersRecovered) => FaultCells.PartnersRecovered(step),
        (State.Fault, Event.PartnerReleased) => FaultCells.PartnerReleased(step),
        (State.Fault, Event.PartnerHeardResignation) => FaultCells.PartnerHeardResignation(step),
        (State.Fault, Event.GroupTakesOver) => FaultCells.GroupTakesOver(step),
    };
}
