using VipOperator.Sidecar.Contract;
using VipOperator.Sidecar.Netns.Tests.Support;
using VipOperator.Vrrp;

namespace VipOperator.Sidecar.Netns.Tests;

/// <summary>Links of all kinds, and what becomes of addresses and routes there.</summary>
public sealed class LinkTests
{
    private const string Address = "192.168.1.108";

    // At once, and 0.1, 0.3, 0.6, 1 and 5 s later.
    private const ulong TakeoverBurst = 6;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Vlan_ElectsAndServesThere(bool virtualMac)
    {
        using TestNetwork network = new("ping");
        network.RequireLinkType("link", "br0", "type", "vlan", "id", "10");
        Node client = network.AddClient();
        int host = 3;
        foreach (Node node in new[] { network.First, network.Second, client })
        {
            node.Ip("link", "add", "link", "eth0", "name", "eth0.10", "type", "vlan", "id", "10");
            node.Ip("addr", "add", $"10.10.0.{host++}/24", "dev", "eth0.10");
            node.Ip("link", "set", "eth0.10", "up");
        }

        using SidecarUnderTest first = new(network.First);
        using SidecarUnderTest second = new(network.Second);
        RouterConfiguration router =
            SidecarUnderTest.Router(100, VrrpVersion.V3, "10.10.0.108/32") with { InterfaceName = "" };
        router = router with { Parameters = router.Parameters with { VirtualMac = virtualMac } };
        first.Agent.Configure(router);
        await first.Reaches(RouterStateKind.Active);
        second.Agent.Configure(router with { Parameters = router.Parameters with { Priority = new Priority(99) } });
        await second.Reaches(RouterStateKind.Backup);
        Assert.Equal("eth0.10", first.Agent.Report(1)!.InterfaceName);
        Assert.True(client.Reaches("10.10.0.108"));

        await first.Stop();

        await second.Reaches(RouterStateKind.Active);
        await Eventually.True(() => client.Reaches("10.10.0.108"), "the client reaches the second node");
    }

    [Fact]
    public async Task Renamed_TheNamedLinkIsGoneAndTheUnnamedStays()
    {
        using TestNetwork network = new();
        using SidecarUnderTest named = new(network.First);
        using SidecarUnderTest chosen = new(network.Second);
        named.Agent.Configure(SidecarUnderTest.Router(100));
        RouterConfiguration other =
            SidecarUnderTest.Router(100, VrrpVersion.V3, "192.168.1.109/32") with { InterfaceName = "" };
        chosen.Agent.Configure(
            other with { Parameters = other.Parameters with { VirtualRouterId = VirtualRouterId.Create(52) } });
        await named.Reaches(RouterStateKind.Active);
        await chosen.Reaches(RouterStateKind.Active);

        Rename(network.First, "eth0", "lan0");
        Rename(network.Second, "eth0", "lan0");

        await named.Reaches(RouterStateKind.Fault);
        Assert.False(network.First.Holds(Address));
        await Eventually.True(
            async () =>
            {
                await chosen.Agent.Refresh();
                return chosen.Agent.Report(1)!.InterfaceName == "lan0" && chosen.State() == RouterStateKind.Active;
            },
            () => "the router whose link nobody named stays where it is");
        Assert.True(network.Second.Holds("192.168.1.109"));

        Rename(network.First, "lan0", "eth0");
        await named.Reaches(RouterStateKind.Active);
    }

