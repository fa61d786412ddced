using VipOperator.Sidecar.Contract;
using VipOperator.Sidecar.Netns.Tests.Support;
using VipOperator.Vrrp;

namespace VipOperator.Sidecar.Netns.Tests;

/// <summary>What becomes of the address when the Active side is killed, paused, cut off or robbed.</summary>
public sealed class TakeoverTests
{
    private const string Address = "192.168.1.108";

    private static readonly RouterConfiguration[] NoRouters = [];

    [Theory]
    [InlineData("192.168.1.108", "192.168.1.108/32")]
    [InlineData("fd00:1::108", "fd00:1::108/128")]
    public async Task Active_Killed_ThePeerTakesOverAndTheKernelRemovesTheAddress(string address, string prefix)
    {
        Requirements.CheckFamily(address);
        using TestNetwork network = new();
        using SidecarUnderTest first = new(network.First);
        using SidecarUnderTest second = new(network.Second);
        await Elect(first, second, SidecarUnderTest.Router(100, VrrpVersion.V3, prefix),
            SidecarUnderTest.Router(99, VrrpVersion.V3, prefix));
        Assert.Equal(1, network.HolderCount(address));

        first.Kill();

        await second.Reaches(RouterStateKind.Active);
        await Eventually.True(
            () => !network.First.Holds(address), "the kernel removes the address of the killed sidecar");
        Assert.True(network.Second.Holds(address));
    }

    [Fact]
    public async Task Active_CableOutAndIn_OneHolderAfterwards()
    {
        using TestNetwork network = new();
        using SidecarUnderTest first = new(network.First);
        using SidecarUnderTest second = new(network.Second);
        await Elect(first, second, SidecarUnderTest.Router(100), SidecarUnderTest.Router(99));

        network.First.SetCable(connected: false);

        await first.Reaches(RouterStateKind.Fault);
        Assert.Equal(TransitionReason.LinkDown, first.Agent.Report(1)!.Reason);
        Assert.False(network.First.Holds(Address));
        await second.Reaches(RouterStateKind.Active);

        network.First.SetCable(connected: true);

        await first.Reaches(RouterStateKind.Active);
        await second.Reaches(RouterStateKind.Backup);
        Assert.True(network.First.Holds(Address));
        Assert.False(network.Second.Holds(Address));
    }

    // It binds while it is told of the link.
    [Theory]
    [InlineData("192.168.1.108/32", false)]
    [InlineData("192.168.1.108/32", true)]
    [InlineData("fd00:1::108/128", false)]
    public async Task Owner_CableOutAndIn_NothingIsTakenForLost(string prefix, bool virtualMac)
    {
        Requirements.CheckFamily(prefix.Split('/')[0]);
        using TestNetwork network = new();
        using SidecarUnderTest sidecar = new(network.First);
        RouterConfiguration owner = SidecarUnderTest.Router(255, VrrpVersion.V3, prefix);
        sidecar.Agent.Configure(owner with { Parameters = owner.Parameters with { VirtualMac = virtualMac } });
        await sidecar.Reaches(RouterStateKind.Active);

        network.First.SetCable(connected: false);
        await sidecar.Reaches(RouterStateKind.Fault);
        network.First.SetCable(connected: true);
        await sidecar.Reaches(RouterStateKind.Active);

        await sidecar.Agent.Refresh();
        Assert.Equal(0UL, sidecar.Agent.Report(1)!.Counters[(int)RouterCounter.AddressesRestored]);
        Assert.Empty(sidecar.Agent.Report(1)!.Hints);
    }

    [Fact]
    public async Task Active_LinkSetDownAndUp_ComesBack()
    {
        using TestNetwork network = new();
        using SidecarUnderTest first = new(network.First);
        using SidecarUnderTest second = new(network.Second);
        await Elect(first, second, SidecarUnderTest.Router(100), SidecarUnderTest.Router(99));

        network.First.Ip("link", "set", "eth0", "down");
        await second.Reaches(RouterStateKind.Active);
        Assert.False(network.First.Holds(Address));
        network.First.Ip("link", "set", "eth0", "up");

        await first.Reaches(RouterStateKind.Active);
        await second.Reaches(RouterStateKind.Backup);
        Assert.Equal(1, network.HolderCount(Address));
    }

    [Theory]
    [InlineData("192.168.1.108", "192.168.1.108/32")]
    [InlineData("fd00:1::108", "fd00:1::108/128")]
    public async Task Active_AddressDeletedByHand_IsRestored(string address, string prefix)
    {
        Requirements.CheckFamily(address);
        using TestNetwork network = new();
        using SidecarUnderTest first = new(network.First);
        using SidecarUnderTest second = new(network.Second);
        await Elect(first, second, SidecarUnderTest.Router(100, VrrpVersion.V3, prefix),
            SidecarUnderTest.Router(99, VrrpVersion.V3, prefix));

        network.First.Ip("addr", "del", prefix, "dev", "eth0");

        await Eventually.True(() => network.First.Holds(address), "the address is bound again");
        await first.Agent.Refresh();
        Assert.Equal(1UL, first.Agent.Report(1)!.Counters[(int)RouterCounter.AddressesRestored]);
        Assert.Equal(RouterStateKind.Active, first.State());
        Assert.Equal(RouterStateKind.Backup, second.State());
    }

