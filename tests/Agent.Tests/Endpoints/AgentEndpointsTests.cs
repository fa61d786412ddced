using System.Net;
using System.Net.Sockets;
using System.Text;
using VipOperator.Agent.Commands;
using VipOperator.Agent.Endpoints;
using VipOperator.Api;
using VipOperator.Sidecar.Contract;
using VipOperator.Vrrp;

namespace VipOperator.Agent.Tests.Endpoints;

/// <summary>The listener and the private socket of a whole agent.</summary>
public sealed class AgentEndpointsTests
{
    private const int TestTimeout = 60_000;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Readyz_IsReadyOnceConfiguredAndProbed()
    {
        using TcpListener service = new(IPAddress.Loopback, 0);
        service.Start();
        await using AgentHarness agent = new();
        agent.Start(AgentHarness.Member("web", 51)
            + $"\n  probe: {{tcp: {{port: {((IPEndPoint)service.LocalEndpoint).Port}}}}}\n");

        await agent.UntilAsync("/readyz", s => s is { Status: 200, Body: "ok\n" }, Cancellation);

        Assert.Equal((200, "ok\n"), await agent.GetAsync("/healthz", Cancellation));
        await agent.Sidecar.UntilAsync(
            () => agent.Sidecar.Verdicts.Any(v => v.Message.Health == Health.Passing), Cancellation);
    }

    [Fact]
    public async Task Readyz_ProbeWithoutVerdict_IsNotReadyAndSaysWhy()
    {
        await using AgentHarness agent = new();
        agent.Start(AgentHarness.Member("web", 51) + "\n  probe: {process: {name: no-such-thing}, interval: 1h}\n");

        await agent.UntilAsync(
            "/readyz", s => s is { Status: 503, Body: "the probe of default/web has no verdict yet\n" }, Cancellation);
    }

    private const string Authenticated =
        "\n  vrrp: {version: 2, authentication: {type: Simple, secretRef: {name: vrrp, key: password}}}\n";

    [Fact(Timeout = TestTimeout)]
    public async Task Readyz_WithoutTheSecret_IsNotReadyUntilItIsThere()
    {
        CancellationToken cancellation = TestContext.Current.CancellationToken;
        await using AgentHarness agent = new();
        agent.Start(AgentHarness.Member("web", 51) + Authenticated);

        await agent.UntilAsync(
            "/readyz",
            s => s.Status == 503
                && s.Body.StartsWith("default/web: SecretUnavailable: spec.vrrp", StringComparison.Ordinal),
            cancellation);

        agent.WriteSecret("vrrp", "password", "1111222");
        await agent.UntilAsync("/readyz", s => s.Status == 200, cancellation);
    }

    [Fact(Timeout = TestTimeout)]
    public async Task Readyz_NewSpecThatMakesNoSense_StaysReady()
    {
        CancellationToken cancellation = TestContext.Current.CancellationToken;
        await using AgentHarness agent = new();
        agent.WriteSecret("vrrp", "password", "1111222");
        agent.Start(AgentHarness.Member("web", 51) + Authenticated);
        await agent.UntilAsync("/readyz", s => s.Status == 200, cancellation);

        agent.WriteSecret("vrrp", "password", "much-too-long");
        await agent.UntilAsync("/state", s => s.Body.Contains("InvalidSpec", StringComparison.Ordinal), cancellation);

        Assert.Equal((200, "ok\n"), await agent.GetAsync("/readyz", cancellation));
    }

    [Fact(Timeout = TestTimeout)]
    public async Task Readyz_RouterWithoutALink_IsNotReadyUntilTheLinkComes()
    {
        CancellationToken cancellation = TestContext.Current.CancellationToken;
        const string problem = "interfaceName: there is no link eth7";
        await using AgentHarness agent = new();
        agent.Sidecar.Problems = c => [new ConfigureProblem(c.Routers[0].Handle, problem)];
        agent.Start(AgentHarness.Member("web", 51));

        await agent.UntilAsync(
            "/readyz", s => s is { Status: 503, Body: $"default/web IPv4: {problem}\n" }, cancellation);
        agent.Sidecar.Obstruct(1, problem);
        agent.Sidecar.Obstruct(1, "");

        await agent.UntilAsync("/readyz", s => s.Status == 200, cancellation);
        StateRouter router = (await agent.StateAsync(cancellation)).Members.Single().Routers.Single();
        Assert.Null(router.Problem);
        Assert.Equal(MemberState.Backup, router.State);
    }

