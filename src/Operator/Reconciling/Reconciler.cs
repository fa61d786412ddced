using System.Net;
using VipOperator.Operator.Cluster;
using VipOperator.Operator.Configuration;
using VipOperator.Operator.Observing;
using VipOperator.Planning;

namespace VipOperator.Operator.Reconciling;

/// <summary>
/// The one loop that decides: wait for changes, gather them for a moment, plan the whole cluster, apply what the plan
/// asks for. Runs only while this instance leads.
/// </summary>
internal sealed class Reconciler
{
    private static readonly TimeSpan FirstDelay = TimeSpan.FromMilliseconds(200);

    /// <summary>Short: an API server that is back is to be written to within 5 s.</summary>
    private static readonly TimeSpan LongestDelay = TimeSpan.FromSeconds(2);

    /// <summary>When the server says that the object itself is wrong, which another try hardly mends.</summary>
    private static readonly TimeSpan LongestDelayAfterRefusal = TimeSpan.FromMinutes(1);

    private readonly ClusterState _state;
    private readonly Applier _applier;
    private readonly OperatorSettings _settings;
    private readonly TimeProvider _time;
    private readonly OperatorMetrics _metrics;
    private readonly ILogger _logger;
    private readonly Dictionary<ObjectKey, Pause> _backingOff = [];

    // Writes of a status to which there was no answer, and the events behind them: it may have been written all the
    // same.
    private readonly Dictionary<ObjectKey, (SetStatus Status, RecordEvent[] Events)> _unanswered = [];

    public Reconciler(
        ClusterState state,
        Applier applier,
        OperatorSettings settings,
        TimeProvider time,
        OperatorMetrics metrics,
        ILogger<Reconciler> logger)
    {
        _state = state;
        _applier = applier;
        _settings = settings;
        _time = time;
        _metrics = metrics;
        _logger = logger;
    }

    /// <summary>
    /// Runs until cancelled. A write that is under way is waited for, so that after the return nothing is written any
    /// more.
    /// </summary>
    public async Task RunAsync(CancellationToken cancellation)
    {
        // Whatever changed before we led has been planned by somebody else, or has not.
        _state.Changes.Set();
        _backingOff.Clear();
        _unanswered.Clear();
        _applier.BeginToLead();
        // The answer to a write that is under way is waited for when the lead ends, or nobody would know what came of
        // its events: not for long, as others may begin to write a fifth of the lease later.
        using CancellationTokenSource writing = new();
        using CancellationTokenRegistration ending = cancellation.Register(
            () => writing.CancelAfter(_settings.LeaseDuration / 10));
        TimeSpan wait = _settings.ResyncInterval;
        Backoff failures = new(FirstDelay, LongestDelay);
        try
        {
            while (true)
            {
                await _state.Changes.WaitAsync(wait, _time, cancellation);
                await Task.Delay(_settings.GatherTime, _time, cancellation);
                try
                {
                    wait = await ReconcileAsync(cancellation, writing.Token);
                    failures.Reset();
                }
                catch (Exception e) when (e is not OperationCanceledException || !cancellation.IsCancellationRequested)
                {
                    wait = failures.Next();
                    Log.PlanningFailed(_logger, wait, e);
                    await Task.Delay(wait, _time, cancellation);
                    _state.Changes.Set();
                }
            }
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            // Another leads now, or nobody.
        }
    }

    // Returns how long to wait at most until the next time.
    private async Task<TimeSpan> ReconcileAsync(CancellationToken cancellation, CancellationToken writing)
    {
        _metrics.SetPendingChanges(_state.Changes.Pending);
        _state.Changes.Clear();
        if (!_state.IsSynced)
            return _settings.ResyncInterval;

        long start = _time.GetTimestamp();
        ClusterSnapshot snapshot = _state.Snapshot();
        await RecordUnansweredAsync(snapshot, cancellation);
        ForgetGone(snapshot);
        Plan plan = Planner.Plan(snapshot);
        TimeSpan duration = _time.GetElapsedTime(start);
        _metrics.ObservePlan(duration);
        Log.Planned(_logger, snapshot.VirtualIPs.Count, duration, plan.Steps.Count);

        IGrouping<ObjectKey, PlanStep>[] groups = [.. plan.Steps
            .GroupBy(s => s.VirtualIP)
            .Where(g => !_backingOff.TryGetValue(g.Key, out Pause? pause) || pause.Left(_time) <= TimeSpan.Zero)];
        await Parallel.ForEachAsync(
            groups,
            new ParallelOptions
            { MaxDegreeOfParallelism = _settings.ConcurrentWrites, CancellationToken = cancellation },
            async (group, _) => await ApplyAsync(group, cancellation, writing));

        // A VirtualIP whose steps are gone has nothing left to try again.
        HashSet<ObjectKey> planned = [.. plan.Steps.Select(s => s.VirtualIP)];
        TimeSpan wait = plan.RecheckAfter is { } recheck && recheck < _settings.ResyncInterval
            ? recheck
            : _settings.ResyncInterval;
        lock (_backingOff)
        {
            foreach (ObjectKey key in _backingOff.Keys.Where(k => !planned.Contains(k)).ToArray())
                _backingOff.Remove(key);
            _metrics.SetBackingOff(_backingOff.Count);
            foreach (Pause pause in _backingOff.Values)
            {
                TimeSpan left = pause.Left(_time);
                wait = left < wait ? left : wait;
            }
        }

        return wait > TimeSpan.Zero ? wait : TimeSpan.Zero;
    }

