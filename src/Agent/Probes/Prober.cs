using Microsoft.Extensions.Logging;
using VipOperator.Agent.Logging;
using VipOperator.Vrrp;

namespace VipOperator.Agent.Probes;

/// <summary>
/// Probes one service for as long as it lives, judges the outcomes and holds a connection open to the service while it
/// passes. Everything is awaited; nothing polls.
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
    private readonly Lock _gate = new();
    private readonly ProbeJudge _judge;
    private readonly long[] _buckets = new long[ProbeSnapshot.BucketBounds.Length + 1];

    // Guarded by _gate.
    private CancellationTokenSource? _running;
    private bool _interrupted;
    private bool _retargeted;
    private CancellationTokenSource? _hold;
    private Task? _watching;
    private MonotonicTime _holdAgain;
    private TimeSpan _holdDelay;
    private Health _published = Health.Unknown;
    private long _successes;
    private long _failures;
    private double _latencySeconds;

    /// <param name="changed">Called with each new verdict, on the thread that found it.</param>
    public Prober(IProbe probe, ProbeTiming timing, TimeProvider time, ILogger log, Action<Prober> changed)
    {
        _probe = probe;
        _timing = timing;
        _time = time;
        _log = log;
        _changed = changed;
        _judge = new ProbeJudge(timing, time.GetMonotonicTime());
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
                Successes = _successes,
                Failures = _failures,
                LatencySeconds = _latencySeconds,
                LatencyBuckets = [.. _buckets],
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
                    next = MonotonicTime.Earlier(_judge.NextProbe, _judge.GraceEnd);
                TimeSpan wait = next.Until(_time.GetMonotonicTime());
                if (wait > TimeSpan.Zero && await _wake.WaitAsync(WholeMilliseconds(wait), stop).ConfigureAwait(false))
                    continue;
                stop.ThrowIfCancellationRequested();

                bool due;
                lock (_gate)
                {
                    MonotonicTime now = _time.GetMonotonicTime();
                    _judge.Tick(now);
                    due = now >= _judge.NextProbe;
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
            _probe.Dispose();
        }
    }

    private async Task ProbeOnceAsync(CancellationToken stop)
    {
        using CancellationTokenSource running = CancellationTokenSource.CreateLinkedTokenSource(stop);
        bool passing;
        TimeSpan timeout = _timing.Timeout;
        MonotonicTime started = _time.GetMonotonicTime();
        lock (_gate)
        {
            _running = running;
            _interrupted = false;
            _retargeted = false;
            passing = _judge.Verdict == Health.Passing;
            if (!_judge.GraceEnd.IsNever && _judge.GraceEnd.Until(started) < timeout)
                timeout = _judge.GraceEnd.Until(started);
        }

        running.CancelAfter(timeout > TimeSpan.Zero ? WholeMilliseconds(timeout) : TimeSpan.FromMilliseconds(1));
        ProbeOutcome outcome;
        try
        {
            outcome = await _probe.RunAsync(passing, running.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!stop.IsCancellationRequested)
        {
            outcome = new ProbeOutcome(ProbeOutcomeKind.Failure, $"no answer within {_timing.Timeout.TotalMilliseconds:0} ms");
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            Log.ProbeBroke(_log, _probe.Description, e);
            outcome = new ProbeOutcome(ProbeOutcomeKind.Failure, "the probe itself failed: " + e.GetType().Name);
        }

        lock (_gate)
        {
            _running = null;
            // The held connection ended meanwhile: this probe may have met the service before that, so look again. Or the
            // service may be elsewhere: then a failure to find it says nothing.
            if ((_interrupted && outcome.Kind != ProbeOutcomeKind.Gone) || (_retargeted && outcome.Kind != ProbeOutcomeKind.Success))
                return;
            MonotonicTime now = _time.GetMonotonicTime();
            Count(outcome, now.Until(started));
            _judge.Completed(outcome, now);
        }

        Publish();
        Hold(stop);
    }

    private void Count(in ProbeOutcome outcome, TimeSpan duration)
    {
        if (outcome.Kind == ProbeOutcomeKind.Success)
            _successes++;
        else
            _failures++;
        double seconds = duration.TotalSeconds;
        _latencySeconds += seconds;
        int bucket = 0;
        while (bucket < ProbeSnapshot.BucketBounds.Length && seconds > ProbeSnapshot.BucketBounds[bucket])
            bucket++;
        _buckets[bucket]++;
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

    /// <summary>Holds a connection while the service passes, and none while it does not: it may lead to one that is going.</summary>
    private void Hold(CancellationToken stop)
    {
        lock (_gate)
        {
            if (_judge.Verdict != Health.Passing)
            {
                Cancel(_hold);
                _hold = null;
                return;
            }

            MonotonicTime now = _time.GetMonotonicTime();
            if (_hold is not null || _judge.Failures > 0 || !_judge.GraceEnd.IsNever || now < _holdAgain)
                return;
            CancellationTokenSource hold = CancellationTokenSource.CreateLinkedTokenSource(stop);
            if (_probe.HoldAsync(hold.Token) is { } connection)
            {
                _hold = hold;
                _watching = WatchAsync(hold, connection, now);
            }
            else
            {
                hold.Dispose();
            }
        }
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
            MonotonicTime now = _time.GetMonotonicTime();
            _holdDelay = now.Until(begun) >= ShortHold ? TimeSpan.Zero
                : _holdDelay == TimeSpan.Zero ? ShortHold
                : _holdDelay * 2 < LongestHoldDelay ? _holdDelay * 2 : LongestHoldDelay;
            _holdAgain = now.Plus(_holdDelay);
            _judge.ConnectionEnded(now);
            _interrupted = _running is not null;
            Cancel(_running);
        }

        Wake();
    }

    // Under the lock: what waits for the cancellation goes on on another thread, so that it never runs with our lock in hand.
    private static void Cancel(CancellationTokenSource? source) => _ = source?.CancelAsync();

    private void Wake()
    {
        lock (_gate)
        {
            if (_wake.CurrentCount == 0)
                _wake.Release();
        }
    }

    // Timers count whole milliseconds; rounded down they would wake too early and spin.
    private static TimeSpan WholeMilliseconds(TimeSpan span) => TimeSpan.FromMilliseconds(Math.Ceiling(span.TotalMilliseconds));
}
