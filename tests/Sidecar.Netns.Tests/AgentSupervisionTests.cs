using System.Globalization;
using VipOperator.Sidecar.Contract;
using VipOperator.Sidecar.Netns.Tests.Support;
using VipOperator.Vrrp;

namespace VipOperator.Sidecar.Netns.Tests;

/// <summary>The agent is unprivileged and replaceable: what it does or suffers moves nothing.</summary>
public sealed class AgentSupervisionTests
{
    [Fact]
    public async Task Agent_Killed_IsStartedAgainAndNothingMoves()
    {
        using TestNetwork network = new();
        using SidecarUnderTest first = new(network.First);
        using SidecarUnderTest second = new(network.Second);
        first.Agent.Configure(SidecarUnderTest.Router(100));
        await first.Reaches(RouterStateKind.Active);
        second.Agent.Configure(SidecarUnderTest.Router(99));
        await second.Reaches(RouterStateKind.Backup);

        Command.Run("kill", "-KILL", Assert.Single(first.Children()).ToString(CultureInfo.InvariantCulture));
        await Eventually.True(() => first.Agent.Connections == 2, "the agent is started again");

        // The new agent configures as the old one did, which changes nothing.
        await Eventually.True(() => first.Agent.Result is not null, "the configuration is answered");
        await first.Agent.Refresh();
        RouterReport report = first.Agent.Report(1)!;
        Assert.Equal(RouterStateKind.Active, report.State);
        Assert.Equal(1UL, report.Counters[(int)RouterCounter.BecomeActive]);
        Assert.Equal(0UL, report.Counters[(int)RouterCounter.ReleaseActive]);
        Assert.Equal(2U, first.Agent.Process!.AgentStarts);
        Assert.Equal(RouterStateKind.Backup, second.State());
        Assert.Equal(1, network.HolderCount("192.168.1.108"));
    }

