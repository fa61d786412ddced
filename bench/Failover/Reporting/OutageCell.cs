using VipOperator.Bench.Failover.Outages;

namespace VipOperator.Bench.Failover.Reporting;

/// <summary>One event in one stage, ours beside keepalived.</summary>
/// <param name="theirs">The key of keepalived's figures.</param>
internal sealed class OutageCell(OutageFigures figures, string stage, OutageKind kind, string theirs = "keepalived")
{
    /// <summary>ms; the client asks every 2 to 5 ms, and on a busy machine is late itself.</summary>
    public const double Unfelt = 20;

    public OutageSummary Ours { get; } = new(figures.Find(stage, kind, "ours"));

    public OutageSummary Theirs { get; } = new(figures.Find(stage, kind, theirs));

    /// <summary>NaN when something is not there, or when neither felt anything.</summary>
    public double GapRatio => Ours.Gap / Theirs.Gap;

    public static string Title(OutageKind kind) => kind switch
    {
        OutageKind.Stopped => "graceful stop",
        OutageKind.Failback => "failback",
        OutageKind.Killed => "SIGKILL of the whole speaker",
        OutageKind.Hung => "speaker hangs for 5 s",
        OutageKind.NginxKilled => "nginx killed",
        OutageKind.NginxHung => "nginx hangs",
        OutageKind.LinkLost => "link lost",
        OutageKind.NodeLost => "node lost (silent cut)",
        OutageKind.NodeBack => "… and back",
        OutageKind.BackupCutOff => "Backup cut off (partition)",
        OutageKind.BackupBack => "… and healed",
    };
}

/// <summary>The figures of one series, in ms; NaN of none.</summary>
internal sealed class OutageSummary(OutageSeries? series)
{
    private readonly List<Outage> _outages = series?.Outages ?? [];

    public int Runs => _outages.Count;

    /// <summary>Those that were not over when the patience was.</summary>
    public int Endless => _outages.Count(o => !o.IsOver);

    /// <summary>Events that could not be made.</summary>
    public int Failures => series?.Failures ?? 0;

    public double Gap => Statistics.Median(_outages.Select(o => o.Gap));

    public double GapMost => Statistics.Percentile(_outages.Select(o => o.Gap), 99);

    /// <summary>NaN where it was not measured.</summary>
    public double TcpGap => Statistics.Median(_outages.Select(o => o.TcpGap).OfType<double>());

    /// <summary>NaN where it was not measured.</summary>
    public double UdpGap => Statistics.Median(_outages.Select(o => o.UdpGap).OfType<double>());

    public double Takeover => Statistics.Median(_outages.Select(o => o.Takeover).OfType<double>());

    public double Shared => Statistics.Median(_outages.Select(o => o.Shared).OfType<double>());

    public bool SharedToTheEnd => _outages.Any(o => o.SharedToTheEnd);
}
