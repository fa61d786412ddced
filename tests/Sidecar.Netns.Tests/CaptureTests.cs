using System.Text;
using VipOperator.Sidecar.Contract;
using VipOperator.Sidecar.Netns.Tests.Support;
using VipOperator.Vrrp;

namespace VipOperator.Sidecar.Netns.Tests;

/// <summary>The agent asks for advertisements as they go by, and gets them decoded.</summary>
public sealed class CaptureTests
{
    [Theory]
    [InlineData("192.168.1.108/32")]
    [InlineData("2001:db8::108/128")]
    public async Task Capture_TellsWhatIsSentAndTaken(string address)
    {
        using TestNetwork network = new();
        using SidecarUnderTest first = new(network.First);
        using SidecarUnderTest second = new(network.Second);
        first.Agent.Configure(SidecarUnderTest.Router(100, VrrpVersion.V3, address));
        second.Agent.Configure(SidecarUnderTest.Router(99, VrrpVersion.V3, address));
        await first.Reaches(RouterStateKind.Active);
        await second.Reaches(RouterStateKind.Backup);
        Assert.Empty(first.Agent.Captured);

        first.Agent.Send(new CaptureMessage(60_000).Write);
        second.Agent.Send(new CaptureMessage(60_000).Write);
        await Eventually.True(() => first.Agent.Captured.Length > 2 && second.Agent.Captured.Length > 2, "both tell");

        Assert.All(first.Agent.Captured, c => Assert.Equal(CapturedAs.Sent, c.As));
        Assert.All(second.Agent.Captured, c => Assert.Equal((CapturedAs.Taken, DropReason.None), (c.As, c.Reason)));
        foreach (CapturedReport captured in first.Agent.Captured.Concat(second.Agent.Captured))
        {
            Assert.Equal(("eth0", 3, 51, 100),
                (captured.InterfaceName, captured.Version, captured.VirtualRouterId, captured.Priority.Value));
            Assert.Equal([IpPrefix.Parse(address).Address], captured.Addresses);
            Assert.Equal(first.Agent.Report(1)!.PrimaryAddress, captured.Source);
            Assert.Equal(MulticastGroup.Of(captured.Source.Family), captured.Destination);
            Assert.Equal(new Centiseconds(20), captured.AdvertisementInterval);
        }

        // Closed again it tells nothing more; two reports later nothing can be on its way.
        second.Agent.Send(new CaptureMessage(0).Write);
        await second.Agent.Refresh();
        int told = second.Agent.Captured.Length;
        int sent = first.Agent.Captured.Length;
        await Eventually.True(() => first.Agent.Captured.Length > sent + 3, "the first goes on");
        await second.Agent.Refresh();
        Assert.Equal(told, second.Agent.Captured.Length);
    }

    [Fact]
    public async Task Capture_OfAnotherPassword_TellsTheDrop_AndNoPassword()
    {
        using TestNetwork network = new();
        using SidecarUnderTest first = new(network.First);
        using SidecarUnderTest second = new(network.Second);
        RouterConfiguration router = SidecarUnderTest.Router(100, VrrpVersion.V2);
        first.Agent.Configure(WithPassword(router, "1111222"));
        second.Agent.Configure(WithPassword(router, "other"));
        await first.Reaches(RouterStateKind.Active);

        first.Agent.Send(new CaptureMessage(60_000).Write);
        second.Agent.Send(new CaptureMessage(60_000).Write);
        await Eventually.True(
            () => second.Agent.Captured.Any(c => c.As == CapturedAs.Dropped), "the second tells the drop");

        CapturedReport dropped = second.Agent.Captured.First(c => c.As == CapturedAs.Dropped);
        Assert.Equal(DropReason.AuthenticationFailed, dropped.Reason);
        Assert.Equal((2, 51, 1), (dropped.Version, dropped.VirtualRouterId, dropped.RawAuthenticationType));
        Assert.Equal(IpAddress.Parse(network.First.Address), dropped.Source);
        WireWriter writer = new();
        dropped.Write(writer);
        Assert.DoesNotContain("1111222", Encoding.Latin1.GetString(writer.Written), StringComparison.Ordinal);
    }

    private static RouterConfiguration WithPassword(RouterConfiguration router, string password) => router with
    {
        Parameters =
            router.Parameters with
            {
                Authentication = AuthenticationType.Simple,
                AuthenticationKey = [.. Encoding.ASCII.GetBytes(password)]
            },
    };
}
