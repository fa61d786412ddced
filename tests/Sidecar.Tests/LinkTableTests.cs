using System.Buffers.Binary;
using VipOperator.Sidecar.Links;
using VipOperator.Sidecar.Netlink;
using VipOperator.Vrrp;

namespace VipOperator.Sidecar.Tests;

public sealed class LinkTableTests
{
    private readonly LinkTable _links = new();

    public LinkTableTests() => Tell(2, 1500);

    // RFC 8200 §5: IPv6 needs 1280 bytes. RFC 791 §3.2: IPv4 needs 68.
    [Theory]
    [InlineData(1500, false, false)]
    [InlineData(1280, false, false)]
    [InlineData(1279, false, true)]
    [InlineData(68, false, true)]
    [InlineData(67, true, true)]
    public void Mtu_TooSmallForTheFamily_IsReset(uint mtu, bool resetsV4, bool resetsV6)
    {
        Link link = _links.ByIndex(2)!;

        Tell(2, mtu);

        Assert.Equal(resetsV4, link.ResetsOf(IpFamily.V4) > 0);
        Assert.Equal(resetsV6, link.ResetsOf(IpFamily.V6) > 0);
    }

    // The kernel tells of an MTU before it acts on it: who joined a group in between is told to do so again.
    [Fact]
    public void Mtu_LargeEnoughAgain_IsAnotherReset()
    {
        Link link = _links.ByIndex(2)!;
        Tell(2, 1200);
        int before = link.ResetsOf(IpFamily.V6);

        Tell(2, 1500);

        Assert.NotEqual(before, link.ResetsOf(IpFamily.V6));
    }

    [Fact]
    public void Reload_ALinkThatIsStillThere_IsTheSameAndMayHaveBeenReset()
    {
        Link link = _links.ByIndex(2)!;
        link.Put(new AddressMessage
        {
            LinkIndex = 2,
            Prefix = IpPrefix.Parse("192.168.1.103/24"),
            Flags = AddressFlags.None,
            Scope = 0,
            Protocol = 0,
        });

        _links.BeginReload();
        Tell(2, 1500);
        _links.EndReload();

        Assert.Same(link, _links.ByIndex(2));
        Assert.Empty(link.Addresses);
        Assert.NotEqual(0, link.ResetsOf(IpFamily.V4));
        Assert.NotEqual(0, link.ResetsOf(IpFamily.V6));
    }

    [Fact]
    public void Reload_ALinkThatIsNotToldOf_IsGone()
    {
        Tell(3, 1500);

        _links.BeginReload();
        Tell(3, 1500);
        _links.EndReload();

        Assert.Null(_links.ByIndex(2));
        Assert.NotNull(_links.ByIndex(3));
    }

    // The kernel tells of a new IPv6 address from a work queue, so that its removal may be all that is told.
    [Theory]
    [InlineData(2, true)]
    [InlineData(3, false)]
    public void RemovalOfAnAddressThatWasNeverTold_IsNewsOfALinkThatIsThere(byte link, bool isNews)
    {
        // struct ifaddrmsg, then the attribute IFA_ADDRESS: fd00:1::108/128.
        byte[] payload = Convert.FromHexString(
            "0a800000" + $"{link:x2}000000" + "14000100" + "fd000001000000000000000000000108");

        Assert.Equal(isNews, _links.Apply(
            new NetlinkMessage(NetlinkMessageType.DeleteAddress, NetlinkFlags.None, 0, payload)));
    }

    // struct netconfmsg: AF_INET6, padded; NETCONFA_IFINDEX (1): 2; NETCONFA_FORWARDING (2): 1.
    [Fact]
    public void Settings_OfALink_AreTakenAndAreNoChange()
    {
        byte[] payload = [10, 0, 0, 0, 8, 0, 1, 0, 2, 0, 0, 0, 8, 0, 2, 0, 1, 0, 0, 0];

        Assert.False(_links.Apply(new NetlinkMessage(NetlinkMessageType.NewSettings, NetlinkFlags.None, 0, payload)));

        Assert.True(_links.ByIndex(2)!.ForwardsV6);
    }

    private void Tell(int index, uint mtu)
    {
        // struct ifinfomsg, then the attribute IFLA_MTU: u16 length, u16 type, u32.
        byte[] payload = new byte[16 + 8];
        BinaryPrimitives.WriteInt32LittleEndian(payload.AsSpan(4), index);
        BinaryPrimitives.WriteUInt16LittleEndian(payload.AsSpan(16), 8);
        BinaryPrimitives.WriteUInt16LittleEndian(payload.AsSpan(18), LinkAttribute.Mtu);
        BinaryPrimitives.WriteUInt32LittleEndian(payload.AsSpan(20), mtu);
        _links.Apply(new NetlinkMessage(NetlinkMessageType.NewLink, NetlinkFlags.None, 0, payload));
    }
}
