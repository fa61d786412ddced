using VipOperator.Sidecar.Contract;
using VipOperator.Sidecar.Netns.Tests.Support;
using VipOperator.Vrrp;

namespace VipOperator.Sidecar.Netns.Tests;

/// <summary>Configurations that come, change and go, and links that do.</summary>
public sealed class ConfigurationTests
{
    [Fact]
    public async Task Removed_ReleasesItsAddress()
    {
        using TestNetwork network = new();
        using SidecarUnderTest sidecar = new(network.First);
        sidecar.Agent.Configure(SidecarUnderTest.Router(100));
        await sidecar.Reaches(RouterStateKind.Active);

        sidecar.Agent.Configure();

        await Eventually.True(
            () => !network.First.Holds("192.168.1.108"), "the address of the removed router is released");
    }

    [Fact]
    public async Task AddressesChanged_TheLinkHoldsExactlyTheNewOnes()
    {
        using TestNetwork network = new();
        using SidecarUnderTest sidecar = new(network.First);
        sidecar.Agent.Configure(SidecarUnderTest.Router(100, VrrpVersion.V3, "192.168.1.108/32", "192.168.1.109/32"));
        await sidecar.Reaches(RouterStateKind.Active);

        sidecar.Agent.Configure(SidecarUnderTest.Router(100, VrrpVersion.V3, "192.168.1.109/32", "192.168.1.110/24"));

        await Eventually.True(() => network.First.Holds("192.168.1.110"), "the new address is bound");
        Assert.Contains("192.168.1.109/32", network.First.Addresses());
        Assert.Contains("192.168.1.110/24", network.First.Addresses());
        Assert.False(network.First.Holds("192.168.1.108"));
        await sidecar.Agent.Refresh();
        Assert.Equal(1UL, sidecar.Agent.Report(1)!.Counters[(int)RouterCounter.BecomeActive]);
        Assert.Equal(0UL, sidecar.Agent.Report(1)!.Counters[(int)RouterCounter.AddressesRestored]);
        Assert.Equal(2, sidecar.Agent.Report(1)!.BoundAddresses.Length);
    }

    [Fact]
    public async Task RouterIdChanged_ResignsUnderTheOldAndStartsUnderTheNew()
    {
        using TestNetwork network = new();
        using SidecarUnderTest sidecar = new(network.First);
        RouterConfiguration router = SidecarUnderTest.Router(100);
        sidecar.Agent.Configure(router);
        await sidecar.Reaches(RouterStateKind.Active);

        sidecar.Agent.Configure(
            router with { Parameters = router.Parameters with { VirtualRouterId = VirtualRouterId.Create(52) } });

        await Eventually.True(
            () => sidecar.Agent.History.Select(r => r.Reason).SequenceEqual(
            [
                TransitionReason.Startup, TransitionReason.ActiveDownTimerExpired, TransitionReason.Shutdown,
                TransitionReason.Startup, TransitionReason.ActiveDownTimerExpired,
            ]),
            () => $"stop, then start: {string.Join(", ", sidecar.Agent.History.Select(r => r.Reason))}");
        Assert.True(network.First.Holds("192.168.1.108"));
    }

    [Fact]
    public async Task SameRouterIdTwiceOnALink_TheSecondIsAProblem()
    {
        using TestNetwork network = new();
        using SidecarUnderTest sidecar = new(network.First);
        RouterConfiguration mail =
            SidecarUnderTest.Router(100, VrrpVersion.V3, "192.168.1.109/32") with { Handle = 2, Name = "default/mail" };
        sidecar.Agent.Configure(SidecarUnderTest.Router(100), mail);

        await sidecar.Reaches(RouterStateKind.Active);

        ConfigureProblem problem = Assert.Single(sidecar.Agent.Result!.Problems);
        Assert.Equal(new ConfigureProblem(2, "virtual router id: 51 is taken on eth0 by default/web"), problem);
        Assert.Equal(RouterStateKind.Fault, sidecar.State(2));

        // As soon as the other is gone, it runs.
        sidecar.Agent.Configure(mail);
        await sidecar.Reaches(RouterStateKind.Active, handle: 2);
    }

