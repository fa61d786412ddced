using System.Diagnostics;
using VipOperator.Agent.Endpoints;
using VipOperator.Vrrp;

namespace VipOperator.Agent.Tests.Peers;

/// <summary>
/// The agent beside a real nginx: what the sidecar is told when nginx ends, hangs, reloads and comes back.
/// </summary>
public sealed class NginxTests
{
    private const int TestTimeout = 30_000;

    /// <summary>Whatever is noticed is noticed by the held connection and what it leads to.</summary>
    private const string RareProbes = "interval: 1h";

    [Theory(Timeout = TestTimeout)]
    [InlineData("KILL", false, 2)]
    [InlineData("TERM", false, 2)]
    [InlineData("QUIT", false, 2)]
    [InlineData("QUIT", false, 16)]
    [InlineData("QUIT", true, 2)]
    [InlineData("TERM", true, 2)]
    public async Task Nginx_Ends_ItIsNoticedBeforeTheNextProbe(string signal, bool secured, int workers)
    {
        CancellationToken cancellation = TestContext.Current.CancellationToken;
        Nginx.SkipUnlessInstalled();
        using Nginx nginx = new(workers, secured);
        await nginx.StartAsync(cancellation);
        await using AgentHarness agent = await StartAsync(nginx, RareProbes, cancellation, secured);

        int[] processes = nginx.Processes();
        long killed = Stopwatch.GetTimestamp();
        await Nginx.SignalAsync(signal, cancellation, signal == "KILL" ? processes : processes[..1]);
        await agent.Sidecar.UntilVerdictAsync(Health.Failing, cancellation);

        TestContext.Current.TestOutputHelper!.WriteLine(
            $"SIG{signal}: the verdict reached the sidecar "
            + $"{Stopwatch.GetElapsedTime(killed, agent.Sidecar.Verdicts.Last().Timestamp).TotalMilliseconds:0.0} ms "
            + $"after the signal was asked for");
    }

    [Fact(Timeout = TestTimeout)]
    public async Task Nginx_Back_PassesAfterTwoProbes()
    {
        CancellationToken cancellation = TestContext.Current.CancellationToken;
        Nginx.SkipUnlessInstalled();
        using Nginx nginx = new();
        await nginx.StartAsync(cancellation);
        await using AgentHarness agent = await StartAsync(nginx, "interval: 100ms", cancellation);
        await nginx.KillAsync(cancellation);
        await agent.Sidecar.UntilVerdictAsync(Health.Failing, cancellation);

        await nginx.StartAsync(cancellation);
        await agent.Sidecar.UntilVerdictAsync(Health.Passing, cancellation);

        Assert.Equal(
            [Health.Passing, Health.Failing, Health.Passing], agent.Sidecar.Verdicts.Select(v => v.Message.Health));
    }

    [Fact(Timeout = TestTimeout)]
    public async Task Nginx_RestartedWithinTheGrace_StaysPassing()
    {
        CancellationToken cancellation = TestContext.Current.CancellationToken;
        Nginx.SkipUnlessInstalled();
        using Nginx nginx = new();
        await nginx.StartAsync(cancellation);
        await using AgentHarness agent = await StartAsync(nginx, "interval: 1s, restartGrace: 1h", cancellation);
        await nginx.KillAsync(cancellation);
        await agent.UntilProbeAsync(p => p.RestartGraceRunning, cancellation);

        await nginx.StartAsync(cancellation);
        await agent.UntilProbeAsync(p => !p.RestartGraceRunning, cancellation);

        Assert.Single(agent.Sidecar.Verdicts);
    }

    [Fact(Timeout = TestTimeout)]
    public async Task Nginx_NotBackWithinTheGrace_Fails()
    {
        CancellationToken cancellation = TestContext.Current.CancellationToken;
        Nginx.SkipUnlessInstalled();
        using Nginx nginx = new();
        await nginx.StartAsync(cancellation);
        await using AgentHarness agent = await StartAsync(nginx, RareProbes + ", restartGrace: 500ms", cancellation);

        await nginx.KillAsync(cancellation);
        await agent.Sidecar.UntilVerdictAsync(Health.Failing, cancellation);

        Assert.Equal(2, agent.Sidecar.Verdicts.Count);
    }

    [Theory(Timeout = TestTimeout)]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Nginx_Reloaded_StaysPassingAndTheNewWorkersAreHeld(bool secured)
    {
        CancellationToken cancellation = TestContext.Current.CancellationToken;
        Nginx.SkipUnlessInstalled();
        using Nginx nginx = new(secured: secured);
        await nginx.StartAsync(cancellation);
        await using AgentHarness agent = await StartAsync(nginx, RareProbes, cancellation, secured);

        for (int reload = 0; reload < 2; reload++)
        {
            int[] before = nginx.Processes();
            StateProbe probe = await agent.ProbeAsync(cancellation);
            await Nginx.SignalAsync("HUP", cancellation, before[0]);
            await Nginx.UntilGoneAsync(before[1..], cancellation);
            await UntilLookedAtAndHeldAsync(agent, probe, cancellation);
        }

        Assert.Single(agent.Sidecar.Verdicts);
        await Nginx.SignalAsync("QUIT", cancellation, nginx.Master()!.Value);
        await agent.Sidecar.UntilVerdictAsync(Health.Failing, cancellation);
    }

