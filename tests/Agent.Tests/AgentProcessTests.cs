using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using VipOperator.Agent.Commands;
using VipOperator.Agent.Endpoints;
using VipOperator.Sidecar.Contract;
using VipOperator.Vrrp;

namespace VipOperator.Agent.Tests;

/// <summary>The whole agent with a configuration file.</summary>
public sealed class AgentProcessTests
{
    private const string Canary = "s3cr3t!!";

    private const int TestTimeout = 60_000;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Start_ConfigurationFile_GoesToTheSidecarAsOneRouterPerFamily()
    {
        await using AgentHarness agent = new();
        agent.WriteSecret("vrrp", "password", "1111222\n");
        agent.Start(
            """
            apiVersion: vipoperator.io/v1alpha1
            kind: VirtualIPMember
            metadata: {name: web}
            spec:
              addresses: [192.168.1.108/32]
              interfaceName: eth0
              virtualRouterId: 51
              priority: 100
              vrrp: {version: 2, preempt: {delay: 10s}, authentication: {type: Simple, secretRef: {name: vrrp, key: password}}}
              probe: {tcp: {port: 1}, onFailure: Demote}
            ---
            apiVersion: vipoperator.io/v1alpha1
            kind: VirtualIPMember
            metadata: {name: dual, namespace: shop}
            spec:
              addresses: ["2001:db8::1/64", 10.0.0.1/24, 10.0.0.2]
              virtualRouterId: 7
              priority: 254
              vrrp: {advertisementInterval: 100ms, transport: Unicast, addressLifetime: 7s, announcementRefresh: 5m}
              peers: [{addresses: [10.0.0.9, "fe80::9"]}]
            """);

        await agent.Sidecar.UntilAsync(() => !agent.Sidecar.Configurations.IsEmpty, Cancellation);

        RouterConfiguration[] routers = [.. agent.Sidecar.Configurations.Single().Routers.OrderBy(r => r.Name, StringComparer.Ordinal).ThenBy(r => r.Parameters.Family)];
        Assert.Equal(["default/web", "shop/dual", "shop/dual"], routers.Select(r => r.Name));
        RouterParameters web = routers[0].Parameters;
        Assert.Equal("eth0", routers[0].InterfaceName);
        Assert.True(routers[0].Probed);
        Assert.Equal(VrrpVersion.V2, web.Version);
        Assert.Equal(51, web.VirtualRouterId.Value);
        Assert.Equal(100, web.Priority.Value);
        Assert.Equal(100, web.AdvertisementInterval.Value);
        Assert.Equal("1111222"u8.ToArray(), web.AuthenticationKey);
        Assert.Equal(TimeSpan.FromSeconds(10), web.PreemptDelay);
        Assert.Equal(FailurePolicy.Demote, web.OnProbeFailure);
        Assert.Equal(50, web.DemotionWeight);
        // 3.609 s: three intervals, and the skew at priority 100.
        Assert.Equal(TimeSpan.FromSeconds(4), web.AddressLifetime);
        Assert.Equal(TimeSpan.FromMinutes(1), web.AnnounceRefresh);
        RouterParameters dual4 = routers[1].Parameters;
        Assert.Equal("", routers[1].InterfaceName);
        Assert.False(routers[1].Probed);
        Assert.Equal(["10.0.0.1/24", "10.0.0.2/32"], dual4.Addresses.Select(a => a.ToString()));
        Assert.Equal(["10.0.0.9"], dual4.Peers.Select(p => p.ToString()));
        Assert.Equal(10, dual4.AdvertisementInterval.Value);
        Assert.Equal(TimeSpan.FromSeconds(7), dual4.AddressLifetime);
        Assert.Equal(TimeSpan.FromMinutes(5), dual4.AnnounceRefresh);
        Assert.Equal(["2001:db8::1/64"], routers[2].Parameters.Addresses.Select(a => a.ToString()));
        Assert.Equal(["fe80::9"], routers[2].Parameters.Peers.Select(p => p.ToString()));
    }

    [Fact]
    public async Task Sidecar_EndOfTheStream_EndsTheAgent()
    {
        await using AgentHarness agent = new();
        agent.Start(Member("web", 51));
        await agent.Sidecar.UntilAsync(() => !agent.Sidecar.Configurations.IsEmpty, Cancellation);

        agent.Sidecar.Close();

        Assert.Equal(0, await agent.Running.WaitAsync(TimeSpan.FromSeconds(10), Cancellation));
    }

