using System.Net;
using VipOperator.Operator.Cluster;
using VipOperator.Operator.Configuration;
using VipOperator.Operator.Observing;

namespace VipOperator.Operator.Leadership;

/// <summary>
/// Makes sure, by a Lease, that one instance writes. A lease counts as left when it has not changed for its duration,
/// by the API server's clock before we first saw it and by ours since, so instances' clocks need not agree. The leader
/// stops writing well before others may begin, and gives the lease back when it stops. Why this is not
/// KubernetesClient's elector: docs/adr/0012.
/// </summary>
internal sealed class LeaderElector
{
    /// <summary>So that an API server that is back is asked soon, however long the lease.</summary>
    private static readonly TimeSpan LongestRetryInterval = TimeSpan.FromSeconds(2);

    private readonly ApiClient _client;
    private readonly OperatorSettings _settings;
    private readonly TimeProvider _time;
    private readonly OperatorMetrics _metrics;
    private readonly ILogger _logger;
    private readonly string _identity;
    private readonly ObservedLease _observed;

    // What is observed is the answer to our own write, and nothing has failed since.
    private bool _wroteLast;
    private string? _announced;
    private bool _failing;

    public LeaderElector(
        ApiClient client, OperatorSettings settings, TimeProvider time, OperatorMetrics metrics,
        ILogger<LeaderElector> logger)
    {
        _client = client;
        _settings = settings;
        _time = time;
        _metrics = metrics;
        _logger = logger;
        _identity = $"{Environment.MachineName}_{Guid.NewGuid():n}";
        _observed = new ObservedLease(settings, _identity, time);
    }

    public bool IsLeader { get; private set; }

    // Of 15 s: renewed each 3 s, given up after 12 s, tried for each second, at times a little earlier so that
    // instances do not march in step.
    private TimeSpan RenewInterval => _settings.LeaseDuration / 5;

    private TimeSpan RenewDeadline => _settings.LeaseDuration * 4 / 5;

    private TimeSpan NextRetry()
    {
        TimeSpan interval = _settings.LeaseDuration / 15;
        return (interval < LongestRetryInterval
            ? interval
            : LongestRetryInterval) * (1 - (Random.Shared.NextDouble() / 4));
    }

    /// <summary>Runs <paramref name="lead"/> whenever this instance leads, until cancelled.</summary>
    /// <param name="lead">Must end soon after its token is cancelled; nothing is released before.</param>
    public async Task RunAsync(Func<CancellationToken, Task> lead, CancellationToken cancellation)
    {
        if (!_settings.LeaderElection)
        {
            SetLeader(true);
            await lead(cancellation);
            SetLeader(false);
            return;
        }

        while (!cancellation.IsCancellationRequested)
        {
            if (await TryHoldAsync(cancellation))
                await LeadAsync(lead, cancellation);
            else
                await Pause(NextRetry(), cancellation);
        }
    }

    private async Task LeadAsync(Func<CancellationToken, Task> lead, CancellationToken cancellation)
    {
        Log.Leading(_logger, _identity);
        _announced = null;
        SetLeader(true);
        using CancellationTokenSource leading = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        Task work = lead(leading.Token);
        Task renewing = RenewAsync(leading.Token);
        await Task.WhenAny(work, renewing);
        await leading.CancelAsync();
        SetLeader(false);
        try
        {
            await work;
        }
        finally
        {
            await renewing;
            if (cancellation.IsCancellationRequested)
                await ReleaseAsync();
        }
    }

    // Returns when the lease can no longer be counted on.
    private async Task RenewAsync(CancellationToken cancellation)
    {
        long renewedAt = _time.GetTimestamp();
        TimeSpan pause = RenewInterval;
        while (true)
        {
            await Pause(pause, cancellation);
            if (cancellation.IsCancellationRequested)
                return;

            using CancellationTokenSource deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
            TimeSpan left = RenewDeadline - _time.GetElapsedTime(renewedAt);
            deadline.CancelAfter(left > TimeSpan.Zero ? left : TimeSpan.Zero);
            long start = _time.GetTimestamp();
            if (await TryHoldAsync(deadline.Token))
            {
                renewedAt = start;
                pause = RenewInterval - _time.GetElapsedTime(start);
            }
            else if (!cancellation.IsCancellationRequested
                && (_time.GetElapsedTime(renewedAt) >= RenewDeadline || _observed.IsHeldByAnother))
            {
                Log.LeadershipLost(_logger, _settings.LeaseNamespace, _settings.LeaseName,
                    "it is held by another, or not to be reached");
                return;
            }
            else
            {
                pause = NextRetry();
            }
        }
    }

