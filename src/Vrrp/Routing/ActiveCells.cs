namespace VipOperator.Vrrp;

/// <summary>
/// RFC 9568 §6.4.3. Before any of these, <see cref="VirtualRouter.Step"/> has made sure that the addresses are still
/// ours to hold.
/// </summary>
internal static class ActiveCells
{
    /// <summary>It has started.</summary>
    public static RouterState Start(in StepInput step) => step.State;

    public static RouterState Stop(in StepInput step)
    {
        Transitions.Resign(step);
        return Transitions.ToInitialize(step, step.State);
    }

    public static RouterState AdvertisementReceived(in StepInput step)
    {
        RouterState state = step.State;
        Advertisement heard = step.Event.Advertisement;
        // Another host with our own address, or our own packet come back: answering would answer ourselves for ever.
        // DEVIATION: RFC 9568 §6.4.3 makes no exception (docs/adr/0018-the-one-that-yields-answers-once.md).
        if (heard.Source == state.PrimaryAddress)
            return state;
        if (state.IsHandingOver)
            return HandingOver.Heard(step);
        if (heard.Priority.IsResigning)
            return Advertising.Advertise(step, state);
        if (heard.Priority > state.EffectivePriority)
            return Yield(step, TransitionReason.HigherPriorityHeard);
        if (heard.Priority < state.EffectivePriority)
            return Reassert(step);
        if (step.Role != GroupRole.Follower)
            return BreakTie(step, state);
        // The addresses of the two families may order the peers differently. So the leader decides, and only where that
        // leads to nothing, because one side does not hear the other in its family, each family does. DEVIATION: RFC
        // 9568 §6.4.3 knows no families that move together (docs/adr/0011-dual-stack-groups.md).
        RouterState next = InRow(step, state);
        return step.Now < next.TieSince.PlusNanoseconds(Patience(step)) ? next : BreakTie(step, next);
    }

    public static RouterState DeadlineReached(in StepInput step)
    {
        if (step.State.IsTaken && step.Now >= step.State.HandoverEnd)
            return HandingOver.LetGo(step);
        RouterState advertised = step.Now < step.State.HandoverEnd
            ? Advertising.AdvertiseIfDue(step, step.State)
            : HandingOver.Stay(step);
        RouterState renewed = Advertising.RenewIfDue(step, advertised);
        return Announcing.AnnounceIfDue(step, renewed);
    }

    public static RouterState ParametersChanged(in StepInput step)
    {
        RouterState next = Facts.Parameters(step);
        if (Facts.IsAnotherRouter(step))
        {
            // Nothing to resign from: advertisements now go out for another router.
            step.Effects.Add(RouterEffect.Release());
            return Transitions.ToBackup(step, next, TransitionReason.ParametersChanged);
        }

        if (Transitions.Obstacle(step.Parameters, next) is not TransitionReason.None and var obstacle)
        {
            Transitions.Resign(step);
            return Transitions.ToFault(step, next, obstacle);
        }

        return step.State.Parameters is { } before ? Adapt(step, next, before) : next;
    }

    public static RouterState LinkDown(in StepInput step)
    {
        // Nothing can be sent any more; the release may find the link gone, which is no error.
        step.Effects.Add(RouterEffect.Release());
        return Transitions.ToFault(step, Facts.LinkDown(step), TransitionReason.LinkDown);
    }

    public static RouterState LinkUp(in StepInput step)
    {
        RouterState next = Facts.LinkUp(step);
        if (next.PrimaryAddress.IsNone)
        {
            // No address to resign from.
            step.Effects.Add(RouterEffect.Release());
            return Transitions.ToFault(step, next, TransitionReason.NoPrimaryAddress);
        }

        // Peers break ties by the new address from now on (RFC 9568 §6.4.3), so they hear it at once.
        return next.PrimaryAddress == step.State.PrimaryAddress ? next : Advertising.Advertise(step, next);
    }

    public static RouterState HealthChanged(in StepInput step)
    {
        RouterState next = Facts.Health(step);
        if (Transitions.Obstacle(step.Parameters, next) is not TransitionReason.None and var obstacle)
        {
            Transitions.Resign(step);
            return Transitions.ToFault(step, next, obstacle);
        }

        // Demoted or restored. Peers that preempt discard the lower priority and take over when their timer fires,
        // an Active_Down_Interval from now: the RFC has no quicker way, and keepalived does the same.
        return next.EffectivePriority == step.State.EffectivePriority ? next : Advertising.Advertise(step, next);
    }

    /// <summary>
    /// Takes the addresses back, unless another program keeps removing them: then a peer is the better holder.
    /// </summary>
    public static RouterState AddressLost(in StepInput step)
    {
        // To bind again is to announce again, and the word is the peer's now.
        if (step.State.IsTaken)
            return HandingOver.LetGo(step);
        RouterState next = CountLoss(step);
        if (next.LossCount > RouterTiming.MostLosses)
            return GiveUp(step);
        step.Effects.Add(RouterEffect.Bind());
        return Announcing.Again(step, Advertising.Leased(step, next));
    }

