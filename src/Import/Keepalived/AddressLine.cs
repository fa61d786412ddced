using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace VipOperator.Import;

/// <summary>A line of virtual_ipaddress or virtual_ipaddress_excluded.</summary>
/// <param name="From">The line.</param>
/// <param name="Address">Without a length.</param>
/// <param name="Length">Of the prefix; 32 or 128 where the line has none.</param>
/// <param name="Device">dev …; null: the instance's own.</param>
internal sealed record AddressLine(Directive From, IPAddress Address, int Length, string? Device)
{
    public bool IsIPv6 => Address.AddressFamily == AddressFamily.InterNetworkV6;

    public string Text => string.Create(CultureInfo.InvariantCulture, $"{Address}/{Length}");

    /// <summary>As inet_pton(3): four decimal numbers without leading zeros, or IPv6 without a zone.</summary>
    public static bool TryParse(string text, out IPAddress address)
    {
        address = IPAddress.None;
        if (text.Contains(':', StringComparison.Ordinal))
            return text.AsSpan().IndexOfAny("%[]/") < 0 && IPAddress.TryParse(text, out address!);
        string[] parts = text.Split('.');
        return parts.Length == 4
            && parts.All(p => p.Length is >= 1 and <= 3 && p.All(char.IsAsciiDigit) && (p.Length == 1 || p[0] != '0'))
            && IPAddress.TryParse(text, out address!);
    }

    /// <summary>Whether a host can have it: no unspecified, loopback, multicast or broadcast address.</summary>
    public bool IsUnicast
    {
        get
        {
            byte[] bytes = Address.GetAddressBytes();
            return IsIPv6
                ? !Address.Equals(IPAddress.IPv6Any) && !IPAddress.IsLoopback(Address) && !Address.IsIPv6Multicast
                : bytes[0] is not (0 or 127) && bytes[0] < 224;
        }
    }

    /// <summary>192.168.1.0/24: the number of the network, where a host's should stand.</summary>
    public bool IsNetworkAddress => HostBitsAre(false);

    /// <summary>192.168.1.255/24: all hosts of the network.</summary>
    public bool IsBroadcastAddress => !IsIPv6 && HostBitsAre(true);

    private bool HostBitsAre(bool set)
    {
        byte[] bytes = Address.GetAddressBytes();
        int hostBits = (bytes.Length * 8) - Length;
        if (hostBits < 2)
            return false;
        for (int bit = Length; bit < bytes.Length * 8; bit++)
        {
            if ((bytes[bit / 8] & (0x80 >> (bit % 8))) != 0 != set)
                return false;
        }

        return true;
    }
}
