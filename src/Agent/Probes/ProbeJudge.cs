using VipOperator.Vrrp;

namespace VipOperator.Agent.Probes;

/// <summary>
/// Turns probe outcomes into a verdict; pure: time comes in as an argument, the next probe's time goes out as a property.
/// </summary>
/// <remarks>
/// Until the first verdict one success is enough to pass, and failures count up to the threshold. A passing service fails
/// by the threshold, unless it is gone (<see cref="ProbeOutcomeKind.Gone"/>): then at once, or when the restart grace has
/// run out without a success. The end of the connection that is held open to it is a reason to look at once, not a failure.
/// </remarks>
internal sealed class ProbeJudge(ProbeTiming timing, MonotonicTime start)
{
    /// <summary>How often a service that may be coming back is looked for, unless its interval is shorter.</summary>
    private static readonly TimeSpan GraceInterval = TimeSpan.FromMilliseconds(100);

    /// <summary>
    /// A service that is being killed drops connections some milliseconds before it stops listening; it is looked at again
    /// after this long, and twice as long each time.
    /// </summary>
    private static readonly TimeSpan FirstConfirmationDelay = TimeSpan.FromMilliseconds(2);

    /// <summary>1 s in all (2 + 4 + … + 512 ms); a service that still breaks connections then counts by the threshold.</summary>
    private const int MostConfirmations = 9;

    private int _failures;
    private int _successes;
    private int _confirmations;

    public Health Verdict { get; private set; } = Health.Unknown;

    /// <summary>When the verdict was reached.</summary>
    public MonotonicTime VerdictSince { get; private set; } = start;

    /// <summary>When to probe next.</summary>
    public MonotonicTime NextProbe { get; private set; } = start;

    /// <summary>When the restart grace runs out; <see cref="MonotonicTime.Never"/> while there is none running.</summary>
    public MonotonicTime GraceEnd { get; private set; } = MonotonicTime.Never;

    /// <summary>What the last failure found; empty while the service answers.</summary>
    public string Message { get; private set; } = "";

    /// <summary>Failures in a row.</summary>
    public int Failures => _failures;

    /// <summary>The held connection ended: probe now.</summary>
    public void ConnectionEnded(MonotonicTime now)
    {
        if (Verdict != Health.Passing || !GraceEnd.IsNever)
            return;
        _confirmations = 0;
        NextProbe = now;
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
        _confirmations = 0;
        GraceEnd = MonotonicTime.Never;
        NextProbe = now.Plus(timing.Interval);
        _successes = Math.Min(_successes + 1, timing.SuccessThreshold);
        if (Verdict == Health.Unknown || (Verdict == Health.Failing && _successes >= timing.SuccessThreshold))
            Become(Health.Passing, now);
    }

    private void Failed(ProbeOutcomeKind kind, MonotonicTime now)
    {
        _successes = 0;
        NextProbe = now.Plus(timing.Interval);
        if (!GraceEnd.IsNever)
        {
            NextProbe = MonotonicTime.Earlier(now.Plus(Shorter(GraceInterval, timing.Interval)), GraceEnd);
            return;
        }

        if (kind == ProbeOutcomeKind.Broken && Verdict == Health.Passing && _confirmations < MostConfirmations)
        {
            NextProbe = now.Plus(FirstConfirmationDelay * (1 << _confirmations++));
            return;
        }

        if (kind == ProbeOutcomeKind.Gone && Verdict == Health.Passing)
        {
            if (timing.RestartGrace == TimeSpan.Zero)
            {
                Fail(now);
                return;
            }

            GraceEnd = now.Plus(timing.RestartGrace);
            NextProbe = MonotonicTime.Earlier(now.Plus(Shorter(GraceInterval, timing.Interval)), GraceEnd);
            return;
        }

        _failures = Math.Min(_failures + 1, timing.FailureThreshold);
        if (_failures >= timing.FailureThreshold && Verdict != Health.Failing)
            Fail(now);
    }

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
        _confirmations = 0;
        _failures = verdict == Health.Passing ? 0 : _failures;
        _successes = 0;
    }

    private static TimeSpan Shorter(TimeSpan left, TimeSpan right) => left < right ? left : right;
}