    /// <summary>Puts the neighbours right (RFC 5227 §2.4).</summary>
    public static RouterState AddressClaimed(in StepInput step)
    {
        RouterState state = step.State;
        // The peer that we hand over to claims them as it should: to defend them would lead the neighbours back to us.
        if (state.IsHandingOver || step.Now < state.DefendedUntil)
            return state;
        // One that yields to us claims them until it has done so, also after our announcement.
        bool mayBeYielding = step.Now < state.Since.PlusNanoseconds(RouterTiming.YieldingGrace);
        long pause = mayBeYielding ? RouterTiming.DefendAgainstYielding : RouterTiming.DefendInterval;
        return Announcing.Again(step, state with { DefendedUntil = step.Now.PlusNanoseconds(pause) });
    }

    /// <summary>Neighbours send to the old one, which nobody answers from any more.</summary>
    public static RouterState HardwareAddressChanged(in StepInput step) =>
        // A peer that has taken over has told the neighbours its own.
        step.State.IsTaken ? step.State : Announcing.Again(step, step.State);

    public static RouterState EffectFailed(in StepInput step) => step.Event.FailedEffect switch
    {
        RouterEffectKind.SendAdvertisement => SendFailed(step),
        RouterEffectKind.BindAddresses => GiveUp(step),
        RouterEffectKind.RenewAddresses => RenewFailed(step),
        // Bound again since: the next bind makes the link hold exactly our addresses.
        RouterEffectKind.ReleaseAddresses => step.State,
        RouterEffectKind.AnnounceAddresses => AnnounceFailed(step),
        // The shell's own; no business of the protocol.
        RouterEffectKind.ReportTransition => step.State,
    };

    public static RouterState HandoverRequested(in StepInput step) => HandingOver.Begin(step);

    /// <summary>It holds the addresses itself, also those that it was about to give to the one that is gone.</summary>
    public static RouterState ActiveGone(in StepInput step) =>
        step.State.IsTaken && step.Event.GoneAddress == step.State.ActiveAddress ? HandingOver.Stay(step) : step.State;

    public static RouterState PartnerFailed(in StepInput step)
    {
        RouterState next = Transitions.Withdraw(step) with { PartnerIsOut = true };
        return Transitions.ToFault(step, next, TransitionReason.PartnerFailed);
    }

    public static RouterState PartnersRecovered(in StepInput step) => step.State with { PartnerIsOut = false };

    /// <summary>
    /// Nothing to resign from: a better router has the addresses, or a peer took them while we were stalled.
    /// </summary>
    public static RouterState PartnerReleased(in StepInput step)
    {
        // Not to a router that our own would make yield, nor to one that we asked to take over.
        RouterState state = step.State;
        if (!state.IsHandingOver && step.Event.Advertisement.Priority > state.EffectivePriority)
            TellBetterRouter(step);
        step.Effects.Add(RouterEffect.Release());
        return state.IsTaken
            ? Transitions.ToBackupBehindKnown(step, state, TransitionReason.PartnerReleased)
            : Transitions.ToBackup(step, state, TransitionReason.PartnerReleased);
    }

    /// <summary>It holds the addresses itself.</summary>
    public static RouterState PartnerHeardResignation(in StepInput step) => step.State;

    /// <summary>It is Active already.</summary>
    public static RouterState GroupTakesOver(in StepInput step) => step.State;

    // RFC 9568 §6.4.3: of equal priorities the higher address is the better.
    private static RouterState BreakTie(in StepInput step, in RouterState state) =>
        step.Event.Advertisement.Source > state.PrimaryAddress
            ? Yield(step, TransitionReason.HigherAddressHeard)
            : Reassert(step, state);

    private static RouterState InRow(in StepInput step, in RouterState state) => state with
    {
        TieSince = step.Now <= state.TieUntil ? state.TieSince : step.Now,
        TieUntil = step.Now.PlusNanoseconds(Patience(step)),
    };

    /// <summary>How long it takes a peer to take over from one that is not heard any more.</summary>
    internal static long Patience(in StepInput step) => RouterTiming.ActiveDownNanoseconds(
        step.Parameters.Version, step.State.EffectivePriority, step.Parameters.AdvertisementInterval);

    // RFC 9568 §6.4.3: the peer is better, by priority or by address.
    private static RouterState Yield(in StepInput step, TransitionReason reason)
    {
        TellBetterRouter(step);
        step.Effects.Add(RouterEffect.Release());
        return Transitions.ToBackupBehind(step, step.State, reason);
    }

    // RFC 9568 §6.4.3, "new Active Router logic": answered at once; the Adver_Timer runs on. The sender had the
    // addresses and has told the network so: we announce them again, but at most once an interval.
    // DEVIATION: not twice within a millisecond, and in v2 too, where RFC 3768 §6.4.3 only discards: a split that
    // healed ends sooner this way (docs/adr/0018-the-one-that-yields-answers-once.md).
    private static RouterState Reassert(in StepInput step) => Reassert(step, step.State);

