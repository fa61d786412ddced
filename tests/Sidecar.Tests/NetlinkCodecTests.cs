using CsCheck;
using VipOperator.Sidecar.Links;
using VipOperator.Sidecar.Netlink;
using VipOperator.Vrrp;

namespace VipOperator.Sidecar.Tests;

/// <summary>
/// Messages put together by hand from linux/netlink.h, rtnetlink.h and if_addr.h; host byte order, little-endian.
/// </summary>
public sealed class NetlinkCodecTests
{
    private static readonly byte[] Families = [NetlinkFamily.Unspecified, NetlinkFamily.V4, NetlinkFamily.V6];

    [Fact]
    public void WriteAdd_IPv4WithLifetime_IsWhatTheKernelTakes()
    {
        // nlmsghdr: length 76, RTM_NEWADDR (20), REQUEST|ACK|REPLACE|CREATE = 0x505, sequence 7, port 0.
        // ifaddrmsg: AF_INET, /32, flags 0, scope 0, link 3.
        // IFA_LOCAL (2), IFA_ADDRESS (1): 192.168.1.108. IFA_CACHEINFO (6): preferred 3, valid 3, 0, 0.
        // IFA_FLAGS (8): NOPREFIXROUTE 0x200. IFA_PROTO (11): 0x56, padded.
        byte[] expected = Bytes(
            "4c000000 1400 0505 07000000 00000000",
            "02 20 00 00 03000000",
            "0800 0200 c0a8016c",
            "0800 0100 c0a8016c",
            "1400 0600 03000000 03000000 00000000 00000000",
            "0800 0800 00020000",
            "0500 0b00 56 000000");

        Assert.Equal(expected, Add("192.168.1.108/32", TimeSpan.FromSeconds(3)));
    }

    [Fact]
    public void WriteAdd_IPv6ForEver_IsDeprecatedAndNotProbedForDuplicates()
    {
        // Preferred 0 (RFC 4862 §5.5.4: deprecated), valid 0xffffffff. Flags: NODAD 0x2 | NOPREFIXROUTE 0x200.
        byte[] expected = Bytes(
            "64000000 1400 0505 07000000 00000000",
            "0a 80 00 00 03000000",
            "1400 0200 fd000001000000000000000000000108",
            "1400 0100 fd000001000000000000000000000108",
            "1400 0600 00000000 ffffffff 00000000 00000000",
            "0800 0800 02020000",
            "0500 0b00 56 000000");

        Assert.Equal(expected, Add("fd00:1::108/128", TimeSpan.Zero));
    }

    [Fact]
    public void WriteRemove_IPv4_IsWhatTheKernelTakes()
    {
        byte[] buffer = new byte[AddressMessage.LongestMessage];
        NetlinkWriter writer = new(buffer);

        AddressMessage.WriteRemove(ref writer, 8, 3, IpPrefix.Parse("192.168.1.108/32"));

        byte[] expected = Bytes(
            "28000000 1500 0500 08000000 00000000", "02 20 00 00 03000000", "0800 0200 c0a8016c", "0800 0100 c0a8016c");
        Assert.Equal(expected, buffer[..writer.Length]);
    }

    [Fact]
    public void WrittenAddress_Read_IsTheSame()
    {
        NetlinkReader reader = new(Add("192.168.1.108/24", TimeSpan.FromSeconds(3)));
        Assert.True(reader.TryRead(out NetlinkMessage message));
        Assert.Equal(NetlinkMessageType.NewAddress, message.Type);
        Assert.True(AddressMessage.TryRead(message.Payload, out AddressMessage address));
        Assert.False(reader.TryRead(out _));

        Assert.Equal(IpPrefix.Parse("192.168.1.108/24"), address.Prefix);
        Assert.Equal(3, address.LinkIndex);
        Assert.Equal(AddressMessage.OwnershipTag, address.Protocol);
        Assert.Equal(AddressFlags.NoPrefixRoute, address.Flags);
    }

    [Fact]
    public void LinkMessage_OfTheKernel_IsRead()
    {
        // ifinfomsg: AF_UNSPEC, ARPHRD_ETHER, link 2, UP|BROADCAST|RUNNING|MULTICAST|LOWER_UP. IFLA_IFNAME "eth0\0",
        // an attribute of no interest, IFLA_ADDRESS.
        byte[] payload = Bytes(
            "00 00 0100 02000000 43100100 00000000",
            "0900 0300 6574683000 000000",
            "0800 0400 dc050000",
            "0a00 0100 525400123456 0000");

        Assert.True(LinkMessage.TryRead(payload, out LinkMessage link));

        Assert.Equal(2, link.Index);
        Assert.Equal("eth0"u8, link.Name);
        Assert.Equal(new MacAddress(0x525400123456), link.HardwareAddress);
        Assert.True(link.Flags.HasFlag(LinkFlags.Up | LinkFlags.Running));
    }

