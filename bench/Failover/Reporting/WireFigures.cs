using VipOperator.Bench.Failover.Speakers;

namespace VipOperator.Bench.Failover.Reporting;

/// <summary>What was measured on the wire for one program.</summary>
internal sealed class WireFigures
{
    public required Contestant Contestant { get; init; }

    /// <summary><see cref="Speakers.Timing.Name"/>.</summary>
    public required string Timing { get; init; }

    /// <summary>What else tells it from others.</summary>
    public required string Variant { get; init; }

    /// <summary>The times in question.</summary>
    public List<double> Milliseconds { get; init; } = [];

    /// <summary>The longest time between two advertisements of the Active around each.</summary>
    public List<double> Gaps { get; init; } = [];

    /// <summary>How often the Backup spoke up, which it had no reason to.</summary>
    public int Failovers { get; set; }
}
