using VipOperator.Sidecar.Linux;
using VipOperator.Sidecar.Loop;

namespace VipOperator.Sidecar;

/// <summary>
/// Gives back what a large configuration, and the takeovers that follow, have used for a moment: a loop that allocates
/// nothing any more never starts a collection, so that it would stay for good. Stops the loop for some milliseconds,
/// once, and only where there are hundreds of routers.
/// </summary>
internal sealed class MemoryRelease
{
    /// <summary>Bytes allocated since the last time that make it worth the while: some 500 routers.</summary>
    private const long Worthwhile = 4 << 20;

    /// <summary>From the last configuration: the routers have become Active then, and their first announcements are
    /// over.</summary>
    private static readonly TimeSpan Delay = TimeSpan.FromSeconds(10);

    private readonly EventLoop _loop;
    private readonly Deadline _due;
    private long _releasedAt;

    public MemoryRelease(EventLoop loop)
    {
        _loop = loop;
        _due = new Deadline(Release);
    }

    /// <summary>A configuration was taken over.</summary>
    public void Schedule() => _loop.Schedule(_due, MonotonicClock.Now.Plus(Delay));

    private void Release()
    {
        long allocated = GC.GetTotalAllocatedBytes();
        if (allocated - _releasedAt < Worthwhile)
            return;
        _releasedAt = allocated;
        GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
    }
}
