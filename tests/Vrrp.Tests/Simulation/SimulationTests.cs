using System.Collections.Immutable;

namespace VipOperator.Vrrp.Tests;

/// <summary>
/// Random histories of small groups. Whatever happened before: once the faults are over there is one Active node, the
/// best there is, in all its families, and nothing moves any more.
/// </summary>
public sealed class SimulationTests
{
    private const long Second = 1_000_000_000;

    // The longest that a timer is late, and what clocks that drift apart add to an Active_Down_Interval.
    private const long TimerTime = 300_000;
    private const long DriftTime = 5_000_000;

    [Fact]
    public void AnyFaults_WhenOver_OneActiveNodeTheBestAndAllQuiet() => Schedules.Run(
        perMille: 800,
        seed => Fault.Any(new Random(seed), AnyOf(seed), FaultTime(AnyOf(seed))),
        (seed, faults) =>
        {
            Scenario scenario = AnyOf(seed);
            var simulation = new Simulation(seed, scenario)
            {
                SpreadTime = FaultTime(scenario) / 2,
                HasLifelines = seed % 2 == 0,
            };
            simulation.Schedule(faults);
            long end = 3 * FaultTime(scenario) / 2;
            simulation.At(end, simulation.EndFaults);
            simulation.RunUntil(end);

            AssertSettles(simulation);
        });

    // The kernel takes a dead or stopped router's addresses away by the time a peer takes over, so nobody shares them
    // for longer than the packet takes that says so. Who preempts a router that hangs does not wait for that.
    [Fact]
    public void CrashesAndPauses_OnASoundNetwork_NeverLeaveTwoHolders() => Schedules.Run(
        perMille: 50,
        seed => [.. ProcessFaultsOf(seed).Where(f => f.Kind != FaultKind.Handover)],
        (seed, faults) => AssertSettlesWithOverlapWithin(_ => 0, seed, faults));

    // Who is asked to hand over serves until a peer does. If it dies or hangs in just that moment, it holds the
    // addresses for as long as their lifetime lasts, as one does that hangs while it is preempted.
    [Fact]
    public void CrashesAndPausesDuringHandovers_OnASoundNetwork_LeaveTwoHoldersForALifetimeAtMost() => Schedules.Run(
        perMille: 50,
        ProcessFaultsOf,
        (seed, faults) => AssertSettlesWithOverlapWithin(
            s => s.Nodes.Max(n => RouterTiming.StallLimitNanoseconds(n.Parameters[0], n.Parameters[0].Priority)),
            seed, faults));

    // Configuration, handovers, deployments: on a network that works there are two Active routers for as long as a
    // packet takes to the other and back at most (RFC 9568 §6.4.2: it sends before it binds), and who hands over for a
    // moment more.
    [Fact]
    public void Operations_OnASoundNetwork_NeverLeaveTwoHolders() => Schedules.Run(
        perMille: 50,
        seed => Fault.Operations(new Random(seed), AnyOf(seed), 2 * FaultTime(AnyOf(seed))),
        (seed, faults) =>
        {
            Scenario scenario = AnyOf(seed);
            var simulation = new Simulation(seed, scenario) { SpreadTime = Math.Min(9 * Second, FaultTime(scenario)) };
            foreach (SimulatedNode node in simulation.Nodes)
                simulation.At(simulation.Random.NextInt64(FaultTime(scenario)), node.Boot);
            simulation.Schedule(faults);
            long end = 3 * FaultTime(scenario);
            simulation.At(end, simulation.EndFaults);
            simulation.RunUntil(end);

            AssertSettles(simulation);
            long handover = faults.Exists(f => f.Kind == FaultKind.Handover) ? RouterTiming.HandoverOverlap : 0;
            Assert.InRange(simulation.LongestOverlap, 0, handover + (2 * SimulatedNetwork.UsualDelay) + TimerTime);
        });

    // A firewall swallows one family, between some nodes, one way or both, and for ever; the other works.
    [Fact]
    public void OneFamilySwallowed_TheOtherHeard_NothingFlapsAndOneNodeHoldsBoth() => Schedules.Run(
        perMille: 100,
        seed => Fault.Processes(new Random(seed), SwallowingOf(seed), 20 * Second),
        (seed, faults) =>
        {
            Scenario scenario = SwallowingOf(seed);
            var simulation = new Simulation(seed, scenario);
            simulation.Schedule(faults);
            simulation.At(20 * Second, () =>
            {
                simulation.EndFaults();
                Swallow(simulation);
            });
            simulation.RunUntil(20 * Second);

            AssertSettles(simulation);
        });

