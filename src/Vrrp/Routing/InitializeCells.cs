namespace VipOperator.Vrrp;

/// <summary>
/// RFC 9568 §6.4.1. Two situations: not started, where facts are only noted; and started, but without a verdict of the
/// probe yet. A router without a probe is given <see cref="Health.Passing"/> by its shell.
/// </summary>
internal static class InitializeCells
{
    public static RouterState Start(in StepInput step)
    {
        RouterState next = Facts.Parameters(step) with { Started = true, HandedOver = false };
        return Transitions.TakePart(step, next, TransitionReason.Startup);
    }

    public static RouterState Stop(in StepInput step) =>
        step.State.Started ? Transitions.ToInitialize(step, step.State) : step.State;

    /// <summary>The RFC defines no processing here: the router does not take part.</summary>
    public static RouterState AdvertisementReceived(in StepInput step) => step.State;

    public static RouterState DeadlineReached(in StepInput step) => Releasing.AgainIfDue(step, step.State);

    public static RouterState ParametersChanged(in StepInput step) => IfStarted(step, Facts.Parameters(step));

    public static RouterState LinkDown(in StepInput step) => IfStarted(step, Facts.LinkDown(step));

    public static RouterState LinkUp(in StepInput step) => IfStarted(step, Facts.LinkUp(step));

    public static RouterState HealthChanged(in StepInput step) => IfStarted(step, Facts.Health(step));

    /// <summary>Nothing is held.</summary>
    public static RouterState AddressLost(in StepInput step) => step.State;

    /// <summary>It holds none.</summary>
    public static RouterState AddressClaimed(in StepInput step) => step.State;

    /// <summary>It has announced none.</summary>
    public static RouterState HardwareAddressChanged(in StepInput step) => step.State;

    public static RouterState EffectFailed(in StepInput step) => Releasing.Failed(step);

    /// <summary>Nothing is held, and Start will clear whatever was agreed before it.</summary>
    public static RouterState HandoverRequested(in StepInput step) => step.State;

    /// <summary>It follows nobody.</summary>
    public static RouterState ActiveGone(in StepInput step) => step.State;

    public static RouterState PartnerFailed(in StepInput step) => step.State with { PartnerIsOut = true };

    public static RouterState PartnersRecovered(in StepInput step) => step.State with { PartnerIsOut = false };

    /// <summary>Nothing is held.</summary>
    public static RouterState PartnerReleased(in StepInput step) => step.State;

    /// <summary>It does not listen.</summary>
    public static RouterState PartnerHeardResignation(in StepInput step) => step.State;

    /// <summary>It takes no part, so the group cannot take over.</summary>
    public static RouterState GroupTakesOver(in StepInput step) => step.State;

    private static RouterState IfStarted(in StepInput step, in RouterState next) =>
        next.Started ? Transitions.TakePart(step, next, TransitionReason.Startup) : next;
}
