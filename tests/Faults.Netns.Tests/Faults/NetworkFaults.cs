using System.Diagnostics;
using VipOperator.Faults.Netns.Tests.Staging;
using VipOperator.Sidecar.Netns.Tests.Support;

namespace VipOperator.Faults.Netns.Tests.Faults;

// What happens to links, addresses and the network between the nodes.

public sealed class LinkDownTests(FaultTable table)
{
    [Fact]
    public async Task LinkSetDownAndUp_PeerServesMeanwhile()
    {
        await using Stage stage = await Stage.Set();
        stage.Begin();

        stage.Network.First.Ip("link", "set", "eth0", "down");
        await stage.SecondAlone("while the link is down");
        stage.Network.First.Ip("link", "set", "eth0", "up");

        table.Add(await stage.End("link down, then up"));
    }
}

public sealed class CableTests(FaultTable table)
{
    [Fact]
    public async Task CablePulledAndPutIn_PeerServesMeanwhile()
    {
        await using Stage stage = await Stage.Set();
        stage.Begin();

        stage.Network.First.SetCable(connected: false);
        await stage.SecondAlone("while the cable is out");
        stage.Network.First.SetCable(connected: true);

        table.Add(await stage.End("cable out, then in"));
    }
}

public sealed class LinkDeletedTests(FaultTable table)
{
    [Fact]
    public async Task LinkDeletedAndMadeAgain_RouterRunsOnTheNewOne()
    {
        await using Stage stage = await Stage.Set();
        stage.Begin();

        stage.Network.First.Ip("link", "del", "eth0");
        await stage.SecondAlone("while the link is away");
        stage.Network.Connect(stage.Network.First);

        table.Add(await stage.End("link deleted, then made again"));
    }
}

public sealed class AddressDeletedTests(FaultTable table)
{
    [Fact]
    public async Task AddressDeletedByHand_IsBackAndNothingMoves()
    {
        await using Stage stage = await Stage.Set();
        stage.Begin();

        stage.Network.First.Ip("addr", "del", $"{Stage.Address}/32", "dev", "eth0");

        FaultRow row = await stage.End("address deleted by hand");
        Assert.Equal(TimeSpan.Zero, row.TwoHolders);
        Assert.Empty(stage.SecondHolds.ChangesWithin(DateTime.UnixEpoch, DateTime.UtcNow));
        table.Add(row);
    }
}

public sealed class AddressConflictTests(FaultTable table)
{
    [Fact]
    public async Task AnotherHostTakesTheAddress_IsToldWithItsHardwareAddress()
    {
        await using Stage stage = await Stage.Set();
        Node intruder = stage.Network.AddNode("d", 106);
        string hardwareAddress = intruder.HardwareAddress();
        stage.Begin();

        intruder.Ip("addr", "add", $"{Stage.Address}/32", "dev", "eth0");
        Process announcing = stage.Traffic(intruder.Namespace, "announce", "eth0", Stage.Address);
        await stage.Reaches(
            () => stage.First.Log.Contains(hardwareAddress, StringComparison.OrdinalIgnoreCase),
            "the log names the other host");
        await stage.Reaches(() => Stage.StateTells(stage.First, hardwareAddress), "the state names it");
        Stage.EndTraffic(announcing);
        intruder.Ip("addr", "del", $"{Stage.Address}/32", "dev", "eth0");

        table.Add(await stage.End("address conflict (ARP)"));
        Assert.Equal(TimeSpan.Zero, stage.NoHolderSoFar());
    }
}

public sealed class OneWayPartitionTests(FaultTable table)
{
    [Fact]
    public async Task BackupHearsNothing_BothServeAndAfterwardsTheBetterOne()
    {
        await using Stage stage = await Stage.Set();
        stage.Begin();

        stage.Network.Second.DropVrrp();
        await stage.Both("while the second hears nothing");
        await stage.Reaches(() => Stage.StateTells(stage.First, "TwoActives"), "the first tells of the second");
        stage.Network.Second.AcceptVrrp();

        table.Add(await stage.End("firewall drops protocol 112 on the Backup (one-way partition), then not"));
        Assert.Equal(TimeSpan.Zero, stage.NoHolderSoFar());
    }
}

