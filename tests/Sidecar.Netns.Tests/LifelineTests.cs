using System.Diagnostics;
using System.Globalization;
using VipOperator.Sidecar.Contract;
using VipOperator.Sidecar.Netns.Tests.Support;
using VipOperator.Vrrp;

namespace VipOperator.Sidecar.Netns.Tests;

/// <summary>That a process ends is noticed by its peers at once, and nothing else is taken for it.</summary>
public sealed class LifelineTests
{
    private const string Address = "192.168.1.108";
    private const int Port = 15112;

    [Theory]
    [InlineData("192.168.1.108", "192.168.1.108/32")]
    [InlineData("fd00:1::108", "fd00:1::108/128")]
    public async Task Active_Killed_ThePeerTakesOverAsAfterAGoodbyeAndAnswersClients(string address, string prefix)
    {
        Requirements.CheckFamily(address);
        using TestNetwork network = new();
        Node client = network.AddClient();
        using SidecarUnderTest first = new(network.First);
        using SidecarUnderTest second = new(network.Second);
        RouterConfiguration router = Slow(SidecarUnderTest.Router(255, VrrpVersion.V3, prefix));
        await Follow(first, second, router, WithPriority(router, 253));
        Assert.True(client.Reaches(address));

        first.Kill();

        await second.Reaches(RouterStateKind.Active);
        Assert.Equal(TransitionReason.ActiveRouterGone, second.Agent.Report(1)!.Reason);
        // The kernel of the first still has it, for up to 6 s: clients are told again and again who is right.
        Assert.True(network.First.Holds(address));
        string holder = network.Second.HardwareAddress();
        await Eventually.True(
            () => client.Reaches(address) && client.NeighborOf(address) == holder, "the client knows the new holder");
    }

    [Fact]
    public async Task Active_KilledWithoutLifelines_IsMissedForThreeIntervals()
    {
        using TestNetwork network = new();
        using SidecarUnderTest first = new(network.First);
        using SidecarUnderTest second = new(network.Second, "env", "VIP_SIDECAR_LIFELINE_PORT=0");
        await Elect(first, second, SidecarUnderTest.Router(100), SidecarUnderTest.Router(99));
        await second.Agent.Refresh();
        Assert.False(second.Agent.Report(1)!.HasLifeline);

        first.Kill();

        await second.Reaches(RouterStateKind.Active);
        Assert.Equal(TransitionReason.ActiveDownTimerExpired, second.Agent.Report(1)!.Reason);
    }

    [Fact]
    public async Task TwoSidecarsOnANode_TheEndOfOne_MovesItsOwnRoutersAlone()
    {
        using TestNetwork network = new();
        using SidecarUnderTest web = new(network.First);
        RouterConfiguration webRouter = Slow(SidecarUnderTest.Router(255));
        web.Agent.Configure(webRouter);
        await web.Reaches(RouterStateKind.Active);
        // It listens on the second port.
        using SidecarUnderTest mail = new(network.First);
        RouterConfiguration mailRouter = Mail(webRouter);
        mail.Agent.Configure(mailRouter);
        await mail.Reaches(RouterStateKind.Active, mailRouter.Handle);
        using SidecarUnderTest both = new(network.Second);
        both.Agent.Configure(WithPriority(webRouter, 253), WithPriority(mailRouter, 253));
        await HasLifeline(both, webRouter.Handle);
        await HasLifeline(both, mailRouter.Handle);

        mail.Kill();

        await both.Reaches(RouterStateKind.Active, mailRouter.Handle);
        Assert.Equal(TransitionReason.ActiveRouterGone, both.Agent.Report(mailRouter.Handle)!.Reason);
        Assert.Equal(RouterStateKind.Backup, both.State(webRouter.Handle));
        Assert.True(both.Agent.Report(webRouter.Handle)!.HasLifeline);
    }

    // Its kernel still answers for it, so this is for silence to tell.
    [Fact]
    public async Task Active_Paused_IsNotTakenForGone()
    {
        using TestNetwork network = new();
        using SidecarUnderTest first = new(network.First);
        using SidecarUnderTest second = new(network.Second);
        await Follow(first, second, SidecarUnderTest.Router(100), SidecarUnderTest.Router(99));

        first.Signal("STOP");

        await second.Reaches(RouterStateKind.Active);
        Assert.Equal(TransitionReason.ActiveDownTimerExpired, second.Agent.Report(1)!.Reason);
        first.Signal("CONT");
    }