    // The kernel tells of new IPv6 addresses from a work queue: of some of them later than of others.
    [Theory]
    [InlineData(8, false)]
    [InlineData(1, true)]
    public async Task BecomesActive_WithIPv6Addresses_NothingIsTakenForLost(int count, bool isDualStack)
    {
        Requirements.CheckFamily("fd00:1::1");
        using TestNetwork network = new();
        using SidecarUnderTest sidecar = new(network.First);
        string[] addresses = [.. Enumerable.Range(0, count).Select(i => $"fd00:1::{108 + i}/128")];
        RouterConfiguration[] routers =
        [
            .. isDualStack ? [Quick(SidecarUnderTest.Router(100)) with { Handle = 2 }] : NoRouters,
            Quick(SidecarUnderTest.Router(100, VrrpVersion.V3, addresses)),
        ];
        for (int i = 0; i < 10; i++)
        {
            sidecar.Agent.Configure(routers);
            await sidecar.Reaches(RouterStateKind.Active);
            await Eventually.True(() => addresses.All(a => network.First.Addresses().Contains(a)), "all are bound");
            await sidecar.Agent.Refresh();
            foreach (RouterConfiguration router in routers)
            {
                RouterReport report = sidecar.Agent.Report(router.Handle)!;
                Assert.Equal(0UL, report.Counters[(int)RouterCounter.AddressesRestored]);
                Assert.Empty(report.Hints);
            }

            sidecar.Agent.Configure();
            await Eventually.True(() => !network.First.Holds("fd00:1::108"), "all are released");
        }

        static RouterConfiguration Quick(RouterConfiguration router) => router with
        {
            Parameters = router.Parameters with { AdvertisementInterval = new Centiseconds(10) },
        };
    }

    [Fact]
    public async Task Active_PausedBeyondTheLifetime_DoesNotBringTheAddressBack()
    {
        using TestNetwork network = new();
        using SidecarUnderTest first = new(network.First);
        using SidecarUnderTest second = new(network.Second);
        // Without preemption, so that the one that was paused has no reason to be Active again.
        RouterConfiguration router = SidecarUnderTest.Router(100);
        RouterConfiguration patient = router with { Parameters = router.Parameters with { Preempt = false } };
        await Elect(first, second, patient, SidecarUnderTest.Router(99));

        first.Signal("STOP");
        await second.Reaches(RouterStateKind.Active);
        await Eventually.True(
            () => !network.First.Holds(Address), "the kernel removes the address of the paused sidecar");
        first.Signal("CONT");

        await first.Reaches(RouterStateKind.Backup);
        await Eventually.Always(
            () => !network.First.Holds(Address) && network.Second.Holds(Address), TimeSpan.FromSeconds(2),
            "the address stays with the peer");
        Assert.Contains(first.Agent.History, r => r.Reason == TransitionReason.LoopStalled);
        await first.Agent.Refresh();
        Assert.Equal(1UL, first.Agent.Report(1)!.Counters[(int)RouterCounter.Stalls]);
        Assert.Contains(first.Agent.Report(1)!.Hints, h => h.Kind == RouterHintKind.LoopLate);
        Assert.DoesNotContain(first.Agent.Report(1)!.Hints, h => h.Kind == RouterHintKind.AddressesRemoved);
    }

    [Fact]
    public async Task FirewallSwallowsAdverts_TwoActivesAreSeenAndTheHigherAnnouncesAgain()
    {
        using TestNetwork network = new("nft");
        using SidecarUnderTest first = new(network.First);
        using SidecarUnderTest second = new(network.Second);
        await Elect(first, second, SidecarUnderTest.Router(100), SidecarUnderTest.Router(99));
        await first.Agent.Refresh();
        ulong announced = first.Agent.Report(1)!.Counters[(int)RouterCounter.AnnouncementsSent];

        network.Second.DropVrrp();
        await second.Reaches(RouterStateKind.Active);
        await Eventually.True(
            async () =>
            {
                await first.Agent.Refresh();
                RouterReport report = first.Agent.Report(1)!;
                return report.Counters[(int)RouterCounter.LowerPriorityHeardWhileActive] > 0
                    && report.Counters[(int)RouterCounter.AnnouncementsSent] > announced;
            },
            () => "the higher one hears the lower one and announces the address again");
        Assert.Equal(RouterStateKind.Active, first.State());
        await Eventually.True(
            () => first.Log.Contains("while we are Active", StringComparison.Ordinal), "two Actives are logged");

        network.Second.AcceptVrrp();

        await second.Reaches(RouterStateKind.Backup);
        Assert.Equal(1, network.HolderCount(Address));
    }

