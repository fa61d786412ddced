using System.Threading.Channels;
using VipOperator.Operator.Cluster;
using VipOperator.Operator.Observing;

namespace VipOperator.Operator.Notifying;

/// <summary>
/// One channel: a queue, and a loop that takes what has gathered in it and sends it, one message at a time.
/// <see cref="Offer"/> never waits; when the queue is full the oldest go, because what is newer says more about how
/// things are.
/// </summary>
internal sealed class NotificationChannel : IAsyncDisposable
{
    public const int LongestQueue = 4096;

    private static readonly TimeSpan FirstDelay = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestDelay = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan LongestDelayAtTheEnd = TimeSpan.FromSeconds(1);

    private readonly Func<Batch, ChannelSettings, IDelivery> _prepare;
    private readonly TimeProvider _time;
    private readonly OperatorMetrics _metrics;
    private readonly ILogger _logger;
    private readonly Channel<Notification> _queue;
    private readonly RateLimit _rate;
    private readonly CancellationTokenSource _ending = new();
    private readonly CancellationTokenSource _abandoned = new();
    private readonly Task _loop;
    private volatile ChannelSettings _settings;
    private volatile TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _inHand;
    private bool _ended;

    // In s since the Unix epoch.
    private long _saidDropped = long.MinValue;

    /// <param name="prepare">Makes a message, for the settings that hold at the time.</param>
    public NotificationChannel(
        ChannelSettings settings,
        Func<Batch, ChannelSettings, IDelivery> prepare,
        TimeProvider time,
        OperatorMetrics metrics,
        ILogger logger)
    {
        _settings = settings;
        _prepare = prepare;
        _time = time;
        _metrics = metrics;
        _logger = logger;
        _rate = new RateLimit(time);
        _queue = Channel.CreateBounded<Notification>(
            new BoundedChannelOptions(LongestQueue)
            { FullMode = BoundedChannelFullMode.DropOldest, SingleReader = true },
            dropped => Lose(1, NotificationResult.Dropped,
                $"the queue is full; the oldest was {dropped.Reason} {dropped.VirtualIP}"));
        metrics.AddNotificationChannel(settings.Name);
        _loop = Task.Run(RunAsync);
    }

    public ChannelSettings Settings => _settings;

    /// <summary>Events that wait or are on their way.</summary>
    public int Length => _queue.Reader.Count + Volatile.Read(ref _inHand);

    public void Offer(Notification notification)
    {
        _queue.Writer.TryWrite(notification);
        Report();
    }