    [Theory(Timeout = TestTimeout)]
    [InlineData("Release", 503)]
    [InlineData("Demote", 200)]
    public async Task Readyz_ProbeThatHasNeverPassed_IsReadyIfItCouldServeAllTheSame(string onFailure, int status)
    {
        CancellationToken cancellation = TestContext.Current.CancellationToken;
        using TcpListener service = new(IPAddress.Loopback, 0);
        service.Start();
        int port = ((IPEndPoint)service.LocalEndpoint).Port;
        service.Stop();
        await using AgentHarness agent = new();
        agent.Start(AgentHarness.Member("web", 51)
            + $"\n  probe: {{tcp: {{port: {port}}}, interval: 100ms, failureThreshold: 1, onFailure: {onFailure}}}\n");

        await agent.Sidecar.UntilVerdictAsync(Health.Failing, cancellation);

        Assert.Equal(
            (status, status == 200 ? "ok\n" : "the probe of default/web has not passed yet\n"),
            await agent.GetAsync("/readyz", cancellation));
    }

    [Fact(Timeout = TestTimeout)]
    public async Task Readyz_ProbeThatHasPassed_StaysReadyWhenItFails()
    {
        CancellationToken cancellation = TestContext.Current.CancellationToken;
        using TcpListener service = new(IPAddress.Loopback, 0);
        service.Start();
        await using AgentHarness agent = new();
        agent.Start(AgentHarness.Member("web", 51)
            + $"\n  probe: {{tcp: {{port: {((IPEndPoint)service.LocalEndpoint).Port}}}, interval: 100ms, "
            + "failureThreshold: 1}\n");
        await agent.UntilAsync("/readyz", s => s.Status == 200, cancellation);

        service.Stop();
        await agent.Sidecar.UntilVerdictAsync(Health.Failing, cancellation);

        Assert.Equal((200, "ok\n"), await agent.GetAsync("/readyz", cancellation));
    }

    /// <summary>The agent closes its connections first, so that they linger on its port (TIME_WAIT).</summary>
    [Fact(Timeout = TestTimeout)]
    public async Task Listener_OfAnAgentThatIsStartedAgain_ListensAtOnce()
    {
        CancellationToken cancellation = TestContext.Current.CancellationToken;
        IPEndPoint address;
        await using (AgentHarness first = new())
        {
            first.Start(AgentHarness.Member("web", 51));
            await first.GetAsync("/healthz", cancellation);
            address = (IPEndPoint)await first.PublicAddress;
        }

        await using AgentHarness second = new(s => s.MetricsAddress = address);
        second.Start(AgentHarness.Member("web", 51));
        await second.GetAsync("/healthz", cancellation);

        Assert.DoesNotContain("Cannot listen", second.Log, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Socket_IsForTheAgentsUserAlone_AndThePublicListenerHandsNothingOver()
    {
        await using AgentHarness agent = new();
        agent.Start(AgentHarness.Member("web", 51));
        await agent.UntilAsync("/healthz", s => s.Status == 200, Cancellation);
        EndPoint address = await PublicAddressOf(agent);

        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(agent.Settings.SocketPath));
        (int status, _) = await LocalAgent.AskAsync(
            address, "POST", "/handover", TimeSpan.FromSeconds(5), Cancellation);
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
        agent.Start(AgentHarness.Member("web", 51));
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
        agent.Start(AgentHarness.Member("web", 51));
        await agent.UntilAsync("/healthz", s => s.Status == 200, Cancellation);
        using Socket socket = new(SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(await PublicAddressOf(agent), Cancellation);

        await socket.SendAsync(Encoding.ASCII.GetBytes("GET /" + new string('a', 8 * 1024)), Cancellation);
        byte[] answer = new byte[64];
        int received = await socket.ReceiveAsync(answer, Cancellation);

        Assert.StartsWith("HTTP/1.1 400 ", Encoding.ASCII.GetString(answer, 0, received), StringComparison.Ordinal);
    }

    private static async Task<EndPoint> PublicAddressOf(AgentHarness agent) =>
        await agent.PublicAddress.WaitAsync(Cancellation);
}
