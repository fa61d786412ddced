using VipOperator.Sidecar.Contract;
using VipOperator.Sidecar.Netns.Tests.Support;
using VipOperator.Vrrp;

namespace VipOperator.Sidecar.Netns.Tests;

/// <summary>What goes wrong around a router is seen, counted and told with what to do.</summary>
public sealed class HintTests
{
    private const string V4 = "192.168.1.108";

    [Theory]
    [InlineData(V4, V4 + "/32", false)]
    [InlineData(V4, V4 + "/32", true)]
    [InlineData("fd00:1::108", "fd00:1::108/128", false)]
    public async Task AnotherHostHasTheAddress_IsTold(string address, string prefix, bool virtualMac)
    {
        Requirements.CheckFamily(address);
        using TestNetwork network = new();
        Node other = network.AddClient();
        using SidecarUnderTest sidecar = new(network.First);
        RouterConfiguration router = SidecarUnderTest.Router(100, VrrpVersion.V3, prefix);
        sidecar.Agent.Configure(router with { Parameters = router.Parameters with { VirtualMac = virtualMac } });
        await sidecar.Reaches(RouterStateKind.Active);

        // It announces nothing; it only answers when it is asked.
        other.Ip(["addr", "add", prefix, "dev", "eth0", .. address == V4 ? Array.Empty<string>() : ["nodad"]]);

        RouterHint hint = await Told(sidecar, RouterHintKind.HeldElsewhere);
        Assert.Equal(IpAddress.Parse(address), hint.Source);
        Assert.Contains(hint.HardwareAddress.ToString(), other.Ip("link", "show", "eth0"), StringComparison.Ordinal);
        Assert.True(Count(sidecar, RouterCounter.AddressConflicts) > 0);
        Assert.Equal(RouterStateKind.Active, sidecar.State());
        Assert.Contains("answers for " + address, sidecar.Log, StringComparison.Ordinal);
    }

    // Linux answers for any of its addresses on whichever link it is asked (arp_ignore 0).
    [Fact]
    public async Task SecondLinkOfThisNodeOnTheSegment_IsNoOtherHost()
    {
        using TestNetwork network = new("tcpdump");
        Node node = network.First;
        node.Ip("link", "add", "eth1", "type", "veth", "peer", "name", "port-a1", "netns", node.Switch);
        Command.Run("ip", "-n", node.Switch, "link", "set", "port-a1", "master", "br0", "up");
        node.Ip("link", "set", "eth1", "up");
        node.Ip("addr", "add", "192.168.1.123/24", "dev", "eth1");
        using SidecarUnderTest sidecar = new(node);
        sidecar.Agent.Configure(SidecarUnderTest.Router(100));
        await sidecar.Reaches(RouterStateKind.Active);

        // The answer to the sidecar's question, 2.1 s after the takeover.
        string answer = await Task.Run(() => Command.Run(
            "ip", "netns", "exec", node.Switch, "timeout", "20", "tcpdump", "-n", "-i", "port-a1", "-c", "1",
            $"arp[6:2] = 2 and arp src host {V4}"));
        Assert.Contains($"{V4} is-at", answer, StringComparison.Ordinal);

        await sidecar.Agent.Refresh();
        await Eventually.Always(
            () => sidecar.Agent.Report(1)!.Hints.IsEmpty, TimeSpan.FromMilliseconds(500), "nothing is told");
        Assert.Equal(0UL, Count(sidecar, RouterCounter.AddressConflicts));
    }

