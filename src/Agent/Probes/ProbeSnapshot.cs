using System.Collections.Immutable;
using VipOperator.Vrrp;

namespace VipOperator.Agent.Probes;

/// <summary>A prober at one moment.</summary>
internal sealed record ProbeSnapshot
{
    /// <summary>
    /// Upper bounds of the buckets of <see cref="LatencyBuckets"/>, in seconds; the last bucket is open.
    /// </summary>
    public static readonly ImmutableArray<double> BucketBounds =
        [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5];

    public required string Description { get; init; }

    public required Health Verdict { get; init; }

    /// <summary>On CLOCK_MONOTONIC.</summary>
    public required MonotonicTime Since { get; init; }

    /// <summary>What the last failure found; empty while the service answers.</summary>
    public required string Message { get; init; }

    public required int ConsecutiveFailures { get; init; }

    public required bool RestartGraceRunning { get; init; }

    /// <summary>Whether a connection to the service is held open at this moment.</summary>
    public required bool ConnectionHeld { get; init; }

    public required long Successes { get; init; }

    public required long Failures { get; init; }

    public required double LatencySeconds { get; init; }

    /// <summary>Not cumulative.</summary>
    public required ImmutableArray<long> LatencyBuckets { get; init; }
}
