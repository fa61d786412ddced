using System.Text;
using VipOperator.Sidecar.Contract;
using VipOperator.Sidecar.Netns.Tests.Support;
using VipOperator.Vrrp;

namespace VipOperator.Sidecar.Netns.Tests;

/// <summary>What changes in a running pair while a client uses the address: nothing but that moves.</summary>
public sealed class ReconfigurationTests
{
    private const string Address = "192.168.1.108";

    /// <summary>The router before and after, in words.</summary>
    public static TheoryData<string> Changes =>
    [
        "priority", "address added", "address removed", "interval longer", "interval shorter", "lifetime",
        "preempt", "announce refresh",
        "virtual MAC off and on", "link named otherwise", "unicast",
    ];

    [Theory]
    [MemberData(nameof(Changes))]
    public async Task Changed_OnBothSides_TheClientSeesNoGap(string what)
    {
        using TestNetwork network = new("ping");
        Node client = network.AddClient();
        using SidecarUnderTest first = new(network.First);
        using SidecarUnderTest second = new(network.Second);
        RouterConfiguration active = SidecarUnderTest.Router(100, VrrpVersion.V3, Address + "/32", "192.168.1.109/32");
        RouterConfiguration backup = SidecarUnderTest.Router(90, VrrpVersion.V3, Address + "/32", "192.168.1.109/32");
        await Elect(first, second, active, backup);
        using Pinger pinger = new(client, Address);
        await pinger.Answered(20);

        first.Agent.Configure(Change(what, active, network.Second.Address));
        await pinger.Answered(20);
        second.Agent.Configure(Change(what, backup, network.First.Address));
        // Longer than it takes the Backup to take over, should it not follow.
        await pinger.Answered(250);
        if (what.StartsWith("virtual MAC", StringComparison.Ordinal))
        {
            first.Agent.Configure(active);
            await pinger.Answered(50);
        }

        await AssertNothingMoved(first, second);
        Assert.InRange(pinger.LongestGap, TimeSpan.Zero, TimeSpan.FromMilliseconds(500));
    }

    [Fact]
    public async Task PasswordAndV2Interval_ChangeOnBothSides_TheClientSeesNoGap()
    {
        using TestNetwork network = new("ping");
        Node client = network.AddClient();
        using SidecarUnderTest first = new(network.First);
        using SidecarUnderTest second = new(network.Second);
        RouterConfiguration active = WithPassword(SidecarUnderTest.Router(100, VrrpVersion.V2), "old");
        RouterConfiguration backup = WithPassword(SidecarUnderTest.Router(90, VrrpVersion.V2), "old");
        await Elect(first, second, active, backup);
        using Pinger pinger = new(client, Address);
        await pinger.Answered(20);

        // Within an Active_Down_Interval, as a change reaches all members.
        second.Agent.Configure(Slower(WithPassword(backup, "new")));
        first.Agent.Configure(Slower(WithPassword(active, "new")));
        await pinger.Answered(600);

        await AssertNothingMoved(first, second);
        await second.Agent.Refresh();
        Assert.Equal(IpAddress.Parse(network.First.Address), second.Agent.Report(1)!.ActiveAddress);
        Assert.InRange(pinger.LongestGap, TimeSpan.Zero, TimeSpan.FromMilliseconds(500));

        static RouterConfiguration Slower(RouterConfiguration router) =>
            router with { Parameters = router.Parameters with { AdvertisementInterval = Centiseconds.FromSeconds(2) } };
    }

    [Fact]
    public async Task LinkChanged_TheAddressMovesThere()
    {
        using TestNetwork network = new();
        network.First.Ip("link", "add", "eth1", "type", "veth", "peer", "name", "other1");
        network.First.Ip("addr", "add", "192.168.1.113/24", "dev", "eth1");
        network.First.Ip("link", "set", "eth1", "up");
        network.First.Ip("link", "set", "other1", "up");
        using SidecarUnderTest sidecar = new(network.First);
        RouterConfiguration router = SidecarUnderTest.Router(100);
        sidecar.Agent.Configure(router);
        await sidecar.Reaches(RouterStateKind.Active);

        sidecar.Agent.Configure(router with { InterfaceName = "eth1" });

        await Eventually.True(
            () => network.First.Ip("-o", "addr", "show", "dev", "eth1").Contains(Address, StringComparison.Ordinal),
            "the address is bound on the new link");
        Assert.DoesNotContain(Address, network.First.Ip("-o", "addr", "show", "dev", "eth0"), StringComparison.Ordinal);
        Assert.Contains(sidecar.Agent.History, r => r.Reason == TransitionReason.Shutdown);
    }

    private static RouterConfiguration Change(string what, RouterConfiguration router, string peer)
    {
        RouterParameters p = router.Parameters;
        return what switch
        {
            "priority" =>
                router with { Parameters = p with { Priority = new Priority((byte)(p.Priority.Value + 20)) } },
            "address added" =>
                router with
                {
                    Parameters = p with
                    {
                        Addresses = [.. p.Addresses,
                    IpPrefix.Parse("192.168.1.110/32")]
                    }
                },
            "address removed" => router with { Parameters = p with { Addresses = [p.Addresses[0]] } },
            "interval longer" => router with { Parameters = p with { AdvertisementInterval = new Centiseconds(60) } },
            "interval shorter" => router with { Parameters = p with { AdvertisementInterval = new Centiseconds(5) } },
            "lifetime" => router with { Parameters = p with { AddressLifetime = TimeSpan.Zero } },
            "preempt" => router with { Parameters = p with { Preempt = false } },
            "announce refresh" => router with { Parameters = p with { AnnounceRefresh = TimeSpan.FromSeconds(1) } },
            "virtual MAC off and on" => router with { Parameters = p with { VirtualMac = true } },
            "link named otherwise" => router with { InterfaceName = "" },
            "unicast" =>
                router with { Parameters = p with { Transport = Transport.Unicast, Peers = [IpAddress.Parse(peer)] } },
            _ => throw new ArgumentOutOfRangeException(nameof(what)),
        };
    }

    private static RouterConfiguration WithPassword(RouterConfiguration router, string password) => router with
    {
        Parameters = router.Parameters with
        {
            Authentication = AuthenticationType.Simple,
            AuthenticationKey = [.. Encoding.ASCII.GetBytes(password)],
        },
    };

    private static async Task Elect(
        SidecarUnderTest first, SidecarUnderTest second, RouterConfiguration active, RouterConfiguration backup)
    {
        first.Agent.Configure(active);
        await first.Reaches(RouterStateKind.Active);
        second.Agent.Configure(backup);
        await second.Reaches(RouterStateKind.Backup);
    }

    private static async Task AssertNothingMoved(SidecarUnderTest first, SidecarUnderTest second)
    {
        await first.Agent.Refresh();
        await second.Agent.Refresh();
        Assert.Equal(RouterStateKind.Active, first.State());
        Assert.Equal(0UL, first.Agent.Report(1)!.Counters[(int)RouterCounter.ReleaseActive]);
        Assert.Equal(0UL, first.Agent.Report(1)!.Counters[(int)RouterCounter.AddressesRestored]);
        Assert.Equal(RouterStateKind.Backup, second.State());
        Assert.Equal(0UL, second.Agent.Report(1)!.Counters[(int)RouterCounter.BecomeActive]);
    }
}