    // The steps of one VirtualIP, in order; the first that fails ends them, and the plan that follows has what is still
    // to be done.
    private async Task ApplyAsync(
        IGrouping<ObjectKey, PlanStep> steps, CancellationToken cancellation, CancellationToken writing)
    {
        foreach (PlanStep step in steps)
        {
            if (step is not RecordEvent)
                cancellation.ThrowIfCancellationRequested();
            try
            {
                if (!await _applier.ApplyAsync(step, writing))
                    return;
                lock (_backingOff)
                {
                    _backingOff.Remove(step.VirtualIP);
                    if (step is SetStatus)
                        _unanswered.Remove(step.VirtualIP);
                }
            }
            catch (Exception e) when (e is not OperationCanceledException)
            {
                // Whatever it is, it is this VirtualIP's alone.
                BackOff(step, e);
                if (step is SetStatus status && e is not ApiException { Code: < HttpStatusCode.InternalServerError })
                {
                    lock (_backingOff)
                        _unanswered[step.VirtualIP] = (status, [.. steps.OfType<RecordEvent>()]);
                }

                return;
            }
        }
    }

    // A status that turns out to be written shows no change to the plans that follow, so its events are recorded here;
    // one that is not is planned again, with its events.
    private async Task RecordUnansweredAsync(ClusterSnapshot snapshot, CancellationToken cancellation)
    {
        if (_unanswered.Count == 0)
            return;
        foreach (VirtualIPObject virtualIP in snapshot.VirtualIPs)
        {
            if (!_unanswered.TryGetValue(virtualIP.Key, out (SetStatus Status, RecordEvent[] Events) write)
                || write.Status.Uid != virtualIP.Uid || write.Status.Report != virtualIP.Report)
                continue;
            _unanswered.Remove(virtualIP.Key);
            foreach (RecordEvent record in write.Events)
                await _applier.ApplyAsync(record, cancellation);
        }
    }

    private void ForgetGone(ClusterSnapshot snapshot)
    {
        HashSet<string> uids = [.. snapshot.VirtualIPs.Select(v => v.Uid)];
        _applier.Keep(uids);
        foreach (ObjectKey key in _unanswered.Where(u => !uids.Contains(u.Value.Status.Uid)).Select(u => u.Key)
            .ToArray())
            _unanswered.Remove(key);
    }

    private void BackOff(PlanStep step, Exception e)
    {
        TimeSpan delay;
        lock (_backingOff)
        {
            Backoff delays = _backingOff.TryGetValue(step.VirtualIP, out Pause? pause)
                ? pause.Delays
                : new Backoff(FirstDelay, LongestDelay);
            bool refused = e is ApiException
            {
                Code: HttpStatusCode.BadRequest or HttpStatusCode.Forbidden or HttpStatusCode.RequestEntityTooLarge
                    or HttpStatusCode.UnprocessableEntity,
            };
            delay = delays.Next(refused ? LongestDelayAfterRefusal : LongestDelay);
            if (e is ApiException { RetryAfter: { } asked } && asked > delay)
                delay = asked;
            _backingOff[step.VirtualIP] = new Pause(delays, _time.GetTimestamp(), delay);
        }

        Log.WriteFailed(_logger, step.VirtualIP.Namespace, step.VirtualIP.Name, step.GetType().Name, delay, e.Message);
    }

    // By a clock that nobody sets: the time of day may go back by hours.
    private sealed record Pause(Backoff Delays, long Since, TimeSpan Delay)
    {
        public TimeSpan Left(TimeProvider time) => Delay - time.GetElapsedTime(Since);
    }
}
