using System.Buffers.Binary;

namespace VipOperator.Vrrp.Tests;

/// <summary>
/// Messages that keepalived 2.2.7 (Debian 12) sent from 192.168.1.103 and fe80::103 on a veth pair, as tcpdump -xx
/// showed them, without Ethernet and IP header. The configurations differ in what the names say; all: virtual_router_id
/// 51, priority 100.
/// </summary>
internal static class CapturedPackets
{
    public static readonly IpAddress Source4 = IpAddress.Parse("192.168.1.103");
    public static readonly IpAddress Source6 = IpAddress.Parse("fe80::103");

    /// <summary>vrrp_version 2, advert_int 1, auth_type PASS, auth_pass 1111222, 192.168.1.108/32.</summary>
    /// <remarks>
    /// <code>
    /// 21 33 64 01   version 2 type 1 | vrid 51 | priority 100 | 1 address
    /// 01 01 f1 20   auth type 1 | 1 s | checksum over all 20 bytes
    /// c0 a8 01 6c   192.168.1.108
    /// 31 31 31 31 32 32 32 00   "1111222", zero padded
    /// </code>
    /// </remarks>
    public static readonly byte[] V2Password = Hex("21336401 0101f120 c0a8016c 3131313132323200");

    /// <summary>The same on its graceful stop: priority 0.</summary>
    public static readonly byte[] V2PasswordResigning = Hex("21330001 01015521 c0a8016c 3131313132323200");

    /// <summary>auth_pass abcdefghij: keepalived uses the first 8 bytes.</summary>
    public static readonly byte[] V2LongPassword = Hex("21336401 01012620 c0a8016c 6162636465666768");

    /// <summary>
    /// No authentication, 192.168.1.108 and .109: the 8 bytes of authentication data are there all the same.
    /// </summary>
    public static readonly byte[] V2TwoAddresses = Hex("21336402 0001f69e c0a8016c c0a8016d 0000000000000000");

    /// <summary>vrrp_version 3, advert_int 1, 192.168.1.108/32; the checksum covers the pseudo-header.</summary>
    public static readonly byte[] V3 = Hex("31336401 006405b4 c0a8016c");

    /// <summary>vrrp_version 3, advert_int 0.1, fe80::108 and 2001:db8::108.</summary>
    public static readonly byte[] V3Ipv6 = Hex(
        "31336402 000a3d45 fe800000000000000000000000000108 20010db8000000000000000000000108");

    /// <summary>
    /// Not captured: the v3 message above with the sum of RFC 9568 §5.2.8, over the message alone. By hand:
    /// 3133 + 6401 + 0064 + c0a8 + 016c = 157ac, folded 57ad, complement a852.
    /// </summary>
    public static readonly byte[] V3MessageOnly = Hex("31336401 0064a852 c0a8016c");

    public static PacketContext Context4 =>
        new() { Source = Source4, Destination = MulticastGroup.V4, TimeToLive = 255 };

    public static PacketContext Context6 =>
        new() { Source = Source6, Destination = MulticastGroup.V6, TimeToLive = 255 };

    public static RouterParameters V2PasswordRouter => V2TwoAddressesRouter with
    {
        Addresses = [IpPrefix.Parse("192.168.1.108/32")],
        Authentication = AuthenticationType.Simple,
        AuthenticationKey = [.. "1111222"u8],
    };

    public static RouterParameters V2TwoAddressesRouter => V3Router with
    {
        Version = VrrpVersion.V2,
        Addresses = [IpPrefix.Parse("192.168.1.108/32"), IpPrefix.Parse("192.168.1.109/32")],
    };

    public static RouterParameters V3Router => new()
    {
        Version = VrrpVersion.V3,
        Family = IpFamily.V4,
        VirtualRouterId = VirtualRouterId.Create(51),
        Priority = new(100),
        AdvertisementInterval = Centiseconds.FromSeconds(1),
        Addresses = [IpPrefix.Parse("192.168.1.108/32")],
        AddressLifetime = TimeSpan.FromSeconds(3),
    };

    public static RouterParameters V3Ipv6Router => V3Router with
    {
        Family = IpFamily.V6,
        AdvertisementInterval = new(10),
        Addresses = [IpPrefix.Parse("fe80::108/128"), IpPrefix.Parse("2001:db8::108/128")],
    };

    public static byte[] Hex(string text) => Convert.FromHexString(text.Replace(" ", "", StringComparison.Ordinal));

    /// <summary>One byte changed, and the checksum made right.</summary>
    public static byte[] Changed(byte[] message, int at, byte to)
    {
        byte[] changed = [.. message];
        changed[at] = to;
        return WithChecksum(changed);
    }

    /// <summary>
    /// RFC 1071 written down once more, so that a mistake in ours does not hide itself. Over the message alone.
    /// </summary>
    public static byte[] WithChecksum(byte[] message)
    {
        BinaryPrimitives.WriteUInt16BigEndian(message.AsSpan(6), 0);
        int sum = 0;
        for (int i = 0; i < message.Length; i += 2)
        {
            sum += (message[i] << 8) | message[i + 1];
            sum = (sum & 0xffff) + (sum >> 16);
        }

        BinaryPrimitives.WriteUInt16BigEndian(message.AsSpan(6), (ushort)~sum);
        return message;
    }
}
