namespace VipOperator.Vrrp.Tests;

/// <summary>
/// Thousands of random histories of small groups. Whatever happened before: once the faults are over there is one
/// Active router, the best there is, and nothing moves any more.
/// </summary>
public sealed class SimulationTests
{
    private const long Second = 1_000_000_000;

    // The longest way of a packet in the simulation, and the longest that a timer is late.
    private const long PacketTime = 2_000_000;
    private const long TimerTime = 300_000;

    [Fact]
    public void AnyFaults_WhenOver_OneActiveRouterTheBestAndAllQuiet() => ForEachSeed(1_500, seed =>
    {
        Simulation simulation = Group(seed, out long interval);
        var faults = new Faults(simulation, interval);
        long end = 40 * interval;
        for (int i = simulation.Random.Next(1, 25); i > 0; i--)
            simulation.At((long)(simulation.Random.NextDouble() * end), faults.InjectAny);
        simulation.At(end, faults.End);

        // A retry after a failed effect (5 s) or a preempt delay (4 s), and the Active_Down_Interval a few times.
        long settled = end + (10 * Second) + (10 * interval);
        simulation.RunUntil(settled);
        int before = simulation.Nodes.Sum(node => node.Transitions);
        simulation.RunUntil(settled + (10 * interval));

        Assert.Equal(before, simulation.Nodes.Sum(node => node.Transitions));
        AssertOneBestActive(simulation);
    });

    // The kernel takes a dead or stopped router's addresses away by the time a peer takes over, so nobody shares them
    // for longer than the packet takes that says so. Who preempts a router that hangs does not wait for that.
    [Fact]
    public void CrashesAndPauses_OnASoundNetwork_NeverLeaveTwoHolders() => ForEachSeed(1_000, seed =>
    {
        Simulation simulation = Group(seed, out long interval, seconds: true, preempts: false);
        var faults = new Faults(simulation, interval);
        long end = 60 * interval;
        for (int i = simulation.Random.Next(1, 20); i > 0; i--)
            simulation.At((long)(simulation.Random.NextDouble() * end), faults.InjectProcessFault);
        simulation.At(end, faults.End);

        simulation.RunUntil(end + (20 * interval));

        Assert.InRange(simulation.LongestOverlap, 0, 2 * PacketTime);
        AssertOneBestActive(simulation);
    });

    // RFC 3768 §7.1 drops another interval, RFC 9568 §6.4.2 learns it: in neither way does a change that reaches the
    // members one by one, within ten seconds, move the addresses.
    [Fact]
    public void IntervalChange_SpreadsThroughAQuietGroup_MovesNothing() => ForEachSeed(500, seed =>
    {
        Simulation simulation = Group(seed, out _, seconds: true);
        foreach (SimulatedNode node in simulation.Nodes)
            node.Boot();
        simulation.RunUntil(30 * Second);
        int before = simulation.Nodes.Sum(node => node.Transitions);
        Centiseconds interval = Centiseconds.FromSeconds(simulation.Random.Next(1, 10));
        foreach (SimulatedNode node in simulation.Nodes)
        {
            RouterParameters changed = node.Parameters with
            {
                AdvertisementInterval = interval,
                AddressLifetime = RouterParameters.DefaultAddressLifetime(interval),
            };
            simulation.After((long)(simulation.Random.NextDouble() * 9.9 * Second), () => node.Change(changed));
        }

        simulation.RunUntil(120 * Second);

        Assert.Equal(before, simulation.Nodes.Sum(node => node.Transitions));
        AssertOneBestActive(simulation);
    });

    // v3 at 254 and 253, one second: (256 − 253) / 256 s after the goodbye, and the packet's way.
    [Fact]
    public void GracefulStop_IsAGapOfTheSkewAlone()
    {
        var simulation = new Simulation(1, [TestRouter.V3(254), TestRouter.V3(253)]);
        foreach (SimulatedNode node in simulation.Nodes)
            node.Boot();
        simulation.RunUntil(10 * Second);
        Assert.True(simulation.Nodes[0].Holds);

        simulation.Nodes[0].Do(RouterEvent.Stop());
        simulation.RunUntil(simulation.Now.Nanoseconds + 11_718_750 + PacketTime + TimerTime);

        Assert.True(simulation.Nodes[1].Holds);
        Assert.False(simulation.Nodes[0].Holds);
    }

    private static void AssertOneBestActive(Simulation simulation)
    {
        SimulatedNode active = Assert.Single(simulation.Active);
        SimulatedNode holder = Assert.Single(simulation.Nodes, node => node.Holds);
        Assert.Same(active, holder);
        // Who handed over, or does not preempt, leaves a lesser one in place.
        IEnumerable<SimulatedNode> better = simulation.Nodes.Where(node =>
            node.Parameters.Preempt && !node.State.HandedOver && node.State.EffectivePriority > active.State.EffectivePriority);
        Assert.Empty(better);
        Assert.All(simulation.Nodes.Where(node => node != active), node =>
        {
            Assert.Equal(RouterStateKind.Backup, node.State.Kind);
            Assert.Equal(active.Address, node.State.ActiveAddress);
        });
    }

    // Two to five routers of one group: versions, families, intervals, priorities with ties, preemption on and off.
    private static Simulation Group(int seed, out long interval, bool seconds = false, bool preempts = true)
    {
        var random = new Random(seed);
        bool isV2 = random.Next(3) == 0;
        bool isV6 = !isV2 && random.Next(2) == 0;
        int[] choices = isV2 || seconds ? [100, 200] : [1, 10, 33, 100];
        var centiseconds = new Centiseconds(choices[random.Next(choices.Length)]);
        bool preempt = random.Next(4) > 0 && preempts;
        TimeSpan delay = random.Next(4) == 0 ? TimeSpan.FromSeconds(random.Next(1, 5)) : TimeSpan.Zero;
        bool isForEver = !seconds && random.Next(4) == 0;
        interval = centiseconds.Nanoseconds;
        List<RouterParameters> routers = [];
        for (int count = random.Next(2, 6); count > 0; count--)
        {
            routers.Add(TestRouter.V3((byte)(254 - random.Next(4)), centiseconds.Value) with
            {
                Version = isV2 ? VrrpVersion.V2 : VrrpVersion.V3,
                Family = isV6 ? IpFamily.V6 : IpFamily.V4,
                Addresses = [IpPrefix.Parse(isV6 ? "2001:db8::108" : "192.168.1.108")],
                Preempt = preempt,
                PreemptDelay = delay,
                AddressLifetime = isForEver ? TimeSpan.Zero : RouterParameters.DefaultAddressLifetime(centiseconds),
            });
        }

        return new Simulation(seed, routers);
    }

    private static void ForEachSeed(int count, Action<int> test)
    {
        for (int seed = 0; seed < count; seed++)
        {
            try
            {
                test(seed);
            }
            catch (Exception failure)
            {
                throw new InvalidOperationException($"Seed {seed}: {failure.Message}", failure);
            }
        }
    }
}