    [Fact]
    public async Task Link_ComesLater_IsPickedUpAndMadeAnewAsWell()
    {
        using TestNetwork network = new();
        using SidecarUnderTest sidecar = new(network.First);
        sidecar.Agent.Configure(SidecarUnderTest.Router(100) with { InterfaceName = "late0" });
        await sidecar.Reaches(RouterStateKind.Fault);
        await sidecar.Agent.Refresh();
        Assert.Equal("interfaceName: there is no link late0", sidecar.Agent.Report(1)!.Problem);

        for (int time = 1; time <= 2; time++)
        {
            network.First.Ip("link", "add", "late0", "type", "veth", "peer", "name", "late1");
            network.First.Ip("addr", "add", "192.168.1.113/24", "dev", "late0");
            network.First.Ip("link", "set", "late0", "up");
            network.First.Ip("link", "set", "late1", "up");
            await sidecar.Reaches(RouterStateKind.Active);
            await sidecar.Agent.Refresh();
            Assert.Equal("", sidecar.Agent.Report(1)!.Problem);
            Assert.Equal(IpAddress.Parse("192.168.1.113"), sidecar.Agent.Report(1)!.PrimaryAddress);
            network.First.Ip("link", "del", "late0");
            await sidecar.Reaches(RouterStateKind.Fault);
        }
    }

    // fe80::/10 is on every link; the second address tells which one is meant.
    [Fact]
    public async Task Link_UnnamedAndTheFirstAddressLinkLocal_IsTheOneWhoseSubnetHoldsTheNext()
    {
        Requirements.CheckFamily("fd00:1::108");
        using TestNetwork network = new();
        using SidecarUnderTest sidecar = new(network.First);

        sidecar.Agent.Configure(
            SidecarUnderTest.Router(100, VrrpVersion.V3, "fe80::5/64", "fd00:1::108/128") with { InterfaceName = "" });

        await sidecar.Reaches(RouterStateKind.Active);
        Assert.Equal("eth0", sidecar.Agent.Report(1)!.InterfaceName);
    }

    [Fact]
    public async Task Link_Unnamed_IsTheOneWhoseSubnetHoldsTheAddress()
    {
        using TestNetwork network = new();
        using SidecarUnderTest sidecar = new(network.First);
        sidecar.Agent.Configure(SidecarUnderTest.Router(100) with { InterfaceName = "" });

        await sidecar.Reaches(RouterStateKind.Active);

        Assert.Equal("eth0", sidecar.Agent.Report(1)!.InterfaceName);
    }

    [Theory]
    [InlineData("192.168.1.108/32", "192.168.1.103", "192.168.1.104")]
    [InlineData("fd00:1::108/128", "fd00:1::103", "fd00:1::104")]
    public async Task Unicast_TwoSidecars_Elect(string address, string first, string second)
    {
        Requirements.CheckFamily(address);
        using TestNetwork network = new();
        using SidecarUnderTest higher = new(network.First);
        using SidecarUnderTest lower = new(network.Second);
        higher.Agent.Configure(Unicast(100, second));
        lower.Agent.Configure(Unicast(99, first));

        await higher.Reaches(RouterStateKind.Active);
        await lower.Reaches(RouterStateKind.Backup);
        await Eventually.True(
            async () =>
            {
                await lower.Agent.Refresh();
                return lower.Agent.Report(1)!.ActiveAddress == IpAddress.Parse(first);
            },
            () => "the lower one hears the higher one");
        await higher.Stop();
        await lower.Reaches(RouterStateKind.Active);

        RouterConfiguration Unicast(int priority, string peer)
        {
            RouterConfiguration router = SidecarUnderTest.Router(priority, VrrpVersion.V3, address);
            return router with
            {
                Parameters = router.Parameters with
                {
                    Transport = Transport.Unicast,
                    Peers = [IpAddress.Parse(peer)]
                }
            };
        }
    }

