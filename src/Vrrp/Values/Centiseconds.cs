namespace VipOperator.Vrrp;

/// <summary>
/// A span of time in hundredths of a second, the unit of the v3 Maximum Advertisement Interval (RFC 9568 §5.2.7).
/// v3 carries 1–4095 (10 ms–40.95 s); v2 carries whole seconds, 1–255 s (RFC 3768 §5.3.7).
/// </summary>
public readonly record struct Centiseconds(int Value) : IComparable<Centiseconds>
{
    public const int HighestV3 = 4095;
    public const int HighestV2 = 25_500;

    /// <summary>The span in nanoseconds.</summary>
    public long Nanoseconds => Value * 10_000_000L;

    public static Centiseconds FromSeconds(int seconds) => new(seconds * 100);

    /// <summary>An advertisement interval that <paramref name="version"/> can carry.</summary>
    /// <returns>false when the version cannot carry it.</returns>
    public static bool TryCreateInterval(VrrpVersion version, int centiseconds, out Centiseconds interval)
    {
        bool valid = version switch
        {
            VrrpVersion.V2 => centiseconds is >= 100 and <= HighestV2 && centiseconds % 100 == 0,
            VrrpVersion.V3 => centiseconds is >= 1 and <= HighestV3,
        };
        interval = valid ? new Centiseconds(centiseconds) : default;
        return valid;
    }

    public int CompareTo(Centiseconds other) => Value.CompareTo(other.Value);

    public static bool operator <(Centiseconds left, Centiseconds right) => left.Value < right.Value;

    public static bool operator >(Centiseconds left, Centiseconds right) => left.Value > right.Value;

    public static bool operator <=(Centiseconds left, Centiseconds right) => left.Value <= right.Value;

    public static bool operator >=(Centiseconds left, Centiseconds right) => left.Value >= right.Value;

    public override string ToString() =>
        string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{Value / 100}.{Value % 100:00}s");
}