    [Fact]
    public async Task Active_KilledAndStartedAgain_IsHeldOntoAgain()
    {
        using TestNetwork network = new();
        using SidecarUnderTest second = new(network.Second);
        using (SidecarUnderTest first = new(network.First))
        {
            await Follow(first, second, SidecarUnderTest.Router(100), SidecarUnderTest.Router(99));
            first.Kill();
            await second.Reaches(RouterStateKind.Active);
        }

        using SidecarUnderTest again = new(network.First);
        again.Agent.Configure(SidecarUnderTest.Router(100));
        await second.Reaches(RouterStateKind.Backup);
        await HasLifeline(second, 1);
        again.Kill();

        await second.Reaches(RouterStateKind.Active);
        Assert.Equal(TransitionReason.ActiveRouterGone, second.Agent.Report(1)!.Reason);
    }

    // A reset is what a host sends that was started anew and knows nothing of the connection.
    [Fact]
    public async Task Lifeline_ThatIsReset_MovesNothingAndIsMadeAgain()
    {
        using TestNetwork network = new("nft");
        using SidecarUnderTest first = new(network.First);
        using SidecarUnderTest second = new(network.Second);
        await Follow(first, second, SidecarUnderTest.Router(100), SidecarUnderTest.Router(99));

        // What the Active says next, of a router more, is acknowledged, and that is answered with a reset.
        Nft(network.First, "add table inet cut");
        Nft(network.First, "add chain inet cut input { type filter hook input priority 0; }");
        Nft(network.First, $"add rule inet cut input tcp dport {Port} reject with tcp reset");
        RouterConfiguration router = SidecarUnderTest.Router(100);
        first.Agent.Configure(router, Mail(router));
        await Eventually.True(async () => !await ReportsLifeline(second), () => "the lifeline has ended");
        Assert.Equal(RouterStateKind.Backup, second.State());
        Assert.DoesNotContain(second.Agent.History, r => r.Reason == TransitionReason.ActiveRouterGone);

        Nft(network.First, "delete table inet cut");
        await HasLifeline(second, 1);
        Assert.Equal(RouterStateKind.Backup, second.State());
    }

    [Fact]
    public async Task Strangers_OnThePort_ChangeNothing()
    {
        using TestNetwork network = new("socat");
        Node client = network.AddClient();
        using SidecarUnderTest first = new(network.First);
        using SidecarUnderTest second = new(network.Second);
        await Follow(first, second, SidecarUnderTest.Router(100), SidecarUnderTest.Router(99));

        for (int i = 0; i < 20; i++)
            SayHello(client);

        await Eventually.Always(
            () => first.State() == RouterStateKind.Active && second.State() == RouterStateKind.Backup,
            TimeSpan.FromSeconds(1),
            "nothing moves");
        Assert.True(await ReportsLifeline(second));
    }

    // Each connection that cannot be taken would wake the loop again at once.
    [Fact]
    public async Task NoDescriptorsLeft_TheLoopRestsAndTheLifelineIsTakenLater()
    {
        using TestNetwork network = new("prlimit");
        using SidecarUnderTest first = new(network.First);
        first.Agent.Configure(SidecarUnderTest.Router(100));
        await first.Reaches(RouterStateKind.Active);
        await first.Agent.Refresh();
        first.LeaveDescriptors(0);
        using SidecarUnderTest second = new(network.Second);
        second.Agent.Configure(SidecarUnderTest.Router(99));
        await second.Reaches(RouterStateKind.Backup);
        await Eventually.True(() => Waiting() > 0, "a connection waits to be taken");
        ulong before = await Iterations();

        // It advertises five times a second; a loop that does not rest goes round tens of thousands of times.
        await Eventually.Always(
            () => first.State() == RouterStateKind.Active, TimeSpan.FromSeconds(1), "the first is Active");
        Assert.InRange(await Iterations() - before, 1UL, 500UL);
        Assert.Equal(1, Waiting());
        Assert.False(await ReportsLifeline(second));
        first.LeaveDescriptors(100);

        await HasLifeline(second, 1);

        // The second column of a listener.
        int Waiting() => int.Parse(
            Command.Run("ip", "netns", "exec", network.First.Namespace, "ss", "-Hlnt4", "sport", "=", $":{Port}")
                .Split(' ', StringSplitOptions.RemoveEmptyEntries)[1],
            CultureInfo.InvariantCulture);

        async Task<ulong> Iterations()
        {
            await first.Agent.Refresh();
            return first.Agent.Process!.LoopIterations;
        }
    }

