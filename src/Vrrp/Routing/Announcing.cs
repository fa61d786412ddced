namespace VipOperator.Vrrp;

/// <summary>
/// When an Active router announces its addresses: at once on takeover, again within the first second for frames that
/// were lost, after five seconds for switches that had not settled, then once each
/// <see cref="RouterParameters.AnnounceRefresh"/>. While a router that ended may still hold the addresses, it does so
/// all the time.
/// </summary>
internal static class Announcing
{
    // The first second's repeats cost little; keepalived sends 5 at once and 5 after 5 s.
    private const int Repeats = 5;

    // A survivor has announced before: at once, after 0.4 s and after 4.4 s are enough.
    private const int SurvivorRepeats = 2;

    /// <summary>Announces now and begins the burst: repeats 100 ms, 300 ms, 600 ms, 1 s and 5 s from now.</summary>
    public static RouterState Begin(in StepInput step, in RouterState state)
    {
        step.Effects.Add(RouterEffect.Announce());
        return Scheduled(step, state with { AnnouncementsLeft = Repeats });
    }

    /// <summary>Announces now and at least twice more: others may have been told of another holder.</summary>
    public static RouterState Again(in StepInput step, in RouterState state)
    {
        step.Effects.Add(RouterEffect.Announce());
        return Scheduled(step, state with { AnnouncementsLeft = Math.Max(state.AnnouncementsLeft, SurvivorRepeats) });
    }

    public static RouterState AnnounceIfDue(in StepInput step, in RouterState state)
    {
        if (step.Now < state.AnnounceDeadline)
            return state;
        step.Effects.Add(RouterEffect.Announce());
        return Scheduled(step, state with { AnnouncementsLeft = Math.Max(0, state.AnnouncementsLeft - 1) });
    }

    /// <summary>Sets the deadline of the next announcement, from how many of the burst are left.</summary>
    public static RouterState Scheduled(in StepInput step, in RouterState state)
    {
        // While another may answer wrongly none of the burst's last two is used up: they are for the time after it.
        if (step.Now < state.LeftBehindUntil)
        {
            RouterState contending =
                state with { AnnouncementsLeft = Math.Max(state.AnnouncementsLeft, SurvivorRepeats) };
            return contending with
            {
                AnnounceDeadline = MonotonicTime.Earlier(
                    Next(step, contending), step.Now.PlusNanoseconds(RouterTiming.AnnounceAgainstLeftBehind)),
            };
        }

        return state with { AnnounceDeadline = Next(step, state) };
    }

    private static MonotonicTime Next(in StepInput step, in RouterState state)
    {
        TimeSpan gap = state.AnnouncementsLeft switch
        {
            5 => TimeSpan.FromMilliseconds(100),
            4 => TimeSpan.FromMilliseconds(200),
            3 => TimeSpan.FromMilliseconds(300),
            2 => TimeSpan.FromMilliseconds(400),
            1 => TimeSpan.FromSeconds(4),
            _ => step.Parameters.AnnounceRefresh,
        };
        return gap == TimeSpan.Zero ? MonotonicTime.Never : step.Now.Plus(gap);
    }
}
