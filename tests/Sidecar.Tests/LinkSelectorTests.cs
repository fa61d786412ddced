using System.Buffers.Binary;
using System.Text;
using VipOperator.Sidecar.Links;
using VipOperator.Sidecar.Netlink;
using VipOperator.Vrrp;

namespace VipOperator.Sidecar.Tests;

public sealed class LinkSelectorTests
{
    private static readonly IpAddress Virtual = IpAddress.Parse("192.168.1.108");

    private readonly LinkTable _links = new();

    public LinkSelectorTests()
    {
        AddLink(1, "lo", LinkFlags.Up | LinkFlags.Running | LinkFlags.Loopback);
        AddLink(2, "eth0", LinkFlags.Up | LinkFlags.Running);
        AddLink(3, "eth1", LinkFlags.Up | LinkFlags.Running);
        AddAddress(1, "127.0.0.1/8");
        AddAddress(2, "10.0.0.5/8");
        AddAddress(3, "192.168.1.103/24");
    }

    [Fact]
    public void Select_Named_IsThatLink() => Assert.Equal("eth0", Select("eth0")!.Name);

    [Fact]
    public void Select_NamedButMissing_IsNone() => Assert.Null(Select("eth7"));

    [Fact]
    public void Select_Unnamed_IsTheLinkWhoseSubnetHoldsTheAddress() => Assert.Equal("eth1", Select("")!.Name);

    [Fact]
    public void Select_TwoSubnets_TheNarrowerWins()
    {
        AddAddress(2, "192.168.0.1/16");

        Assert.Equal("eth1", Select("")!.Name);
    }

    [Fact]
    public void Select_SubnetOfAVirtualAddress_SaysNothing()
    {
        AddAddress(2, "192.168.1.109/25");

        Link? link = LinkSelector.Select(_links, "", Virtual, null, 0, a => a == IpAddress.Parse("192.168.1.109"));

        Assert.Equal("eth1", link!.Name);
    }

    [Fact]
    public void Select_SubnetOfALeftOver_SaysNothing()
    {
        AddAddress(2, "192.168.1.109/25", protocol: AddressMessage.OwnershipTag);

        Assert.Equal("eth1", Select("")!.Name);
    }

    [Fact]
    public void Select_NoSubnet_IsTheDefaultRoutesLink() =>
        Assert.Equal(
            "eth0", LinkSelector.Select(_links, "", IpAddress.Parse("203.0.113.5"), null, 2, _ => false)!.Name);

    [Fact]
    public void Select_NeitherSubnetNorRoute_IsNone() =>
        Assert.Null(LinkSelector.Select(_links, "", IpAddress.Parse("203.0.113.5"), null, 0, _ => false));

    [Fact]
    public void Select_ChosenBefore_StaysAlthoughTheSubnetIsGone()
    {
        Link chosen = Select("")!;
        chosen.Remove(IpPrefix.Parse("192.168.1.103/24"));

        Assert.Same(chosen, LinkSelector.Select(_links, "", Virtual, chosen, 2, _ => false));
    }

    [Fact]
    public void PrimaryAddress_IPv4_IsTheOneInTheSubnetAndNeverAVirtualOne()
    {
        Link link = _links.ByName("eth1")!;
        AddAddress(3, "172.16.0.1/16");
        AddAddress(3, "192.168.1.108/24");
        AddAddress(3, "192.168.1.110/24", protocol: AddressMessage.OwnershipTag);

        Assert.Equal(IpAddress.Parse("192.168.1.103"), LinkSelector.PrimaryAddress(
            link, Parameters("192.168.1.108/32"), a => a == Virtual));
    }

    [Fact]
    public void PrimaryAddress_IPv4_PrefersThePrimaryOverASecondary()
    {
        Link link = _links.ByName("eth1")!;
        link.Remove(IpPrefix.Parse("192.168.1.103/24"));
        AddAddress(3, "192.168.1.10/24", AddressFlags.Secondary);
        AddAddress(3, "192.168.1.20/24");

        Assert.Equal(IpAddress.Parse("192.168.1.20"), LinkSelector.PrimaryAddress(
            link, Parameters("192.168.1.108/32"), _ => false));
    }

    [Fact]
    public void PrimaryAddress_IPv6_IsTheLinkLocalOneOnceItIsNotTentative()
    {
        Link link = _links.ByName("eth1")!;
        RouterParameters parameters = Parameters("fd00:1::108/128");
        AddAddress(3, "fd00:1::103/64");
        AddAddress(3, "fe80::1/64", AddressFlags.Tentative);
        Assert.True(LinkSelector.PrimaryAddress(link, parameters, _ => false).IsNone);

        AddAddress(3, "fe80::1/64");

        Assert.Equal(IpAddress.Parse("fe80::1"), LinkSelector.PrimaryAddress(link, parameters, _ => false));
    }