    [Fact]
    public void LinkMessage_OfAMacvlan_IsReadWithItsAliasAndSettings()
    {
        // IFLA_LINK 2, IFLA_MASTER 9, IFLA_MTU 1279, IFLA_IFALIAS "ab", IFLA_AF_SPEC { AF_INET { IFLA_INET_CONF: 19 of
        // u32, of which the 18th is 2 (arp_announce) and the 19th 1 (arp_ignore) } }.
        byte[] payload = Bytes(
            "00 00 0100 07000000 43100100 00000000",
            "0800 0500 02000000",
            "0800 0a00 09000000",
            "0800 0400 ff040000",
            "0600 1400 6162 0000",
            "5800 1a00 5400 0200 5000 0100",
            string.Concat(Enumerable.Repeat("00000000", 17)),
            "02000000 01000000");

        Assert.True(LinkMessage.TryRead(payload, out LinkMessage link));

        Assert.Equal(2, link.Parent);
        Assert.Equal(9, link.Master);
        Assert.Equal(1279U, link.Mtu);
        Assert.Equal("ab"u8, link.Alias);
        Assert.Equal(1U, link.SettingV4(LinkSettingV4.ArpIgnore));
        Assert.Equal(2U, link.SettingV4(LinkSettingV4.ArpAnnounce));
        Assert.Null(link.SettingV4(20));
    }

    [Theory]
    [InlineData("vip-sidecar arp_ignore=0 arp_announce=1", true, 0U, 1U)]
    [InlineData("vip-sidecar", true, null, null)]
    [InlineData("vip-sidecar arp_ignore=x arp_announce=1", true, null, null)]
    [InlineData("vip-sidecars arp_ignore=0 arp_announce=1", false, null, null)]
    [InlineData("", false, null, null)]
    public void VirtualLinkMark_SaysWhoseAndWhatWasBefore(string alias, bool ours, uint? ignore, uint? announce)
    {
        Assert.Equal(ours, VirtualLinkMark.IsOurs(alias));
        Assert.Equal(ignore is null ? null : new ArpSettings(ignore.Value, announce!.Value),
            VirtualLinkMark.ReadParentArp(alias));
    }

    [Fact]
    public void VirtualLinkMark_Written_IsReadAsItWas()
    {
        Assert.Equal(
            new ArpSettings(2, 1), VirtualLinkMark.ReadParentArp(VirtualLinkMark.Write(new ArpSettings(2, 1))));
        Assert.True(VirtualLinkMark.IsOurs(VirtualLinkMark.Write(null)));
    }

    [Fact]
    public void RouteMessage_DefaultRoute_IsRead()
    {
        // rtmsg: AF_INET, dst /0, table 254, proto static, scope 0, RTN_UNICAST. RTA_TABLE, RTA_PRIORITY 100, RTA_OIF
        // 2.
        byte[] payload = Bytes(
            "02 00 00 00 fe 04 00 01 00000000", "0800 0f00 fe000000", "0800 0600 64000000", "0800 0400 02000000");

        Assert.True(RouteMessage.TryRead(payload, out RouteMessage route));

        Assert.Equal(new RouteMessage { Table = 254, DestinationLength = 0, OutputLink = 2, Metric = 100 }, route);
    }

    /// <summary>Whatever the bytes, reading ends and stays inside them.</summary>
    [Fact]
    public void AnyBytes_AreReadToAnEnd() => Gen.Byte.Array[0, 400].Sample(bytes =>
    {
        LinkTable table = new();
        NetlinkReader reader = new(bytes);
        while (reader.TryRead(out NetlinkMessage message))
        {
            _ = message.Error;
            table.Apply(message);
            RouteMessage.TryRead(message.Payload, out _);
        }
    });

    /// <summary>The same behind headers that are right, so that the attributes are reached.</summary>
    [Fact]
    public void AnyAttributes_AreReadToAnEnd() =>
        Gen.Select(Gen.Byte.Array[0, 200], Gen.Int[0, 2].Select(i => Families[i])).Sample(input =>
    {
        (byte[] bytes, byte family) = input;
        byte[] payload = [family, .. bytes];
        LinkMessage.TryRead(payload, out _);
        AddressMessage.TryRead(payload, out _);
        RouteMessage.TryRead(payload, out _);
    });

    private static byte[] Add(string prefix, TimeSpan lifetime)
    {
        byte[] buffer = new byte[AddressMessage.LongestMessage];
        NetlinkWriter writer = new(buffer);
        AddressMessage.WriteAdd(ref writer, 7, 3, IpPrefix.Parse(prefix), lifetime);
        return buffer[..writer.Length];
    }

    private static byte[] Bytes(params string[] hex) =>
        Convert.FromHexString(string.Concat(hex).Replace(" ", "", StringComparison.Ordinal));
}
