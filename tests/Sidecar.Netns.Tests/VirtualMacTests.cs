using VipOperator.Sidecar.Contract;
using VipOperator.Sidecar.Netns.Tests.Support;
using VipOperator.Vrrp;

namespace VipOperator.Sidecar.Netns.Tests;

/// <summary>Routers that answer from the virtual router MAC address (RFC 9568 §7.3).</summary>
public sealed class VirtualMacTests
{
    private const string Address = "192.168.1.108";
    private const string MacV4 = "00:00:5e:00:01:33"; // 51
    private const string MacV6 = "00:00:5e:00:02:33";

    [Theory]
    [InlineData(Address, Address + "/32", MacV4, "vrrp4-51")]
    [InlineData("fd00:1::108", "fd00:1::108/128", MacV6, "vrrp6-51")]
    public async Task Failover_TheClientKeepsItsNeighborEntry(string address, string prefix, string mac, string link)
    {
        Requirements.CheckFamily(address);
        using TestNetwork network = new("tcpdump", "tshark", "ping", "sysctl");
        Node client = network.AddClient();
        foreach (Node node in new[] { network.First, network.Second })
        {
            // As many distributions have it; replies leave by another link than requests come in by.
            node.SetSysctl("net.ipv4.conf.all.rp_filter", 1);
            node.SetSysctl("net.ipv4.conf.default.rp_filter", 1);
        }

        using Capture capture = await Capture.Start(client);
        using SidecarUnderTest first = new(network.First);
        using SidecarUnderTest second = new(network.Second);
        first.Agent.Configure(Router(100, prefix));
        await first.Reaches(RouterStateKind.Active);
        second.Agent.Configure(Router(99, prefix));
        await second.Reaches(RouterStateKind.Backup);
        Assert.Equal([link], network.First.VirtualLinks());
        Assert.Empty(network.Second.VirtualLinks());
        Assert.True(client.Reaches(address));
        // RFC 9568 §7.4: the kernel makes no address of its own out of the virtual MAC address.
        Assert.Equal([prefix], network.First.Addresses(link));
        Assert.Equal(mac, client.NeighborOf(address));
        // Now the Active node has to ask for the client before it can answer; it must not do so in the address's name.
        network.First.Ip("neigh", "flush", "dev", "eth0");
        Assert.True(client.Reaches(address));

        first.Kill();
        await second.Reaches(RouterStateKind.Active);

        await Eventually.True(() => client.Reaches(address), "the client reaches the second node");
        Assert.Equal(mac, client.NeighborOf(address));
        network.Second.Ip("neigh", "flush", "dev", "eth0");
        Assert.True(client.Reaches(address));
        await Eventually.True(
            () => !network.First.Holds(address), "the kernel removes the address of the killed sidecar");

        // The link that was left behind has no address: nobody answers there. For IPv4 nothing is sent from there
        // either; for IPv6 the kernel leaves the address's group (RFC 9777), which for the rest of an advertisement
        // interval can lead a switch astray.
        if (address == Address)
        {
            await Eventually.Always(
                () => client.Reaches(address) && client.NeighborOf(address) == mac, TimeSpan.FromSeconds(1),
                "the client reaches the second node");
        }

        await Eventually.True(
            () => client.Reaches(address) && client.NeighborOf(address) == mac, "the client reaches the second node");
        Assert.Equal([link], network.First.VirtualLinks());
        Assert.Equal([mac], capture.Sources("vrrp", "eth.src"));
        Assert.Empty(
            capture.Packets("_ws.malformed || vrrp.checksum.status == \"Bad\" || ip.checksum.status == \"Bad\""));
        string foreignClaim = address == Address
            ? $"arp.src.proto_ipv4 == {Address} && arp.src.hw_mac != {mac}"
            : $"(icmpv6.nd.na.target_address == {address} || icmpv6.type == 135 && ipv6.src == {address})"
                + $" && icmpv6.opt.linkaddr != {mac}";
        Assert.Empty(capture.Packets(foreignClaim));
        // The kernel's answers say of the node what our announcements say: it does not forward (departure 34).
        string announced = $"icmpv6.nd.na.target_address == {address} && icmpv6.nd.na.flag.s == ";
        if (address != Address)
        {
            Assert.Equal(["0"], capture.Sources(announced + "0", "icmpv6.nd.na.flag.r"));
            Assert.Equal(["0"], capture.Sources(announced + "1", "icmpv6.nd.na.flag.r"));
        }
    }