    [Fact]
    public async Task Agent_Started_HasNoCapabilityAndCanGainNone()
    {
        using TestNetwork network = new();
        using SidecarUnderTest sidecar = new(network.First);
        await Eventually.True(() => sidecar.Agent.Connections == 1, "the agent is started");

        string status = await File.ReadAllTextAsync(
            $"/proc/{Assert.Single(sidecar.Children())}/status", TestContext.Current.CancellationToken);

        foreach (string set in new[] { "CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb" })
            Assert.Contains($"{set}:\t0000000000000000\n", status, StringComparison.Ordinal);
        Assert.Contains("NoNewPrivs:\t1\n", status, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Agent_Paused_TheElectionGoesOn()
    {
        using TestNetwork network = new();
        using SidecarUnderTest first = new(network.First);
        using SidecarUnderTest second = new(network.Second);
        first.Agent.Configure(SidecarUnderTest.Router(100));
        await first.Reaches(RouterStateKind.Active);
        second.Agent.Configure(SidecarUnderTest.Router(99));
        await second.Reaches(RouterStateKind.Backup);

        Command.Run("kill", "-STOP", Assert.Single(second.Children()).ToString(CultureInfo.InvariantCulture));
        await first.Stop();

        await Eventually.True(
            () => network.Second.Holds("192.168.1.108"), "the peer takes over, its agent notwithstanding");
    }

    [Fact]
    public void Agent_RefusesItsCommandLine_TheSidecarEndsLikewise()
    {
        using TestNetwork network = new();
        using ScriptAgent agent = new("echo 'vip-agent: --nonsense is unknown' >&2; exit 2");
        (int exitCode, _, string error) = Command.Try(
            "ip", "netns", "exec", network.First.Namespace, SidecarUnderTest.Binary, "--agent-path", agent.Path);

        Assert.Equal(2, exitCode);
        Assert.Contains("vip-agent: --nonsense is unknown", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Agent_SpeaksNonsense_IsReplaced()
    {
        using TestNetwork network = new();
        using SidecarUnderTest sidecar = new(network.First);
        sidecar.Agent.Configure(SidecarUnderTest.Router(100));
        await sidecar.Reaches(RouterStateKind.Active);

        // A message that only the sidecar sends.
        sidecar.Agent.Send(writer =>
        {
            writer.BeginFrame(MessageType.ReportEnd);
            writer.EndFrame();
        });

        await Eventually.True(() => sidecar.Agent.Connections == 2, "another agent is started");
        Assert.True(network.First.Holds("192.168.1.108"));
    }

    [Fact]
    public async Task Agent_DoesNotAnswer_IsReplacedAndNothingMoves()
    {
        using TestNetwork network = new();
        using SidecarUnderTest sidecar = new(network.First);
        sidecar.Agent.Configure(SidecarUnderTest.Router(100));
        await sidecar.Reaches(RouterStateKind.Active);

        sidecar.Agent.AnswersPings = false;
        await Eventually.True(() => sidecar.Agent.Connections == 2, "another agent is started");
        sidecar.Agent.AnswersPings = true;

        Assert.Contains("The agent is ended and replaced: it does not answer", sidecar.Log, StringComparison.Ordinal);
        Assert.True(network.First.Holds("192.168.1.108"));
        await sidecar.Agent.Refresh();
        Assert.Equal(1UL, sidecar.Agent.Report(1)!.Counters[(int)RouterCounter.BecomeActive]);
    }

    [Fact]
    public async Task Agent_Paused_IsReplacedAlthoughItCannotEnd()
    {
        using TestNetwork network = new();
        using SidecarUnderTest sidecar = new(network.First);
        sidecar.Agent.Configure(SidecarUnderTest.Router(100));
        await sidecar.Reaches(RouterStateKind.Active);

        Command.Run("kill", "-STOP", Assert.Single(sidecar.Children()).ToString(CultureInfo.InvariantCulture));

        await Eventually.True(() => sidecar.Agent.Connections == 2, "another agent is started");
        Assert.True(network.First.Holds("192.168.1.108"));
    }

    [Theory]
    [InlineData("status", "-o", "json")]
    [InlineData("handover", "--timeout", "5s")]
    public void Subcommand_IsTheAgents(params string[] arguments)
    {
        Requirements.Check();
        using ScriptAgent agent = new("echo \"$@\"; exit 7");

        (int exitCode, string output, _) = Command.Try(
            SidecarUnderTest.Binary, [.. arguments, "--agent-path", agent.Path]);

        Assert.Equal(7, exitCode);
        Assert.Equal($"{string.Join(' ', arguments)} --agent-path {agent.Path}\n", output);
    }

    [Theory]
    [InlineData("net_admin", "CAP_NET_ADMIN is missing")]
    [InlineData("net_raw", "CAP_NET_RAW is missing")]
    public void Capability_Missing_IsNamed(string capability, string message)
    {
        Requirements.Check("setpriv");
        using ScriptAgent agent = new("exit 0");

        (int exitCode, _, string error) = Command.Try(
            "setpriv", "--bounding-set", $"-{capability}", SidecarUnderTest.Binary, "--agent-path", agent.Path);

        Assert.Equal(1, exitCode);
        Assert.Contains(message, error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task TwoCapabilities_AreEnough()
    {
        Requirements.CheckFamily("fd00:1::108");
        using TestNetwork network = new("setpriv");
        using SidecarUnderTest sidecar = new(network.First, ["setpriv", "--bounding-set", "-all,+net_admin,+net_raw"]);
        sidecar.Agent.Configure(SidecarUnderTest.Router(100),
            SidecarUnderTest.Router(100, VrrpVersion.V3, "fd00:1::108/128") with { Handle = 2 });

        await sidecar.Reaches(RouterStateKind.Active);
        await sidecar.Reaches(RouterStateKind.Active, handle: 2);
        Assert.Equal(0, await sidecar.Stop());
        Assert.Equal(0, network.HolderCount("192.168.1.108"));
    }

    /// <summary>A shell script in the agent's place.</summary>
    private sealed class ScriptAgent : IDisposable
    {
        private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("vips-script-");

        public ScriptAgent(string script)
        {
            Path = System.IO.Path.Combine(_folder.FullName, "agent");
            File.WriteAllText(Path, $"#!/bin/sh\n{script}\n");
            File.SetUnixFileMode(Path, UnixFileMode.UserRead | UnixFileMode.UserExecute);
        }

        public string Path { get; }

        public void Dispose() => _folder.Delete(recursive: true);
    }
}
