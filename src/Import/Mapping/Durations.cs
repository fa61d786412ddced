using VipOperator.Api;

namespace VipOperator.Import;

/// <summary>Seconds with a fraction as the API's durations.</summary>
internal static class Durations
{
    private static readonly TimeSpan LongestOfVersion3 = TimeSpan.FromMilliseconds(40950);
    private static readonly TimeSpan LongestOfVersion2 = TimeSpan.FromSeconds(255);

    public static TimeSpan Of(decimal seconds) => TimeSpan.FromTicks((long)(seconds * TimeSpan.TicksPerSecond));

    /// <summary>
    /// The interval that keepalived makes of what is written: the nearest step of its version, whole seconds or 10 ms,
    /// within what the version can carry.
    /// </summary>
    public static TimeSpan Interval(decimal seconds, int version)
    {
        TimeSpan step = version == 2 ? TimeSpan.FromSeconds(1) : TimeSpan.FromMilliseconds(10);
        TimeSpan longest = version == 2 ? LongestOfVersion2 : LongestOfVersion3;
        long steps = (Of(seconds).Ticks + (step.Ticks / 2)) / step.Ticks;
        return Clamp(step * steps, step, longest);
    }

    public static TimeSpan Clamp(TimeSpan value, TimeSpan least, TimeSpan most) =>
        value < least ? least : value > most ? most : value;

    /// <summary>In whole milliseconds, which is all that the API can say.</summary>
    public static GatewayDuration Whole(TimeSpan value) =>
        new(TimeSpan.FromMilliseconds((long)value.TotalMilliseconds));
}