    // RFC 3768 §7.1 drops another interval, RFC 9568 §6.4.2 learns it: in neither way does a change that reaches the
    // members one by one, within ten seconds, move the addresses.
    [Fact]
    public void IntervalOrKeyChange_SpreadsThroughAQuietGroup_MovesNothing()
    {
        for (int seed = 0; seed < 500; seed++)
        {
            Scenario scenario = AnyOf(seed);
            if (scenario.Interval.Value < 50)
                continue;
            var simulation = new Simulation(seed, scenario);
            foreach (SimulatedNode node in simulation.Nodes)
                node.Boot();
            simulation.RunUntil(20 * Second);
            int before = simulation.Transitions;
            simulation.Schedule(
            [
                new(20 * Second, FaultKind.Interval, 0, Amount: 100 * simulation.Random.Next(1, 10)),
                new(20 * Second, FaultKind.Key, 0),
            ]);

            simulation.RunUntil(90 * Second);

            Assert.True(simulation.Transitions == before, $"seed {seed}");
            AssertOneBestActive(simulation);
        }
    }

    // It tries for ever, and in a group of two families the one that can bind takes nothing either.
    [Theory]
    [InlineData(1, 0)]
    [InlineData(2, 0)]
    [InlineData(2, 1)]
    public void TheBetterNodeCannotBind_TheOtherServesAllTheTime(int families, int refused)
    {
        RouterParameters v6 = TestRouter.V3() with { Family = IpFamily.V6, Addresses = Scenario.Addresses(IpFamily.V6, 1) };
        ImmutableArray<RouterParameters> routers = families == 1 ? [TestRouter.V3()] : [TestRouter.V3(), v6];
        var simulation = new Simulation(
            1, new Scenario([[.. routers.Select(p => p with { Priority = new(101) })], routers]));
        simulation.Nodes[0].CannotBind = refused;
        simulation.Nodes[1].Boot();
        simulation.RunUntil(10 * Second);
        Assert.True(IsActive(simulation.Nodes[1]));
        int before = simulation.Nodes[1].Transitions;

        simulation.Nodes[0].Boot();
        int tries = 0;
        for (int i = 1; i <= 1000; i++)
        {
            simulation.RunUntil((10 + i) * Second);
            tries = Math.Max(tries, simulation.Nodes[0].States[refused].Failures);
        }

        // At 3.6 s, and each time 5, 10, 20, 40, 80, 160, 320, 320 and 3.6 s later.
        Assert.Equal(9, tries);
        Assert.Equal(before, simulation.Nodes[1].Transitions);
        Assert.All(Enumerable.Range(0, families), router => Assert.True(simulation.Nodes[1].Holds(router)));
        Assert.Equal(0, simulation.LongestOverlap);
    }

    // v3 at 254 and 253, one second: (256 − 253) / 256 s after the goodbye, and the packet's way.
    [Fact]
    public void GracefulStop_IsAGapOfTheSkewAlone()
    {
        var simulation = new Simulation(1, new Scenario([[TestRouter.V3(254)], [TestRouter.V3(253)]]));
        foreach (SimulatedNode node in simulation.Nodes)
            node.Boot();
        simulation.RunUntil(10 * Second);
        Assert.True(simulation.Nodes[0].Holds(0));

        simulation.Nodes[0].Do(RouterEvent.Stop());
        simulation.RunUntil(simulation.Now + 11_718_750 + SimulatedNetwork.UsualDelay + DriftTime);

        Assert.True(simulation.Nodes[1].Holds(0));
        Assert.False(simulation.Nodes[0].Holds(0));
    }

