using VipOperator.Bench.Failover.Speakers;

namespace VipOperator.Bench.Failover.Reporting;

/// <summary>Both programs with the same routers.</summary>
internal sealed record CpuPair(int Routers, string Timing, CpuFigures Ours, CpuFigures Theirs)
{
    public static IEnumerable<CpuPair> All(IReadOnlyList<CpuFigures> figures) =>
        from ours in figures.Where(f => f.Contestant == Contestant.Ours)
        from theirs in figures.Where(
            f => f.Contestant == Contestant.Keepalived && f.Routers == ours.Routers && f.Timing == ours.Timing)
        orderby ours.Timing descending, ours.Routers
        select new CpuPair(ours.Routers, ours.Timing, ours, theirs);

    public double ActiveRatio => Statistics.Median(Ours.Active) / Statistics.Median(Theirs.Active);

    public double BackupRatio => Statistics.Median(Ours.Backup) / Statistics.Median(Theirs.Backup);

    public double ResidentRatio => (double)Ours.Resident / Theirs.Resident;
}