    // keepalived's node may run anything on that port; it is let go, and tried again later.
    [Fact]
    public async Task ActiveRouterWithSomethingElseOnThePort_IsMissedAsEver()
    {
        using TestNetwork network = new("socat");
        using SidecarUnderTest first = new(network.First, "env", "VIP_SIDECAR_LIFELINE_PORT=0");
        using Process other = Process.Start(
            "ip", ["netns", "exec", network.First.Namespace, "socat",
                $"TCP4-LISTEN:{Port},fork,reuseaddr", "SYSTEM:yes"]);
        try
        {
            using SidecarUnderTest second = new(network.Second);
            await Elect(first, second, SidecarUnderTest.Router(100), SidecarUnderTest.Router(99));
            await Eventually.Always(
                () => second.State() == RouterStateKind.Backup, TimeSpan.FromSeconds(1),
                "whatever is said there, it stays Backup");
            Assert.False(await ReportsLifeline(second));

            first.Kill();

            await second.Reaches(RouterStateKind.Active);
            Assert.Equal(TransitionReason.ActiveDownTimerExpired, second.Agent.Report(1)!.Reason);
        }
        finally
        {
            other.Kill(entireProcessTree: true);
            await other.WaitForExitAsync(TestContext.Current.CancellationToken);
        }
    }

    // With priority 255 it is Active at once; nobody waits for three of these intervals.
    private static RouterConfiguration Slow(RouterConfiguration router) => router with
    {
        Parameters = router.Parameters with
        {
            AdvertisementInterval = Centiseconds.FromSeconds(2),
            AddressLifetime = RouterParameters.DefaultAddressLifetime(Centiseconds.FromSeconds(2)),
        },
    };

    private static RouterConfiguration WithPriority(RouterConfiguration router, byte priority) =>
        router with { Parameters = router.Parameters with { Priority = new Priority(priority) } };

    private static RouterConfiguration Mail(RouterConfiguration web) => web with
    {
        Handle = 2,
        Name = "default/mail",
        Parameters = web.Parameters with
        {
            VirtualRouterId = VirtualRouterId.Create(52),
            Addresses = [IpPrefix.Parse("192.168.1.109/32")],
        },
    };

    private static async Task Elect(
        SidecarUnderTest first, SidecarUnderTest second, RouterConfiguration higher, RouterConfiguration lower)
    {
        first.Agent.Configure(higher);
        await first.Reaches(RouterStateKind.Active);
        second.Agent.Configure(lower);
        await second.Reaches(RouterStateKind.Backup);
    }

    private static async Task Follow(
        SidecarUnderTest first, SidecarUnderTest second, RouterConfiguration higher, RouterConfiguration lower)
    {
        await Elect(first, second, higher, lower);
        await HasLifeline(second, 1);
    }

    private static Task HasLifeline(SidecarUnderTest sidecar, uint handle) =>
        Eventually.True(() => ReportsLifeline(sidecar, handle), () => $"a lifeline is held; log:\n{sidecar.Log}");

    private static async Task<bool> ReportsLifeline(SidecarUnderTest sidecar, uint handle = 1)
    {
        await sidecar.Agent.Refresh();
        return sidecar.Agent.Report(handle)?.HasLifeline == true;
    }

    private static void SayHello(Node client) => _ = Command.Try(
        "ip", "netns", "exec", client.Namespace, "sh", "-c", $"echo hello | socat -T1 - TCP4:192.168.1.103:{Port}");

    private static void Nft(Node node, string command) =>
        Command.Run("ip", "netns", "exec", node.Namespace, "nft", command);
}
