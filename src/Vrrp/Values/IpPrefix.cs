using System.Globalization;

namespace VipOperator.Vrrp;

/// <summary>
/// An address with its prefix length, as a person writes it: 192.168.1.108/32. The host bits may be set.
/// </summary>
public readonly record struct IpPrefix
{
    private IpPrefix(IpAddress address, int length)
    {
        Address = address;
        Length = length;
    }

    public IpAddress Address { get; }

    /// <summary>0–32 for IPv4, 0–128 for IPv6.</summary>
    public int Length { get; }

    /// <returns>false when the length does not fit the family or there is no address.</returns>
    public static bool TryCreate(IpAddress address, int length, out IpPrefix prefix)
    {
        bool valid = !address.IsNone && length >= 0 && length <= address.Length * 8;
        prefix = valid ? new IpPrefix(address, length) : default;
        return valid;
    }

    /// <summary>Parses "address/length"; a bare address is a host address (/32 or /128).</summary>
    public static bool TryParse(ReadOnlySpan<char> text, out IpPrefix prefix)
    {
        prefix = default;
        int slash = text.IndexOf('/');
        if (!IpAddress.TryParse(slash < 0 ? text : text[..slash], out IpAddress address))
            return false;
        int length = address.Length * 8;
        if (slash >= 0)
        {
            ReadOnlySpan<char> digits = text[(slash + 1)..];
            if ((digits.Length > 1 && digits[0] == '0')
                || !int.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out length))
                return false;
        }

        return TryCreate(address, length, out prefix);
    }

    /// <exception cref="FormatException">Not a prefix; see <see cref="TryParse"/>.</exception>
    public static IpPrefix Parse(string text) => TryParse(text, out IpPrefix prefix)
        ? prefix
        : throw new FormatException($"'{text}' is not an address with an optional prefix length.");

    /// <summary>Whether <paramref name="address"/> is in the subnet that this address and length span.</summary>
    public bool Contains(IpAddress address) => Address.SharesPrefix(address, Length);

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Address}/{Length}");
}
