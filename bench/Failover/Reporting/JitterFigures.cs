using VipOperator.Bench.Failover.Speakers;

namespace VipOperator.Bench.Failover.Reporting;

/// <summary>
/// How even one program's advertisements are. Deviations of the time between two of them from the interval, in ms.
/// </summary>
internal sealed record JitterFigures
{
    public required Contestant Contestant { get; init; }

    /// <summary><see cref="Speakers.Timing.Name"/>.</summary>
    public required string Timing { get; init; }

    /// <summary>"ordinary" or "real-time".</summary>
    public required string Variant { get; init; }

    /// <summary>How long it was watched.</summary>
    public required double Seconds { get; init; }

    /// <summary>How many were heard of the Active.</summary>
    public required int Adverts { get; init; }

    public required double Median { get; init; }

    public required double Percentile99 { get; init; }

    public required double Most { get; init; }

    /// <summary>How often the Backup took over, which it had no reason to.</summary>
    public required int Failovers { get; init; }
}