    [Fact]
    public async Task File_Changed_IsTakenOver_AndAnInvalidOneIsNot()
    {
        await using AgentHarness agent = new();
        agent.Start(Member("web", 51));
        await agent.Sidecar.UntilAsync(() => agent.Sidecar.Configurations.Count == 1, Cancellation);
        uint handle = agent.Sidecar.Routers.Single().Handle;

        File.WriteAllText(agent.Settings.ConfigurationFile!, Member("web", 51).Replace("priority: 100", "priority: 300", StringComparison.Ordinal));
        while (!agent.Log.Contains("spec.priority: is 300", StringComparison.Ordinal))
            await Task.Delay(20, Cancellation);
        Assert.Single(agent.Sidecar.Configurations);

        string next = Path.Combine(agent.Folder, "next");
        File.WriteAllText(next, Member("web", 51).Replace("priority: 100", "priority: 90", StringComparison.Ordinal));
        File.Move(next, agent.Settings.ConfigurationFile!, overwrite: true);
        await agent.Sidecar.UntilAsync(() => agent.Sidecar.Configurations.Count == 2, Cancellation);

        Assert.Equal(90, agent.Sidecar.Routers.Single().Parameters.Priority.Value);
        Assert.Equal(handle, agent.Sidecar.Routers.Single().Handle);
    }

    [Fact]
    public async Task File_MountedByKubernetes_IsTakenOverWhenTheLinkIsSwapped()
    {
        await using AgentHarness agent = new();
        string mount = Directory.CreateDirectory(Path.Combine(agent.Folder, "mount")).FullName;
        Directory.CreateDirectory(Path.Combine(mount, "..1"));
        File.WriteAllText(Path.Combine(mount, "..1", "members.yaml"), Member("web", 51));
        File.CreateSymbolicLink(Path.Combine(mount, "..data"), "..1");
        File.CreateSymbolicLink(Path.Combine(mount, "members.yaml"), "..data/members.yaml");
        agent.StartWithFile(Path.Combine(mount, "members.yaml"));
        await agent.Sidecar.UntilAsync(() => agent.Sidecar.Configurations.Count == 1, Cancellation);

        Directory.CreateDirectory(Path.Combine(mount, "..2"));
        File.WriteAllText(Path.Combine(mount, "..2", "members.yaml"), Member("web", 52));
        File.CreateSymbolicLink(Path.Combine(mount, "..data_tmp"), "..2");
        // As kubelet does it: rename(2) over the old link.
        using (Process move = Process.Start("mv", ["-T", Path.Combine(mount, "..data_tmp"), Path.Combine(mount, "..data")]))
            await move.WaitForExitAsync(Cancellation);
        await agent.Sidecar.UntilAsync(() => agent.Sidecar.Configurations.Count == 2, Cancellation);

        Assert.Equal(52, agent.Sidecar.Routers.Single().Parameters.VirtualRouterId.Value);
    }

    [Fact]
    public async Task Secret_MissingThenThereThenChanged_IsFollowed()
    {
        await using AgentHarness agent = new();
        agent.Start(Authenticated);
        await agent.Sidecar.UntilAsync(() => agent.Sidecar.Configurations.Count == 1, Cancellation);
        Assert.Empty(agent.Sidecar.Routers);
        Assert.Contains("mount key password of Secret vrrp there", (await agent.GetAsync("/state", Cancellation)).Body, StringComparison.Ordinal);

        agent.WriteSecret("vrrp", "password", "first");
        await agent.Sidecar.UntilAsync(() => !agent.Sidecar.Routers.IsEmpty, Cancellation);
        agent.WriteSecret("vrrp", "password", "second\r\n");
        await agent.Sidecar.UntilAsync(
            () => agent.Sidecar.Routers.Single().Parameters.AuthenticationKey.AsSpan().SequenceEqual("second"u8), Cancellation);

        agent.WriteSecret("vrrp", "password", "longer than eight");
        await agent.UntilAsync("/state", s => s.Body.Contains("the password has 17 bytes; 1 to 8", StringComparison.Ordinal), Cancellation);
        Assert.Equal("second"u8.ToArray(), agent.Sidecar.Routers.Single().Parameters.AuthenticationKey);
    }