    /// <summary>As nginx documents it: USR2 starts the new program, QUIT ends the old one.</summary>
    [Fact(Timeout = TestTimeout)]
    public async Task Nginx_ProgramUpgraded_StaysPassing_AndTheEndOfTheNewOneIsNoticed()
    {
        CancellationToken cancellation = TestContext.Current.CancellationToken;
        Nginx.SkipUnlessInstalled();
        using Nginx nginx = new();
        await nginx.StartAsync(cancellation);
        await using AgentHarness agent = await StartAsync(nginx, RareProbes, cancellation);
        int[] before = nginx.Processes();

        await Nginx.SignalAsync("USR2", cancellation, before[0]);
        while (nginx.OldMaster() != before[0] || nginx.Master() is not { } master || Nginx.Workers(master).Length < 2)
            await Task.Delay(5, cancellation);
        StateProbe probe = await agent.ProbeAsync(cancellation);
        await Nginx.SignalAsync("QUIT", cancellation, before[0]);
        await Nginx.UntilGoneAsync(before, cancellation);
        await UntilLookedAtAndHeldAsync(agent, probe, cancellation);
        Assert.Single(agent.Sidecar.Verdicts);

        await Nginx.SignalAsync("QUIT", cancellation, nginx.Master()!.Value);
        await agent.Sidecar.UntilVerdictAsync(Health.Failing, cancellation);
    }

    [Fact(Timeout = TestTimeout)]
    public async Task Nginx_WorkersKilled_TheMasterStartsOthers_StaysPassing()
    {
        CancellationToken cancellation = TestContext.Current.CancellationToken;
        Nginx.SkipUnlessInstalled();
        using Nginx nginx = new();
        await nginx.StartAsync(cancellation);
        await using AgentHarness agent = await StartAsync(nginx, RareProbes, cancellation);
        int[] before = nginx.Processes();
        StateProbe probe = await agent.ProbeAsync(cancellation);

        await Nginx.SignalAsync("KILL", cancellation, before[1..]);
        await UntilLookedAtAndHeldAsync(agent, probe, cancellation);

        Assert.Single(agent.Sidecar.Verdicts);
    }

    /// <summary>The workers serve on without it; nobody would start others.</summary>
    [Fact(Timeout = TestTimeout)]
    public async Task Nginx_MasterKilled_PassesUntilTheWorkersEndToo()
    {
        CancellationToken cancellation = TestContext.Current.CancellationToken;
        Nginx.SkipUnlessInstalled();
        using Nginx nginx = new();
        await nginx.StartAsync(cancellation);
        await using AgentHarness agent = await StartAsync(nginx, "interval: 100ms", cancellation);
        int[] before = nginx.Processes();

        await Nginx.SignalAsync("KILL", cancellation, before[0]);
        StateProbe probe = await agent.ProbeAsync(cancellation);
        await agent.UntilProbeAsync(p => p.Successes >= probe.Successes + 5, cancellation);
        Assert.Single(agent.Sidecar.Verdicts);
        await Nginx.SignalAsync("KILL", cancellation, before[1..]);
        await agent.Sidecar.UntilVerdictAsync(Health.Failing, cancellation);
    }

    [Theory(Timeout = TestTimeout)]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Nginx_WorkersHang_FailByTheThreshold_AndPassWhenTheyGoOn(bool masterToo)
    {
        CancellationToken cancellation = TestContext.Current.CancellationToken;
        Nginx.SkipUnlessInstalled();
        using Nginx nginx = new();
        await nginx.StartAsync(cancellation);
        await using AgentHarness agent = await StartAsync(nginx, "interval: 100ms, timeout: 100ms", cancellation);
        int[] hung = nginx.Processes()[(masterToo ? 0 : 1)..];

        await Nginx.SignalAsync("STOP", cancellation, hung);
        await agent.Sidecar.UntilVerdictAsync(Health.Failing, cancellation);
        Assert.Equal("no answer within 100 ms", (await agent.ProbeAsync(cancellation)).Message);

        await Nginx.SignalAsync("CONT", cancellation, hung);
        await agent.Sidecar.UntilVerdictAsync(Health.Passing, cancellation);
    }

    /// <summary>Waits until the agent has looked closely and holds a connection that was made since.</summary>
    private static Task UntilLookedAtAndHeldAsync(
        AgentHarness agent, StateProbe before, CancellationToken cancellation) =>
        agent.UntilProbeAsync(p => p.Successes >= before.Successes + 3 && p.ConnectionHeld, cancellation);

    private static async Task<AgentHarness> StartAsync(
        Nginx nginx, string timing, CancellationToken cancellation, bool secured = false)
    {
        AgentHarness agent = new();
        string scheme = secured ? "HTTPS" : "HTTP";
        agent.Start(
            $$"""
            apiVersion: vipoperator.io/v1alpha1
            kind: VirtualIPMember
            metadata: {name: web}
            spec:
              addresses: [192.168.1.108]
              virtualRouterId: 51
              priority: 100
              probe: {http: {port: {{nginx.Port}}, scheme: {{scheme}}}, {{timing}}}
            """);
        await agent.UntilProbeAsync(p => p.ConnectionHeld, cancellation);
        return agent;
    }
}
