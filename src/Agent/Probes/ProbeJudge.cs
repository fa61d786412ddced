using VipOperator.Vrrp;

namespace VipOperator.Agent.Probes;

/// <summary>
/// Turns probe outcomes into a verdict; pure: time comes in as an argument, the next probe's time goes out as a
/// property.
/// </summary>
/// <remarks>
/// Until the first verdict one success is enough to pass, and failures count up to the threshold. A passing service
/// fails by the threshold, unless it is gone (<see cref="ProbeOutcomeKind.Gone"/>): then at once, or when the restart
/// grace has run out without a success. The end of the connection that is held open to it is a reason to look closely,
/// not a failure: at once, then again and again in a second of <i>doubt</i>, because the first of several workers to
/// stop is followed by the others, or, when it was a reload, by new ones.
/// </remarks>
internal sealed class ProbeJudge(ProbeTiming timing, MonotonicTime start)
{
    /// <summary>How often a service that may be coming back is looked for, unless its interval is shorter.</summary>
    private static readonly TimeSpan GraceInterval = TimeSpan.FromMilliseconds(100);

    /// <summary>
    /// From the beginning of doubt to the first look after the one at once; each later pause is twice as long.
    /// </summary>
    private const long FirstPauseNanoseconds = 2_000_000;

    /// <summary>2, 6, 14, … 1,022 ms after doubt began.</summary>
    private const int DoubtfulLooks = 9;

    private static readonly TimeSpan EarlyDoubt = TimeSpan.FromMilliseconds(500);

    private int _failures;
    private int _successes;
    private MonotonicTime _doubtBegan = MonotonicTime.Never;

    public Health Verdict { get; private set; } = Health.Unknown;

    /// <summary>When the verdict was reached.</summary>
    public MonotonicTime VerdictSince { get; private set; } = start;

    /// <summary>When to probe next.</summary>
    public MonotonicTime NextProbe { get; private set; } = start;

    /// <summary>
    /// When the restart grace runs out; <see cref="MonotonicTime.Never"/> while there is none running.
    /// </summary>
    public MonotonicTime GraceEnd { get; private set; } = MonotonicTime.Never;

    /// <summary>What the last failure found; empty while the service answers.</summary>
    public string Message { get; private set; } = "";

    /// <summary>Failures in a row.</summary>
    public int Failures => _failures;

    /// <summary>Whether the service passes but may be on its way down.</summary>
    public bool Doubts => !_doubtBegan.IsNever;

    /// <summary>Whether doubt began so lately that another reason for it is none to begin it anew.</summary>
    public bool DoubtsLately(MonotonicTime now) => Doubts && now.Until(_doubtBegan) < EarlyDoubt;

    /// <summary>The held connection ended: probe now.</summary>
    public void ConnectionEnded(MonotonicTime now)
    {
        if (Verdict != Health.Passing || !GraceEnd.IsNever)
            return;
        if (!DoubtsLately(now))
            _doubtBegan = now;
        NextProbe = now;
    }

    /// <summary>
    /// The next time of doubt's own schedule, whatever else asks for a look in between; never when doubt is over by
    /// then.
    /// </summary>
    public MonotonicTime NextLook(MonotonicTime now)
    {
        if (Doubts)
        {
            for (int look = 1; look <= DoubtfulLooks; look++)
            {
                MonotonicTime time = _doubtBegan.PlusNanoseconds(FirstPauseNanoseconds * ((1 << look) - 1));
                if (time > now)
                    return time;
            }
        }

        return MonotonicTime.Never;
    }

    /// <summary>The service may answer elsewhere than was known: probe now, unless it passes.</summary>
    public void TargetChanged(MonotonicTime now)
    {
        if (Verdict != Health.Passing)
            NextProbe = MonotonicTime.Earlier(NextProbe, now);
    }

    /// <summary>The grace may have run out while a probe was under way.</summary>
    public void Tick(MonotonicTime now)
    {
        if (now >= GraceEnd)
            Fail(now);
    }

    /// <summary>A probe ended.</summary>
    public void Completed(in ProbeOutcome outcome, MonotonicTime now)
    {
        Message = outcome.Message;
        if (outcome.Kind == ProbeOutcomeKind.Success)
            Succeeded(now);
        else
            Failed(outcome.Kind, now);
        Tick(now);
    }

    private void Succeeded(MonotonicTime now)
    {
        _failures = 0;
        GraceEnd = MonotonicTime.Never;
        ScheduleNext(now);
        _successes = Math.Min(_successes + 1, timing.SuccessThreshold);
        if (Verdict == Health.Unknown || (Verdict == Health.Failing && _successes >= timing.SuccessThreshold))
            Become(Health.Passing, now);
    }

    private void Failed(ProbeOutcomeKind kind, MonotonicTime now)
    {
        _successes = 0;
        if (!GraceEnd.IsNever)
        {
            ScheduleInGrace(now);
            return;
        }

        if (kind == ProbeOutcomeKind.Gone && Verdict == Health.Passing)
        {
            _doubtBegan = MonotonicTime.Never;
            GraceEnd = now.Plus(timing.RestartGrace);
            ScheduleInGrace(now);
            return;
        }

        // A service that is being killed drops connections some milliseconds before it stops listening.
        if (kind == ProbeOutcomeKind.Broken && Verdict == Health.Passing && _failures == 0)
        {
            if (!Doubts)
                _doubtBegan = now;
            ScheduleNext(now);
            if (Doubts)
                return;
        }

        _doubtBegan = MonotonicTime.Never;
        ScheduleNext(now);
        _failures = Math.Min(_failures + 1, timing.FailureThreshold);
        if (_failures >= timing.FailureThreshold && Verdict != Health.Failing)
            Fail(now);
    }

    private void ScheduleNext(MonotonicTime now)
    {
        MonotonicTime look = NextLook(now);
        if (look.IsNever)
            _doubtBegan = MonotonicTime.Never;
        NextProbe = MonotonicTime.Earlier(look, now.Plus(timing.Interval));
    }

    private void ScheduleInGrace(MonotonicTime now) =>
        NextProbe = MonotonicTime.Earlier(now.Plus(Shorter(GraceInterval, timing.Interval)), GraceEnd);

    private void Fail(MonotonicTime now)
    {
        GraceEnd = MonotonicTime.Never;
        NextProbe = now.Plus(timing.Interval);
        Become(Health.Failing, now);
    }

    private void Become(Health verdict, MonotonicTime now)
    {
        Verdict = verdict;
        VerdictSince = now;
        _doubtBegan = MonotonicTime.Never;
        _failures = verdict == Health.Passing ? 0 : _failures;
        _successes = 0;
    }

    private static TimeSpan Shorter(TimeSpan left, TimeSpan right) => left < right ? left : right;
}