    /// <summary>
    /// As kubelet changes a mounted Secret: a new folder, and the link "..data" renamed over the old one.
    /// </summary>
    [Fact(Timeout = TestTimeout)]
    public async Task Secret_Rotated_IsFollowedWithoutAnotherChange()
    {
        CancellationToken cancellation = TestContext.Current.CancellationToken;
        await using AgentHarness agent = new();
        string mount = Directory.CreateDirectory(Path.Combine(agent.Settings.SecretsDirectory, "vrrp")).FullName;
        WriteMountedSecret(mount, "..1", "first");
        File.CreateSymbolicLink(Path.Combine(mount, "..data"), "..1");
        File.CreateSymbolicLink(Path.Combine(mount, "password"), "..data/password");
        agent.Start(Authenticated);
        await agent.Sidecar.UntilAsync(() => !agent.Sidecar.Routers.IsEmpty, cancellation);
        Assert.Equal("first"u8.ToArray(), agent.Sidecar.Routers.Single().Parameters.AuthenticationKey);

        WriteMountedSecret(mount, "..2", "second");
        File.CreateSymbolicLink(Path.Combine(mount, "..data_tmp"), "..2");
        using (Process move = Process.Start("mv", ["-T", Path.Combine(mount, "..data_tmp"), Path.Combine(mount, "..data")]))
            await move.WaitForExitAsync(cancellation);
        Directory.Delete(Path.Combine(mount, "..1"), recursive: true);
        await agent.Sidecar.UntilAsync(
            () => agent.Sidecar.Routers.Single().Parameters.AuthenticationKey.AsSpan().SequenceEqual("second"u8), cancellation);

        Assert.Equal(2, agent.Sidecar.Configurations.Count);
    }