    [Fact]
    public async Task EnslavedToABridge_TheRouterFollowsTheAddress()
    {
        using TestNetwork network = new("ping");
        Node client = network.AddClient();
        using SidecarUnderTest sidecar = new(network.First);
        sidecar.Agent.Configure(SidecarUnderTest.Router(100) with { InterfaceName = "" });
        await sidecar.Reaches(RouterStateKind.Active);

        network.First.Ip("link", "add", "br1", "type", "bridge");
        network.First.Ip("link", "set", "br1", "up");
        network.First.Ip("link", "set", "eth0", "master", "br1");
        network.First.Ip("addr", "del", "192.168.1.103/24", "dev", "eth0");
        network.First.Ip("addr", "add", "192.168.1.103/24", "dev", "br1");

        await Eventually.True(
            async () =>
            {
                await sidecar.Agent.Refresh();
                return sidecar.Agent.Report(1)! is { InterfaceName: "br1", State: RouterStateKind.Active };
            },
            () => $"the router is Active on the bridge\n{sidecar.Log}");
        await Eventually.True(() => client.Reaches(Address), "the client reaches the address");
        Assert.Contains(
            Address + "/32", network.First.Ip("-o", "addr", "show", "dev", "br1"), StringComparison.Ordinal);
        Assert.DoesNotContain(Address, network.First.Ip("-o", "addr", "show", "dev", "eth0"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task EnslavedByName_SaysWhichLinkToName()
    {
        using TestNetwork network = new();
        using SidecarUnderTest sidecar = new(network.First);
        sidecar.Agent.Configure(SidecarUnderTest.Router(100));
        await sidecar.Reaches(RouterStateKind.Active);

        network.First.Ip("link", "add", "br1", "type", "bridge");
        network.First.Ip("link", "set", "br1", "up");
        network.First.Ip("link", "set", "eth0", "master", "br1");
        network.First.Ip("addr", "del", "192.168.1.103/24", "dev", "eth0");

        await sidecar.Reaches(RouterStateKind.Fault);
        await sidecar.Agent.Refresh();
        Assert.Equal(TransitionReason.NoPrimaryAddress, sidecar.Agent.Report(1)!.Reason);
        Assert.Equal(
            "interfaceName: eth0 is part of br1 and has no address; name br1", sidecar.Agent.Report(1)!.Problem);
        Assert.False(network.First.Holds(Address));
    }

    [Fact]
    public async Task NodesOnlyAddressOnALinkByName_IsSaidToBeNoVirtualOne()
    {
        using TestNetwork network = new();
        using SidecarUnderTest sidecar = new(network.First);

        sidecar.Agent.Configure(SidecarUnderTest.Router(100, VrrpVersion.V3, "192.168.1.103/24"));

        await sidecar.Reaches(RouterStateKind.Fault);
        await sidecar.Agent.Refresh();
        Assert.Equal(
            "addresses: 192.168.1.103 is this node's own address, on eth0; a virtual address is one that no node has "
            + "by itself",
            sidecar.Agent.Report(1)!.Problem);
    }

    // 60 addresses make an advertisement of 268 bytes: the kernel cuts it into pieces and puts them together again.
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task MtuBelowTheAdvertisement_IsHeardAllTheSame(bool virtualMac)
    {
        using TestNetwork network = new();
        using SidecarUnderTest first = new(network.First);
        using SidecarUnderTest second = new(network.Second);
        foreach (Node node in new[] { network.First, network.Second })
            node.Ip("link", "set", "eth0", "mtu", "200");
        RouterConfiguration router = SidecarUnderTest.Router(
            100, VrrpVersion.V3, [.. Enumerable.Range(1, 60).Select(host => $"192.168.2.{host}/32")]);
        router = router with { Parameters = router.Parameters with { VirtualMac = virtualMac } };
        second.Agent.Configure(router with { Parameters = router.Parameters with { Priority = new Priority(99) } });
        await second.Reaches(RouterStateKind.Active);

        first.Agent.Configure(router);

        await first.Reaches(RouterStateKind.Active);
        await second.Reaches(RouterStateKind.Backup);
        await Eventually.True(() => network.HolderCount("192.168.2.60") == 1
            && network.First.Holds("192.168.2.60"), "the first holds the addresses");
        await first.Agent.Refresh();
        Assert.Equal(0UL, first.Agent.Report(1)!.Counters[(int)RouterCounter.SendErrors]);
    }

    // With an MTU below 1280 the kernel does away with all that a link has of IPv6, and tells no socket that it is in
    // no group any more.
    [Fact]
    public async Task MtuTooSmallForIPv6ForAWhile_IsHeardAgainAfterwards()
    {
        Requirements.CheckFamily("fd00:1::108");
        using TestNetwork network = new();
        using SidecarUnderTest first = new(network.First);
        using SidecarUnderTest second = new(network.Second);
        RouterConfiguration router = SidecarUnderTest.Router(100, VrrpVersion.V3, "fd00:1::108/128");
        first.Agent.Configure(router);
        await first.Reaches(RouterStateKind.Active);
        second.Agent.Configure(router with { Parameters = router.Parameters with { Priority = new Priority(99) } });
        await second.Reaches(RouterStateKind.Backup);

        network.Second.Ip("link", "set", "eth0", "mtu", "1200");
        await second.Reaches(RouterStateKind.Fault);
        await second.Agent.Refresh();
        Assert.Equal(TransitionReason.NoPrimaryAddress, second.Agent.Report(1)!.Reason);
        ulong before = Heard();
        network.Second.Ip("link", "set", "eth0", "mtu", "1500");

        await second.Reaches(RouterStateKind.Backup);
        await Eventually.True(
            async () =>
            {
                await second.Agent.Refresh();
                return Heard() >= before + 5;
            },
            () => $"the second hears the first again\n{second.Log}");
        Assert.Equal(RouterStateKind.Backup, second.State());
        Assert.Equal(0UL, second.Agent.Report(1)!.Counters[(int)RouterCounter.BecomeActive]);

        ulong Heard() => second.Agent.Report(1)!.Counters[(int)RouterCounter.AdvertisementsReceived];
    }

    // So it does with IPv4 below 68, on the few types of links that let it come to that; the addresses do not come
    // back by themselves.
    [Fact]
    public async Task MtuTooSmallForIPv4ForAWhile_IsInTheGroupAgainAfterwards()
    {
        using TestNetwork network = new();
        network.RequireLinkType("type", "ifb");
        network.First.Ip("link", "add", "lan0", "type", "ifb");
        network.First.Ip("addr", "add", "10.10.0.103/24", "dev", "lan0");
        network.First.Ip("link", "set", "lan0", "multicast", "on", "up");
        using SidecarUnderTest sidecar = new(network.First);
        sidecar.Agent.Configure(
            SidecarUnderTest.Router(100, VrrpVersion.V3, "10.10.0.108/32") with { InterfaceName = "lan0" });
        await sidecar.Reaches(RouterStateKind.Active);
        Assert.Contains("224.0.0.18", Groups(), StringComparison.Ordinal);

        network.First.Ip("link", "set", "lan0", "mtu", "60");
        await sidecar.Reaches(RouterStateKind.Fault);
        network.First.Ip("link", "set", "lan0", "mtu", "1500");
        network.First.Ip("addr", "add", "10.10.0.103/24", "dev", "lan0");

        await sidecar.Reaches(RouterStateKind.Active);
        Assert.Contains("224.0.0.18", Groups(), StringComparison.Ordinal);

        string Groups() => network.First.Ip("maddr", "show", "dev", "lan0");
    }

    // A /24 in the node's own subnet is a secondary address there: its coming and going takes no route along, nor does
    // that of the node's address take it along where promote_secondaries is off.
    [Theory]
    [InlineData("192.168.1.108/24", "192.168.1.0/24")]
    [InlineData("fd00:1::108/64", "fd00:1::/64")]
    public async Task AddressInTheNodesSubnet_LeavesItsRoutesAlone(string prefix, string subnet)
    {
        Requirements.CheckFamily(prefix);
        using TestNetwork network = new();
        string family = prefix.Contains(':', StringComparison.Ordinal) ? "-6" : "-4";
        string before = Route();
        Assert.NotEqual("", before);
        using SidecarUnderTest sidecar = new(network.First);
        sidecar.Agent.Configure(SidecarUnderTest.Router(100, VrrpVersion.V3, prefix));
        await sidecar.Reaches(RouterStateKind.Active);
        Assert.Contains(prefix, network.First.Addresses());
        Assert.Equal(before, Route());

        await sidecar.Stop();

        Assert.DoesNotContain(prefix, network.First.Addresses());
        Assert.Equal(before, Route());

        string Route() => network.First.Ip(family, "route", "show", subnet);
    }

    // RFC 4861 §4.4: the R flag says whether the sender is a router. A network plugin may make it one at any time, and
    // from then on the kernel's own answers say so.
    [Fact]
    public async Task ForwardingIsSwitchedOnLater_AnnouncementsSaySo()
    {
        Requirements.CheckFamily("fd00:1::108");
        using TestNetwork network = new("sysctl", "tcpdump", "tshark");
        using Capture capture = await Capture.Start(network);
        using SidecarUnderTest sidecar = new(network.First);
        sidecar.Agent.Configure(SidecarUnderTest.Router(100, VrrpVersion.V3, "fd00:1::108/128"));
        await HasAnnounced(sidecar, 1);

        network.First.SetSysctl("net.ipv6.conf.all.forwarding", 1);
        network.First.Ip("addr", "del", "fd00:1::108/128", "dev", "eth0");
        await HasAnnounced(sidecar, sidecar.Agent.Report(1)!.Counters[(int)RouterCounter.AnnouncementsSent] + 3);

        const string announced = "icmpv6.type == 136 && icmpv6.nd.na.target_address == fd00:1::108";
        Assert.NotEmpty(capture.Packets($"{announced} && icmpv6.nd.na.flag.r == 0"));
        Assert.NotEmpty(capture.Packets($"{announced} && icmpv6.nd.na.flag.r == 1"));
    }

    // A person or a bond gives it another one while it is up. Neighbours would go on sending to the old one.
    [Theory]
    [InlineData("192.168.1.108/32")]
    [InlineData("fd00:1::108/128")]
    public async Task HardwareAddressChanges_NeighboursLearnItWithoutAsking(string prefix)
    {
        Requirements.CheckFamily(prefix);
        using TestNetwork network = new("ping");
        Node client = network.AddClient();
        string address = prefix.Split('/')[0];
        using SidecarUnderTest sidecar = new(network.First);
        sidecar.Agent.Configure(AnnouncedOnTakeoverAlone(SidecarUnderTest.Router(100, VrrpVersion.V3, prefix)));
        await HasAnnounced(sidecar, TakeoverBurst);
        Assert.True(client.Reaches(address));
        Assert.Equal(network.First.HardwareAddress(), client.NeighborOf(address));

        network.First.Ip("link", "set", "eth0", "address", "02:00:00:00:01:08");

        await Eventually.True(
            () => client.NeighborOf(address) == "02:00:00:00:01:08",
            () => $"the client knows the new MAC address; it has {client.NeighborOf(address)}\n{sidecar.Log}");
        Assert.Equal(RouterStateKind.Active, sidecar.State());
    }

    // The kernel drops what it has to tell of links once too much waits: then all is read anew.
    [Fact]
    public async Task HardwareAddressChangesWhileTheKernelsNewsAreLost_IsAnnouncedAndFollowedAfterwards()
    {
        using TestNetwork network = new("ping");
        Node client = network.AddClient();
        using SidecarUnderTest sidecar = new(network.First);
        // The address owner is Active at once, and such an interval outlasts the pause.
        Centiseconds interval = Centiseconds.FromSeconds(40);
        RouterConfiguration router = AnnouncedOnTakeoverAlone(SidecarUnderTest.Router(255));
        sidecar.Agent.Configure(router with
        {
            Parameters = router.Parameters with
            {
                AdvertisementInterval = interval,
                AddressLifetime = RouterParameters.DefaultAddressLifetime(interval),
            },
        });
        await HasAnnounced(sidecar, TakeoverBurst);
        Assert.True(client.Reaches(Address));

        sidecar.Signal("STOP");
        network.First.Ip("link", "set", "eth0", "address", "02:00:00:00:01:01");
        string batch = Path.GetTempFileName();
        File.WriteAllLines(batch, Enumerable.Range(0, 20_000).Select(i =>
            $"addr {(i % 2 == 0 ? "add" : "del")} 10.99.0.1/32 dev lo"));
        network.First.Ip("-batch", batch);
        File.Delete(batch);
        network.First.Ip("link", "set", "eth0", "address", "02:00:00:00:01:02");
        sidecar.Signal("CONT");

        await ClientKnows("02:00:00:00:01:02");
        await sidecar.Agent.Refresh();
        Assert.NotEqual(0UL, sidecar.Agent.Process!.KernelDrops);
        network.First.Ip("link", "set", "eth0", "address", "02:00:00:00:01:03");
        await ClientKnows("02:00:00:00:01:03");
        Assert.DoesNotContain("LoopStalled", sidecar.Log, StringComparison.Ordinal);

        Task ClientKnows(string hardwareAddress) => Eventually.True(
            () => client.NeighborOf(Address) == hardwareAddress,
            () => $"the client knows {hardwareAddress}; it has {client.NeighborOf(Address)}\n{sidecar.Log}");
    }

    [Fact]
    public async Task IPv6Address_IsUsableAtOnceAndDeprecated()
    {
        Requirements.CheckFamily("fd00:1::108");
        using TestNetwork network = new("sysctl");
        network.First.SetSysctl("net.ipv6.conf.eth0.accept_dad", 1);
        using SidecarUnderTest sidecar = new(network.First);
        sidecar.Agent.Configure(SidecarUnderTest.Router(100, VrrpVersion.V3, "fd00:1::108/128"));
        await sidecar.Reaches(RouterStateKind.Active);

        string address = network.First.Ip("-6", "-o", "addr", "show", "to", "fd00:1::108");
        Assert.DoesNotContain("tentative", address, StringComparison.Ordinal);
        Assert.Contains("nodad", address, StringComparison.Ordinal);
        Assert.Contains("deprecated", address, StringComparison.Ordinal);
    }

    private static RouterConfiguration AnnouncedOnTakeoverAlone(RouterConfiguration router) =>
        router with { Parameters = router.Parameters with { AnnounceRefresh = TimeSpan.Zero } };

    private static Task HasAnnounced(SidecarUnderTest sidecar, ulong times) => Eventually.True(
        async () =>
        {
            await sidecar.Agent.Refresh();
            return sidecar.Agent.Report(1)?.Counters[(int)RouterCounter.AnnouncementsSent] >= times;
        },
        () => $"{times} announcements\n{sidecar.Log}");

    private static void Rename(Node node, string from, string to)
    {
        // Older kernels rename a link only while it is down.
        if (Command.Try("ip", "-n", node.Namespace, "link", "set", from, "name", to).ExitCode == 0)
            return;
        node.Ip("link", "set", from, "down");
        node.Ip("link", "set", from, "name", to);
        node.Ip("link", "set", to, "up");
    }
}
