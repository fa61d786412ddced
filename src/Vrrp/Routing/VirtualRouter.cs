namespace VipOperator.Vrrp;

/// <summary>The virtual-router state machine (RFC 9568 §6.4, RFC 3768 §6.4) as a function.</summary>
public static class VirtualRouter
{
    /// <summary>
    /// Takes one event. Total: every state × event cell is defined. Pure: the result depends on the arguments alone.
    /// </summary>
    /// <param name="parameters">The parameters in force from this step on.</param>
    /// <param name="state">The state after the step before, <see cref="RouterState.Initial"/> at first.</param>
    /// <param name="event">What happened.</param>
    /// <param name="now">The time of the event; never earlier than in the step before.</param>
    /// <param name="effects">Receives the effects, in order; not cleared first.</param>
    /// <returns>The new state.</returns>
    public static RouterState Step(
        RouterParameters parameters, in RouterState state, in RouterEvent @event, MonotonicTime now, RouterEffects effects) =>
        throw new NotImplementedException();

    /// <summary>The earliest instant at which <see cref="RouterEventKind.DeadlineReached"/> changes something.</summary>
    public static MonotonicTime NextDeadline(in RouterState state) => throw new NotImplementedException();
}
