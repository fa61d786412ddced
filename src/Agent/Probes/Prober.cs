using Microsoft.Extensions.Logging;
using VipOperator.Agent.Logging;
using VipOperator.Vrrp;

namespace VipOperator.Agent.Probes;

/// <summary>
/// Probes one service for as long as it lives, judges the outcomes and holds a connection open to the service while it
/// passes. Everything is awaited; nothing polls. What a service that closes every connection costs it is bounded: for
/// each held connection that ends, at most twenty probes and ten connections within a second, and then one held
/// connection after 1, 2, 4, … 30 s.
/// </summary>
internal sealed class Prober : IDisposable
{
    /// <summary>A service that closes held connections sooner is asked to hold one less and less often.</summary>
    private static readonly TimeSpan ShortHold = TimeSpan.FromSeconds(1);

    private static readonly TimeSpan LongestHoldDelay = TimeSpan.FromSeconds(30);

    private readonly IProbe _probe;
    private readonly ProbeTiming _timing;
    private readonly TimeProvider _time;
    private readonly ILogger _log;
    private readonly Action<Prober> _changed;
    private readonly CancellationTokenSource _stop = new();
    private readonly SemaphoreSlim _wake = new(0, 1);
    private readonly ITimer _timer;
    private readonly Lock _gate = new();
    private readonly ProbeJudge _judge;
    private readonly ProbeTally _tally = new();

    // Guarded by _gate.
    private CancellationTokenSource? _running;
    private bool _interrupted;
    private bool _retargeted;
    private bool _answered;
    private CancellationTokenSource? _hold;
    private Task? _watching;
    private MonotonicTime _holdAgain;
    private TimeSpan _holdDelay;
    private Health _published = Health.Unknown;

