using System.Diagnostics;
using VipOperator.Sidecar.Contract;
using VipOperator.Sidecar.Netns.Tests.Support;
using VipOperator.Vrrp;

namespace VipOperator.Sidecar.Netns.Tests;

/// <summary>What the loop does in the steady state, and with what does not belong to it.</summary>
public sealed class LoopTests
{
    private const int SteadyAdvertisements = 10;

    [Theory]
    [InlineData("multicast")]
    [InlineData("unicast")]
    [InlineData("virtual MAC")]
    [InlineData("other interval and addresses")]
    public async Task SteadyState_AllocatesNothing(string how)
    {
        using TestNetwork network = new();
        using SidecarUnderTest first = new(network.First);
        using SidecarUnderTest second = new(network.Second);
        // Some adverts over the lifetime of a second, so renewals are part of it.
        first.Agent.Configure(Router(100, network.Second));
        await first.Reaches(RouterStateKind.Active);
        RouterConfiguration backup = Router(99, network.First);
        bool differs = how == "other interval and addresses";
        second.Agent.Configure(differs
            ? backup with
            {
                Parameters =
                    backup.Parameters with
                    {
                        AdvertisementInterval = new Centiseconds(30),
                        Addresses = [IpPrefix.Parse("192.168.1.109/32")]
                    },
            }
            : backup);
        await second.Reaches(RouterStateKind.Backup);

        await AssertNothingAllocated(first, RouterCounter.AdvertisementsSent);
        await AssertNothingAllocated(second, RouterCounter.AdvertisementsReceived);

        RouterConfiguration Router(int priority, Node peer)
        {
            RouterConfiguration router = SidecarUnderTest.Router(priority);
            return router with
            {
                Parameters = router.Parameters with
                {
                    VirtualMac = how == "virtual MAC",
                    Transport = how == "unicast" ? Transport.Unicast : Transport.Multicast,
                    Peers = how == "unicast" ? [IpAddress.Parse(peer.Address)] : [],
                },
            };
        }
    }

    // As on a machine that was suspended for a day: CLOCK_BOOTTIME has counted it, CLOCK_MONOTONIC has not. Nothing can
    // be suspended here, but by which clock the timers go the kernel tells.
    [Fact]
    public async Task Clock_CountsSuspensions()
    {
        using TestNetwork network = new();
        string[] wrapper = ["unshare", "--time", "--boottime", "86400", "--fork", "--kill-child"];
        (int exitCode, _, string error) = Command.Try(wrapper[0], [.. wrapper[1..], "true"]);
        if (exitCode != 0)
            Assert.Skip($"There are no time namespaces here: {error.Trim()}");
        long start = Stopwatch.GetTimestamp();
        using SidecarUnderTest sidecar = new(network.First, wrapper);

        sidecar.Agent.Configure(SidecarUnderTest.Router(100));

        await sidecar.Reaches(RouterStateKind.Active);
        // Told as the agent has it: it did not begin a day from now.
        Assert.InRange(sidecar.Agent.Report(1)!.Since.Nanoseconds, start, Stopwatch.GetTimestamp());
        int process = Assert.Single(sidecar.Children());
        Assert.Contains(
            Directory.GetFiles($"/proc/{process}/fdinfo"),
            file => File.ReadAllText(file).Contains("clockid: 7\n", StringComparison.Ordinal)); // CLOCK_BOOTTIME
    }

