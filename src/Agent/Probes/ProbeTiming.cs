using VipOperator.Api;

namespace VipOperator.Agent.Probes;

/// <summary>The numbers of a <see cref="ProbeSpec"/>.</summary>
internal sealed record ProbeTiming(
    TimeSpan Interval, TimeSpan Timeout, int FailureThreshold, int SuccessThreshold, TimeSpan RestartGrace)
{
    public static ProbeTiming Of(ProbeSpec spec) => new(
        spec.Interval.Value, spec.Timeout.Value, spec.FailureThreshold, spec.SuccessThreshold, spec.RestartGrace.Value);
}