    /// <param name="changed">Called with each new verdict, on the thread that found it.</param>
    public Prober(IProbe probe, ProbeTiming timing, TimeProvider time, ILogger log, Action<Prober> changed)
    {
        _probe = probe;
        _timing = timing;
        _time = time;
        _log = log;
        _changed = changed;
        _judge = new ProbeJudge(timing, time.GetMonotonicTime());
        _timer = time.CreateTimer(
            static prober => ((Prober)prober!).Wake(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>Until <see cref="Dispose"/>.</summary>
    public Task? Running { get; private set; }

    /// <summary>The watch over the held connection; ends after <see cref="Dispose"/> too.</summary>
    public Task? Watching => _watching;

    public Health Verdict
    {
        get
        {
            lock (_gate)
                return _published;
        }
    }

    public void Start() => Running = Task.Run(() => RunAsync(_stop.Token));

    /// <summary>The service may answer elsewhere than was known.</summary>
    public void TargetChanged()
    {
        lock (_gate)
        {
            if (_judge.Verdict == Health.Passing)
                return;
            _judge.TargetChanged(_time.GetMonotonicTime());
            _retargeted = _running is not null;
            Cancel(_running);
        }

        Wake();
    }

    public ProbeSnapshot Snapshot()
    {
        lock (_gate)
        {
            return new ProbeSnapshot
            {
                Description = _probe.Description,
                Verdict = _judge.Verdict,
                Since = _judge.VerdictSince,
                Message = _judge.Message,
                ConsecutiveFailures = _judge.Failures,
                RestartGraceRunning = !_judge.GraceEnd.IsNever,
                ConnectionHeld = _hold is not null,
                Successes = _tally.Successes,
                Failures = _tally.Failures,
                LatencySeconds = _tally.LatencySeconds,
                LatencyBuckets = _tally.LatencyBuckets,
            };
        }
    }

    public void Dispose() => _stop.Cancel();

    private async Task RunAsync(CancellationToken stop)
    {
        try
        {
            while (true)
            {
                MonotonicTime next;
                lock (_gate)
                    next = MonotonicTime.Earlier(MonotonicTime.Earlier(_judge.NextProbe, _judge.GraceEnd), NextHold());
                TimeSpan wait = next.Until(_time.GetMonotonicTime());
                if (wait > TimeSpan.Zero)
                {
                    // Woken too early, it looks at the clock again.
                    _timer.Change(WholeMilliseconds(wait), Timeout.InfiniteTimeSpan);
                    await _wake.WaitAsync(stop).ConfigureAwait(false);
                    continue;
                }

                stop.ThrowIfCancellationRequested();
                bool due;
                lock (_gate)
                {
                    MonotonicTime now = _time.GetMonotonicTime();
                    _judge.Tick(now);
                    LetGoUnlessPassing();
                    due = now >= _judge.NextProbe;
                    if (!due && now >= NextHold())
                        Hold(now, stop);
                }

                Publish();
                if (due)
                    await ProbeOnceAsync(stop).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // Disposed.
        }
        finally
        {
            lock (_gate)
                _running = null;
            await _timer.DisposeAsync().ConfigureAwait(false);
            _probe.Dispose();
        }
    }

    private async Task ProbeOnceAsync(CancellationToken stop)
    {
        bool passing;
        TimeSpan timeout = _timing.Timeout;
        MonotonicTime started = _time.GetMonotonicTime();
        lock (_gate)
        {
            passing = _judge.Verdict == Health.Passing;
            if (!_judge.GraceEnd.IsNever && _judge.GraceEnd.Until(started) < timeout)
                timeout = _judge.GraceEnd.Until(started);
        }

        using CancellationTokenSource limit = new(WholeMilliseconds(timeout), _time);
        using CancellationTokenSource running = CancellationTokenSource.CreateLinkedTokenSource(stop, limit.Token);
        lock (_gate)
        {
            _running = running;
            _interrupted = false;
            _retargeted = false;
        }

        ProbeOutcome outcome;
        try
        {
            outcome = await _probe.RunAsync(passing, running.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!stop.IsCancellationRequested)
        {
            outcome = new ProbeOutcome(
                ProbeOutcomeKind.Failure, $"no answer within {_timing.Timeout.TotalMilliseconds:0} ms");
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            Log.ProbeBroke(_log, _probe.Description, e);
            outcome = new ProbeOutcome(ProbeOutcomeKind.Failure, "the probe itself failed: " + e.GetType().Name);
        }

        lock (_gate)
        {
            _running = null;
            // The held connection ended meanwhile: this probe may have met the service before that, so look again. Or
            // the service may be elsewhere: then a failure to find it says nothing.
            if ((_interrupted && outcome.Kind != ProbeOutcomeKind.Gone)
                || (_retargeted && outcome.Kind != ProbeOutcomeKind.Success))
                return;
            MonotonicTime now = _time.GetMonotonicTime();
            _tally.Count(outcome, now.Until(started));
            _judge.Completed(outcome, now);
            _answered = outcome.Kind == ProbeOutcomeKind.Success;
            LetGoUnlessPassing();
        }

        Publish();
    }

    private void Publish()
    {
        string message;
        lock (_gate)
        {
            if (_judge.Verdict == _published)
                return;
            _published = _judge.Verdict;
            message = _judge.Message;
        }

        // First the verdict, then the words: the router waits for it.
        _changed(this);
        if (Verdict == Health.Passing)
            Log.ProbePasses(_log, _probe.Description);
        else
            Log.ProbeFails(_log, _probe.Description, message);
    }

    /// <summary>
    /// When to hold a connection: while the service answers, and after one that ended has been looked at again.
    /// </summary>
    private MonotonicTime NextHold() =>
        _judge.Verdict == Health.Passing && _answered && _hold is null ? _holdAgain : MonotonicTime.Never;

    private void Hold(MonotonicTime now, CancellationToken stop)
    {
        CancellationTokenSource hold = CancellationTokenSource.CreateLinkedTokenSource(stop);
        if (_probe.HoldAsync(hold.Token) is { } connection)
        {
            _hold = hold;
            _watching = WatchAsync(hold, connection, now);
        }
        else
        {
            _holdAgain = MonotonicTime.Never;
            hold.Dispose();
        }
    }

    // The connection may lead to one that is going.
    private void LetGoUnlessPassing()
    {
        if (_judge.Verdict == Health.Passing && _judge.GraceEnd.IsNever)
            return;
        Cancel(_hold);
        _hold = null;
    }

    private async Task WatchAsync(CancellationTokenSource hold, Task connection, MonotonicTime begun)
    {
        using CancellationTokenSource owned = hold;
        // The caller has the lock, and the connection may have ended already.
        await Task.Yield();
        try
        {
            await connection.ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            return;
        }

        lock (_gate)
        {
            if (_hold != hold)
                return;
            _hold = null;
            _answered = false;
            MonotonicTime now = _time.GetMonotonicTime();
            if (now.Until(begun) >= ShortHold)
                _holdDelay = TimeSpan.Zero;
            else if (!_judge.DoubtsLately(now))
                _holdDelay = _holdDelay == TimeSpan.Zero ? ShortHold : Shorter(_holdDelay * 2, LongestHoldDelay);
            _judge.ConnectionEnded(now);
            // One that lasted was ended by a stop or a reload: the next goes to another worker, when that has answered.
            _holdAgain = _holdDelay > TimeSpan.Zero
                ? now.Plus(_holdDelay)
                : MonotonicTime.Earlier(_judge.NextLook(now), now.Plus(ShortHold));
            _interrupted = _running is not null;
            Cancel(_running);
        }

        Wake();
    }

    // Under the lock: what waits for the cancellation goes on on another thread, so that it never runs with our lock in
    // hand.
    private static void Cancel(CancellationTokenSource? source) => _ = source?.CancelAsync();

    private void Wake()
    {
        lock (_gate)
        {
            if (_wake.CurrentCount == 0)
                _wake.Release();
        }
    }

    private static TimeSpan Shorter(TimeSpan left, TimeSpan right) => left < right ? left : right;

    // Timers count whole milliseconds, and none is no timer; rounded down they would wake too early and spin.
    private static TimeSpan WholeMilliseconds(TimeSpan span) =>
        TimeSpan.FromMilliseconds(Math.Max(1, Math.Ceiling(span.TotalMilliseconds)));
}