    [Fact]
    public void PrimaryAddress_IPv6UnicastToGlobalPeers_IsAGlobalOne()
    {
        Link link = _links.ByName("eth1")!;
        AddAddress(3, "fe80::1/64");
        AddAddress(3, "fd00:2::103/64");
        AddAddress(3, "fd00:1::103/64");
        RouterParameters parameters = Parameters("fd00:1::108/128") with
        {
            Transport = Transport.Unicast,
            Peers = [IpAddress.Parse("fd00:1::104")],
        };

        Assert.Equal(IpAddress.Parse("fd00:1::103"), LinkSelector.PrimaryAddress(link, parameters, _ => false));
    }

    [Fact]
    public void Link_RenewedLifetime_IsNoChange()
    {
        Assert.False(AddAddress(3, "192.168.1.103/24"));
        Assert.True(AddAddress(3, "192.168.1.104/24"));
    }

    // fe80::/10 is on every link.
    [Theory]
    [InlineData("fd00:1::108", "fd00:1::108", "fe80::5")]
    [InlineData("fd00:1::108", "fe80::5", "fd00:1::108")]
    [InlineData("fe80::5", "fe80::5", "fe80::6")]
    public void Locating_IsTheFirstAddressThatIsNotLinkLocal(string expected, params string[] addresses) =>
        Assert.Equal(IpAddress.Parse(expected), LinkSelector.Locating([.. addresses.Select(IpPrefix.Parse)]));

    [Theory]
    [InlineData("interfaceName: there is no link eth7", "eth7", "192.168.1.108")]
    [InlineData("interfaceName: no link's subnet holds 172.16.0.1 and there is no default route", "", "172.16.0.1")]
    [InlineData(
        "interfaceName: a link-local address belongs to any link; name the one that is meant", "", "fe80::5/64")]
    [InlineData(
        "addresses: 192.168.1.103 is this node's own address, on eth1; a virtual address is one that no node has by "
        + "itself", "", "192.168.1.103/24")]
    public void WhyNone_SaysWhatIsInTheWay(string expected, string name, string address) =>
        Assert.Equal(expected, LinkSelector.WhyNone(_links, name, [IpPrefix.Parse(address)]));

    [Fact]
    public void WhyNone_LeftOverAddress_IsNotTheNodesOwn()
    {
        AddAddress(3, "172.16.0.1/32", protocol: AddressMessage.OwnershipTag);

        Assert.StartsWith("interfaceName: no link's subnet holds 172.16.0.1",
            LinkSelector.WhyNone(_links, "", [IpPrefix.Parse("172.16.0.1")]), StringComparison.Ordinal);
    }

    [Fact]
    public void WhyNoPrimary_TheNodesOnlyAddressIsToBeVirtual_SaysSo()
    {
        Assert.Equal(
            "addresses: 192.168.1.103 is this node's own address, on eth1; a virtual address is one that no node has "
            + "by itself",
            LinkSelector.WhyNoPrimary(
                _links, Select("eth1")!, [IpPrefix.Parse("192.168.1.108"), IpPrefix.Parse("192.168.1.103/24")]));
        Assert.Equal("", LinkSelector.WhyNoPrimary(_links, Select("eth0")!, [IpPrefix.Parse("192.168.1.103")]));
    }

    private Link? Select(string name) => LinkSelector.Select(_links, name, Virtual, null, 0, _ => false);

    private static RouterParameters Parameters(string address) => new()
    {
        Version = VrrpVersion.V3,
        Family = IpPrefix.Parse(address).Address.Family,
        VirtualRouterId = VirtualRouterId.Create(51),
        Priority = new Priority(100),
        AdvertisementInterval = Centiseconds.FromSeconds(1),
        Addresses = [IpPrefix.Parse(address)],
        AddressLifetime = TimeSpan.FromSeconds(3),
    };

    private void AddLink(int index, string name, LinkFlags flags)
    {
        byte[] payload = new byte[16 + 20];
        BinaryPrimitives.WriteInt32LittleEndian(payload.AsSpan(4), index);
        BinaryPrimitives.WriteUInt32LittleEndian(payload.AsSpan(8), (uint)flags);
        BinaryPrimitives.WriteUInt16LittleEndian(payload.AsSpan(16), (ushort)(4 + name.Length));
        BinaryPrimitives.WriteUInt16LittleEndian(payload.AsSpan(18), LinkAttribute.Name);
        Encoding.UTF8.GetBytes(name, payload.AsSpan(20));
        Assert.True(_links.Apply(new NetlinkMessage(NetlinkMessageType.NewLink, NetlinkFlags.None, 0, payload)));
    }

    private bool AddAddress(int link, string prefix, AddressFlags flags = AddressFlags.None, byte protocol = 0) =>
        _links.ByIndex(link)!.Put(new AddressMessage
        {
            LinkIndex = link,
            Prefix = IpPrefix.Parse(prefix),
            Flags = flags,
            Scope = 0,
            Protocol = protocol,
        });
}
