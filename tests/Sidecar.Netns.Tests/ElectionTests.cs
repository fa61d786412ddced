using VipOperator.Sidecar.Netns.Tests.Support;
using VipOperator.Vrrp;

namespace VipOperator.Sidecar.Netns.Tests;

/// <summary>Two sidecars on one switch.</summary>
public sealed class ElectionTests
{
    private const string Address = "192.168.1.108";

    [Fact]
    public async Task TwoSidecars_Started_TheHigherPriorityHoldsTheAddress()
    {
        using TestNetwork network = new();
        using SidecarUnderTest first = new(network.First);
        using SidecarUnderTest second = new(network.Second);
        first.Agent.Configure(SidecarUnderTest.Router(100));
        second.Agent.Configure(SidecarUnderTest.Router(99));

        await first.Reaches(RouterStateKind.Active);
        await second.Reaches(RouterStateKind.Backup);

        Assert.Contains("192.168.1.108/32", network.First.Addresses());
        Assert.DoesNotContain("192.168.1.108/32", network.Second.Addresses());
    }

    [Fact]
    public async Task Active_StoppedGracefully_ResignsAndThePeerTakesOver()
    {
        using TestNetwork network = new();
        using SidecarUnderTest first = new(network.First);
        using SidecarUnderTest second = new(network.Second);
        first.Agent.Configure(SidecarUnderTest.Router(100));
        second.Agent.Configure(SidecarUnderTest.Router(99));
        await first.Reaches(RouterStateKind.Active);
        await second.Reaches(RouterStateKind.Backup);

        int exitCode = await first.Stop();

        Assert.Equal(0, exitCode);
        Assert.False(network.First.Holds(Address));
        await second.Reaches(RouterStateKind.Active);
        Assert.Equal(TransitionReason.ActiveRouterResigned, second.Agent.Report(1)!.Reason);
        Assert.True(network.Second.Holds(Address));
        // What the agent was told last is what it tells others.
        Assert.Equal(TransitionReason.Shutdown, first.Agent.Report(1)!.Reason);
    }
}
