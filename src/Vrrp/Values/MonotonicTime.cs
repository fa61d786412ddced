namespace VipOperator.Vrrp;

/// <summary>
/// An instant on the monotonic clock, in nanoseconds since an arbitrary origin (CLOCK_BOOTTIME in the sidecar,
/// CLOCK_MONOTONIC between it and the agent, zero in a simulation). Never a wall-clock time: a stepped clock changes
/// nothing.
/// </summary>
public readonly record struct MonotonicTime(long Nanoseconds) : IComparable<MonotonicTime>
{
    /// <summary>The deadline that never comes.</summary>
    public static MonotonicTime Never => new(long.MaxValue);

    public static MonotonicTime Zero => default;

    public bool IsNever => Nanoseconds == long.MaxValue;

    /// <summary>This instant plus a span in nanoseconds; <see cref="Never"/> stays <see cref="Never"/>.</summary>
    public MonotonicTime PlusNanoseconds(long nanoseconds) => IsNever ? this : new(Nanoseconds + nanoseconds);

    public MonotonicTime Plus(Centiseconds span) => PlusNanoseconds(span.Nanoseconds);

    public MonotonicTime Plus(TimeSpan span) => PlusNanoseconds(span.Ticks * 100);

    public static MonotonicTime Earlier(MonotonicTime left, MonotonicTime right) => left <= right ? left : right;

    public int CompareTo(MonotonicTime other) => Nanoseconds.CompareTo(other.Nanoseconds);

    public static bool operator <(MonotonicTime left, MonotonicTime right) => left.Nanoseconds < right.Nanoseconds;

    public static bool operator >(MonotonicTime left, MonotonicTime right) => left.Nanoseconds > right.Nanoseconds;

    public static bool operator <=(MonotonicTime left, MonotonicTime right) => left.Nanoseconds <= right.Nanoseconds;

    public static bool operator >=(MonotonicTime left, MonotonicTime right) => left.Nanoseconds >= right.Nanoseconds;
}
