using System.Collections.Immutable;

namespace VipOperator.Agent.Probes;

/// <summary>How a prober's probes went since its start. Not safe for several threads: the owner has a lock.</summary>
internal sealed class ProbeTally
{
    private readonly long[] _buckets = new long[ProbeSnapshot.BucketBounds.Length + 1];

    public long Successes { get; private set; }

    public long Failures { get; private set; }

    /// <summary>Of all probes together.</summary>
    public double LatencySeconds { get; private set; }

    /// <summary>Not cumulative; bounds in <see cref="ProbeSnapshot.BucketBounds"/>.</summary>
    public ImmutableArray<long> LatencyBuckets => [.. _buckets];

    public void Count(in ProbeOutcome outcome, TimeSpan duration)
    {
        if (outcome.Kind == ProbeOutcomeKind.Success)
            Successes++;
        else
            Failures++;
        double seconds = duration.TotalSeconds;
        LatencySeconds += seconds;
        int bucket = 0;
        while (bucket < ProbeSnapshot.BucketBounds.Length && seconds > ProbeSnapshot.BucketBounds[bucket])
            bucket++;
        _buckets[bucket]++;
    }
}
