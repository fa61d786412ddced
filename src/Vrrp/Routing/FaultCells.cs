namespace VipOperator.Vrrp;

/// <summary>Fault, which the RFC does not know: started, but something is in the way of serving.</summary>
internal static class FaultCells
{
    /// <summary>It has started.</summary>
    public static RouterState Start(in StepInput step) => step.State;

    public static RouterState Stop(in StepInput step) => Transitions.ToInitialize(step, step.State);

    /// <summary>Takes no part; who is Active is kept for the status alone.</summary>
    public static RouterState AdvertisementReceived(in StepInput step)
    {
        Advertisement heard = step.Event.Advertisement;
        return step.State with
        {
            ActiveAddress = heard.Priority.IsResigning ? default : heard.Source,
            ActivePriority = heard.Priority,
        };
    }

    public static RouterState DeadlineReached(in StepInput step)
    {
        RouterState next = Releasing.AgainIfDue(step, step.State);
        return step.Now >= next.RetryDeadline
            ? Transitions.TakePart(step, next with { RetryDeadline = MonotonicTime.Never }, TransitionReason.Retry)
            : next;
    }

    /// <summary>Other addresses may bind where those before did not, so the retry does not wait.</summary>
    public static RouterState ParametersChanged(in StepInput step)
    {
        RouterState next = Facts.Parameters(step);
        bool addressesChanged = step.State.Parameters is { } before
            && !before.Addresses.AsSpan().SequenceEqual(step.Parameters.Addresses.AsSpan());
        if (addressesChanged)
            next = next with { RetryDeadline = MonotonicTime.Never, Failures = 0 };
        return Transitions.TakePart(step, next, TransitionReason.ParametersChanged);
    }

    /// <summary>When the link is back, whatever had failed is tried at once.</summary>
    public static RouterState LinkDown(in StepInput step)
    {
        RouterState next = Facts.LinkDown(step) with { RetryDeadline = MonotonicTime.Never, Failures = 0 };
        return Transitions.TakePart(step, next, TransitionReason.LinkDown);
    }

    public static RouterState LinkUp(in StepInput step) =>
        Transitions.TakePart(step, Facts.LinkUp(step), TransitionReason.LinkUp);

    public static RouterState HealthChanged(in StepInput step) =>
        Transitions.TakePart(step, Facts.Health(step), TransitionReason.ProbeRecovered);

    /// <summary>Nothing is held.</summary>
    public static RouterState AddressLost(in StepInput step) => step.State;

    /// <summary>It holds none.</summary>
    public static RouterState AddressClaimed(in StepInput step) => step.State;

    /// <summary>It has announced none.</summary>
    public static RouterState HardwareAddressChanged(in StepInput step) => step.State;

    public static RouterState EffectFailed(in StepInput step) => Releasing.Failed(step);

    /// <summary>Nothing to hand over, but when it is back it does not preempt.</summary>
    public static RouterState HandoverRequested(in StepInput step) => step.State with { HandedOver = true };

    /// <summary>It takes no part.</summary>
    public static RouterState ActiveGone(in StepInput step) => step.State;

    /// <summary>Its own obstacle stays the reason.</summary>
    public static RouterState PartnerFailed(in StepInput step) => step.State with { PartnerIsOut = true };

    public static RouterState PartnersRecovered(in StepInput step) =>
        Transitions.TakePart(step, step.State with { PartnerIsOut = false }, TransitionReason.PartnersRecovered);

    /// <summary>Nothing is held.</summary>
    public static RouterState PartnerReleased(in StepInput step) => step.State;

    /// <summary>It does not listen.</summary>
    public static RouterState PartnerHeardResignation(in StepInput step) => step.State;

    /// <summary>It takes no part, so the group cannot take over.</summary>
    public static RouterState GroupTakesOver(in StepInput step) => step.State;
}
