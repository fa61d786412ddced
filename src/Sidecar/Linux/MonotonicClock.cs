using System.Diagnostics;
using VipOperator.Vrrp;

namespace VipOperator.Sidecar.Linux;

/// <summary>CLOCK_MONOTONIC: on Linux, <see cref="Stopwatch"/> reads it in nanoseconds.</summary>
internal static class MonotonicClock
{
    public static MonotonicTime Now => new(Stopwatch.GetTimestamp());
}
