using System.Collections.Concurrent;
using VipOperator.Lab.Processes;
using VipOperator.Lab.Tools;

namespace VipOperator.Lab.Measuring;

/// <summary>Makes each fault a number of times, on several lanes at once.</summary>
internal static class Measurement
{
    /// <summary>How many lanes a machine of two processors carries without disturbing the measurement.</summary>
    public const int DefaultLanes = 5;

    public const int DefaultRuns = 10;

    /// <param name="folder">Of the lab; the caller holds its lock.</param>
    /// <param name="runs">Of each fault, over all lanes.</param>
    /// <param name="progress">Gets the number of finished runs and that of all.</param>
    /// <exception cref="ToolException">A takeover did not happen at all.</exception>
    public static async Task<IReadOnlyList<FaultSample>> RunAsync(
        LabFolder folder, string programs, int runs, int lanes, IProgress<(int Done, int All)> progress,
        CancellationToken cancellation)
    {
        ConcurrentQueue<FaultSample> samples = new();
        int all = runs * Enum.GetValues<Fault>().Length;
        // One of these at a time: where milliseconds count, no other lane shall do the same.
        using SemaphoreSlim delicate = new(1);
        progress.Report((0, all));
        ParallelOptions options = new() { MaxDegreeOfParallelism = lanes, CancellationToken = cancellation };
        await Parallel.ForEachAsync(Enumerable.Range(0, Math.Min(lanes, runs)), options, async (number, failing) =>
        {
            string name = $"lane{number}";
            await using Lane lane = await Lane.StartAsync(
                $"{folder.Lab}-{name}", folder.At("lanes", name), programs, failing);
            foreach (Fault fault in OrderFor(number))
            {
                for (int run = number; run < runs; run += lanes)
                {
                    samples.Enqueue(await SufferAsync(lane, fault, delicate, failing));
                    progress.Report((samples.Count, all));
                    await lane.MendAsync(failing);
                }
            }
        });
        return [.. samples];
    }

    private static async Task<FaultSample> SufferAsync(
        Lane lane, Fault fault, SemaphoreSlim delicate, CancellationToken cancellation)
    {
        if (fault is Fault.SidecarKilled or Fault.LinkLost)
            return await lane.SufferAsync(fault, cancellation);
        await delicate.WaitAsync(cancellation);
        try
        {
            return await lane.SufferAsync(fault, cancellation);
        }
        finally
        {
            delicate.Release();
        }
    }

    /// <summary>
    /// Half of the lanes begin with the quick faults and half with the slow ones, so that few wait for each other.
    /// </summary>
    private static Fault[] OrderFor(int lane) => lane % 2 == 0
        ? [Fault.NginxKilled, Fault.SidecarStopped, Fault.SidecarKilled, Fault.LinkLost]
        : [Fault.SidecarKilled, Fault.LinkLost, Fault.NginxKilled, Fault.SidecarStopped];
}
