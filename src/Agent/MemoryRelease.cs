namespace VipOperator.Agent;

/// <summary>
/// Gives memory back after a configuration was read: a collector that sees no more allocations never runs, so that what
/// that took would stay for good.
/// </summary>
internal sealed class MemoryRelease
{
    /// <summary>Bytes allocated between two calls, at the most, when little is going on.</summary>
    private const long Quiet = 1 << 20;

    /// <summary>Bytes allocated since the last time that make it worth the while, some milliseconds.</summary>
    private const long Worthwhile = 8 << 20;

    private long _releasedAt;
    private long _before;

    /// <summary>To be called every few seconds.</summary>
    public void Tick()
    {
        long allocated = GC.GetTotalAllocatedBytes();
        if (allocated - _before < Quiet && allocated - _releasedAt > Worthwhile)
        {
            GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
            _releasedAt = allocated;
        }

        _before = allocated;
    }
}
