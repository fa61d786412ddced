using VipOperator.Bench.Failover.Speakers;

namespace VipOperator.Bench.Failover.Reporting;

/// <summary>What one program uses for so many routers.</summary>
internal sealed class CpuFigures
{
    public required Contestant Contestant { get; init; }

    public required int Routers { get; init; }

    /// <summary><see cref="Timing.Name"/>.</summary>
    public required string Timing { get; init; }

    /// <summary>Processor seconds per minute on the Active node, one for each window.</summary>
    public List<double> Active { get; init; } = [];

    /// <summary>The same on the Backup node.</summary>
    public List<double> Backup { get; init; } = [];

    /// <summary>Windows at whose end the addresses were not where they belong.</summary>
    public int Unstable { get; set; }

    /// <summary>KiB, all processes of the Active together, shared pages in each.</summary>
    public long Resident { get; set; }

    /// <summary>KiB, shared pages divided among those who share them.</summary>
    public long Proportional { get; set; }

    public long BackupResident { get; set; }

    public long BackupProportional { get; set; }
}