    /// <summary>Takes or renews the lease.</summary>
    /// <returns>false when another holds it or the API server cannot be asked.</returns>
    private async Task<bool> TryHoldAsync(CancellationToken cancellation)
    {
        try
        {
            // Whoever holds it renews what it wrote last: one request, so that a slow API server costs no leadership.
            // Any failure makes it look first.
            bool renews = _wroteLast;
            _wroteLast = false;
            LeaseDocument? current = renews ? _observed.Lease : await LookAsync(cancellation);
            if (current is null)
            {
                Written(await _client.CreateAsync(
                    Resource.Leases, _settings.LeaseNamespace, _observed.Held(null),
                    ClusterJsonContext.Default.LeaseDocument, cancellation));
                return true;
            }

            if (_observed.IsHeldByAnother)
            {
                Announce(current.Spec.HolderIdentity!);
                return false;
            }

            // Carries the resourceVersion that was read or written last: when two try at a time, one is refused.
            Written(await _client.ReplaceAsync(
                Resource.Leases,
                _settings.LeaseNamespace,
                _settings.LeaseName,
                _observed.Held(current),
                ClusterJsonContext.Default.LeaseDocument,
                cancellation));
            return true;
        }
        catch (ApiException e) when (e.Code == HttpStatusCode.Conflict)
        {
            return false;
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            // Whatever it is, it must not end the operator. Tried again each second or so: once is enough to say.
            if (!_failing)
                Log.LeaseFailed(_logger, _settings.LeaseNamespace, _settings.LeaseName, e.Message);
            _failing = true;
            return false;
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }

    private async Task<LeaseDocument?> LookAsync(CancellationToken cancellation)
    {
        (LeaseDocument? current, DateTimeOffset? now) = await ReadAsync(cancellation);
        if (current is not null && _observed.Read(current, now))
            _failing = false;
        return current;
    }

    private void Written(LeaseDocument lease)
    {
        _failing = false;
        _wroteLast = true;
        _observed.Written(lease);
    }

    private async Task<(LeaseDocument? Lease, DateTimeOffset? Now)> ReadAsync(CancellationToken cancellation)
    {
        try
        {
            return await _client.GetDatedAsync(
                Resource.Leases, _settings.LeaseNamespace, _settings.LeaseName,
                ClusterJsonContext.Default.LeaseDocument, cancellation);
        }
        catch (ApiException e) when (e.Code == HttpStatusCode.NotFound)
        {
            return (null, null);
        }
    }

    // Best effort within a few seconds: without it, others take over when the lease runs out.
    private async Task ReleaseAsync()
    {
        using CancellationTokenSource deadline = new(TimeSpan.FromSeconds(3));
        try
        {
            (LeaseDocument? current, _) = await ReadAsync(deadline.Token);
            if (current?.Spec.HolderIdentity != _identity)
                return;
            await _client.ReplaceAsync(
                Resource.Leases,
                _settings.LeaseNamespace,
                _settings.LeaseName,
                _observed.Released(current),
                ClusterJsonContext.Default.LeaseDocument,
                deadline.Token);
            Log.LeaseReleased(_logger, _settings.LeaseNamespace, _settings.LeaseName);
        }
        catch (Exception e)
        {
            Log.LeaseFailed(_logger, _settings.LeaseNamespace, _settings.LeaseName, e.Message);
        }
    }

    private void Announce(string holder)
    {
        if (_announced == holder)
            return;
        _announced = holder;
        Log.StandingBy(_logger, holder, _identity);
    }

    private void SetLeader(bool leader)
    {
        IsLeader = leader;
        _metrics.SetLeader(leader);
    }

    private async Task Pause(TimeSpan time, CancellationToken cancellation) =>
        await Task.Delay(time > TimeSpan.Zero ? time : TimeSpan.Zero, _time, cancellation)
            .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
}