    [Fact]
    public async Task Secrets_NeverShowInLogStateMetricsOrStatus()
    {
        await using AgentHarness agent = new();
        agent.WriteSecret("vrrp", "password", Canary);
        agent.Start(Authenticated);
        await agent.Sidecar.UntilAsync(() => agent.Sidecar.Configurations.Count == 1, Cancellation);
        Assert.Equal(Encoding.ASCII.GetBytes(Canary), agent.Sidecar.Routers.Single().Parameters.AuthenticationKey);
        agent.WriteSecret("vrrp", "password", Canary + Canary);
        await agent.UntilAsync("/state", s => s.Body.Contains("InvalidSpec", StringComparison.Ordinal), Cancellation);

        string[] outputs =
        [
            (await agent.GetAsync("/state", Cancellation)).Body,
            (await agent.GetAsync("/metrics", Cancellation)).Body,
            (await agent.GetAsync("/readyz", Cancellation)).Body,
            (await agent.CommandAsync(StatusCommand.RunAsync, Cancellation)).Output,
            agent.Log,
        ];

        foreach (string output in outputs)
        {
            Assert.DoesNotContain(Canary, output, StringComparison.Ordinal);
            Assert.DoesNotContain(Convert.ToBase64String(Encoding.ASCII.GetBytes(Canary)), output, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Readyz_IsReadyOnceConfiguredAndProbed()
    {
        using TcpListener service = new(IPAddress.Loopback, 0);
        service.Start();
        await using AgentHarness agent = new();
        agent.Start(Member("web", 51) + $"\n  probe: {{tcp: {{port: {((IPEndPoint)service.LocalEndpoint).Port}}}}}\n");

        await agent.UntilAsync("/readyz", s => s is { Status: 200, Body: "ok\n" }, Cancellation);

        Assert.Equal((200, "ok\n"), await agent.GetAsync("/healthz", Cancellation));
        await agent.Sidecar.UntilAsync(() => agent.Sidecar.Verdicts.Any(v => v.Message.Health == Health.Passing), Cancellation);
    }

    [Fact]
    public async Task Readyz_ProbeWithoutVerdict_IsNotReadyAndSaysWhy()
    {
        await using AgentHarness agent = new();
        agent.Start(Member("web", 51) + "\n  probe: {process: {name: no-such-thing}, interval: 1h}\n");

        await agent.UntilAsync("/readyz", s => s is { Status: 503, Body: "the probe of default/web has no verdict yet\n" }, Cancellation);
    }

    [Fact]
    public async Task Status_ShowsTheRouters()
    {
        await using AgentHarness agent = new();
        agent.Start(Member("web", 51));
        await agent.Sidecar.UntilAsync(() => !agent.Sidecar.Routers.IsEmpty, Cancellation);
        agent.Sidecar.Report(1, RouterStateKind.Active, TransitionReason.Startup, null, "192.168.1.51/32");
        agent.Sidecar.Hear("192.168.1.66", 99);
        await agent.UntilAsync("/state", s => s.Body.Contains("192.168.1.66", StringComparison.Ordinal), Cancellation);

        (int code, string output, _) = await agent.CommandAsync(StatusCommand.RunAsync, Cancellation);

        Assert.Equal(0, code);
        string[] lines = output.Split('\n');
        Assert.Equal("VIRTUALIP     FAMILY   VRID   LINK   STATE    SINCE   PRIORITY   PROBE   ACTIVE   ADDRESSES", lines[0]);
        Assert.Equal("default/web   IPv4     51     eth0   Active   0s      100        -       here     192.168.1.51/32", lines[1]);
        Assert.Equal("heard on eth0: 192.168.1.66, virtual router id 99, priority 200: UnknownVirtualRouterId (1 times)", lines[2]);

        agent.Settings.OutputJson = true;
        using JsonDocument state = JsonDocument.Parse((await agent.CommandAsync(StatusCommand.RunAsync, Cancellation)).Output);
        Assert.Equal("Active", state.RootElement.GetProperty("members")[0].GetProperty("routers")[0].GetProperty("state").GetString());
    }

    [Fact]
    public async Task Status_NoAgent_SaysSoAndFails()
    {
        await using AgentHarness agent = new();

        (int code, _, string errors) = await agent.CommandAsync(StatusCommand.RunAsync, Cancellation);

        Assert.Equal(1, code);
        Assert.Contains("is vip-sidecar running", errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Handover_PeerTakesOver_EndsWell()
    {
        await using AgentHarness agent = new();
        agent.Sidecar.HandingOver = handle => agent.Sidecar.Report(handle, RouterStateKind.Backup, TransitionReason.HandedOver, "192.168.1.104");
        agent.Start(Member("web", 51));
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
        agent.Start(Member("web", 51));
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
        agent.Sidecar.HandingOver = handle => agent.Sidecar.Report(handle, RouterStateKind.Backup, TransitionReason.HandedOver);
        agent.Start(Member("web", 51));
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
        agent.Start(Member("web", 51));
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
        agent.Start(Member("web", 51));
        await agent.UntilAsync("/healthz", s => s.Status == 200, Cancellation);

        Task<(int Code, string Output, string Errors)> capture = agent.CommandAsync(
            (settings, output, errors, cancellation) => CaptureCommand.RunAsync(settings, TimeProvider.System, output, errors, cancellation), Cancellation);
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

    /// <summary>The agent closes its connections first, so that they linger on its port (TIME_WAIT).</summary>
    [Fact(Timeout = TestTimeout)]
    public async Task Listener_OfAnAgentThatIsStartedAgain_ListensAtOnce()
    {
        CancellationToken cancellation = TestContext.Current.CancellationToken;
        IPEndPoint address;
        await using (AgentHarness first = new())
        {
            first.Start(Member("web", 51));
            await first.GetAsync("/healthz", cancellation);
            address = (IPEndPoint)await first.PublicAddress;
        }

        await using AgentHarness second = new(s => s.MetricsAddress = address);
        second.Start(Member("web", 51));
        await second.GetAsync("/healthz", cancellation);

        Assert.DoesNotContain("Cannot listen", second.Log, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Socket_IsForTheAgentsUserAlone_AndThePublicListenerHandsNothingOver()
    {
        await using AgentHarness agent = new();
        agent.Start(Member("web", 51));
        await agent.UntilAsync("/healthz", s => s.Status == 200, Cancellation);
        EndPoint address = await PublicAddressOf(agent);

        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(agent.Settings.SocketPath));
        (int status, _) = await LocalAgent.AskAsync(address, "POST", "/handover", TimeSpan.FromSeconds(5), Cancellation);
        Assert.Equal(405, status);
        Assert.Empty(agent.Sidecar.Handovers);
        (status, _) = await LocalAgent.AskAsync(address, "POST", "/capture", TimeSpan.FromSeconds(5), Cancellation);
        Assert.Equal(405, status);
        Assert.Empty(agent.Sidecar.Captures);
    }

    [Theory]
    [InlineData("\r\n\r\n")]
    [InlineData("GET\r\n\r\n")]
    [InlineData("GET / SMTP\r\n\r\n")]
    [InlineData("\u0016\u0003\u0001\u0002\0\u0001\0\n\n")]
    public async Task Listener_Garbage_IsRefusedAndTheNextRequestAnswered(string garbage)
    {
        await using AgentHarness agent = new();
        agent.Start(Member("web", 51));
        await agent.UntilAsync("/healthz", s => s.Status == 200, Cancellation);
        EndPoint address = await PublicAddressOf(agent);

        using (Socket socket = new(SocketType.Stream, ProtocolType.Tcp))
        {
            await socket.ConnectAsync(address, Cancellation);
            await socket.SendAsync(Encoding.Latin1.GetBytes(garbage), Cancellation);
            socket.Shutdown(SocketShutdown.Send);
            byte[] answer = new byte[64];
            int received = await socket.ReceiveAsync(answer, Cancellation);
            Assert.StartsWith("HTTP/1.1 400 ", Encoding.ASCII.GetString(answer, 0, received), StringComparison.Ordinal);
        }

        Assert.Equal(200, (await agent.GetAsync("/healthz", Cancellation)).Status);
        Assert.Equal(404, (await agent.GetAsync("/other", Cancellation)).Status);
    }

    [Fact]
    public async Task Listener_HeadWithoutEnd_IsRefused()
    {
        await using AgentHarness agent = new();
        agent.Start(Member("web", 51));
        await agent.UntilAsync("/healthz", s => s.Status == 200, Cancellation);
        using Socket socket = new(SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(await PublicAddressOf(agent), Cancellation);

        await socket.SendAsync(Encoding.ASCII.GetBytes("GET /" + new string('a', 8 * 1024)), Cancellation);
        byte[] answer = new byte[64];
        int received = await socket.ReceiveAsync(answer, Cancellation);

        Assert.StartsWith("HTTP/1.1 400 ", Encoding.ASCII.GetString(answer, 0, received), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Refusal_OfTheSidecar_IsShownAndLogged()
    {
        await using AgentHarness agent = new();
        agent.Sidecar.Problems = c => [new ConfigureProblem(c.Routers[0].Handle, "eth0 does not exist")];
        agent.Start(Member("web", 51));

        await agent.UntilAsync("/state", s => s.Body.Contains("eth0 does not exist", StringComparison.Ordinal), Cancellation);

        Assert.Contains("The sidecar cannot run default/web IPv4 as asked: eth0 does not exist", agent.Log, StringComparison.Ordinal);
    }

    [Fact(Timeout = TestTimeout)]
    public async Task Hints_OfTheSidecar_ShowInStateMetricsAndStatus_UntilTheyAreOver()
    {
        CancellationToken cancellation = TestContext.Current.CancellationToken;
        await using AgentHarness agent = new();
        agent.Start(Member("web", 51));
        await agent.UntilAsync("/readyz", s => s.Status == 200, cancellation);

        agent.Sidecar.Hint(
            1,
            new RouterHint(RouterHintKind.TwoActives, FakeSidecar.Now, IpAddress.Parse("192.168.1.104"), default, default),
            new RouterHint(
                RouterHintKind.ForeignSpeaker, FakeSidecar.Now, IpAddress.Parse("192.168.1.7"), default, DropReason.AuthenticationFailed));
        await agent.UntilAsync("/state", s => s.Body.Contains("\"kind\": \"TwoActives\"", StringComparison.Ordinal), cancellation);

        const string Words = "192.168.1.104 advertises as Active, with a lower priority, while we are Active. It does not hear us, or ignores us:";
        StateHint[] hints = [.. (await agent.StateAsync(cancellation)).Members[0].Routers[0].Hints];
        Assert.StartsWith(Words, hints[0].Message, StringComparison.Ordinal);
        Assert.Equal("192.168.1.7", hints[1].Source);
        Assert.Contains("Another password or key", hints[1].Message, StringComparison.Ordinal);
        Assert.Contains("default/web IPv4: TwoActives: " + Words, (await agent.CommandAsync(StatusCommand.RunAsync, cancellation)).Output, StringComparison.Ordinal);
        Assert.Contains("family=\"IPv4\",kind=\"ForeignSpeaker\"} 1", (await agent.GetAsync("/metrics", cancellation)).Body, StringComparison.Ordinal);

        agent.Sidecar.Hint(1);
        await agent.UntilAsync("/state", s => !s.Body.Contains("TwoActives", StringComparison.Ordinal), cancellation);
        Assert.Contains("default/web IPv4: TwoActives was not seen lately", agent.Log, StringComparison.Ordinal);
    }

    [Fact(Timeout = TestTimeout)]
    public async Task Spec_VirtualMacDualStackAndDemotion_ReachTheSidecar()
    {
        CancellationToken cancellation = TestContext.Current.CancellationToken;
        await using AgentHarness agent = new();
        agent.Start(
            """
            apiVersion: vipoperator.io/v1alpha1
            kind: VirtualIPMember
            metadata: {name: web}
            spec:
              addresses: [192.168.1.108, "2001:db8::108"]
              virtualRouterId: 51
              priority: 100
              vrrp: {virtualMac: true}
              probe: {tcp: {port: 1}, onFailure: Demote, weight: 60}
            """);
        await agent.Sidecar.UntilAsync(() => agent.Sidecar.Routers.Length == 2, cancellation);

        Assert.Equal(["default/web", "default/web"], agent.Sidecar.Routers.Select(r => r.Name));
        Assert.Equal([IpFamily.V4, IpFamily.V6], agent.Sidecar.Routers.Select(r => r.Parameters.Family));
        Assert.All(agent.Sidecar.Routers, r =>
        {
            Assert.True(r.Parameters.VirtualMac);
            Assert.Equal(FailurePolicy.Demote, r.Parameters.OnProbeFailure);
            Assert.Equal(60, r.Parameters.DemotionWeight);
        });
    }

    [Fact(Timeout = TestTimeout)]
    public async Task Spec_HmacKey_ReachesTheSidecarAndShowsNowhere()
    {
        const string Key = "canary-key-of-thirty-two-bytes-0";
        CancellationToken cancellation = TestContext.Current.CancellationToken;
        await using AgentHarness agent = new();
        agent.WriteSecret("vrrp", "password", "key 7 " + Key + "\n");
        agent.Start(Authenticated.Replace("version: 2", "version: 3", StringComparison.Ordinal)
            .Replace("Simple", "HMAC", StringComparison.Ordinal));
        await agent.Sidecar.UntilAsync(() => !agent.Sidecar.Routers.IsEmpty, cancellation);

        RouterParameters parameters = agent.Sidecar.Routers.Single().Parameters;
        Assert.Equal(AuthenticationType.Hmac, parameters.Authentication);
        Assert.Equal(7, parameters.AuthenticationKeyId);
        Assert.Equal(Encoding.ASCII.GetBytes(Key), parameters.AuthenticationKey);

        agent.WriteSecret("vrrp", "password", "short " + Key[..20]);
        await agent.UntilAsync("/state", s => s.Body.Contains("InvalidSpec", StringComparison.Ordinal), cancellation);
        string[] outputs =
        [
            (await agent.GetAsync("/state", cancellation)).Body, (await agent.GetAsync("/metrics", cancellation)).Body, agent.Log,
        ];
        Assert.All(outputs, output => Assert.DoesNotContain("canary", output, StringComparison.Ordinal));
    }

    private static void WriteMountedSecret(string mount, string folder, string password)
    {
        Directory.CreateDirectory(Path.Combine(mount, folder));
        File.WriteAllText(Path.Combine(mount, folder, "password"), password);
    }

    private const string Authenticated =
        """
        apiVersion: vipoperator.io/v1alpha1
        kind: VirtualIPMember
        metadata: {name: web}
        spec:
          addresses: [192.168.1.108/32]
          virtualRouterId: 51
          priority: 100
          vrrp: {version: 2, authentication: {type: Simple, secretRef: {name: vrrp, key: password}}}
        """;

    private static string Member(string name, int id) =>
        $$"""
        apiVersion: vipoperator.io/v1alpha1
        kind: VirtualIPMember
        metadata: {name: {{name}}}
        spec:
          addresses: [192.168.1.{{id}}]
          interfaceName: eth0
          virtualRouterId: {{id}}
          priority: 100
        """;

    private static async Task<EndPoint> PublicAddressOf(AgentHarness agent) => await agent.PublicAddress.WaitAsync(Cancellation);
}