    // The packets go to 224.0.0.18 as RFC 9568 §5.1.1 has them, each wrong in one way.
    [Theory]
    [InlineData(DropReason.TimeToLive, 254, "31 33 64 01 00 64 ba 49 c0 a8 01 6c")]
    [InlineData(DropReason.UnknownVersion, 255, "41 33 64 01 00 64 00 00 c0 a8 01 6c")]
    [InlineData(DropReason.UnknownType, 255, "32 33 64 01 00 64 00 00 c0 a8 01 6c")]
    [InlineData(DropReason.Length, 255, "31 33 64 02 00 64 00 00 c0 a8 01 6c")]
    [InlineData(DropReason.Length, 255, "31 33")]
    [InlineData(DropReason.Checksum, 255, "31 33 64 01 00 64 de ad c0 a8 01 6c")]
    public async Task Garbage_IsCountedByReasonAndChangesNothing(DropReason reason, int timeToLive, string bytes)
    {
        using TestNetwork network = new();
        using SidecarUnderTest sidecar = new(network.First);
        sidecar.Agent.Configure(SidecarUnderTest.Router(99));
        await sidecar.Reaches(RouterStateKind.Active);

        network.Second.SendRaw(Convert.FromHexString(bytes.Replace(" ", "", StringComparison.Ordinal)), timeToLive);

        await Eventually.True(
            async () =>
            {
                await sidecar.Agent.Refresh();
                return sidecar.Agent.Report(1)!.Drops[(int)reason] == 1;
            },
            () => $"the packet is counted as {reason}");
        RouterReport report = sidecar.Agent.Report(1)!;
        Assert.Equal(1UL, report.Drops.Aggregate(0UL, (sum, count) => sum + count));
        Assert.Equal(0UL, report.Counters[(int)RouterCounter.AdvertisementsReceived]);
        Assert.Equal(RouterStateKind.Active, report.State);
        HeardReport heard = Assert.Single(sidecar.Agent.Heard);
        Assert.Equal(reason, heard.Reason);
        Assert.Equal(IpAddress.Parse("192.168.1.104"), heard.Source);
        Assert.Equal("eth0", heard.InterfaceName);
        await Eventually.True(
            () => sidecar.Log.Contains($"192.168.1.104 advertises the same virtual router id and is not heard "
                + $"({reason})", StringComparison.Ordinal),
            () => $"the drop is logged\n{sidecar.Log}");
    }

    [Fact]
    public async Task ForeignSpeaker_IsHeardAndTold()
    {
        using TestNetwork network = new();
        using SidecarUnderTest sidecar = new(network.First);
        using SidecarUnderTest foreign = new(network.Second);
        sidecar.Agent.Configure(SidecarUnderTest.Router(100));
        await sidecar.Reaches(RouterStateKind.Active);

        RouterConfiguration other = SidecarUnderTest.Router(77, VrrpVersion.V3, "192.168.1.109/32");
        foreign.Agent.Configure(
            other with { Parameters = other.Parameters with { VirtualRouterId = VirtualRouterId.Create(7) } });

        await Eventually.True(
            () => sidecar.Agent.Heard.Length == 1, "the other speaker is told of without being asked for");
        HeardReport heard = sidecar.Agent.Heard[0];
        Assert.Equal(7, heard.VirtualRouterId);
        Assert.Equal(3, heard.Version);
        Assert.Equal(new Priority(77), heard.Priority);
        Assert.Equal(DropReason.UnknownVirtualRouterId, heard.Reason);
        await sidecar.Agent.Refresh();
        Assert.True(sidecar.Agent.Process!.UnroutedDrops > 0);
    }

    private static async Task AssertNothingAllocated(SidecarUnderTest sidecar, RouterCounter counter)
    {
        // Buffers and code paths have their first use behind them after this.
        await sidecar.Agent.Refresh();
        ulong warm = Counter() + SteadyAdvertisements;
        await Eventually.True(() => Reach(warm), () => "advertisements go on");
        ulong allocated = sidecar.Agent.Process!.LoopAllocatedBytes;
        ulong iterations = sidecar.Agent.Process!.LoopIterations;
        ulong target = Counter() + SteadyAdvertisements;

        await Eventually.True(() => Reach(target), () => "advertisements go on");

        Assert.True(sidecar.Agent.Process!.LoopIterations > iterations);
        Assert.Equal(allocated, sidecar.Agent.Process!.LoopAllocatedBytes);

        ulong Counter() => sidecar.Agent.Report(1)!.Counters[(int)counter];

        async Task<bool> Reach(ulong count)
        {
            await sidecar.Agent.Refresh();
            return Counter() >= count;
        }
    }
}