    [Fact]
    public async Task NodesOwnAddress_StaysAtItsOwnMac()
    {
        using TestNetwork network = new("ping");
        Node client = network.AddClient();
        using SidecarUnderTest sidecar = new(network.First);
        sidecar.Agent.Configure(Router(100, Address + "/32"));
        await sidecar.Reaches(RouterStateKind.Active);

        Assert.True(client.Reaches(network.First.Address));

        string link = network.First.Ip("-o", "link", "show", "eth0");
        Assert.Contains(client.NeighborOf(network.First.Address)!, link, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Stopped_TheLinkIsGoneAndTheParentIsAsBefore()
    {
        using TestNetwork network = new("sysctl");
        network.First.SetSysctl("net.ipv4.conf.eth0.arp_announce", 1);
        using SidecarUnderTest sidecar = new(network.First);
        RouterConfiguration web = Router(100, Address + "/32");
        RouterConfiguration mail = Router(100, "192.168.1.109/32") with { Handle = 2, Name = "default/mail" };
        mail = mail with { Parameters = mail.Parameters with { VirtualRouterId = VirtualRouterId.Create(52) } };
        sidecar.Agent.Configure(web, mail);
        await sidecar.Reaches(RouterStateKind.Active);
        await sidecar.Reaches(RouterStateKind.Active, handle: 2);
        Assert.Equal("1", network.First.Sysctl("net.ipv4.conf.eth0.arp_ignore"));
        Assert.Equal("2", network.First.Sysctl("net.ipv4.conf.eth0.arp_announce"));

        sidecar.Agent.Configure(web);
        await Eventually.True(
            () => network.First.VirtualLinks() is ["vrrp4-51"], "the link of the removed router is removed");
        Assert.Equal("1", network.First.Sysctl("net.ipv4.conf.eth0.arp_ignore"));

        Assert.Equal(0, await sidecar.Stop());
        Assert.Empty(network.First.VirtualLinks());
        Assert.Equal("0", network.First.Sysctl("net.ipv4.conf.eth0.arp_ignore"));
        Assert.Equal("1", network.First.Sysctl("net.ipv4.conf.eth0.arp_announce"));
    }

    [Fact]
    public async Task Killed_TheNextStartSweepsTheLinkAndRestoresTheParent()
    {
        using TestNetwork network = new("sysctl");
        using (SidecarUnderTest killed = new(network.First))
        {
            killed.Agent.Configure(Router(100, Address + "/32"));
            await killed.Reaches(RouterStateKind.Active);
            killed.Kill();
            await killed.Ended();
        }

        Assert.Equal(["vrrp4-51"], network.First.VirtualLinks());

        using SidecarUnderTest next = new(network.First);

        await Eventually.True(() => network.First.VirtualLinks().Length == 0, "the left-over link is removed");
        Assert.Equal("0", network.First.Sysctl("net.ipv4.conf.eth0.arp_ignore"));
        await Eventually.True(() => next.Log.Contains("left behind", StringComparison.Ordinal), "the sweep is logged");
    }

    [Fact]
    public async Task Killed_ThenActiveAgain_TakesTheNameAnew()
    {
        using TestNetwork network = new("ping", "sysctl");
        Node client = network.AddClient();
        for (int time = 1; time <= 3; time++)
        {
            using SidecarUnderTest sidecar = new(network.First);
            sidecar.Agent.Configure(Router(100, Address + "/32"));
            await sidecar.Reaches(RouterStateKind.Active);
            await Eventually.True(() => network.First.VirtualLinks() is ["vrrp4-51"]
                && client.Reaches(Address), "the client reaches the node");
            if (time == 3)
                await sidecar.Stop();
            else
                sidecar.Kill();
            await sidecar.Ended();
        }

        Assert.Empty(network.First.VirtualLinks());
        Assert.Equal("0", network.First.Sysctl("net.ipv4.conf.eth0.arp_ignore"));
    }

    [Fact]
    public async Task AnotherSidecarsLink_IsNotSwept()
    {
        using TestNetwork network = new("ping", "sysctl");
        Node client = network.AddClient();
        using SidecarUnderTest web = new(network.First);
        web.Agent.Configure(Router(100, Address + "/32"));
        await web.Reaches(RouterStateKind.Active);

        using SidecarUnderTest mail = new(network.First);
        RouterConfiguration router = Router(100, "192.168.1.109/32");
        mail.Agent.Configure(
            router with { Parameters = router.Parameters with { VirtualRouterId = VirtualRouterId.Create(52) } });
        await mail.Reaches(RouterStateKind.Active);

        Assert.True(client.Reaches(Address));
        Assert.True(client.Reaches("192.168.1.109"));
        // The last one out puts the parent back, whoever came first.
        await web.Stop();
        Assert.Equal("1", network.First.Sysctl("net.ipv4.conf.eth0.arp_ignore"));
        await mail.Stop();
        Assert.Equal("0", network.First.Sysctl("net.ipv4.conf.eth0.arp_ignore"));
        Assert.Empty(network.First.VirtualLinks());
    }

    // Both send from one MAC address: each must hear the other on its parent link all the same.
    [Fact]
    public async Task TwoActives_WithOneMac_HearEachOtherAndHeal()
    {
        using TestNetwork network = new("nft");
        using SidecarUnderTest first = new(network.First);
        using SidecarUnderTest second = new(network.Second);
        first.Agent.Configure(Router(100, Address + "/32"));
        await first.Reaches(RouterStateKind.Active);
        second.Agent.Configure(Router(99, Address + "/32"));
        await second.Reaches(RouterStateKind.Backup);

        network.Second.DropVrrp();
        await second.Reaches(RouterStateKind.Active);
        await Eventually.True(
            () => first.Log.Contains("while we are Active", StringComparison.Ordinal), "the first hears the second");
        network.Second.AcceptVrrp();

        await second.Reaches(RouterStateKind.Backup);
        await Eventually.True(() => network.Second.VirtualLinks().Length == 0, "the second removes its link");
        Assert.True(network.First.Holds(Address));
    }

    [Theory]
    [InlineData("del")]
    [InlineData("down")]
    public async Task LinkRemovedOrSetDownByHand_IsRestored(string how)
    {
        using TestNetwork network = new("ping");
        Node client = network.AddClient();
        using SidecarUnderTest sidecar = new(network.First);
        sidecar.Agent.Configure(Router(100, Address + "/32"));
        await sidecar.Reaches(RouterStateKind.Active);
        Assert.True(client.Reaches(Address));

        if (how == "del")
            network.First.Ip("link", "del", "vrrp4-51");
        else
            network.First.Ip("link", "set", "vrrp4-51", "down");

        await Eventually.True(() => client.Reaches(Address), "the client reaches the address again");
        Assert.Equal(RouterStateKind.Active, sidecar.State());
        await Eventually.True(
            async () =>
            {
                await sidecar.Agent.Refresh();
                return sidecar.Agent.Report(1)!.Counters[(int)RouterCounter.AddressesRestored] == 1;
            },
            () => "the address is counted as restored");
    }

    [Fact]
    public async Task SwitchedOnAndOff_WhileActive_NothingIsReleased()
    {
        using TestNetwork network = new("ping", "sysctl");
        Node client = network.AddClient();
        using SidecarUnderTest sidecar = new(network.First);
        RouterConfiguration with = Router(100, Address + "/32");
        RouterConfiguration without = with with { Parameters = with.Parameters with { VirtualMac = false } };
        sidecar.Agent.Configure(without);
        await sidecar.Reaches(RouterStateKind.Active);
        Assert.True(client.Reaches(Address));
        string? own = client.NeighborOf(Address);

        sidecar.Agent.Configure(with);
        await Eventually.True(() => client.Reaches(Address)
            && client.NeighborOf(Address) == MacV4, "the client learns the virtual MAC address");
        sidecar.Agent.Configure(without);
        await Eventually.True(() => client.Reaches(Address)
            && client.NeighborOf(Address) == own, "the client learns the link's own MAC address");

        await Eventually.True(() => network.First.VirtualLinks().Length == 0, "the link is removed");
        Assert.Equal("0", network.First.Sysctl("net.ipv4.conf.eth0.arp_ignore"));
        await sidecar.Agent.Refresh();
        Assert.Equal(1UL, sidecar.Agent.Report(1)!.Counters[(int)RouterCounter.BecomeActive]);
        Assert.Equal(0UL, sidecar.Agent.Report(1)!.Counters[(int)RouterCounter.AddressesRestored]);
    }

    [Theory]
    [InlineData(Address, Address + "/32", MacV4)]
    [InlineData("fd00:1::108", "fd00:1::108/128", MacV6)]
    public async Task KeepalivedWithVirtualMac_AsPeer_TheClientSeesOneMac(string address, string prefix, string mac)
    {
        Requirements.CheckFamily(address);
        using TestNetwork network = new("keepalived", "tcpdump", "tshark", "ping");
        Node client = network.AddClient();
        using Capture capture = await Capture.Start(client);
        using Keepalived keepalived = new(network.Second, Keepalived.Instance(3, 100, "0.2", prefix, "use_vmac"));
        await Eventually.True(() => client.Reaches(address), () => $"keepalived serves\n{keepalived.Log}");
        Assert.Equal(mac, client.NeighborOf(address));

        using (SidecarUnderTest sidecar = new(network.First))
        {
            sidecar.Agent.Configure(Router(110, prefix));
            await sidecar.Reaches(RouterStateKind.Active);
            await Eventually.True(
                () => network.HolderCount(address) == 1 && network.First.Holds(address), "we alone hold the address");
            await Eventually.True(() => client.Reaches(address), "the client reaches us");
            Assert.Equal(mac, client.NeighborOf(address));
            await sidecar.Stop();
        }

        await Eventually.True(
            () => network.HolderCount(address) == 1 && network.Second.Holds(address), "keepalived holds the address");
        await Eventually.True(() => client.Reaches(address), "the client reaches keepalived");
        Assert.Equal(mac, client.NeighborOf(address));
        Assert.Equal([mac], capture.Sources("vrrp", "eth.src"));
        Assert.Empty(capture.Packets("_ws.malformed || vrrp.checksum.status == \"Bad\""));
    }

    // As in a container: two capabilities, and /proc/sys that nobody may write to.
    [Theory]
    [InlineData(Address, Address + "/32", MacV4)]
    [InlineData("fd00:1::108", "fd00:1::108/128", MacV6)]
    public async Task InAContainer_NothingMoreIsNeeded(string address, string prefix, string mac)
    {
        Requirements.CheckFamily(address);
        using TestNetwork network = new("ping", "sysctl", "unshare", "setpriv");
        Node client = network.AddClient();
        // So that the one setting that netlink does not have would matter.
        network.First.SetSysctl("net.ipv6.conf.default.accept_ra", 1);
        using SidecarUnderTest sidecar = new(
            network.First,
            "unshare", "--mount", "sh", "-c",
            "mount --bind /proc/sys /proc/sys && mount -o remount,bind,ro /proc/sys"
            + " && exec setpriv --bounding-set=-all,+net_admin,+net_raw \"$0\" \"$@\"");
        sidecar.Agent.Configure(Router(100, prefix));
        await sidecar.Reaches(RouterStateKind.Active);

        Assert.True(client.Reaches(address), sidecar.Log);
        Assert.Equal(mac, client.NeighborOf(address));
        bool warned = sidecar.Log.Contains("router advertisements", StringComparison.Ordinal);
        Assert.Equal(address != Address, warned);

        Assert.Equal(0, await sidecar.Stop());
        Assert.Empty(network.First.VirtualLinks());
        Assert.Equal("0", network.First.Sysctl("net.ipv4.conf.eth0.arp_ignore"));
    }

    [Fact]
    public async Task LinkWithoutMacvlan_IsRefusedWithAHint()
    {
        using TestNetwork network = new();
        // A port of a bridge takes no macvlan.
        network.First.Ip("link", "add", "br1", "type", "bridge");
        network.First.Ip("link", "set", "eth0", "master", "br1");
        using SidecarUnderTest sidecar = new(network.First);

        sidecar.Agent.Configure(Router(100, Address + "/32"));

        await Eventually.True(
            async () =>
            {
                await sidecar.Agent.Refresh();
                return sidecar.Agent.Report(1)?.Hints.Any(h => h.Kind == RouterHintKind.VirtualMacRefused) == true;
            },
            () => $"the refusal is told\n{sidecar.Log}");
        Assert.Contains("cannot have its virtual MAC address", sidecar.Log, StringComparison.Ordinal);
        Assert.Empty(network.First.VirtualLinks());
    }

    // Again and again: it must not take the addresses from a peer that serves before it has them itself.
    [Fact]
    public async Task BetterNodeWhoseLinkTakesNoMacvlan_LeavesThePeerAlone()
    {
        using TestNetwork network = new();
        network.First.Ip("link", "add", "br1", "type", "bridge");
        network.First.Ip("link", "set", "eth0", "master", "br1");
        using SidecarUnderTest first = new(network.First);
        using SidecarUnderTest second = new(network.Second);
        second.Agent.Configure(SidecarUnderTest.Router(99));
        await second.Reaches(RouterStateKind.Active);

        first.Agent.Configure(Router(100, Address + "/32"));

        await Eventually.True(
            async () =>
            {
                await first.Agent.Refresh();
                return CountOf(first, RouterCounter.BindErrors) >= 2;
            },
            () => $"the first tries twice\n{first.Log}");
        await second.Agent.Refresh();
        Assert.DoesNotContain(first.Agent.History, r => r.State == RouterStateKind.Active);
        Assert.Equal(0UL, CountOf(first, RouterCounter.AdvertisementsSent));
        Assert.Equal(0UL, CountOf(second, RouterCounter.AdvertisementsReceived));
        Assert.Equal(0UL, CountOf(second, RouterCounter.ReleaseActive));
        Assert.Equal(RouterStateKind.Active, second.State());
        Assert.True(network.Second.Holds(Address));

        static ulong CountOf(SidecarUnderTest sidecar, RouterCounter counter) =>
            sidecar.Agent.Report(1)?.Counters[(int)counter] ?? 0;
    }

    private static RouterConfiguration Router(int priority, string prefix)
    {
        RouterConfiguration router = SidecarUnderTest.Router(priority, VrrpVersion.V3, prefix);
        return router with { Parameters = router.Parameters with { VirtualMac = true } };
    }
}
