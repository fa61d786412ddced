using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using VipOperator.Agent.Commands;
using VipOperator.Sidecar.Contract;
using VipOperator.Vrrp;

namespace VipOperator.Agent.Tests;

/// <summary>What a person runs beside a whole agent: status, handover, capture.</summary>
public sealed class AgentCommandTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Status_ShowsTheRouters()
    {
        await using AgentHarness agent = new();
        agent.Start(AgentHarness.Member("web", 51));
        await agent.Sidecar.UntilAsync(() => !agent.Sidecar.Routers.IsEmpty, Cancellation);
        agent.Sidecar.Report(1, RouterStateKind.Active, TransitionReason.Startup, null, "192.168.1.51/32");
        agent.Sidecar.Hear("192.168.1.66", 99);
        await agent.UntilAsync("/state", s => s.Body.Contains("192.168.1.66", StringComparison.Ordinal), Cancellation);

        (int code, string output, _) = await agent.CommandAsync(StatusCommand.RunAsync, Cancellation);

        Assert.Equal(0, code);
        string[] lines = output.Split('\n');
        Assert.Equal(
            "VIRTUALIP     FAMILY   VRID   LINK   STATE    SINCE   PRIORITY   PROBE   ACTIVE   ADDRESSES", lines[0]);
        Assert.Equal(
            "default/web   IPv4     51     eth0   Active   0s      100        -       here     192.168.1.51/32",
            lines[1]);
        Assert.Equal(
            "heard on eth0: 192.168.1.66, virtual router id 99, priority 200: UnknownVirtualRouterId (1 times)",
            lines[2]);

        agent.Settings.OutputJson = true;
        using JsonDocument state = JsonDocument.Parse(
            (await agent.CommandAsync(StatusCommand.RunAsync, Cancellation)).Output);
        Assert.Equal("Active",
            state.RootElement.GetProperty("members")[0].GetProperty("routers")[0].GetProperty("state").GetString());
    }

    [Theory]
    [InlineData(TransitionReason.LinkDown, "Fault: LinkDown: eth0 is down or has no carrier.")]
    [InlineData(
        TransitionReason.NoPrimaryAddress,
        "Fault: NoPrimaryAddress: eth0 has no IPv4 address of its own to advertise from: give it one.")]
    [InlineData(
        TransitionReason.EffectFailed,
        "Fault: EffectFailed: the kernel refused to bind or to send, as the log says; it is tried again by itself.")]
    [InlineData(TransitionReason.LoopStalled, "Fault: LoopStalled")]
    public async Task Status_RouterInFault_SaysWhy(TransitionReason reason, string note)
    {
        await using AgentHarness agent = new();
        agent.Start(AgentHarness.Member("web", 51));
        await agent.Sidecar.UntilAsync(() => !agent.Sidecar.Routers.IsEmpty, Cancellation);
        agent.Sidecar.Report(1, RouterStateKind.Fault, reason);
        await agent.UntilAsync("/state", s => s.Body.Contains($"{reason}", StringComparison.Ordinal), Cancellation);

        (int code, string output, _) = await agent.CommandAsync(StatusCommand.RunAsync, Cancellation);

        Assert.Equal(0, code);
        Assert.Equal(["default/web IPv4: " + note, ""], output.Split('\n')[2..]);
    }

    [Fact]
    public async Task Status_NoAgent_SaysSoAndFails()
    {
        await using AgentHarness agent = new();

        (int code, _, string errors) = await agent.CommandAsync(StatusCommand.RunAsync, Cancellation);

        Assert.Equal(1, code);
        Assert.Equal(
            $"No agent answers at {agent.Settings.SocketPath}; is vip-sidecar running, and with this "
            + "--state-directory?\n", errors);
    }

    [Fact]
    public async Task Status_NoAgentAtTheAddress_SaysSoAndFails()
    {
        // Bound, so that it is nobody else's, but nobody listens.
        using Socket nobody = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        nobody.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        IPEndPoint address = (IPEndPoint)nobody.LocalEndPoint!;
        await using AgentHarness agent = new(s => s.StatusAddress = address);

        (int code, _, string errors) = await agent.CommandAsync(StatusCommand.RunAsync, Cancellation);

        Assert.Equal(1, code);
        Assert.Equal(
            $"No agent answers at {address}; is vip-sidecar running there, with this --metrics-address?\n", errors);
    }

    [Fact]
    public async Task AgentThatAnswers_IsThere()
    {
        await using AgentHarness agent = new();
        agent.Start(AgentHarness.Member("web", 51));
        while ((await agent.CommandAsync(StatusCommand.RunAsync, Cancellation)).Code != 0)
            await Task.Delay(20, Cancellation);

        Assert.True(await LocalAgent.IsThereAsync(
            new UnixDomainSocketEndPoint(agent.Settings.SocketPath), TimeProvider.System));
    }

    // Its socket is left behind, and nobody answers there.
    [Fact]
    public async Task AgentThatWasKilled_IsNotThere()
    {
        await using AgentHarness agent = new();
        Directory.CreateDirectory(agent.Settings.StateDirectory);
        UnixDomainSocketEndPoint address = new(agent.Settings.SocketPath);
        Assert.False(await LocalAgent.IsThereAsync(address, TimeProvider.System));

        using (Socket killed = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified))
        {
            killed.Bind(address);
            Assert.False(await LocalAgent.IsThereAsync(address, TimeProvider.System));
        }
    }

    [Fact]
    public async Task Handover_PeerTakesOver_EndsWell()
    {
        await using AgentHarness agent = new();
        agent.Sidecar.HandingOver = handle =>
            agent.Sidecar.Report(handle, RouterStateKind.Backup, TransitionReason.HandedOver, "192.168.1.104");
        agent.Start(AgentHarness.Member("web", 51));
        await agent.Sidecar.UntilAsync(() => !agent.Sidecar.Routers.IsEmpty, Cancellation);
        agent.Sidecar.Report(1, RouterStateKind.Active, TransitionReason.Startup);
        await agent.UntilAsync("/state", s => s.Body.Contains("\"Active\"", StringComparison.Ordinal), Cancellation);

        (int code, string output, _) = await agent.CommandAsync(HandoverCommand.RunAsync, Cancellation);

        Assert.Equal((0, "default/web IPv4: handed over\n"), (code, output));
        Assert.Equal([1U], agent.Sidecar.Handovers);
    }

    // The router stays Active when nobody takes over; a peer may be ready a moment later.
    [Fact]
    public async Task Handover_PeerComesLater_IsAskedForAgain()
    {
        await using AgentHarness agent = new();
        agent.Settings.HandoverTimeout = TimeSpan.FromSeconds(30);
        agent.Sidecar.HandingOver = handle =>
        {
            if (agent.Sidecar.Handovers.Count == 2)
                agent.Sidecar.Report(handle, RouterStateKind.Backup, TransitionReason.HandedOver, "192.168.1.104");
        };
        agent.Start(AgentHarness.Member("web", 51));
        await agent.Sidecar.UntilAsync(() => !agent.Sidecar.Routers.IsEmpty, Cancellation);
        agent.Sidecar.Report(1, RouterStateKind.Active, TransitionReason.Startup);
        await agent.UntilAsync("/state", s => s.Body.Contains("\"Active\"", StringComparison.Ordinal), Cancellation);

        (int code, string output, _) = await agent.CommandAsync(HandoverCommand.RunAsync, Cancellation);

        Assert.Equal((0, "default/web IPv4: handed over\n"), (code, output));
    }

    [Fact]
    public async Task Handover_NobodyTakesOver_FailsAfterTheTimeout()
    {
        await using AgentHarness agent = new();
        agent.Settings.HandoverTimeout = TimeSpan.FromMilliseconds(200);
        agent.Sidecar.HandingOver = handle =>
            agent.Sidecar.Report(handle, RouterStateKind.Backup, TransitionReason.HandedOver);
        agent.Start(AgentHarness.Member("web", 51));
        await agent.Sidecar.UntilAsync(() => !agent.Sidecar.Routers.IsEmpty, Cancellation);
        agent.Sidecar.Report(1, RouterStateKind.Active, TransitionReason.Startup);
        await agent.UntilAsync("/state", s => s.Body.Contains("\"Active\"", StringComparison.Ordinal), Cancellation);

        (int code, _, string errors) = await agent.CommandAsync(HandoverCommand.RunAsync, Cancellation);

        Assert.Equal((1, "default/web IPv4: no peer took the addresses within 200ms\n"), (code, errors));
    }

    [Fact]
    public async Task Handover_NothingActive_EndsAtOnce()
    {
        await using AgentHarness agent = new();
        agent.Start(AgentHarness.Member("web", 51));
        await agent.Sidecar.UntilAsync(() => !agent.Sidecar.Routers.IsEmpty, Cancellation);

        (int code, string output, _) = await agent.CommandAsync(HandoverCommand.RunAsync, Cancellation);

        Assert.Equal((0, "No router is Active here; nothing to hand over.\n"), (code, output));
    }

    [Fact]
    public async Task Capture_PrintsWhatTheSidecarTells_AndAsksForNoLongerThanSomebodyReads()
    {
        await using AgentHarness agent = new();
        agent.Settings.CaptureDuration = TimeSpan.FromSeconds(2);
        agent.Settings.OutputJson = true;
        agent.Start(AgentHarness.Member("web", 51));
        await agent.UntilAsync("/healthz", s => s.Status == 200, Cancellation);

        Task<(int Code, string Output, string Errors)> capture = agent.CommandAsync(
            (settings, output, errors, cancellation) =>
                CaptureCommand.RunAsync(settings, TimeProvider.System, output, errors, cancellation), Cancellation);
        await agent.Sidecar.UntilAsync(() => agent.Sidecar.Captures.Count > 1, Cancellation);
        CapturedReport told = new()
        {
            As = CapturedAs.Dropped,
            Reason = DropReason.AuthenticationFailed,
            At = FakeSidecar.Now,
            InterfaceName = "eth0",
            Source = IpAddress.Parse("192.168.1.9"),
            Destination = IpAddress.Parse("224.0.0.18"),
            Version = 2,
            VirtualRouterId = 51,
            Priority = new Priority(100),
            AdvertisementInterval = new Centiseconds(100),
            RawAuthenticationType = 1,
            HasHmac = false,
            Missed = 3,
            Addresses = [IpAddress.Parse("192.168.1.108")],
        };
        agent.Sidecar.Send(told.Write);

        (int code, string output, string errors) = await capture;
        Assert.Equal((0, ""), (code, errors));
        string line = Assert.Single(output.TrimEnd().Split('\n'));
        Assert.EndsWith(
            "\"interfaceName\":\"eth0\",\"what\":\"dropped\",\"reason\":\"AuthenticationFailed\",\"source\":\"192.168.1.9\","
            + "\"destination\":\"224.0.0.18\",\"version\":2,\"virtualRouterId\":51,\"priority\":100,\"interval\":\"1s\",\"authentication\":\"Simple\","
            + "\"addresses\":[\"192.168.1.108\"],\"missed\":3}",
            line, StringComparison.Ordinal);
        Assert.All(agent.Sidecar.Captures, c => Assert.InRange(c.Milliseconds, 1U, 10_000U));
    }
}