public sealed class SwallowedTests(FaultTable table)
{
    [Fact]
    public async Task BothFirewallsDropAdvertisements_IsToldThoughNothingIsHeard()
    {
        await using Stage stage = await Stage.Set();
        stage.Begin();

        stage.Network.First.DropVrrp();
        stage.Network.Second.DropVrrp();
        await stage.Both("while both hear nothing");
        await stage.Reaches(
            () => Stage.StateTells(stage.Second, "HeldElsewhere"),
            "the second tells that the address is held elsewhere");
        stage.Network.First.AcceptVrrp();
        stage.Network.Second.AcceptVrrp();

        table.Add(await stage.End("firewalls drop protocol 112 on both nodes, then not"));
        Assert.Equal(TimeSpan.Zero, stage.NoHolderSoFar());
    }
}

public sealed class PartitionTests(FaultTable table)
{
    [Fact]
    public async Task NodesAreCutFromEachOther_BothServeAndAfterwardsTheBetterOne()
    {
        await using Stage stage = await Stage.Set();
        stage.Begin();

        stage.Network.SetPartition(cut: true);
        await stage.Both("in the partition");
        stage.Network.SetPartition(cut: false);

        table.Add(await stage.End("partition, then healed"));
        Assert.Equal(TimeSpan.Zero, stage.NoHolderSoFar());
    }
}

public sealed class LossTests(FaultTable table)
{
    [Fact]
    public async Task EveryThirdAdvertisementIsLost_OneHolderAfterwards()
    {
        await using Stage stage = await Stage.Set();
        stage.Begin();

        stage.Network.First.LoseVrrp(percent: 30);
        stage.Network.Second.LoseVrrp(percent: 30);
        // Ten seconds of it; three losses in a row make the Backup take over, as they must.
        await Task.Delay(TimeSpan.FromSeconds(10), TestContext.Current.CancellationToken);
        stage.Network.First.AcceptVrrp();
        stage.Network.Second.AcceptVrrp();

        table.Add(await stage.End("30 % of the advertisements lost for 10 s"));
    }
}

public sealed class JitterTests(FaultTable table)
{
    [Fact]
    public async Task FramesTakeUpToTheInterval_NothingMoves()
    {
        await using Stage stage = await Stage.Set(prepare: async s =>
        {
            (string near, string far) = s.Network.CutWire(s.Network.Second);
            Process wire = s.Traffic(s.Network.Switch, "delay", near, far, "200");
            Assert.Equal("ready", await wire.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken));
        });
        stage.Begin();

        await stage.Stays(
            () => stage.FirstHolds.Holds && !stage.SecondHolds.Holds,
            TimeSpan.FromSeconds(8),
            "nothing moves for jitter as long as the interval");

        table.Add(await stage.End("each frame delayed by 0–200 ms, interval 200 ms, for 8 s"));
        Assert.Equal(TimeSpan.Zero, stage.NoHolderSoFar());
    }
}

public sealed class RogueTests(FaultTable table)
{
    [Fact]
    public async Task ForeignSpeakerAt255_IsNamedAndTheAddressComesBack()
    {
        await using Stage stage = await Stage.Set();
        Node rogue = stage.Network.AddNode("d", 106);
        stage.Begin();

        Process speaking = stage.Traffic(
            rogue.Namespace, "advertise", "eth0", "192.168.1.106", "51", "255", "200", $"{Stage.Address}/32");
        await stage.Reaches(
            () => !stage.FirstHolds.Holds && !stage.SecondHolds.Holds,
            "both yield to the better priority (RFC 9568 §6.4.3)");
        await stage.Reaches(() => Stage.StateTells(stage.First, "192.168.1.106"), "the state names the rogue");
        Stage.EndTraffic(speaking);

        table.Add(await stage.End("rogue speaker of priority 255"));
    }
}

public sealed class FloodTests(FaultTable table)
{
    [Fact]
    public async Task FiftyThousandMalformedPacketsASecond_NothingMoves()
    {
        await using Stage stage = await Stage.Set();
        Node rogue = stage.Network.AddNode("d", 106);
        stage.Begin();

        Process flood = stage.Traffic(rogue.Namespace, "flood", "eth0", "192.168.1.106", "50000", "10");
        await stage.Stays(
            () => stage.FirstHolds.Holds && !stage.SecondHolds.Holds && (!flood.HasExited || flood.ExitCode == 0),
            TimeSpan.FromSeconds(10),
            "nothing moves in the flood");
        await flood.WaitForExitAsync(TestContext.Current.CancellationToken);

        table.Add(await stage.End("500,000 malformed packets in 10 s"));
        Assert.Equal(TimeSpan.Zero, stage.NoHolderSoFar());
    }
}
