namespace VipOperator.Vrrp;

/// <summary>Sending advertisements and keeping the addresses' lifetime, which goes along with them.</summary>
internal static class Advertising
{
    /// <summary>
    /// Sends an advertisement with the priority in force, or 0 for as long as it hands over; sets the Adver_Timer anew
    /// and keeps the lease. Once a peer has the addresses, nothing.
    /// </summary>
    public static RouterState Advertise(in StepInput step, in RouterState state)
    {
        if (state.IsTaken)
            return state;
        Send(step, state, state.IsHandingOver ? Priority.Resigning : state.EffectivePriority);
        RouterState next = state with { AdvertisementDeadline = step.Now.PlusNanoseconds(Pace(step, state)) };
        return KeepLease(step, next);
    }

    /// <summary>
    /// The Adver_Timer fired (RFC 9568 §6.4.3): the next is due one interval after this one was, so that none drifts.
    /// </summary>
    public static RouterState AdvertiseIfDue(in StepInput step, in RouterState state)
    {
        if (step.Now < state.AdvertisementDeadline)
            return state;
        RouterState next = Advertise(step, state);
        MonotonicTime onTime = state.AdvertisementDeadline.PlusNanoseconds(Pace(step, state));
        // Late by more than an interval: those missed are not made up for.
        return onTime > step.Now ? next with { AdvertisementDeadline = onTime } : next;
    }

    /// <summary>
    /// Sends one advertisement. After a change of the interval v2 sends it once more as before the change: peers drop
    /// an interval that is not theirs (RFC 3768 §7.1), and one that the change has not reached would become Active too
    /// (docs/adr/0006-interval-change.md). So does either version after a change of the key (docs/adr/0016-hmac.md).
    /// </summary>
    public static void Send(in StepInput step, in RouterState state, Priority priority)
    {
        // The configured ones last: peers that take both go by those.
        if (VirtualRouter.PreviousAuthentication(state, step.Now) is { } before)
            Send(step, state, priority, before);
        Send(step, state, priority, step.Parameters);
    }

    private static void Send(
        in StepInput step, in RouterState state, Priority priority, RouterParameters authenticatedBy)
    {
        Centiseconds previous = VirtualRouter.PreviousInterval(state, step.Now);
        if (step.Parameters.Version == VrrpVersion.V2 && previous.Value != 0)
            step.Effects.Add(RouterEffect.Send(priority, previous, authenticatedBy));
        step.Effects.Add(RouterEffect.Send(priority, step.Parameters.AdvertisementInterval, authenticatedBy));
    }

    public static RouterState RenewIfDue(in StepInput step, in RouterState state)
    {
        if (step.Now < state.RenewDeadline)
            return state;
        step.Effects.Add(RouterEffect.Renew());
        return Leased(step, state);
    }

    /// <summary>The addresses were bound or renewed in this step.</summary>
    public static RouterState Leased(in StepInput step, in RouterState state) => state with
    {
        LeaseEnd = step.Now.PlusNanoseconds(
            RouterTiming.StallLimitNanoseconds(step.Parameters, state.EffectivePriority)),
        RenewDeadline = step.Parameters.AddressLifetime == TimeSpan.Zero
            ? MonotonicTime.Never
            : step.Now.PlusNanoseconds(RouterTiming.RenewPeriod(step.Parameters)),
    };

    // Along with the last advertisement before the renewal is due: one wake-up for both. And never between two of them
    // where that can be: if the loop stops then, peers count from the advertisement and the kernel from the renewal, so
    // that two would hold the addresses.
    private static RouterState KeepLease(in StepInput step, in RouterState state)
    {
        if (step.Parameters.AddressLifetime == TimeSpan.Zero)
            return Leased(step, state);
        long shorter = Math.Min(
            RouterTiming.RenewPeriod(step.Parameters), step.Parameters.AdvertisementInterval.Nanoseconds);
        if (state.RenewDeadline >= step.Now.PlusNanoseconds(shorter))
            return state;
        step.Effects.Add(RouterEffect.Renew());
        return Leased(step, state);
    }

    // While peers may still time us by the shorter interval, it is the pace.
    private static long Pace(in StepInput step, in RouterState state)
    {
        Centiseconds own = step.Parameters.AdvertisementInterval;
        Centiseconds previous = VirtualRouter.PreviousInterval(state, step.Now);
        return (previous.Value != 0 && previous < own ? previous : own).Nanoseconds;
    }
}
