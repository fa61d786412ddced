namespace VipOperator.Vrrp;

/// <summary>
/// What the wall clock says, in nanoseconds since 1970-01-01 UTC (CLOCK_REALTIME). Only HMAC knows it, and only to say
/// and to judge how old an advertisement is; all timers are on <see cref="MonotonicTime"/>.
/// </summary>
public readonly record struct UtcTime(long Nanoseconds);
