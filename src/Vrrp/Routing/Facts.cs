namespace VipOperator.Vrrp;

/// <summary>What an event says of the world, written into the state whatever the router makes of it.</summary>
internal static class Facts
{
    public static RouterState LinkDown(in StepInput step) =>
        step.State with { LinkIsUp = false, PrimaryAddress = default };

    public static RouterState LinkUp(in StepInput step) =>
        step.State with { LinkIsUp = true, PrimaryAddress = step.Event.PrimaryAddress };

    /// <summary>Unknown is no verdict: when a probe begins anew the last one stands.</summary>
    public static RouterState Health(in StepInput step) => step.Event.Health == Vrrp.Health.Unknown
        ? step.State
        : WithEffectivePriority(step.Parameters, step.State with { Health = step.Event.Health });

    public static RouterState Parameters(in StepInput step)
    {
        RouterState next = step.State with { Parameters = step.Parameters };
        if (step.State.Parameters is { } before)
        {
            if (before.AdvertisementInterval != step.Parameters.AdvertisementInterval)
            {
                next = next with
                {
                    PreviousAdvertisementInterval = before.AdvertisementInterval,
                    PreviousIntervalEnd = step.Now.PlusNanoseconds(
                        RouterTiming.IntervalTransition(
                            before.AdvertisementInterval, step.Parameters.AdvertisementInterval)),
                };
            }

            if (!before.AuthenticatesAs(step.Parameters) && before.Version == step.Parameters.Version)
            {
                next = next with
                {
                    PreviousAuthentication = before,
                    PreviousAuthenticationEnd = step.Now.PlusNanoseconds(RouterTiming.AuthenticationTransition),
                };
            }

            if (before.Priority != step.Parameters.Priority || before.Preempt != step.Parameters.Preempt)
                next = next with { HandedOver = false };
        }

        return WithEffectivePriority(step.Parameters, next);
    }

    /// <summary>
    /// Whether the parameters describe another router than those before. The shells stop the old one and start a new
    /// one instead; here it is defined all the same: nothing heard or sent before counts any more.
    /// </summary>
    public static bool IsAnotherRouter(in StepInput step) => step.State.Parameters is { } before
        && (before.Version != step.Parameters.Version
            || before.Family != step.Parameters.Family
            || before.VirtualRouterId != step.Parameters.VirtualRouterId);

    private static RouterState WithEffectivePriority(RouterParameters parameters, in RouterState state)
    {
        bool isDemoted = parameters.OnProbeFailure == FailurePolicy.Demote && state.Health == Vrrp.Health.Failing;
        return state with
        {
            EffectivePriority = isDemoted
                ? new Priority((byte)Math.Max(1, parameters.Priority.Value - parameters.DemotionWeight))
                : parameters.Priority,
        };
    }
}
