using VipOperator.Sidecar.Contract;
using VipOperator.Sidecar.Netns.Tests.Support;
using VipOperator.Vrrp;

namespace VipOperator.Sidecar.Netns.Tests;

/// <summary>A VirtualIP with addresses of both families: its routers move together.</summary>
public sealed class DualStackTests
{
    private const string V4 = "192.168.1.108";
    private const string V6 = "fd00:1::108";

    [Fact]
    public async Task OneFamilyFails_BothMoveAndComeBack()
    {
        Requirements.CheckFamily(V6);
        using TestNetwork network = new("sysctl");
        using SidecarUnderTest first = new(network.First);
        using SidecarUnderTest second = new(network.Second);
        first.Agent.Configure(Routers(100));
        await Holds(network.First);
        second.Agent.Configure(Routers(99));
        await second.Reaches(RouterStateKind.Backup, handle: 1);
        await second.Reaches(RouterStateKind.Backup, handle: 2);

        // Takes every IPv6 address away, the link-local one too.
        network.First.SetSysctl("net.ipv6.conf.eth0.disable_ipv6", 1);

        await Holds(network.Second);
        await first.Reaches(RouterStateKind.Fault, handle: 1);
        Assert.Equal(TransitionReason.PartnerFailed, first.Agent.Report(1)!.Reason);
        Assert.Equal(TransitionReason.NoPrimaryAddress, first.Agent.Report(2)!.Reason);
        Assert.False(network.First.Holds(V4));

        network.First.SetSysctl("net.ipv6.conf.eth0.disable_ipv6", 0);

        await Holds(network.First);
        await Eventually.True(() => !network.Second.Holds(V4) && !network.Second.Holds(V6), "the second lets both go");
    }

    [Fact]
    public async Task OneFamilyRemovedAndAdded_TheOtherStaysActive()
    {
        Requirements.CheckFamily(V6);
        using TestNetwork network = new();
        using SidecarUnderTest sidecar = new(network.First);
        RouterConfiguration[] both = Routers(100);
        sidecar.Agent.Configure(both);
        await Holds(network.First);

        sidecar.Agent.Configure(both[0]);
        await Eventually.True(() => !network.First.Holds(V6), "the address of the removed family is released");
        Assert.True(network.First.Holds(V4));

        sidecar.Agent.Configure(both);
        await Holds(network.First);
        await sidecar.Agent.Refresh();
        Assert.Equal(1UL, sidecar.Agent.Report(1)!.Counters[(int)RouterCounter.BecomeActive]);
        Assert.Equal(0UL, sidecar.Agent.Report(1)!.Counters[(int)RouterCounter.ReleaseActive]);
    }

    [Fact]
    public async Task OneFamilysAdvertsAreSwallowed_NothingMovesAndItIsTold()
    {
        Requirements.CheckFamily(V6);
        using TestNetwork network = new("nft");
        using SidecarUnderTest first = new(network.First);
        using SidecarUnderTest second = new(network.Second);
        first.Agent.Configure(Routers(100));
        await Holds(network.First);
        second.Agent.Configure(Routers(99));
        await second.Reaches(RouterStateKind.Backup, handle: 2);

        network.Second.DropVrrp("meta nfproto ipv6");

        await Eventually.True(
            async () =>
            {
                await second.Agent.Refresh();
                return second.Agent.Report(2)!.Hints.Any(h => h.Kind == RouterHintKind.AdvertisementsLost);
            },
            () => "the family that hears nothing says so");
        Assert.Equal(RouterStateKind.Backup, second.State(2));
        Assert.False(network.Second.Holds(V6));
        Assert.Contains("AdvertisementsLost", second.Log, StringComparison.Ordinal);
    }

    [Fact]
    public async Task CableOut_BothAreGoneForTheLinkAndBothComeBack()
    {
        Requirements.CheckFamily(V6);
        using TestNetwork network = new();
        using SidecarUnderTest sidecar = new(network.First);
        sidecar.Agent.Configure(Routers(100));
        await Holds(network.First);

        network.First.SetCable(connected: false);

        await sidecar.Reaches(RouterStateKind.Fault, handle: 1);
        await sidecar.Reaches(RouterStateKind.Fault, handle: 2);
        Assert.Equal(TransitionReason.LinkDown, sidecar.Agent.Report(1)!.Reason);
        Assert.Equal(TransitionReason.LinkDown, sidecar.Agent.Report(2)!.Reason);

        network.First.SetCable(connected: true);
        await Holds(network.First);
    }

    private static Task Holds(Node node) =>
        Eventually.True(() => node.Holds(V4) && node.Holds(V6), "the node holds both addresses");

    private static RouterConfiguration[] Routers(int priority) =>
    [
        SidecarUnderTest.Router(priority, VrrpVersion.V3, V4 + "/32"),
        SidecarUnderTest.Router(priority, VrrpVersion.V3, V6 + "/128") with { Handle = 2 },
    ];
}
