using System.Globalization;
using System.Net;
using System.Net.Sockets;
using static VipOperator.Lab.ApiServer.Cel.CelLibrary;
using T = VipOperator.Lab.ApiServer.Cel.CelType;

namespace VipOperator.Lab.ApiServer.Cel;

/// <summary>
/// Kubernetes' IP and CIDR functions. Like Go's strict parser they refuse leading zeros, zones and mapped IPv4.
/// </summary>
internal static class CelNetwork
{
    public static readonly CelOverload[] All =
    [
        Function("ip", [T.String], T.Ip, a => new CelIp(
            Parse((string)a[0]!, out string why) ?? throw new CelRuntimeException(why))),
        Function("isIP", [T.String], T.Bool, a => Parse((string)a[0]!, out _) is not null),
        Function("ip.isCanonical", [T.String], T.Bool, a =>
            (Parse((string)a[0]!, out string why) ?? throw new CelRuntimeException(why)).ToString() == (string)a[0]!),
        Member("family", [T.Ip], T.Int, a => Address(a).AddressFamily == AddressFamily.InterNetwork ? 4L : 6L),
        Member("isUnspecified", [T.Ip], T.Bool, a => Address(a).Equals(IPAddress.Any)
            || Address(a).Equals(IPAddress.IPv6Any)),
        Member("isLoopback", [T.Ip], T.Bool, a => IPAddress.IsLoopback(Address(a))),
        Member("isLinkLocalMulticast", [T.Ip], T.Bool, a => Bytes(a) is [224, 0, 0, _] or [0xff, 0x02, ..]),
        Member(
            "isLinkLocalUnicast", [T.Ip], T.Bool, a => Bytes(a) is [169, 254, _, _] or [0xfe, >= 0x80 and <= 0xbf, ..]),
        Member("isGlobalUnicast", [T.Ip], T.Bool, a => IsGlobalUnicast(Address(a))),
        Function("cidr", [T.String], T.Cidr, a => ParseCidr((string)a[0]!, out string why)
            ?? throw new CelRuntimeException(why)),
        Function("isCIDR", [T.String], T.Bool, a => ParseCidr((string)a[0]!, out _) is not null),
        Member("containsIP", [T.Cidr, T.Ip], T.Bool, a => Contains((CelCidr)a[0]!, ((CelIp)a[1]!).Address)),
        Member("containsIP", [T.Cidr, T.String], T.Bool, a => Contains(
            (CelCidr)a[0]!, Parse((string)a[1]!, out string why) ?? throw new CelRuntimeException(why))),
        Member("containsCIDR", [T.Cidr, T.Cidr], T.Bool, a => ContainsCidr((CelCidr)a[0]!, (CelCidr)a[1]!)),
        Member("containsCIDR", [T.Cidr, T.String], T.Bool, a => ContainsCidr(
            (CelCidr)a[0]!, ParseCidr((string)a[1]!, out string why) ?? throw new CelRuntimeException(why))),
        Member("ip", [T.Cidr], T.Ip, a => new CelIp(((CelCidr)a[0]!).Address)),
        Member("masked", [T.Cidr], T.Cidr, a => Masked((CelCidr)a[0]!)),
        Member("prefixLength", [T.Cidr], T.Int, a => (long)((CelCidr)a[0]!).PrefixLength),
    ];

    public static string Show(CelCidr cidr) =>
        string.Create(CultureInfo.InvariantCulture, $"{cidr.Address}/{cidr.PrefixLength}");

    private static IPAddress Address(object?[] values) => ((CelIp)values[0]!).Address;

    private static byte[] Bytes(object?[] values) => Address(values).GetAddressBytes();

    private static IPAddress? Parse(string text, out string why)
    {
        why =
            $"IP Address '{text}' parse error during conversion from string: ParseAddr(\"{text}\"): unable to parse IP";
        bool isV6 = text.Contains(':', StringComparison.Ordinal);
        bool isWellFormed = isV6
            ? !text.Contains('%', StringComparison.Ordinal) && !text.StartsWith('[')
            : IsDottedQuad(text);
        if (!isWellFormed || !IPAddress.TryParse(text, out IPAddress? address)) return null;
        if (!address.IsIPv4MappedToIPv6) return address;
        why = $"IPv4-mapped IPv6 address \"{text}\" is not allowed";
        return null;
    }

    private static bool IsDottedQuad(string text)
    {
        string[] parts = text.Split('.');
        return parts.Length == 4 && parts.All(p =>
            p.Length is > 0 and <= 3 && p.All(char.IsAsciiDigit) && (p.Length == 1 || p[0] != '0')
            && int.Parse(p, CultureInfo.InvariantCulture) <= 255);
    }

    private static CelCidr? ParseCidr(string text, out string why)
    {
        why = $"network address parse error during conversion from string: netip.ParsePrefix(\"{text}\"): no '/'";
        int slash = text.LastIndexOf('/');
        if (slash < 0) return null;
        IPAddress? address = Parse(text[..slash], out why);
        string length = text[(slash + 1)..];
        if (address is null) return null;
        why = $"network address parse error during conversion from string: netip.ParsePrefix(\"{text}\"): bad bits "
            + $"after slash: \"{length}\"";
        int bits = address.AddressFamily == AddressFamily.InterNetwork ? 32 : 128;
        bool isLength = int.TryParse(length, NumberStyles.None, CultureInfo.InvariantCulture, out int prefix)
            && (length.Length == 1 || length[0] != '0') && prefix <= bits;
        return isLength ? new CelCidr(address, prefix) : null;
    }

    private static bool Contains(CelCidr cidr, IPAddress address) =>
        cidr.Address.AddressFamily == address.AddressFamily
        && Mask(cidr.Address, cidr.PrefixLength).Equals(Mask(address, cidr.PrefixLength));

    private static bool ContainsCidr(CelCidr outer, CelCidr inner) =>
        outer.PrefixLength <= inner.PrefixLength && Contains(outer, inner.Address);

    private static CelCidr Masked(CelCidr cidr) => cidr with { Address = Mask(cidr.Address, cidr.PrefixLength) };

    private static IPAddress Mask(IPAddress address, int prefixLength)
    {
        byte[] bytes = address.GetAddressBytes();
        for (int i = 0; i < bytes.Length; i++)
        {
            int kept = Math.Clamp(prefixLength - (i * 8), 0, 8);
            bytes[i] &= (byte)(0xff << (8 - kept));
        }
        return new IPAddress(bytes);
    }

    /// <summary>As Go's net/netip has it: neither unspecified, loopback, multicast, link-local nor broadcast.</summary>
    private static bool IsGlobalUnicast(IPAddress address)
    {
        byte[] b = address.GetAddressBytes();
        bool isSpecial = IPAddress.IsLoopback(address) || address.Equals(IPAddress.Any)
            || address.Equals(IPAddress.IPv6Any)
            || address.Equals(IPAddress.Broadcast);
        bool isLinkLocal = b is [169, 254, _, _] or [0xfe, >= 0x80 and <= 0xbf, ..];
        bool isMulticast = b.Length == 4 ? b[0] is >= 224 and <= 239 : b[0] == 0xff;
        return !isSpecial && !isLinkLocal && !isMulticast;
    }
}
