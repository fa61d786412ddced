using System.Globalization;
using VipOperator.Faults.Netns.Tests.Staging;
using VipOperator.Sidecar.Netns.Tests.Support;

namespace VipOperator.Faults.Netns.Tests.Faults;

// What happens to the processes of a speaker. A class each, so that they run side by side.

public sealed class KilledTests(FaultTable table)
{
    [Fact]
    public async Task BothHalvesKilled_PeerTakesOverAndTheAddressGoesByItself()
    {
        await using Stage stage = await Stage.Set();
        stage.Begin();

        stage.First.Signal("KILL"); // Its agent finds the end of the stream and ends too.
        await stage.SecondAlone("after the kill");
        stage.StartFirst();

        table.Add(await stage.End("SIGKILL of the sidecar, then started again"));
    }
}

public sealed class PausedTests(FaultTable table)
{
    [Fact]
    public async Task PausedForFiveSeconds_PeerTakesOverAndTheOneThatComesBackDoesNotFight()
    {
        await using Stage stage = await Stage.Set();
        stage.Begin();

        stage.First.Signal("STOP");
        await stage.SecondAlone("while the first is paused");
        await stage.Stays(
            () => !stage.FirstHolds.Holds && stage.SecondHolds.Holds, TimeSpan.FromSeconds(4), "that lasts");
        DateTime continued = DateTime.UtcNow;
        stage.First.Signal("CONT");

        FaultRow row = await stage.End("SIGSTOP for 5 s, then SIGCONT");
        // It had lost the address meanwhile and knows it: it comes back as a Backup that preempts.
        Assert.Contains(row.Said, s => s.StartsWith("first: default/web is Backup", StringComparison.Ordinal));
        Assert.True(
            stage.FirstHolds.HoldsSince(continued) > continued, "it did not hold the address when it continued");
        table.Add(row);
    }
}

public sealed class HungTests(FaultTable table)
{
    [Fact]
    public async Task HungUntilItsAgentSaysSo_PeerServesAndNothingOldIsTold()
    {
        await using Stage stage = await Stage.Set();
        stage.Begin();

        stage.First.Signal("STOP");
        await stage.SecondAlone("while the first hangs");
        await stage.Reaches(() => Stage.StateTells(stage.First, "SidecarSilent"), "the agent says that it hangs");
        stage.First.Signal("CONT");
        await stage.Reaches(() => !Stage.StateTells(stage.First, "SidecarSilent"), "the agent says that it answers");

        table.Add(await stage.End("sidecar hung (SIGSTOP) until its agent says so, then continued"));
    }
}

public sealed class OutOfMemoryTests(FaultTable table)
{
    [Fact]
    public async Task KilledByTheKernelForMemory_PeerTakesOver()
    {
        Requirements.Check();
        using MemoryGroup group = MemoryGroup.CreateOrSkip(64);
        await using Stage stage = await Stage.Set();
        stage.Begin();
        group.Take(stage.First.ProcessId);
        group.Take(stage.First.AgentId);

        group.Exhaust();
        await stage.First.Ended();
        await stage.SecondAlone("after the kernel killed the first");
        stage.StartFirst();

        table.Add(await stage.End("killed by the kernel, out of memory; then started again"));
    }
}

public sealed class DescriptorsTests(FaultTable table)
{
    [Fact]
    public async Task NoDescriptorLeft_ElectionGoesOnAndTheAgentIsBackAfterwards()
    {
        await using Stage stage = await Stage.Set();
        stage.Begin();

        string[] process = ["--pid", Speaker.Id(stage.First.ProcessId)];
        Command.Run("prlimit", [.. process, "--nofile=3:4096"]);
        int agent = stage.First.AgentId;
        Command.Run("kill", "-KILL", Speaker.Id(agent));
        await stage.Stays(
            () => stage.FirstHolds.Holds && !stage.SecondHolds.Holds,
            TimeSpan.FromSeconds(3),
            "the first keeps the address without an agent");
        Command.Run("prlimit", [.. process, "--nofile=1024:4096"]);
        await stage.Reaches(
            () => stage.First.AgentId is var id && id != 0 && id != agent, "the agent is started again");

        table.Add(await stage.End("file descriptors exhausted, agent killed meanwhile"));
        Assert.Equal(TimeSpan.Zero, stage.NoHolderSoFar());
    }
}

public sealed class DiskFullTests(FaultTable table)
{
    [Fact]
    public async Task StateDirectoryIsFull_ConfigurationIsAppliedAllTheSame()
    {
        string? mounted = null;
        try
        {
            await using Stage stage = await Stage.Set(prepare: s =>
            {
                mounted = Path.Combine(s.FolderOf("first"), "state");
                Directory.CreateDirectory(mounted);
                Command.Run("mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", mounted);
                return Task.CompletedTask;
            });
            stage.Begin();

            using (FileStream filler = File.Create(Path.Combine(mounted!, "filler")))
                Assert.Throws<IOException>(() => Fill(filler));
            stage.First.Configure(stage.Member(254, "192.168.1.108/32, 192.168.1.109/32"));
            await stage.Reaches(() => stage.Network.First.Holds("192.168.1.109"), "the new address is bound");
            stage.First.Configure(stage.Member(254));
            await stage.Reaches(() => !stage.Network.First.Holds("192.168.1.109"), "and is gone again");

            table.Add(await stage.End("disk full"));
            Assert.Equal(TimeSpan.Zero, stage.NoHolderSoFar());
            Command.Run("umount", "--lazy", mounted!);
            mounted = null;
        }
        finally
        {
            if (mounted is not null)
                _ = Command.Try("umount", "--lazy", mounted);
        }
    }

    private static void Fill(FileStream file)
    {
        byte[] block = new byte[4096];
        while (true)
        {
            file.Write(block);
            file.Flush();
        }
    }
}

public sealed class ClockTests(FaultTable table)
{
    [Theory]
    [InlineData(+1)]
    [InlineData(-1)]
    public async Task WallClockIsStepped_NothingMoves(int hours)
    {
        Requirements.Check("gcc");
        using SteppedClock clock = new();
        await using Stage stage = await Stage.Set(wrapper: clock.Wrapper);
        stage.Begin();

        clock.Step(TimeSpan.FromHours(hours));
        await stage.Stays(
            () => stage.FirstHolds.Holds && !stage.SecondHolds.Holds,
            TimeSpan.FromSeconds(3),
            "nothing moves when the clock is set");
        string now = DateTime.UtcNow.AddHours(hours).ToString("yyyy-MM-dd'T'HH", CultureInfo.InvariantCulture);
        await stage.Reaches(
            () => Stage.StateTells(stage.First, $"\"now\": \"{now}"), "the agent has the stepped clock");

        table.Add(await stage.End($"wall clock stepped by {hours} h"));
        Assert.Equal(TimeSpan.Zero, stage.NoHolderSoFar());
    }
}