    /// <summary>What has not been sent yet goes by the new settings, and is tried at once.</summary>
    public void Configure(ChannelSettings settings)
    {
        _settings = settings;
        Interlocked.Exchange(ref _changed, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously))
            .SetResult();
    }

    /// <summary>
    /// Sends what is there without waiting for more, and ends; after <paramref name="grace"/> the rest is given up.
    /// </summary>
    public async Task EndAsync(TimeSpan grace)
    {
        if (Interlocked.Exchange(ref _ended, true))
        {
            await _loop;
            return;
        }

        _queue.Writer.TryComplete();
        await _ending.CancelAsync();
        if (await Task.WhenAny(_loop, Task.Delay(grace, _time)) != _loop)
            await _abandoned.CancelAsync();
        await _loop;
        _metrics.RemoveNotificationQueue(_settings.Name);
        _ending.Dispose();
        _abandoned.Dispose();
    }

    public async ValueTask DisposeAsync() => await EndAsync(TimeSpan.Zero);

    private async Task RunAsync()
    {
        while (await TakeAsync() is { } batch)
        {
            try
            {
                await SendAsync(batch);
            }
            catch (Exception e)
            {
                // A bug; the next message may do better.
                Log.NotificationFailed(_logger, _settings.Name, e);
                Lose(batch.Count, NotificationResult.Rejected, e.Message);
            }

            Interlocked.Exchange(ref _inHand, 0);
            Report();
        }
    }

    // null: the end.
    private async Task<Batch?> TakeAsync()
    {
        if (!await _queue.Reader.WaitToReadAsync())
            return null;
        await GatherAsync();
        await WaitForTurnAsync();

        List<Notification> taken = [];
        while (_queue.Reader.TryRead(out Notification? notification))
            taken.Add(notification);
        Interlocked.Exchange(ref _inHand, taken.Count);
        return new Batch(taken, _time.GetUtcNow());
    }

    private async Task WaitForTurnAsync()
    {
        while (!_ending.IsCancellationRequested)
        {
            Task changed = _changed.Task;
            TimeSpan wait = _rate.Take(_settings.RateMessages, _settings.RateInterval);
            if (wait <= TimeSpan.Zero)
                return;
            await PauseAsync(wait, changed);
        }
    }

    private async Task GatherAsync()
    {
        TimeSpan quiet = _settings.GatherTime;
        long start = _time.GetTimestamp();
        int count;
        do
        {
            count = _queue.Reader.Count;
            await Task.Delay(quiet, _time, _ending.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
        while (!_ending.IsCancellationRequested && _queue.Reader.Count != count
            && _time.GetElapsedTime(start) < quiet * (ChannelSettings.LongestGathering - 1));
    }

    private async Task SendAsync(Batch batch)
    {
        long start = _time.GetTimestamp();
        Backoff delays = new(FirstDelay, LongestDelay);
        ChannelSettings? prepared = null;
        IDelivery? delivery = null;
        while (true)
        {
            Task changed = _changed.Task;
            ChannelSettings settings = _settings;
            if (delivery is null || !ReferenceEquals(prepared, settings))
                (delivery, prepared) = (_prepare(batch, settings), settings);
            try
            {
                _abandoned.Token.ThrowIfCancellationRequested();
                await delivery.TryAsync(_abandoned.Token);
                _metrics.CountNotifications(settings.Name, NotificationResult.Sent, batch.Count);
                Log.NotificationSent(_logger, settings.Name, batch.Summary());
                return;
            }
            catch (OperationCanceledException) when (_abandoned.IsCancellationRequested)
            {
                Lose(batch.Count, NotificationResult.Lost, $"the end came before it was sent: {batch.Summary()}");
                return;
            }
            catch (DeliveryException e)
            {
                _metrics.CountNotificationFailure(settings.Name);
                TimeSpan delay = _ending.IsCancellationRequested ? delays.Next(LongestDelayAtTheEnd) : delays.Next();
                if (e.RetryAfter is { } asked && asked > delay)
                    delay = asked;
                if (e.IsFinal
                    || (_time.GetElapsedTime(start) + delay > settings.RetryFor && !_ending.IsCancellationRequested))
                {
                    Lose(batch.Count, e.IsFinal ? NotificationResult.Rejected : NotificationResult.Expired,
                        $"{e.Message}: {batch.Summary()}");
                    return;
                }

                Log.NotificationRetried(_logger, settings.Name, delay, e.Message);
                await PauseAsync(delay, changed);
            }
        }
    }

    // Ends early when the settings change or the end comes. At the end itself, a pause is one that only giving up ends
    // early.
    private async Task PauseAsync(TimeSpan time, Task changed)
    {
        using CancellationTokenSource waiting = CancellationTokenSource.CreateLinkedTokenSource(
            _ending.IsCancellationRequested ? _abandoned.Token : _ending.Token);
        await Task.WhenAny(changed, Task.Delay(time, _time, waiting.Token));
        await waiting.CancelAsync();
    }

    private void Lose(int count, NotificationResult result, string why)
    {
        _metrics.CountNotifications(_settings.Name, result, count);
        if (result != NotificationResult.Dropped || ShallSayDropped())
            Log.NotificationsLost(_logger, _settings.Name, count, result, why);
    }

    // A queue that runs over does so with each event; once a minute is enough to say.
    private bool ShallSayDropped()
    {
        long now = _time.GetUtcNow().ToUnixTimeSeconds();
        long before = Interlocked.Read(ref _saidDropped);
        return (before == long.MinValue || now - before >= 60)
            && Interlocked.CompareExchange(ref _saidDropped, now, before) == before;
    }

    private void Report() => _metrics.SetNotificationQueue(_settings.Name, Length);
}
