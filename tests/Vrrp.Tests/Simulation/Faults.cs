namespace VipOperator.Vrrp.Tests;

/// <summary>What can go wrong in a simulation, picked at random.</summary>
internal sealed class Faults(Simulation simulation, long interval)
{
    private static readonly RouterEffectKind[] Failing =
    [
        RouterEffectKind.SendAdvertisement,
        RouterEffectKind.BindAddresses,
        RouterEffectKind.RenewAddresses,
        RouterEffectKind.ReleaseAddresses,
        RouterEffectKind.AnnounceAddresses,
    ];

    private Random Random => simulation.Random;

    /// <summary>Everything there is.</summary>
    public void InjectAny()
    {
        SimulatedNode node = Anyone();
        switch (Random.Next(12))
        {
            case 0: node.Crash(); break;
            case 1: node.Boot(); break;
            case 2: PauseForAWhile(node); break;
            case 3: Unless(node.IsPaused, () => node.SetLink(!node.LinkIsUp)); break;
            case 4: simulation.Partition(); break;
            case 5: simulation.Heal(); break;
            case 6: simulation.Loss = Random.NextDouble() * 0.7; break;
            case 7: Unless(node.IsPaused, () => node.Do(RouterEvent.HealthChanged(Random.Next(2) == 0 ? Health.Failing : Health.Passing))); break;
            case 8: Unless(node.IsPaused, () => node.Do(Random.Next(2) == 0 ? RouterEvent.Stop() : RouterEvent.Start())); break;
            case 9: Unless(node.IsPaused, () => node.Do(RouterEvent.HandoverRequested())); break;
            case 10: Unless(node.IsPaused, node.LoseAddress); break;
            case 11: node.FailNext(Failing[Random.Next(Failing.Length)]); break;
        }
    }

    /// <summary>Processes die, hang and come back; the network works.</summary>
    public void InjectProcessFault()
    {
        SimulatedNode node = Anyone();
        switch (Random.Next(4))
        {
            case 0: node.Crash(); break;
            case 1: node.Boot(); break;
            case 2: PauseForAWhile(node); break;
            case 3: Unless(node.IsPaused, () => node.Do(RouterEvent.HandoverRequested())); break;
        }
    }

    /// <summary>All is well again: every node runs, with a link and a service that works, and hears all others.</summary>
    public void End()
    {
        simulation.Heal();
        simulation.Loss = 0;
        foreach (SimulatedNode node in simulation.Nodes)
        {
            node.FailNext(null);
            node.Resume();
            node.Boot();
            node.SetLink(true);
            node.Do(RouterEvent.HealthChanged(Health.Passing));
            node.Do(RouterEvent.Start());
        }
    }

    private SimulatedNode Anyone() => simulation.Nodes[Random.Next(simulation.Nodes.Length)];

    private void PauseForAWhile(SimulatedNode node)
    {
        node.Pause();
        simulation.After((long)(Random.NextDouble() * 8 * interval), node.Resume);
    }

    private static void Unless(bool condition, Action action)
    {
        if (!condition)
            action();
    }
}