    // A roll-out: the new one starts with the addresses of the old one, which ends later.
    [Fact]
    public async Task SuccessorOfAnotherSidecarOnTheNode_IsNotSweptByAThird()
    {
        using TestNetwork network = new();
        RouterConfiguration web = SidecarUnderTest.Router(100);
        RouterConfiguration mail = Mail();
        using SidecarUnderTest before = new(network.First);
        before.Agent.Configure(web);
        await before.Reaches(RouterStateKind.Active);
        using SidecarUnderTest after = new(network.First);
        after.Agent.Configure(web);
        await Eventually.True(
            () => after.Log.Contains("is configured with 192.168.1.108 as well", StringComparison.Ordinal),
            () => $"the address is claimed by the old one\n{after.Log}");
        await before.Stop();
        await after.Reaches(RouterStateKind.Active);
        await Eventually.True(
            () => network.First.Holds("192.168.1.108") && IsClaimed(network.First, "192.168.1.108"),
            () => $"the successor holds the address and claims it\n{after.Log}");
        ulong restored = await Restored();

        using SidecarUnderTest third = new(network.First);
        third.Agent.Configure(mail);
        await third.Reaches(RouterStateKind.Active);

        Assert.DoesNotContain("left behind", third.Log, StringComparison.Ordinal);
        Assert.Equal(restored, await Restored());
        Assert.True(network.First.Holds("192.168.1.108"));

        async Task<ulong> Restored()
        {
            await after.Agent.Refresh();
            return after.Agent.Report(1)!.Counters[(int)RouterCounter.AddressesRestored];
        }
    }

    // Each address is claimed by a descriptor. Without one it is served all the same, and claimed later.
    [Fact]
    public async Task NoDescriptorsLeft_AddressesAreServedAndClaimedLater()
    {
        using TestNetwork network = new("prlimit");
        using SidecarUnderTest sidecar = new(network.First);
        string[] some = [.. Enumerable.Range(108, 2).Select(host => $"192.168.1.{host}/32")];
        sidecar.Agent.Configure(SidecarUnderTest.Router(100, VrrpVersion.V3, some));
        await sidecar.Reaches(RouterStateKind.Active);
        string[] all = [.. Enumerable.Range(108, 40).Select(host => $"192.168.1.{host}/32")];
        sidecar.LeaveDescriptors(10);

        sidecar.Agent.Configure(SidecarUnderTest.Router(100, VrrpVersion.V3, all));

        await Eventually.True(
            () => sidecar.Agent.Result?.Revision == sidecar.Agent.Revision,
            () => $"the configuration is answered\n{sidecar.Log}");
        Assert.Empty(sidecar.Agent.Result!.Problems);
        Assert.Equal(RouterStateKind.Active, sidecar.State());
        string[] held = network.First.Addresses();
        Assert.All(all, address => Assert.Contains(address, held));
        Assert.Contains("claim on 192.168.1.147: Too many open files", sidecar.Log, StringComparison.Ordinal);
        Assert.False(IsClaimed(network.First, "192.168.1.147"));

        sidecar.LeaveDescriptors(100);

        await Eventually.True(
            () => Enumerable.Range(108, 40).All(host => IsClaimed(network.First, $"192.168.1.{host}")),
            () => $"all addresses are claimed\n{sidecar.Log}");
    }

    [Fact]
    public async Task TwoSidecarsOnOneNode_DoNotSweepEachOther()
    {
        using TestNetwork network = new();
        using SidecarUnderTest web = new(network.First);
        web.Agent.Configure(SidecarUnderTest.Router(100));
        await web.Reaches(RouterStateKind.Active);

        using SidecarUnderTest mail = new(network.First);
        mail.Agent.Configure(Mail());
        await mail.Reaches(RouterStateKind.Active);

        await web.Agent.Refresh();
        Assert.Equal(0UL, web.Agent.Report(1)!.Counters[(int)RouterCounter.AddressesRestored]);
        Assert.True(network.First.Holds("192.168.1.108"));
        Assert.True(network.First.Holds("192.168.1.109"));
        Assert.DoesNotContain("left behind", mail.Log, StringComparison.Ordinal);
    }

    private static RouterConfiguration Mail()
    {
        RouterConfiguration router = SidecarUnderTest.Router(100, VrrpVersion.V3, "192.168.1.109/32");
        return router with { Parameters = router.Parameters with { VirtualRouterId = VirtualRouterId.Create(52) } };
    }

    private static bool IsClaimed(Node node, string address) =>
        Command.Run("ip", "netns", "exec", node.Namespace, "cat", "/proc/net/unix")
            .Split('\n')
            .Any(line => line.EndsWith($"@vipoperator/{address}", StringComparison.Ordinal));
}
