using System.Globalization;

namespace VipOperator.Vrrp;

/// <summary>An IEEE 802 MAC address, 48 bits in the low end of a number.</summary>
public readonly record struct MacAddress(ulong Value)
{
    public const int Length = 6;

    public static MacAddress Broadcast => new(0xffff_ffff_ffff);

    /// <summary>
    /// The virtual router MAC address, 00-00-5E-00-01-{vrid} or 00-00-5E-00-02-{vrid} (RFC 9568 §7.3).
    /// </summary>
    public static MacAddress ForVirtualRouter(IpFamily family, VirtualRouterId id) => family switch
    {
        IpFamily.V4 => new(0x0000_5e00_0100UL | id.Value),
        IpFamily.V6 => new(0x0000_5e00_0200UL | id.Value),
    };

    /// <exception cref="ArgumentException">Not 6 bytes.</exception>
    public static MacAddress Read(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length != Length)
            throw new ArgumentException($"A MAC address has 6 bytes, not {bytes.Length}.", nameof(bytes));
        ulong value = 0;
        foreach (byte b in bytes)
            value = (value << 8) | b;
        return new MacAddress(value);
    }

    /// <summary>Writes 6 bytes.</summary>
    public void Write(Span<byte> destination)
    {
        for (int i = 0; i < Length; i++)
            destination[i] = (byte)(Value >> (8 * (Length - 1 - i)));
    }

    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture,
        $"{(byte)(Value >> 40):x2}:{(byte)(Value >> 32):x2}:{(byte)(Value >> 24):x2}:{(byte)(Value >> 16):x2}:{(byte)(Value >> 8):x2}:{(byte)Value:x2}");
}
