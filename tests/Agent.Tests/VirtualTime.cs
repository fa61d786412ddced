namespace VipOperator.Agent.Tests;

/// <summary>Time that stands still until a test moves it; the test waits for what is due before it does.</summary>
internal sealed class VirtualTime : TimeProvider
{
    private readonly Lock _gate = new();
    private readonly List<VirtualTimer> _timers = [];
    private TaskCompletionSource _changed = NewSignal();
    private long _now;

    public override long TimestampFrequency => 1_000_000_000;

    public override long GetTimestamp() => Interlocked.Read(ref _now);

    public override DateTimeOffset GetUtcNow() => DateTimeOffset.UnixEpoch.AddTicks(GetTimestamp() / 100);

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        VirtualTimer timer = new(this, () => callback(state));
        timer.Change(dueTime, period);
        return timer;
    }

    /// <summary>Waits until the earliest timer is due at this time, then moves there and lets it ring.</summary>
    public async Task GoToAsync(int milliseconds, CancellationToken cancellationToken)
    {
        long time = milliseconds * 1_000_000L;
        while (true)
        {
            Task changed;
            lock (_gate)
            {
                if (_timers.Count > 0 && _timers.Min(t => t.Due) == time)
                    break;
                changed = _changed.Task;
            }

            await Task.WhenAny(changed, Task.Delay(Timeout.Infinite, cancellationToken));
            if (cancellationToken.IsCancellationRequested)
                Assert.Fail(
                    $"{milliseconds} ms was awaited; due is "
                    + $"{string.Join(", ", _timers.Select(t => t.Due / 1_000_000))} ms");
        }

        SetTo(milliseconds);
    }

    /// <summary>Moves to a time at which nothing need be due.</summary>
    public void SetTo(int milliseconds)
    {
        VirtualTimer[] due;
        lock (_gate)
        {
            Interlocked.Exchange(ref _now, milliseconds * 1_000_000L);
            due = [.. _timers.Where(t => t.Due <= _now)];
            foreach (VirtualTimer timer in due)
                _timers.Remove(timer);
        }

        foreach (VirtualTimer timer in due)
            timer.Ring();
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private void Set(VirtualTimer timer, TimeSpan dueTime)
    {
        lock (_gate)
        {
            _timers.Remove(timer);
            if (dueTime != Timeout.InfiniteTimeSpan)
            {
                timer.Due = _now + (dueTime.Ticks * 100);
                _timers.Add(timer);
            }

            _changed.TrySetResult();
            _changed = NewSignal();
        }
    }

    private sealed class VirtualTimer(VirtualTime time, Action ring) : ITimer
    {
        public long Due { get; set; }

        public void Ring() => ring();

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            time.Set(this, dueTime);
            return true;
        }

        public void Dispose() => time.Set(this, Timeout.InfiniteTimeSpan);

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
