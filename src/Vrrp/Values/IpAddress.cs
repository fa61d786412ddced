using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;

namespace VipOperator.Vrrp;

/// <summary>
/// An IPv4 or IPv6 address as a value: comparing, copying and reading one from a packet allocates nothing, which
/// <see cref="IPAddress"/> cannot promise. Scope ids are not part of it; the link is known from elsewhere.
/// </summary>
public readonly record struct IpAddress : IComparable<IpAddress>
{
    private readonly UInt128 _bits;

    private IpAddress(IpFamily family, UInt128 bits)
    {
        Family = family;
        _bits = bits;
    }

    /// <summary>The family; 0 in <c>default</c>, which stands for "no address".</summary>
    public IpFamily Family { get; }

    public bool IsNone => Family == 0;

    /// <summary>4 or 16; 0 for "no address".</summary>
    public int Length => Family switch { IpFamily.V4 => 4, IpFamily.V6 => 16, _ => 0 };

    /// <summary>fe80::/10 (RFC 4291 §2.5.6); always false for IPv4.</summary>
    public bool IsLinkLocal => Family == IpFamily.V6 && (ushort)(_bits >> 112) is >= 0xfe80 and <= 0xfebf;

    /// <summary>224.0.0.0/4 or ff00::/8.</summary>
    public bool IsMulticast => Family switch
    {
        IpFamily.V4 => ((uint)_bits >> 28) == 0xe,
        IpFamily.V6 => (byte)(_bits >> 120) == 0xff,
        _ => false,
    };

    /// <summary>0.0.0.0 or ::.</summary>
    public bool IsUnspecified => !IsNone && _bits == UInt128.Zero;

    /// <summary>The host-order number, which RFC 9568 §6.4.3 compares to break ties.</summary>
    public UInt128 Bits => _bits;

    public static IpAddress V4(uint hostOrder) => new(IpFamily.V4, hostOrder);

    public static IpAddress V6(UInt128 hostOrder) => new(IpFamily.V6, hostOrder);

    /// <summary>Reads 4 or 16 bytes in network order.</summary>
    /// <exception cref="ArgumentException">Another length.</exception>
    public static IpAddress Read(ReadOnlySpan<byte> networkOrder) => networkOrder.Length switch
    {
        4 => V4(BinaryPrimitives.ReadUInt32BigEndian(networkOrder)),
        16 => V6(BinaryPrimitives.ReadUInt128BigEndian(networkOrder)),
        _ => throw new ArgumentException(
            $"An address has 4 or 16 bytes, not {networkOrder.Length}.", nameof(networkOrder)),
    };

    /// <summary>Writes 4 or 16 bytes in network order.</summary>
    /// <returns>The number of bytes written.</returns>
    public int Write(Span<byte> destination)
    {
        if (Family == IpFamily.V4)
        {
            BinaryPrimitives.WriteUInt32BigEndian(destination, (uint)_bits);
            return 4;
        }

        BinaryPrimitives.WriteUInt128BigEndian(destination, _bits);
        return 16;
    }

    /// <summary>
    /// Parses a dotted quad or an IPv6 literal without scope; no abbreviations such as "10.1", no hex, no octal.
    /// </summary>
    public static bool TryParse(ReadOnlySpan<char> text, out IpAddress address)
    {
        address = default;
        bool dottedQuad = text.Count('.') == 3 && !text.Contains(':');
        if ((!dottedQuad && !text.Contains(':')) || text.ContainsAny('%', '[', ']')
            || !IPAddress.TryParse(text, out IPAddress? parsed))
            return false;
        if (parsed.AddressFamily == AddressFamily.InterNetwork && !IsCanonicalQuad(text))
            return false;
        address = From(parsed);
        return true;
    }

    /// <exception cref="FormatException">Not an address; see <see cref="TryParse"/>.</exception>
    public static IpAddress Parse(string text) => TryParse(text, out IpAddress address)
        ? address
        : throw new FormatException($"'{text}' is not an IPv4 or IPv6 address.");

    public static IpAddress From(IPAddress address)
    {
        ArgumentNullException.ThrowIfNull(address);
        Span<byte> bytes = stackalloc byte[16];
        address.TryWriteBytes(bytes, out int written);
        return Read(bytes[..written]);
    }

    public IPAddress ToIPAddress()
    {
        Span<byte> bytes = stackalloc byte[16];
        return new IPAddress(bytes[..Write(bytes)]);
    }

    /// <summary>Whether both are of one family and share the first <paramref name="prefixLength"/> bits.</summary>
    public bool SharesPrefix(IpAddress other, int prefixLength)
    {
        if (IsNone || Family != other.Family)
            return false;
        int shift = (Length * 8) - prefixLength;
        return shift >= Length * 8 || (_bits >> shift) == (other._bits >> shift);
    }

    public int CompareTo(IpAddress other)
    {
        int byFamily = Family.CompareTo(other.Family);
        return byFamily != 0 ? byFamily : _bits.CompareTo(other._bits);
    }

    public static bool operator <(IpAddress left, IpAddress right) => left.CompareTo(right) < 0;

    public static bool operator >(IpAddress left, IpAddress right) => left.CompareTo(right) > 0;

    public static bool operator <=(IpAddress left, IpAddress right) => left.CompareTo(right) <= 0;

    public static bool operator >=(IpAddress left, IpAddress right) => left.CompareTo(right) >= 0;

    public override string ToString() => IsNone ? "none" : ToIPAddress().ToString();

    // IPAddress.TryParse reads "010.0.0.1" as octal; people mean decimal and programs differ, so it is refused.
    private static bool IsCanonicalQuad(ReadOnlySpan<char> text)
    {
        foreach (Range part in text.Split('.'))
        {
            ReadOnlySpan<char> digits = text[part];
            if (digits.IsEmpty || digits.Length > 3 || (digits.Length > 1 && digits[0] == '0')
                || digits.ContainsAnyExceptInRange('0', '9'))
                return false;
        }

        return true;
    }
}
