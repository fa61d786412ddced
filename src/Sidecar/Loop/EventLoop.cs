using VipOperator.Sidecar.Linux;
using VipOperator.Vrrp;

namespace VipOperator.Sidecar.Loop;

/// <summary>
/// One thread that waits for descriptors and deadlines and calls whom they concern. Nothing here allocates once the
/// sources are registered.
/// </summary>
internal sealed class EventLoop : IDisposable
{
    private readonly Epoll _epoll = new();
    private readonly TimerDescriptor _timer = new();
    private readonly WakeDescriptor _wake = new();
    private readonly DeadlineHeap _deadlines = new();
    private readonly List<Slot> _slots = [];
    private MonotonicTime _armed = MonotonicTime.Never;
    private int? _exitCode;

    public EventLoop()
    {
        Register(_timer.Descriptor, new TimerSource(_timer, this));
        Register(_wake.Descriptor, new WakeSource(_wake, this));
    }

    /// <summary>Raised on the loop's thread after <see cref="Wake"/>.</summary>
    public event Action? Woken;

    /// <summary>Raised on the loop's thread at the end of each round: for what was put off until then.</summary>
    public event Action? RoundEnded;

    /// <summary>Wake-ups since the start.</summary>
    public ulong Iterations { get; private set; }

    /// <summary>
    /// Managed bytes that the loop's thread has allocated since <see cref="Run"/> began. Call on that thread.
    /// </summary>
    public ulong AllocatedBytes => (ulong)(GC.GetAllocatedBytesForCurrentThread() - _allocatedBefore);

    private long _allocatedBefore;

    /// <summary>From any thread: raises <see cref="Woken"/> soon.</summary>
    public void Wake() => _wake.Wake();

    /// <summary>Watches a descriptor until <see cref="Unregister"/>, which must come before it is closed.</summary>
    public void Register(Descriptor descriptor, IEventSource source, Readiness interest = Readiness.Readable)
    {
        int free = _slots.FindIndex(s => s.Descriptor is null);
        if (free < 0)
        {
            free = _slots.Count;
            _slots.Add(default);
        }

        // The generation tells an event of a descriptor that is gone from one of its successor in the slot.
        _slots[free] = new Slot(descriptor, source, _slots[free].Generation + 1);
        _epoll.Register(descriptor, interest, Key(free));
    }

    public void Change(Descriptor descriptor, Readiness interest) =>
        _epoll.Change(descriptor, interest, Key(Find(descriptor)));

    public void Unregister(Descriptor descriptor)
    {
        int index = Find(descriptor);
        _epoll.Unregister(descriptor);
        _slots[index] = new Slot(null, null, _slots[index].Generation);
    }

    /// <param name="slackNanoseconds">As for <see cref="DeadlineHeap.Set"/>.</param>
    public void Schedule(Deadline deadline, MonotonicTime due, long slackNanoseconds = 0) =>
        _deadlines.Set(deadline, due, slackNanoseconds);

    /// <summary>Makes <see cref="Run"/> return after the current round.</summary>
    public void Stop(int exitCode) => _exitCode ??= exitCode;

    /// <summary>Runs until <see cref="Stop"/>.</summary>
    /// <returns>The exit code given to it.</returns>
    public int Run()
    {
        _allocatedBefore = GC.GetAllocatedBytesForCurrentThread();
        while (_exitCode is null)
        {
            Arm();
            int count = _epoll.Wait();
            Iterations++;
            // Packets before deadlines: after a stall, an advertisement that waits in the buffer must be seen before
            // the timer that its absence would let run out.
            for (int i = 0; i < count; i++)
            {
                (Readiness readiness, ulong key) = _epoll.Ready(i);
                Slot slot = _slots[(int)(uint)key];
                if (slot.Source is not null && slot.Generation == (uint)(key >> 32))
                    slot.Source.OnReady(readiness);
            }

            // What is due now, once: a deadline that is set anew for the past waits for the next round, after the
            // packets.
            MonotonicTime now = MonotonicClock.Now;
            for (int left = _deadlines.Count; left > 0 && _deadlines.TryTakeDue(now, out Deadline deadline); left--)
                deadline.Reach();
            RoundEnded?.Invoke();
        }

        return _exitCode.Value;
    }

    public void Dispose()
    {
        _wake.Dispose();
        _timer.Dispose();
        _epoll.Dispose();
    }

    private void Arm()
    {
        if (_deadlines.Earliest == _armed)
            return;
        _armed = _deadlines.Earliest;
        _timer.Arm(_armed);
    }

    private int Find(Descriptor descriptor) => _slots.FindIndex(s => ReferenceEquals(s.Descriptor, descriptor));

    private ulong Key(int index) => ((ulong)_slots[index].Generation << 32) | (uint)index;

    private readonly record struct Slot(Descriptor? Descriptor, IEventSource? Source, uint Generation);

    private sealed class TimerSource(TimerDescriptor timer, EventLoop loop) : IEventSource
    {
        public void OnReady(Readiness readiness)
        {
            timer.Acknowledge();
            loop._armed = MonotonicTime.Never;
        }
    }

    private sealed class WakeSource(WakeDescriptor wake, EventLoop loop) : IEventSource
    {
        public void OnReady(Readiness readiness)
        {
            wake.Acknowledge();
            loop.Woken?.Invoke();
        }
    }
}
