using System.Diagnostics;
using VipOperator.Vrrp;

namespace VipOperator.Agent.Tests.Peers;

/// <summary>The agent beside a real nginx: what the sidecar is told when nginx ends, hangs, reloads and comes back.</summary>
public sealed class NginxTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("KILL")]
    [InlineData("TERM")]
    [InlineData("QUIT")]
    public async Task Nginx_Ends_ItIsNoticedBeforeTheNextProbe(string signal)
    {
        Nginx.SkipUnlessInstalled();
        using Nginx nginx = new();
        await nginx.StartAsync();
        // An hour between probes: whatever is noticed is noticed by the held connection.
        await using AgentHarness agent = await StartAsync(nginx, "interval: 1h");

        int[] processes = nginx.Processes();
        long killed = Stopwatch.GetTimestamp();
        await nginx.SignalAsync(signal, signal == "KILL" ? processes : processes[..1]);
        await agent.Sidecar.UntilVerdictAsync(Health.Failing, Cancellation);

        TestContext.Current.TestOutputHelper!.WriteLine(
            $"SIG{signal}: the verdict reached the sidecar {Stopwatch.GetElapsedTime(killed, agent.Sidecar.Verdicts.Last().Timestamp).TotalMilliseconds:0.0} ms after the signal was asked for");
    }

    [Fact]
    public async Task Nginx_Back_PassesAfterTwoProbes()
    {
        Nginx.SkipUnlessInstalled();
        using Nginx nginx = new();
        await nginx.StartAsync();
        await using AgentHarness agent = await StartAsync(nginx, "interval: 100ms");
        await nginx.KillAsync();
        await agent.Sidecar.UntilVerdictAsync(Health.Failing, Cancellation);

        await nginx.StartAsync();
        await agent.Sidecar.UntilVerdictAsync(Health.Passing, Cancellation);

        Assert.Equal([Health.Passing, Health.Failing, Health.Passing], agent.Sidecar.Verdicts.Select(v => v.Message.Health));
    }

    [Fact]
    public async Task Nginx_RestartedWithinTheGrace_StaysPassing()
    {
        Nginx.SkipUnlessInstalled();
        using Nginx nginx = new();
        await nginx.StartAsync();
        await using AgentHarness agent = await StartAsync(nginx, "interval: 1s, restartGrace: 1h");
        await nginx.KillAsync();
        await agent.UntilAsync("/state", s => s.Body.Contains("\"restartGraceRunning\": true", StringComparison.Ordinal), Cancellation);

        await nginx.StartAsync();
        await agent.UntilAsync("/state", s => s.Body.Contains("\"restartGraceRunning\": false", StringComparison.Ordinal), Cancellation);

        Assert.Single(agent.Sidecar.Verdicts);
    }

    [Fact]
    public async Task Nginx_NotBackWithinTheGrace_Fails()
    {
        Nginx.SkipUnlessInstalled();
        using Nginx nginx = new();
        await nginx.StartAsync();
        await using AgentHarness agent = await StartAsync(nginx, "interval: 1h, restartGrace: 500ms");

        await nginx.KillAsync();
        await agent.Sidecar.UntilVerdictAsync(Health.Failing, Cancellation);

        Assert.Equal(2, agent.Sidecar.Verdicts.Count);
    }

    [Fact]
    public async Task Nginx_Reloaded_StaysPassingAndTheConnectionIsHeldAgain()
    {
        Nginx.SkipUnlessInstalled();
        using Nginx nginx = new();
        await nginx.StartAsync();
        await using AgentHarness agent = await StartAsync(nginx, "interval: 200ms");
        int[] before = nginx.Processes();

        await nginx.SignalAsync("HUP", before[0]);
        while (nginx.Processes().Intersect(before[1..]).Any())
            await Task.Delay(20, Cancellation);
        await agent.UntilAsync("/state", s => s.Body.Contains("\"connectionHeld\": true", StringComparison.Ordinal), Cancellation);

        Assert.Single(agent.Sidecar.Verdicts);
    }

    [Fact]
    public async Task Nginx_WorkersHang_FailByTheThreshold_AndPassWhenTheyGoOn()
    {
        Nginx.SkipUnlessInstalled();
        using Nginx nginx = new();
        await nginx.StartAsync();
        await using AgentHarness agent = await StartAsync(nginx, "interval: 100ms, timeout: 100ms");
        int[] processes = nginx.Processes();

        await nginx.SignalAsync("STOP", processes);
        try
        {
            await agent.Sidecar.UntilVerdictAsync(Health.Failing, Cancellation);
            Assert.Contains("no answer within 100 ms", (await agent.GetAsync("/state", Cancellation)).Body, StringComparison.Ordinal);
        }
        finally
        {
            await nginx.SignalAsync("CONT", processes);
        }

        await agent.Sidecar.UntilVerdictAsync(Health.Passing, Cancellation);
    }

    private static async Task<AgentHarness> StartAsync(Nginx nginx, string timing)
    {
        AgentHarness agent = new();
        agent.Start(
            $$"""
            apiVersion: vipoperator.io/v1alpha1
            kind: VirtualIPMember
            metadata: {name: web}
            spec:
              addresses: [192.168.1.108]
              virtualRouterId: 51
              priority: 100
              probe: {http: {port: {{nginx.Port}}}, {{timing}}}
            """);
        await agent.UntilAsync("/state", s => s.Body.Contains("\"connectionHeld\": true", StringComparison.Ordinal), Cancellation);
        return agent;
    }
}
