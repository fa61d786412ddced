namespace VipOperator.Vrrp;

/// <summary>
/// The routers of one VirtualIP, one for each family, that move together (docs/adr/0011-dual-stack-groups.md): a
/// function beside <see cref="VirtualRouter.Step"/> over the states of all of them. A group of one behaves as that
/// does.
/// </summary>
/// <remarks>
/// Either all are Active or none, but for a router that joins partners that are Active already.
/// <list type="bullet">
/// <item>They take over when all may: each has passed its Active_Down_Timer or its preempt delay. The advertisements of
/// two families are two independent signs of life, so a family whose advertisements get lost moves nothing.</item>
/// <item>They let go when one does, and take no part while one cannot. What a router sends or hears of priority 0 holds
/// for all.</item>
/// <item>They yield when one hears a higher priority. Equal priorities are decided by the first router alone: addresses
/// of different families need not be in the same order.</item>
/// </list>
/// In all methods the spans have one element for each router, in the same order every time, the one that decides
/// equal priorities first (IPv4). Nothing is allocated.
/// </remarks>
public static class RouterGroup
{
    /// <summary>Takes an event that concerns one router, and what follows from it for its partners.</summary>
    /// <param name="parameters">See <see cref="VirtualRouter.Step"/>, for each router.</param>
    /// <param name="states">The states after the step before; replaced by the new ones.</param>
    /// <param name="router">
    /// The index of the router that the event is for; of Deadline, Stop and HandoverRequested any.
    /// </param>
    /// <param name="event">See <see cref="VirtualRouter.Step"/>.</param>
    /// <param name="now">See <see cref="VirtualRouter.Step"/>.</param>
    /// <param name="effects">
    /// Receive the effects of each router, to be carried out router by router; not cleared first.
    /// </param>
    public static void Step(
        ReadOnlySpan<RouterParameters> parameters,
        Span<RouterState> states,
        int router,
        in RouterEvent @event,
        MonotonicTime now,
        ReadOnlySpan<RouterEffects> effects)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)router, (uint)states.Length, nameof(router));
        var group = new GroupInput(parameters, states, now, effects);
        // If one could not bind when the group took over, none of them has.
        if (states[router].TakesOverFrom is null || !VirtualRouter.IsFailedBind(@event))
            group.EndTakeover();
        if (@event.Kind is RouterEventKind.DeadlineReached or RouterEventKind.Stop or RouterEventKind.HandoverRequested)
        {
            TakeAll(group, @event);
            return;
        }

        int active = group.CountActive();
        group.Take(router, @event);
        if (@event.Kind == RouterEventKind.AdvertisementReceived)
            TellWhatWasHeard(group, router, @event.Advertisement);
        else if (@event.Kind == RouterEventKind.ActiveGone)
            TellThatActiveIsGone(group, router);
        Settle(group, active);
    }

    /// <summary>
    /// Takes an event that concerns all routers at once, such as a link that they share or their probe. To the partners
    /// of the first it then is no news that it failed: they do as it does, in their own right.
    /// </summary>
    /// <param name="event">Not an advertisement nor a failed effect, which are of one router.</param>
    /// <inheritdoc cref="Step"/>
    public static void StepAll(
        ReadOnlySpan<RouterParameters> parameters,
        Span<RouterState> states,
        in RouterEvent @event,
        MonotonicTime now,
        ReadOnlySpan<RouterEffects> effects)
    {
        var group = new GroupInput(parameters, states, now, effects);
        group.EndTakeover();
        TakeAll(group, @event);
    }

    /// <summary>
    /// The earliest instant at which <see cref="RouterEventKind.DeadlineReached"/> changes something.
    /// </summary>
    public static MonotonicTime NextDeadline(ReadOnlySpan<RouterState> states)
    {
        MonotonicTime next = ListeningEnd(states);
        foreach (ref readonly RouterState state in states)
            next = MonotonicTime.Earlier(next, VirtualRouter.NextDeadlineOfDuties(state));
        return next;
    }

    /// <summary>
    /// Until when <see cref="NextDeadline"/> may wait to be served in one wake-up with those of other groups
    /// (docs/adr/0025-batches.md); the same instant where it may not.
    /// </summary>
    public static MonotonicTime LatestDeadline(
        ReadOnlySpan<RouterParameters> parameters, ReadOnlySpan<RouterState> states)
    {
        MonotonicTime latest = ListeningEnd(states);
        for (int i = 0; i < states.Length; i++)
            latest = MonotonicTime.Earlier(latest, VirtualRouter.LatestDeadlineOfDuties(parameters[i], states[i]));
        return latest;
    }

    private static void TakeAll(in GroupInput group, in RouterEvent @event)
    {
        int active = group.CountActive();
        MonotonicTime takeover = ListeningEnd(group.States);
        for (int i = 0; i < group.States.Length; i++)
            group.Take(i, @event);
        Settle(group, active);
        // Only if it still is what it was: a loop that was stalled makes Backups of Active routers first.
        bool isDue = @event.Kind == RouterEventKind.DeadlineReached && group.Now >= takeover;
        if (isDue && group.States.Length > 1 && ListeningEnd(group.States) == takeover)
            TakeOver(group, takeover);
    }

    // DEVIATION: in RFC 9568 §6.4.2 each router takes over by itself (docs/adr/0011-dual-stack-groups.md). Here the
    // last of the Backups decides. Never if one of the group takes no part, or if all are Active.
    private static MonotonicTime ListeningEnd(ReadOnlySpan<RouterState> states)
    {
        MonotonicTime latest = MonotonicTime.Zero;
        bool isListening = false;
        foreach (ref readonly RouterState state in states)
        {
            if (state.Kind == RouterStateKind.Active)
                continue;
            if (state.Kind != RouterStateKind.Backup)
                return MonotonicTime.Never;
            MonotonicTime end = VirtualRouter.ListeningEnd(state);
            latest = !isListening || end > latest ? end : latest;
            isListening = true;
        }

        return isListening ? latest : MonotonicTime.Never;
    }

    // As a single router does, with the group's deadline in place of its own: see BackupCells.DeadlineReached.
    private static void TakeOver(in GroupInput group, MonotonicTime due)
    {
        bool isLate = IsLate(group, due);
        for (int i = 0; i < group.States.Length; i++)
        {
            ref RouterState state = ref group.States[i];
            if (!isLate)
                group.Take(i, RouterEvent.GroupTakesOver());
            else if (group.Now >= state.ActiveDownDeadline)
                state = BackupCells.ListenOnceMore(group.Parameters[i].Version, state, group.Now);
        }
    }

    // A single router's Active_Down_Timer that fires an interval late; here one may have been due for long, waiting.
    private static bool IsLate(in GroupInput group, MonotonicTime due)
    {
        foreach (ref readonly RouterState state in group.States)
        {
            if (group.Now >= state.ActiveDownDeadline && group.Now > due.Plus(state.ActiveAdvertisementInterval))
                return true;
        }

        return false;
    }

    private static void TellWhatWasHeard(in GroupInput group, int router, in Advertisement heard)
    {
        ref readonly RouterState state = ref group.States[router];
        if (state.Kind != RouterStateKind.Backup)
            return;
        for (int i = 0; i < group.States.Length; i++)
        {
            if (i == router)
                continue;
            if (heard.Priority.IsResigning)
                group.Take(i, RouterEvent.PartnerHeardResignation());
            else if (heard.Priority > state.EffectivePriority && group.States[i].Kind == RouterStateKind.Active)
                group.Take(i, RouterEvent.PartnerReleased(heard));
        }
    }

    // Its process ran the routers of all families.
    private static void TellThatActiveIsGone(in GroupInput group, int router)
    {
        if (!group.States[router].ActiveIsGone)
            return;
        for (int i = 0; i < group.States.Length; i++)
        {
            if (i != router)
                group.Take(i, RouterEvent.ActiveGone(group.States[i].ActiveAddress));
        }
    }

    // Faults first: who leaves for a fault resigns, who follows a better router does not.
    private static void Settle(in GroupInput group, int activeBefore)
    {
        for (int i = 0; i < group.States.Length; i++)
        {
            bool isOut = HasFailingPartner(group.States, i);
            if (isOut != group.States[i].PartnerIsOut)
                group.Take(i, isOut ? RouterEvent.PartnerFailed() : RouterEvent.PartnersRecovered());
        }

        int active = group.CountActive();
        for (int i = 0; i < group.States.Length && active < activeBefore; i++)
        {
            if (group.States[i].Kind == RouterStateKind.Active)
                group.Take(i, RouterEvent.PartnerReleased());
        }
    }

    private static bool HasFailingPartner(ReadOnlySpan<RouterState> states, int router)
    {
        for (int i = 0; i < states.Length; i++)
        {
            bool hasFailed = states[i] is { Kind: RouterStateKind.Fault, Reason: not TransitionReason.PartnerFailed };
            if (hasFailed && i != router)
                return true;
        }

        return false;
    }

    /// <summary>The arguments of one step of the group.</summary>
    private readonly ref struct GroupInput
    {
        private readonly ReadOnlySpan<RouterEffects> _effects;

        public GroupInput(
            ReadOnlySpan<RouterParameters> parameters, Span<RouterState> states, MonotonicTime now,
            ReadOnlySpan<RouterEffects> effects)
        {
            if (parameters.Length != states.Length || effects.Length != states.Length || states.IsEmpty)
                throw new ArgumentException(
                    "A group has parameters, a state and effects for each of its routers.", nameof(parameters));
            Parameters = parameters;
            States = states;
            Now = now;
            _effects = effects;
        }

        public ReadOnlySpan<RouterParameters> Parameters { get; }

        public Span<RouterState> States { get; }

        public MonotonicTime Now { get; }

        public void Take(int router, in RouterEvent @event)
        {
            GroupRole role = router > 0 ? GroupRole.Follower : States.Length > 1 ? GroupRole.Leader : GroupRole.Alone;
            States[router] = VirtualRouter.StepAs(
                role, Parameters[router], States[router], @event, Now, _effects[router]);
        }

        /// <summary>What the step before has taken over is taken over.</summary>
        public void EndTakeover()
        {
            foreach (ref RouterState state in States)
            {
                if (state.TakesOverFrom is not null)
                    state = state with { TakesOverFrom = null };
            }
        }

        public int CountActive()
        {
            int count = 0;
            foreach (ref readonly RouterState state in States)
                count += state.Kind == RouterStateKind.Active ? 1 : 0;
            return count;
        }
    }
}
