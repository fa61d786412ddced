using VipOperator.Vrrp;

namespace VipOperator.Agent.Probes;

/// <summary>The two clocks and the way between them.</summary>
internal static class MonotonicClock
{
    /// <summary>
    /// On Linux <see cref="TimeProvider.System"/> counts CLOCK_MONOTONIC in nanoseconds, as the sidecar does.
    /// </summary>
    public static MonotonicTime GetMonotonicTime(this TimeProvider time) =>
        new((long)((Int128)time.GetTimestamp() * 1_000_000_000 / time.TimestampFrequency));

    public static TimeSpan Until(this MonotonicTime later, MonotonicTime earlier) =>
        TimeSpan.FromTicks((later.Nanoseconds - earlier.Nanoseconds) / 100);

    /// <summary>The wall-clock time of an instant, to the millisecond.</summary>
    public static DateTimeOffset ToWallClock(this TimeProvider time, MonotonicTime instant)
    {
        DateTimeOffset exact = time.GetUtcNow() - time.GetMonotonicTime().Until(instant);
        return new DateTimeOffset(exact.Ticks - (exact.Ticks % TimeSpan.TicksPerMillisecond), TimeSpan.Zero);
    }
}
