namespace VipOperator.Lab.Probing;

/// <summary>
/// Microseconds since 1970. Wall-clock time, because that is what the kernel's tools stamp their lines with, and what
/// several processes can compare; a step of the clock during a run would show as a wrong gap.
/// </summary>
internal static class Clock
{
    public static long NowMicroseconds => (DateTime.UtcNow - DateTime.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond;

    public static TimeSpan Span(long microseconds) => TimeSpan.FromMicroseconds(microseconds);
}
