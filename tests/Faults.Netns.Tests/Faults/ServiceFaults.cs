using VipOperator.Faults.Netns.Tests.Staging;
using VipOperator.Sidecar.Netns.Tests.Support;

namespace VipOperator.Faults.Netns.Tests.Faults;

// What happens to the nginx beside the first speaker, and to the speakers' configuration.

public sealed class NginxKilledTests(FaultTable table)
{
    [Fact]
    public async Task Killed_AddressMovesAndComesBackWithNginx()
    {
        await using Website site = await Website.Set();
        site.Stage.Begin();

        site.First.Signal("KILL");
        await site.Stage.SecondAlone("while nginx is away");
        site.First.Start();

        table.Add(await site.Stage.End("nginx killed, then started again"));
    }
}

public sealed class NginxHungTests(FaultTable table)
{
    [Fact]
    public async Task Hung_AddressMovesAndComesBackWithNginx()
    {
        await using Website site = await Website.Set();
        site.Stage.Begin();

        site.First.Signal("STOP");
        await site.Stage.SecondAlone("while nginx hangs");
        site.First.Signal("CONT");

        table.Add(await site.Stage.End("nginx hung (SIGSTOP), then continued"));
    }
}

public sealed class AgentHungTests(FaultTable table)
{
    [Fact]
    public async Task AgentHungAndNginxKilled_AddressMovesOnceAnotherAgentLooks()
    {
        await using Website site = await Website.Set();
        site.Stage.Begin();

        Command.Run("kill", "-STOP", Speaker.Id(site.Stage.First.AgentId));
        site.First.Signal("KILL");
        await site.Stage.SecondAlone("once another agent has found nginx away");
        site.First.Start();

        table.Add(await site.Stage.End("agent hung (SIGSTOP), nginx killed"));
    }
}

public sealed class NginxReloadedTests(FaultTable table)
{
    [Fact]
    public async Task Reloaded_NothingMoves()
    {
        await using Website site = await Website.Set();
        site.Stage.Begin();

        for (int i = 0; i < 5; i++)
        {
            int[] workers = site.First.Workers();
            site.First.Reload();
            await site.Stage.Reaches(
                () => site.First.Workers() is { Length: > 0 } now && !now.Intersect(workers).Any(),
                "nginx has new workers alone");
        }

        table.Add(await site.Stage.End("nginx reloaded five times"));
        Assert.Equal(TimeSpan.Zero, site.Stage.NoHolderSoFar());
        Assert.Empty(site.Stage.SecondHolds.ChangesWithin(DateTime.UnixEpoch, DateTime.UtcNow));
    }
}

public sealed class ReconfigurationTests(FaultTable table)
{
    [Fact]
    public async Task ConfigurationChangesAllTheTime_OnlyWhatMustMoveMoves()
    {
        await using Stage stage = await Stage.Set();
        stage.Begin();

        for (int i = 0; i < 10; i++)
        {
            // Another rank that changes nobody's order, one more address or less, and another interval.
            string addresses = i % 2 == 0 ? "192.168.1.108/32, 192.168.1.109/32" : "192.168.1.108/32";
            string interval = i % 3 == 0 ? "100ms" : "200ms";
            stage.First.Configure(stage.Member(254 - (2 * (i % 3)), addresses, interval));
            stage.Second.Configure(stage.Member(249 - (i % 5), addresses, interval));
            bool has109 = i % 2 == 0;
            await stage.Reaches(() => stage.Network.First.Holds("192.168.1.109") == has109, "the first has applied it");
        }

        stage.First.Configure(stage.Member(254));
        stage.Second.Configure(stage.Member(253));
        table.Add(await stage.End("configuration changed ten times under fire"));
        Assert.Equal(TimeSpan.Zero, stage.NoHolderSoFar());
        Assert.Empty(stage.SecondHolds.ChangesWithin(DateTime.UnixEpoch, DateTime.UtcNow));
    }
}
