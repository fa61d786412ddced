namespace VipOperator.Operator;

/// <summary>
/// Gives memory back after busy times: a collector that sees no more allocations never runs, so that what a start or a
/// roll-out took would stay for as long as the cluster is quiet, which is days.
/// </summary>
internal sealed class MemoryRelease(TimeProvider time) : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(10);

    /// <summary>Bytes allocated in an interval, at the most, when little is going on.</summary>
    private const long Quiet = 4 << 20;

    /// <summary>Bytes allocated since the last time that make it worth the while, some 50 ms.</summary>
    private const long Worthwhile = 32 << 20;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using PeriodicTimer timer = new(Interval, time);
        long releasedAt = 0, before = 0;
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken))
            {
                long allocated = GC.GetTotalAllocatedBytes();
                if (allocated - before < Quiet && allocated - releasedAt > Worthwhile)
                {
                    GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
                    releasedAt = allocated;
                }

                before = allocated;
            }
        }
        catch (OperationCanceledException)
        {
            // The end.
        }
    }
}
