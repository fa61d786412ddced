namespace VipOperator.Vrrp;

/// <summary>Virtual Router Identifier, 1–255 (RFC 9568 §5.2.3): unique per link and family.</summary>
public readonly record struct VirtualRouterId
{
    public const int Lowest = 1;
    public const int Highest = 255;

    private VirtualRouterId(byte value) => Value = value;

    public byte Value { get; }

    /// <returns>false when <paramref name="value"/> is outside 1–255.</returns>
    public static bool TryCreate(int value, out VirtualRouterId id)
    {
        bool valid = value is >= Lowest and <= Highest;
        id = valid ? new VirtualRouterId((byte)value) : default;
        return valid;
    }

    /// <exception cref="ArgumentOutOfRangeException"><paramref name="value"/> is outside 1–255.</exception>
    public static VirtualRouterId Create(int value) => TryCreate(value, out VirtualRouterId id)
        ? id
        : throw new ArgumentOutOfRangeException(nameof(value), value, "A virtual router id is 1 to 255.");

    public override string ToString() => Value.ToString(System.Globalization.CultureInfo.InvariantCulture);
}