    // As one that lets go late does: it says once more that it holds the address.
    [Fact]
    public async Task ClaimSoonAfterTheTakeover_IsAnswered()
    {
        using TestNetwork network = new();
        Node other = network.AddClient();
        Node client = network.Second;
        // The kernel announces its addresses when the link gets another MAC address.
        other.SetSysctl("net/ipv4/conf/eth0/arp_notify", 1);
        other.Ip("addr", "add", V4 + "/32", "dev", "eth0");
        using SidecarUnderTest sidecar = new(network.First);
        sidecar.Agent.Configure(SidecarUnderTest.Router(100));
        await sidecar.Reaches(RouterStateKind.Active);

        other.Ip("link", "set", "eth0", "address", "02:00:00:00:01:08");
        other.Ip("addr", "del", V4 + "/32", "dev", "eth0");

        // The six of the first five seconds, and one that answers.
        await Eventually.True(
            async () =>
            {
                await sidecar.Agent.Refresh();
                return Count(sidecar, RouterCounter.AnnouncementsSent) >= 7;
            },
            () => $"seven announcements; there were {Count(sidecar, RouterCounter.AnnouncementsSent)}");
        Assert.True(client.Reaches(V4));
        Assert.Equal(network.First.HardwareAddress(), client.NeighborOf(V4));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task AdvertsAreSwallowedBothWays_BothSayThatTheOtherAnswers(bool virtualMac)
    {
        using TestNetwork network = new("nft");
        using SidecarUnderTest first = new(network.First);
        using SidecarUnderTest second = new(network.Second);
        RouterConfiguration router = SidecarUnderTest.Router(100);
        router = router with { Parameters = router.Parameters with { VirtualMac = virtualMac } };
        first.Agent.Configure(router);
        await first.Reaches(RouterStateKind.Active);
        second.Agent.Configure(router with { Parameters = router.Parameters with { Priority = new Priority(99) } });
        await second.Reaches(RouterStateKind.Backup);

        network.First.DropVrrp();
        network.Second.DropVrrp();
        await second.Reaches(RouterStateKind.Active);

        // With one MAC address for both, only the answer to the second's question gives the first away.
        await Told(second, RouterHintKind.HeldElsewhere);
        if (!virtualMac)
            await Told(first, RouterHintKind.HeldElsewhere);

        network.First.AcceptVrrp();
        network.Second.AcceptVrrp();
        await second.Reaches(RouterStateKind.Backup);
    }

    [Fact]
    public async Task TwoActives_AreTold()
    {
        using TestNetwork network = new("nft");
        using SidecarUnderTest first = new(network.First);
        using SidecarUnderTest second = new(network.Second);
        first.Agent.Configure(SidecarUnderTest.Router(100));
        await first.Reaches(RouterStateKind.Active);
        second.Agent.Configure(SidecarUnderTest.Router(99));
        await second.Reaches(RouterStateKind.Backup);

        network.Second.DropVrrp();

        RouterHint hint = await Told(first, RouterHintKind.TwoActives);
        Assert.Equal(IpAddress.Parse(network.Second.Address), hint.Source);
    }

    // RFC 9568 §7.1 demands a TTL of 255, and so it is with unicast: peers have to be on one link.
    [Fact]
    public async Task UnicastAcrossARouter_IsAForeignSpeaker()
    {
        using TestNetwork network = new("sysctl");
        const string far = "10.10.0.104";
        Command.Run("ip", "-n", network.Switch, "addr", "add", "192.168.1.1/24", "dev", "br0");
        Command.Run("ip", "-n", network.Switch, "addr", "add", "10.10.0.1/24", "dev", "br0");
        foreach (string setting in (string[])["conf.all.send_redirects=0", "conf.br0.send_redirects=0", "ip_forward=1"])
            Command.Run("ip", "netns", "exec", network.Switch, "sysctl", "-qw", $"net.ipv4.{setting}");
        network.Second.Ip("addr", "del", $"{network.Second.Address}/24", "dev", "eth0");
        network.Second.Ip("addr", "add", $"{far}/24", "dev", "eth0");
        network.First.Ip("route", "add", "10.10.0.0/24", "via", "192.168.1.1");
        network.Second.Ip("route", "add", "192.168.1.0/24", "via", "10.10.0.1");
        using SidecarUnderTest first = new(network.First);
        using SidecarUnderTest second = new(network.Second);
        first.Agent.Configure(Unicast(100, far));
        second.Agent.Configure(Unicast(99, network.First.Address));

        RouterHint hint = await Told(first, RouterHintKind.ForeignSpeaker);
        Assert.Equal(DropReason.TimeToLive, hint.Drop);
        Assert.Equal(IpAddress.Parse(far), hint.Source);
        Assert.Contains("one link, with unicast too", hint.Advice, StringComparison.Ordinal);
        Assert.Equal(DropReason.TimeToLive, (await Told(second, RouterHintKind.ForeignSpeaker)).Drop);

        static RouterConfiguration Unicast(int priority, string peer)
        {
            RouterConfiguration router = SidecarUnderTest.Router(priority);
            return router with
            {
                Parameters = router.Parameters with
                {
                    Transport = Transport.Unicast,
                    Peers = [IpAddress.Parse(peer)],
                },
            };
        }
    }

    [Fact]
    public async Task OtherVersion_IsAForeignSpeaker()
    {
        using TestNetwork network = new();
        using SidecarUnderTest first = new(network.First);
        using SidecarUnderTest second = new(network.Second);
        first.Agent.Configure(SidecarUnderTest.Router(100));
        second.Agent.Configure(SidecarUnderTest.Router(99, VrrpVersion.V2));

        RouterHint hint = await Told(first, RouterHintKind.ForeignSpeaker);
        Assert.Equal(DropReason.VersionMismatch, hint.Drop);
        Assert.Equal(IpAddress.Parse(network.Second.Address), hint.Source);
        Assert.Equal(DropReason.VersionMismatch, (await Told(second, RouterHintKind.ForeignSpeaker)).Drop);

        // RFC 9568 §7.1: logged, but not for each packet.
        await Eventually.True(
            async () =>
            {
                await second.Agent.Refresh();
                return second.Agent.Report(1)!.Drops[(int)DropReason.VersionMismatch] >= 5 && Logged() >= 1;
            },
            () => $"five packets are dropped and it is logged; log:\n{second.Log}");
        Assert.Equal(1, Logged());

        int Logged() => second.Log.Split('\n').Count(line => line.Contains(
            $"{network.First.Address} advertises the same virtual router id and is not heard (VersionMismatch)",
            StringComparison.Ordinal));
    }

    // RFC 3768 §7.1.
    [Fact]
    public async Task OtherIntervalInV2_IsAForeignSpeaker()
    {
        using TestNetwork network = new();
        using SidecarUnderTest first = new(network.First);
        using SidecarUnderTest second = new(network.Second);
        RouterConfiguration router = SidecarUnderTest.Router(100, VrrpVersion.V2);
        first.Agent.Configure(router);
        second.Agent.Configure(
            router with { Parameters = router.Parameters with { AdvertisementInterval = new Centiseconds(200) } });

        Assert.Equal(DropReason.IntervalMismatch, (await Told(first, RouterHintKind.ForeignSpeaker)).Drop);
        await Eventually.True(
            () => first.Log.Contains("is not heard (IntervalMismatch)", StringComparison.Ordinal), "it is logged");
    }

    [Fact]
    public async Task OtherPassword_IsAForeignSpeaker()
    {
        using TestNetwork network = new();
        using SidecarUnderTest first = new(network.First);
        using SidecarUnderTest second = new(network.Second);
        RouterConfiguration router = SidecarUnderTest.Router(100, VrrpVersion.V2);
        first.Agent.Configure(WithPassword(router, "1111222"u8));
        second.Agent.Configure(WithPassword(router, "other"u8));

        Assert.Equal(DropReason.AuthenticationFailed, (await Told(first, RouterHintKind.ForeignSpeaker)).Drop);
        Assert.DoesNotContain("1111222", first.Log, StringComparison.Ordinal);
    }

    [Fact]
    public async Task OtherAddressesAndInterval_AreToldAndTaken()
    {
        using TestNetwork network = new();
        using SidecarUnderTest first = new(network.First);
        using SidecarUnderTest second = new(network.Second);
        first.Agent.Configure(SidecarUnderTest.Router(100));
        await first.Reaches(RouterStateKind.Active);
        RouterConfiguration other = SidecarUnderTest.Router(99, VrrpVersion.V3, "192.168.1.109/32");
        second.Agent.Configure(
            other with { Parameters = other.Parameters with { AdvertisementInterval = new Centiseconds(30) } });

        await Told(second, RouterHintKind.OtherAddresses);
        RouterHint hint = await Told(second, RouterHintKind.OtherInterval);
        Assert.Equal(IpAddress.Parse(network.First.Address), hint.Source);
        Assert.Equal(RouterStateKind.Backup, second.State());
    }

    [Fact]
    public async Task AddressRemovedByHand_IsTold()
    {
        using TestNetwork network = new();
        using SidecarUnderTest sidecar = new(network.First);
        sidecar.Agent.Configure(SidecarUnderTest.Router(100));
        await sidecar.Reaches(RouterStateKind.Active);

        network.First.Ip("addr", "del", V4 + "/32", "dev", "eth0");

        await Told(sidecar, RouterHintKind.AddressesRemoved);
        await Eventually.True(() => network.First.Holds(V4), "the address is bound again");
    }

    // Another program that never rests: a peer serves meanwhile.
    [Fact]
    public async Task AddressRemovedAgainAndAgain_BacksOff()
    {
        using TestNetwork network = new();
        using SidecarUnderTest sidecar = new(network.First);
        sidecar.Agent.Configure(SidecarUnderTest.Router(100));
        await sidecar.Reaches(RouterStateKind.Active);

        await Eventually.True(
            async () =>
            {
                _ = Command.Try("ip", "-n", network.First.Namespace, "addr", "del", V4 + "/32", "dev", "eth0");
                await Task.Delay(120, TestContext.Current.CancellationToken);
                return sidecar.State() == RouterStateKind.Fault;
            },
            () => "it lets go");
        Assert.Equal(TransitionReason.EffectFailed, sidecar.Agent.Report(1)!.Reason);
        Assert.False(network.First.Holds(V4));

        // Nobody fights any more: it comes back by itself.
        await sidecar.Reaches(RouterStateKind.Active);
    }

    [Fact]
    public async Task UnicastWithoutPeers_ServesOnlyIfThatIsMeant()
    {
        using TestNetwork network = new();
        using SidecarUnderTest sidecar = new(network.First);
        RouterConfiguration router = SidecarUnderTest.Router(100);
        RouterConfiguration lonely =
            router with { Parameters = router.Parameters with { Transport = Transport.Unicast } };
        sidecar.Agent.Configure(lonely);

        await sidecar.Reaches(RouterStateKind.Fault);
        Assert.Equal(TransitionReason.NoPeers, sidecar.Agent.Report(1)!.Reason);
        await Told(sidecar, RouterHintKind.NoPeers);
        Assert.Contains("knows no peer", sidecar.Log, StringComparison.Ordinal);
        Assert.False(network.First.Holds(V4));

        sidecar.Agent.Configure(lonely with { Parameters = lonely.Parameters with { Alone = true } });
        await sidecar.Reaches(RouterStateKind.Active);
        await sidecar.Agent.Refresh();
        Assert.DoesNotContain(sidecar.Agent.Report(1)!.Hints, h => h.Kind == RouterHintKind.NoPeers);
    }

    [Fact]
    public async Task PausedForLessThanTheLease_IsToldAndStaysActive()
    {
        using TestNetwork network = new();
        using SidecarUnderTest sidecar = new(network.First);
        RouterConfiguration router = SidecarUnderTest.Router(100);
        // It would step down after 3 s, when a peer would take over.
        sidecar.Agent.Configure(router with
        {
            Parameters =
                router.Parameters with
                {
                    AdvertisementInterval = new Centiseconds(80),
                    AddressLifetime = TimeSpan.FromSeconds(30)
                },
        });
        await sidecar.Reaches(RouterStateKind.Active);

        sidecar.Signal("STOP");
        await Task.Delay(TimeSpan.FromMilliseconds(1700), TestContext.Current.CancellationToken);
        sidecar.Signal("CONT");

        await Told(sidecar, RouterHintKind.LoopLate);
        Assert.True(Count(sidecar, RouterCounter.LateWakeUps) > 0);
        Assert.Equal(RouterStateKind.Active, sidecar.State());
        Assert.Equal(0UL, Count(sidecar, RouterCounter.Stalls));
        Assert.Contains("ms late", sidecar.Log, StringComparison.Ordinal);
    }

    // Answered echo requests, ARP for others and a flood of UDP: the kernel keeps all of it from the loop.
    [Fact]
    public async Task UnrelatedTraffic_WakesNobody()
    {
        const int packets = 3000;
        using TestNetwork network = new("ping");
        Node client = network.AddClient();
        using SidecarUnderTest sidecar = new(network.First);
        RouterConfiguration router = SidecarUnderTest.Router(100);
        sidecar.Agent.Configure(
            router with { Parameters = router.Parameters with { AdvertisementInterval = new Centiseconds(50) } });
        await sidecar.Reaches(RouterStateKind.Active);
        await sidecar.Agent.Refresh();
        ulong before = sidecar.Agent.Process!.LoopIterations;

        Command.Run("ip", "netns", "exec", client.Namespace, "ping", "-q", "-n", "-f", "-c", $"{packets}", V4);
        for (int host = 1; host <= 20; host++)
            _ = Command.Try("ip", "netns", "exec", client.Namespace, "ping", "-q", "-n", "-c", "1", "-W",
                "0.01", $"192.168.1.{host}");

        await sidecar.Agent.Refresh();
        Assert.InRange(sidecar.Agent.Process!.LoopIterations - before, 1UL, (ulong)packets / 10);
    }

    private static RouterConfiguration WithPassword(RouterConfiguration router,
        ReadOnlySpan<byte> password) => router with
        {
            Parameters =
            router.Parameters with { Authentication = AuthenticationType.Simple, AuthenticationKey = [.. password] },
        };

    private static ulong Count(SidecarUnderTest sidecar, RouterCounter counter) =>
        sidecar.Agent.Report(1)!.Counters[(int)counter];

    private static async Task<RouterHint> Told(SidecarUnderTest sidecar, RouterHintKind kind)
    {
        await Eventually.True(
            async () =>
            {
                await sidecar.Agent.Refresh();
                return sidecar.Agent.Report(1)?.Hints.Any(h => h.Kind == kind) == true;
            },
            () => $"{kind} is told; log:\n{sidecar.Log}");
        return sidecar.Agent.Report(1)!.Hints.First(h => h.Kind == kind);
    }
}
