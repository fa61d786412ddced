namespace VipOperator.Vrrp;

/// <summary>
/// The 64 bits of <see cref="HmacTrailer"/>'s sequence: seconds, 1/65536 s, counter. They wrap in 2106 and are compared
/// as serial numbers (RFC 1982 §3.2).
/// </summary>
internal static class SequenceNumber
{
    private const long Second = 1_000_000_000;

    public static ulong At(UtcTime time)
    {
        ulong seconds = (uint)(time.Nanoseconds / Second);
        ulong fraction = (ulong)(time.Nanoseconds % Second) * 65_536 / Second;
        return (seconds << 32) | (fraction << 16);
    }

    public static bool IsAfter(ulong left, ulong right) => (long)(left - right) > 0;

    /// <summary>
    /// Whether a number was made within so many seconds before or after an instant, by its sender's clock.
    /// </summary>
    public static bool IsWithin(ulong sequence, UtcTime time, int seconds)
    {
        int age = (int)((uint)(time.Nanoseconds / Second) - (uint)(sequence >> 32));
        return age >= -seconds && age <= seconds;
    }
}