    private static RouterState Reassert(in StepInput step, in RouterState state)
    {
        if (step.Now < state.ReassertedUntil)
            return state;
        Advertising.Send(step, state, state.EffectivePriority);
        RouterState next = state with { ReassertedUntil = step.Now.PlusNanoseconds(RouterTiming.ReassertAgainAfter) };
        return step.Now < next.ReannouncedUntil
            ? next
            : Announcing.Again(step, next) with
            {
                ReannouncedUntil = step.Now.Plus(
                step.Parameters.AdvertisementInterval)
            };
    }

    // DEVIATION: RFC 9568 §6.4.3 yields in silence (docs/adr/0018-the-one-that-yields-answers-once.md). The better
    // router may never have heard of us, and the network knows us for the holder: it answers by announcing the
    // addresses again.
    private static void TellBetterRouter(in StepInput step) =>
        Advertising.Send(step, step.State, step.State.EffectivePriority);

    private static RouterState Adapt(in StepInput step, in RouterState state, RouterParameters before)
    {
        RouterParameters after = step.Parameters;
        RouterState next = state;
        // Another MAC address is news to the neighbours just as another address is.
        bool addressesChanged = !before.Addresses.AsSpan().SequenceEqual(after.Addresses.AsSpan())
            || before.VirtualMac != after.VirtualMac;
        bool peersMustHear = addressesChanged
            || state.EffectivePriority != step.State.EffectivePriority
            || before.AdvertisementInterval != after.AdvertisementInterval
            || before.Transport != after.Transport
            || !before.Peers.AsSpan().SequenceEqual(after.Peers.AsSpan());
        bool lifetimeChanged = before.AddressLifetime != after.AddressLifetime;
        // Bound or renewed below, so the advertisement does not renew.
        if (addressesChanged || lifetimeChanged)
            next = Advertising.Leased(step, next);
        if (peersMustHear)
            next = Advertising.Advertise(step, next);
        if (addressesChanged)
        {
            step.Effects.Add(RouterEffect.Bind());
            next = Announcing.Begin(step, next);
        }
        else if (lifetimeChanged)
        {
            step.Effects.Add(RouterEffect.Renew());
        }

        return before.AnnounceRefresh != after.AnnounceRefresh && next.AnnouncementsLeft == 0
            ? Announcing.Scheduled(step, next)
            : next;
    }

    private static RouterState CountLoss(in StepInput step)
    {
        RouterState state = step.State;
        if (step.Now < state.LossCountedUntil)
            return state;
        MonotonicTime countedUntil = step.Now.PlusNanoseconds(RouterTiming.LossIncident);
        return step.Now < state.LossWindowEnd
            ? state with { LossCount = state.LossCount + 1, LossCountedUntil = countedUntil }
            : state with
            {
                LossCount = 1,
                LossCountedUntil = countedUntil,
                LossWindowEnd = step.Now.PlusNanoseconds(RouterTiming.LossWindow),
            };
    }

    // Out for a while, in the open, so that a peer serves meanwhile.
    private static RouterState GiveUp(in StepInput step)
    {
        RouterState next = Transitions.Withdraw(step);
        return Transitions.ToFault(step, Retrying(step, next), TransitionReason.EffectFailed);
    }

    // A try that gets as far as to bind takes the addresses from a peer that serves, so the waits between failures in a
    // row double.
    private static RouterState Retrying(in StepInput step, in RouterState state)
    {
        bool isInARow = step.Now < state.Since.PlusNanoseconds(RouterTiming.SoundAfter);
        int failures = isInARow ? state.Failures + 1 : 1;
        return state with
        {
            Failures = failures,
            RetryDeadline = step.Now.PlusNanoseconds(RouterTiming.RetryAfter(failures)),
        };
    }

    // One lost advertisement is like one lost on the wire. When none got out for as long as it takes a peer to take
    // over, one has, and we cannot hear it or it us.
    private static RouterState SendFailed(in StepInput step)
    {
        RouterState state = step.State;
        Centiseconds interval = step.Parameters.AdvertisementInterval;
        bool isSameRow = step.Now <= state.SendFailingUntil;
        RouterState next = state with
        {
            SendFailingSince = isSameRow ? state.SendFailingSince : step.Now,
            SendFailingUntil = step.Now.PlusNanoseconds(interval.Nanoseconds * 3 / 2),
        };
        if (step.Now < next.SendFailingSince.PlusNanoseconds(Patience(step)))
            return next;
        step.Effects.Add(RouterEffect.Release());
        return Transitions.ToFault(step, Retrying(step, next), TransitionReason.EffectFailed);
    }

    // Binding anew sets the lifetime as well and brings back what is missing; if that fails too, we give up.
    private static RouterState RenewFailed(in StepInput step)
    {
        step.Effects.Add(RouterEffect.Bind());
        return Advertising.Leased(step, step.State);
    }

    // The burst repeats it anyway; after the burst, once more in a second.
    private static RouterState AnnounceFailed(in StepInput step) => step.State with
    {
        AnnounceDeadline = MonotonicTime.Earlier(step.State.AnnounceDeadline, step.Now.Plus(TimeSpan.FromSeconds(1))),
    };
}
