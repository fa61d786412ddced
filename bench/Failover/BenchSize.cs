using VipOperator.Bench.Failover.Speakers;

namespace VipOperator.Bench.Failover;

/// <summary>How much is measured.</summary>
/// <param name="stages">Stages of outages side by side.</param>
/// <param name="timings">Of the outages.</param>
/// <param name="routers">Empty: the usual ones.</param>
internal sealed class BenchSize(bool quick, int? runs, int stages, IReadOnlyList<Timing> timings, int[] routers)
{
    public bool IsQuick => quick;

    /// <summary>How often each event is made.</summary>
    public int Runs => runs ?? (quick ? 2 : 10);

    public int Stages => stages;

    public IReadOnlyList<Timing> Timings => timings;

    public IEnumerable<(int Routers, Timing Timing)> RouterCounts => routers.Length > 0
        ? routers.Select(r => (r, r == 64 ? Timing.Hundredth : Timing.V3Second))
        : (quick ? (int[])[1, 255] : [1, 100, 255, 1000, 4000]).Select(r => (r, Timing.V3Second)).Append((64, Timing.Hundredth));
}
