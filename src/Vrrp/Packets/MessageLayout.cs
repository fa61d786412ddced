using System.Buffers.Binary;

namespace VipOperator.Vrrp;

/// <summary>Where the fields of an advertisement are: what v2 and v3 share, and in which bytes they differ.</summary>
/// <remarks>
/// <code>
/// VRRPv2 (RFC 3768 §5.1, the authentication of RFC 2338 §5.1)
///  0                   1                   2                   3
///  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
/// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
/// |Version| Type  | Virtual Rtr ID|   Priority    | Count IP Addrs|
/// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
/// |   Auth Type   |   Adver Int   |          Checksum             |  Adver Int in seconds
/// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
/// |                    IPv4 Address (1 … n)                       |
/// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
/// |                 Authentication Data (8 bytes)                 |  always there; zero without authentication
/// |                                                               |
/// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
///
/// VRRPv3 (RFC 9568 §5.1)
/// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
/// |Version| Type  | Virtual Rtr ID|   Priority    |IPvX Addr Count|
/// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
/// |Reserve| Max Advertise Interval|          Checksum             |  interval in centiseconds
/// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
/// |                    IPvX Address (1 … n)                       |  4 or 16 bytes each
/// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
/// </code>
/// </remarks>
internal static class MessageLayout
{
    /// <summary>The IP protocol number (RFC 9568 §5.1.1.4): part of the pseudo-header.</summary>
    public const byte Protocol = 112;

    /// <summary>The only type there is: ADVERTISEMENT (RFC 9568 §5.2.2).</summary>
    public const int AdvertisementType = 1;

    public const int VersionAndType = 0;
    public const int RouterId = 1;
    public const int Priority = 2;
    public const int AddressCount = 3;
    public const int V2AuthenticationType = 4;
    public const int V2IntervalSeconds = 5;
    public const int V3ReservedAndInterval = 4;
    public const int Checksum = 6;
    public const int ChecksumLength = 2;
    public const int Addresses = 8;

    /// <summary>The bytes before the addresses.</summary>
    public const int HeaderLength = 8;

    /// <summary>v2: the length of Authentication Data, present whatever the Auth Type (RFC 3768 §5.3.10).</summary>
    public const int V2AuthenticationLength = 8;

    public static int AddressLength(IpFamily family) => family switch { IpFamily.V4 => 4, IpFamily.V6 => 16 };

    public static int TotalLength(VrrpVersion version, IpFamily family, int addressCount) =>
        HeaderLength + (addressCount * AddressLength(family))
        + (version == VrrpVersion.V2 ? V2AuthenticationLength : 0);

    public static Centiseconds ReadInterval(VrrpVersion version, ReadOnlySpan<byte> message) => version switch
    {
        VrrpVersion.V2 => Centiseconds.FromSeconds(message[V2IntervalSeconds]),
        // The 4 reserved bits are ignored on reception (RFC 9568 §5.2.6).
        VrrpVersion.V3 => new(BinaryPrimitives.ReadUInt16BigEndian(message[V3ReservedAndInterval..]) & 0x0fff),
    };

    public static void WriteInterval(VrrpVersion version, Centiseconds interval, Span<byte> message)
    {
        if (version == VrrpVersion.V2)
            message[V2IntervalSeconds] = checked((byte)(interval.Value / 100));
        else
            BinaryPrimitives.WriteUInt16BigEndian(message[V3ReservedAndInterval..], (ushort)(interval.Value & 0x0fff));
    }
}