    [Fact]
    public async Task Active_HandsOver_ThePeerHasTheAddressAndKeepsIt()
    {
        using TestNetwork network = new();
        using SidecarUnderTest first = new(network.First);
        using SidecarUnderTest second = new(network.Second);
        await Elect(first, second, SidecarUnderTest.Router(100), SidecarUnderTest.Router(99));

        first.Agent.Send(new HandoverMessage(1).Write);

        await second.Reaches(RouterStateKind.Active);
        await first.Reaches(RouterStateKind.Backup);
        await Eventually.Always(
            () => !network.First.Holds(Address) && network.Second.Holds(Address), TimeSpan.FromSeconds(2),
            "the address stays with the peer");
    }

    // The peer's second advertisement comes while we still hold the addresses.
    [Fact]
    public async Task Active_HandsOverAtAShortInterval_NoTwoActivesAreTold()
    {
        using TestNetwork network = new();
        using SidecarUnderTest first = new(network.First);
        using SidecarUnderTest second = new(network.Second);
        RouterConfiguration router = SidecarUnderTest.Router(100);
        RouterParameters quick = router.Parameters with { AdvertisementInterval = new Centiseconds(10) };
        await Elect(first, second, router with { Parameters = quick },
            router with { Parameters = quick with { Priority = new Priority(99) } });

        first.Agent.Send(new HandoverMessage(1).Write);

        await first.Reaches(RouterStateKind.Backup);
        await first.Agent.Refresh();
        RouterReport report = first.Agent.Report(1)!;
        Assert.Equal(TransitionReason.HandedOver, report.Reason);
        Assert.Equal(0UL, report.Counters[(int)RouterCounter.LowerPriorityHeardWhileActive]);
        Assert.Empty(report.Hints);
    }

    [Fact]
    public async Task Active_ProbeFails_ThePeerTakesOverUntilItPassesAgain()
    {
        using TestNetwork network = new();
        using SidecarUnderTest first = new(network.First);
        using SidecarUnderTest second = new(network.Second);
        RouterConfiguration probed = SidecarUnderTest.Router(100) with { Probed = true };
        first.Agent.Configure(probed);
        second.Agent.Configure(SidecarUnderTest.Router(99));
        await second.Reaches(RouterStateKind.Active);
        Assert.False(network.First.Holds(Address));

        first.Agent.Send(new HealthMessage(1, Health.Passing).Write);
        await first.Reaches(RouterStateKind.Active);
        await second.Reaches(RouterStateKind.Backup);

        first.Agent.Send(new HealthMessage(1, Health.Failing).Write);
        await second.Reaches(RouterStateKind.Active);
        Assert.Equal(TransitionReason.ProbeFailed, first.Agent.Report(1)!.Reason);
        Assert.False(network.First.Holds(Address));
    }

    [Fact]
    public async Task Killed_WithAddressForEver_TheNextStartSweepsIt()
    {
        using TestNetwork network = new();
        RouterConfiguration router = SidecarUnderTest.Router(100);
        using (SidecarUnderTest killed = new(network.First))
        {
            killed.Agent.Configure(
                router with { Parameters = router.Parameters with { AddressLifetime = TimeSpan.Zero } });
            await killed.Reaches(RouterStateKind.Active);
            killed.Kill();
            await killed.Ended();
        }

        Assert.True(network.First.Holds(Address));
        string addressBefore = network.First.Ip("-o", "addr", "show", "dev", "eth0");
        Assert.Contains("forever", addressBefore, StringComparison.Ordinal);

        using SidecarUnderTest next = new(network.First);

        await Eventually.True(() => !network.First.Holds(Address), "the left-over address is removed");
        await Eventually.True(() => next.Log.Contains("left behind", StringComparison.Ordinal), "the sweep is logged");
    }

    [Fact]
    public async Task Killed_ForeignAddresses_AreNotSwept()
    {
        using TestNetwork network = new();
        network.First.Ip("addr", "add", "192.168.1.200/32", "dev", "eth0");
        using SidecarUnderTest sidecar = new(network.First);
        sidecar.Agent.Configure(SidecarUnderTest.Router(100));
        await sidecar.Reaches(RouterStateKind.Active);

        await sidecar.Stop();

        Assert.True(network.First.Holds("192.168.1.200"));
        Assert.True(network.First.Holds("192.168.1.103"));
        Assert.False(network.First.Holds(Address));
        Assert.Equal("", network.First.Ip("route", "show", Address).Trim());
    }

    private static async Task Elect(
        SidecarUnderTest first, SidecarUnderTest second, RouterConfiguration higher, RouterConfiguration lower)
    {
        first.Agent.Configure(higher);
        await first.Reaches(RouterStateKind.Active);
        second.Agent.Configure(lower);
        await second.Reaches(RouterStateKind.Backup);
    }
}
