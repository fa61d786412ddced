namespace VipOperator.Vrrp;

/// <summary>
/// A failed release outside Active: tried again until it succeeds, since a peer may hold the addresses by then. All
/// other effects that fail here belong to the state that was left, and nothing is to be done about them.
/// </summary>
internal static class Releasing
{
    public static RouterState Failed(in StepInput step) => step.Event.FailedEffect == RouterEffectKind.ReleaseAddresses
        ? step.State with { ReleaseDeadline = step.Now.PlusNanoseconds(RouterTiming.ReleaseAgainAfter) }
        : step.State;

    public static RouterState AgainIfDue(in StepInput step, in RouterState state)
    {
        if (step.Now < state.ReleaseDeadline)
            return state;
        step.Effects.Add(RouterEffect.Release());
        return state with { ReleaseDeadline = MonotonicTime.Never };
    }
}