    // As the graceful stop, but the kernel keeps the address where the process was, for its lifetime.
    [Fact]
    public void Crash_SeenByALifeline_IsAGapOfTheSkewAlone()
    {
        var simulation =
            new Simulation(1, new Scenario([[TestRouter.V3(254)], [TestRouter.V3(253)]])) { HasLifelines = true };
        foreach (SimulatedNode node in simulation.Nodes)
            node.Boot();
        simulation.RunUntil(10 * Second);
        Assert.True(simulation.Nodes[0].Holds(0));

        simulation.Schedule([new(simulation.Now, FaultKind.Crash, 0)]);
        simulation.RunUntil(simulation.Now + 11_718_750 + SimulatedNetwork.UsualDelay + DriftTime);

        Assert.True(simulation.Nodes[1].Holds(0));
        simulation.RunUntil(20 * Second);
        Assert.False(simulation.Nodes[0].Holds(0));
        Assert.InRange(simulation.LongestOverlap, 2 * Second, 3 * Second);
    }

    private static Scenario AnyOf(int seed) => Scenario.Any(new Random(seed));

    private static Scenario SwallowingOf(int seed) => Scenario.DualStack(new Random(seed), ties: seed % 4 == 0);

    private static long FaultTime(Scenario scenario) => Math.Min(20 * scenario.Interval.Nanoseconds, 15 * Second);

    // Of one family, any direction of any pair; all of it now and then.
    private static void Swallow(Simulation simulation)
    {
        Random random = simulation.Random;
        int family = random.Next(2);
        bool isAll = random.Next(4) == 0;
        foreach (SimulatedNode receiver in simulation.Nodes)
        {
            foreach (SimulatedNode sender in simulation.Nodes)
            {
                if (isAll || random.Next(2) == 0)
                    simulation.Network.Deafen(receiver.Index, sender.Index, family);
            }
        }
    }

    // A retry after a failed effect, a preempt delay, and an Active_Down_Interval a few times.
    private static List<Fault> ProcessFaultsOf(int seed) =>
        Fault.Processes(new Random(seed), Scenario.Sticky(new Random(seed)), 30 * Second);

    private static void AssertSettlesWithOverlapWithin(Func<Simulation, long> bound, int seed, List<Fault> faults)
    {
        var simulation = new Simulation(seed, Scenario.Sticky(new Random(seed)));
        simulation.Schedule(faults);
        simulation.At(30 * Second, simulation.EndFaults);
        simulation.RunUntil(30 * Second);

        AssertSettles(simulation);
        Assert.InRange(simulation.LongestOverlap, 0, bound(simulation) + DriftTime
            + (2 * SimulatedNetwork.UsualDelay) + TimerTime);
    }

    private static void AssertSettles(Simulation simulation)
    {
        long interval = simulation.Nodes.Max(node => node.Parameters[0].AdvertisementInterval.Nanoseconds);
        long settled = simulation.Nodes.Max(node => RetryOf(node, simulation.Now))
            + (Scenario.LongestDelaySeconds * Second) + Second + (10 * interval);
        simulation.RunUntil(settled);
        int before = simulation.Transitions;
        simulation.RunUntil(settled + (5 * interval));

        Assert.True(before == simulation.Transitions, "it does not come to rest");
        AssertOneBestActive(simulation);
    }

    private static long RetryOf(SimulatedNode node, long now)
    {
        long latest = now;
        foreach (RouterState state in node.States)
            latest = state.RetryDeadline.IsNever ? latest : Math.Max(latest, state.RetryDeadline.Nanoseconds);
        return latest;
    }

    private static void AssertOneBestActive(Simulation simulation)
    {
        SimulatedNode active = Assert.Single(simulation.Nodes, IsActive);
        foreach (SimulatedNode node in simulation.Nodes)
        {
            for (int i = 0; i < node.States.Length; i++)
            {
                RouterState state = node.States[i];
                Assert.Equal(node == active ? RouterStateKind.Active : RouterStateKind.Backup, state.Kind);
                Assert.True(
                    node.Holds(i) == (node == active), $"node {node.Index} is {state.Kind} and holds: {node.Holds(i)}");
                // Who handed over, or does not preempt, leaves a lesser one in place.
                Assert.False(
                    node.Parameters[i].Preempt && !state.HandedOver
                        && state.EffectivePriority > active.States[i].EffectivePriority,
                    $"node {node.Index} is better than node {active.Index}, which is Active");
            }
        }
    }

    private static bool IsActive(SimulatedNode node) => node.States[0].Kind == RouterStateKind.Active;
}
