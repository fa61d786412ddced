namespace VipOperator.Vrrp.Tests;

/// <summary>
/// Nodes on one network in virtual time: a queue of things that happen, nothing else. The same seed and faults give the
/// same run, so a failing test names all that is needed to repeat it.
/// </summary>
internal sealed class Simulation
{
    // A group that sends more than this in an interval answers itself.
    private const int MostPacketsPerNodeAndInterval = 60;
    private const int MostDriftPerMillion = 500;

    private readonly Dictionary<FaultKind, Func<RouterParameters, RouterParameters>> _wanted = [];
    private readonly PriorityQueue<(SimulatedNode? Node, Packet? Packet, Action? Action), (long Time, long Order)> _queue = new();
    private readonly SimulatedNetwork _network;
    private readonly long[] _overlapSince;
    private readonly Scenario _scenario;
    private long _order;
    private byte _keys = 1;
    private int _sent;
    private long _intervalEnd;

    public Simulation(int seed, Scenario scenario)
    {
        _scenario = scenario;
        Random = new Random(seed);
        Nodes = new SimulatedNode[scenario.Nodes.Length];
        for (int i = 0; i < Nodes.Length; i++)
            Nodes[i] = new SimulatedNode(i, scenario, this, Random.Next(-MostDriftPerMillion, MostDriftPerMillion + 1));
        _network = new SimulatedNetwork(Nodes.Length, scenario.Nodes[0].Length);
        _overlapSince = [.. scenario.Nodes[0].Select(_ => -1L)];
    }

    public Random Random { get; }

    public SimulatedNode[] Nodes { get; }

    public SimulatedNetwork Network => _network;

    /// <summary>Whether nodes hear of the end of another's process at once.</summary>
    public bool HasLifelines { get; init; }

    /// <summary>In nanoseconds.</summary>
    public long Now { get; private set; }

    public int Transitions => Nodes.Sum(node => node.Transitions);

    /// <summary>The longest time in which two nodes held the addresses of one family at once.</summary>
    public long LongestOverlap { get; private set; }

    public void At(long time, Action action) => _queue.Enqueue((null, null, action), (time, _order++));

    public void Schedule(IEnumerable<Fault> faults)
    {
        foreach (Fault fault in faults)
            At(fault.At, () => Inject(fault));
    }

    /// <summary>
    /// All is well again: every node runs, with a link and a service that works, and hears all others.
    /// </summary>
    public void EndFaults()
    {
        _network.Heal();
        _network.LossPerMille = 0;
        _network.DuplicatesPerMille = 0;
        _network.LongestDelay = SimulatedNetwork.UsualDelay;
        foreach (SimulatedNode node in Nodes)
        {
            node.FailNext(null);
            node.Resume();
            node.Boot();
            node.SetLink(true);
            node.Do(RouterEvent.HealthChanged(Health.Passing));
            node.Do(RouterEvent.Start());
        }
    }

    public void Broadcast(SimulatedNode sender, Packet packet)
    {
        CountPacket();
        foreach (SimulatedNode receiver in Nodes)
        {
            if (receiver == sender || !_network.Reaches(sender.Index, receiver.Index, packet.Router))
                continue;
            if (_network.LossPerMille > 0 && Random.Next(1000) < _network.LossPerMille)
                continue;
            Send(receiver, packet);
            if (_network.DuplicatesPerMille > 0 && Random.Next(1000) < _network.DuplicatesPerMille)
                Send(receiver, packet);
        }
    }

    public void RunUntil(long end)
    {
        while (true)
        {
            SimulatedNode next = FirstToWake();
            long queued = _queue.TryPeek(out _, out (long Time, long Order) first) ? first.Time : long.MaxValue;
            long time = Math.Min(queued, next.NextWake);
            if (time > end)
                break;
            Advance(time);
            if (queued <= next.NextWake)
                Happen(_queue.Dequeue());
            else
                next.Wake();
            Observe();
        }

        Advance(end);
        Observe();
    }

    private static void Happen((SimulatedNode? Node, Packet? Packet, Action? Action) what)
    {
        if (what.Packet is not null)
            what.Node!.Deliver(what.Packet);
        else
            what.Action!();
    }

    private void Inject(in Fault fault)
    {
        SimulatedNode node = Nodes[fault.Node];
        long amount = fault.Amount;
        switch (fault.Kind)
        {
            case FaultKind.Crash: Crash(node); break;
            case FaultKind.Boot: node.Boot(); break;
            case FaultKind.Pause: PauseFor(node, amount); break;
            case FaultKind.LinkToggle: Awake(node)?.SetLink(!node.LinkIsUp); break;
            case FaultKind.ProbeFails: Awake(node)?.Do(RouterEvent.HealthChanged(Health.Failing)); break;
            case FaultKind.ProbePasses: Awake(node)?.Do(RouterEvent.HealthChanged(Health.Passing)); break;
            case FaultKind.Stop: Awake(node)?.Do(RouterEvent.Stop()); break;
            case FaultKind.Start: Awake(node)?.Do(RouterEvent.Start()); break;
            case FaultKind.Handover: Awake(node)?.Do(RouterEvent.HandoverRequested()); break;
            case FaultKind.LoseAddress: Awake(node)?.LoseAddress(fault.Other % node.States.Length); break;
            case FaultKind.FailEffect: node.FailNext((RouterEffectKind)amount); break;
            case FaultKind.Deaf: _network.Deafen(fault.Node, fault.Other); break;
            case FaultKind.DeafInOneFamily: _network.Deafen(fault.Node, fault.Other, (int)amount); break;
            case FaultKind.Partition: _network.Partition(amount); break;
            case FaultKind.Heal: _network.Heal(); break;
            case FaultKind.Loss: _network.LossPerMille = (int)amount; break;
            case FaultKind.Duplicate: _network.DuplicatesPerMille = (int)amount; break;
            case FaultKind.Delay: _network.LongestDelay = amount; break;
            case FaultKind.Priority: Change(node, p => p with { Priority = new((byte)amount) }); break;
            case FaultKind.PreemptToggle: Change(node, p => p with { Preempt = !p.Preempt }); break;
            case FaultKind.Addresses:
                Spread(fault.Kind,
                p => p with { Addresses = Scenario.Addresses(p.Family, (int)amount) }); break;
            case FaultKind.Interval: Spread(fault.Kind, p => WithInterval(p, new((int)amount))); break;
            case FaultKind.Key: SpreadKey(); break;
        }
    }

    private void Crash(SimulatedNode node)
    {
        bool ran = node.IsRunning;
        node.Crash();
        foreach (SimulatedNode other in HasLifelines && ran ? Nodes : [])
        {
            if (other != node && node.LinkIsUp && _network.Reaches(node.Index, other.Index, 0))
                At(Now + _network.Delay(Random), () => Awake(other)?.LearnOfEnd(node.Index));
        }
    }

    private static RouterParameters WithInterval(RouterParameters parameters, Centiseconds interval) => parameters with
    {
        AdvertisementInterval = interval,
        AddressLifetime = parameters.AddressLifetime == TimeSpan.Zero
            ? TimeSpan.Zero
            : RouterParameters.DefaultAddressLifetime(interval),
    };

    private void SpreadKey()
    {
        byte fill = ++_keys;
        Spread(FaultKind.Key, p => p with { AuthenticationKey = Scenario.Key(p.Authentication, fill) });
    }

    // What the rules of the house promise: a change reaches everybody within ten seconds
    // (docs/adr/0006-interval-change.md). A node that is reached is told the newest. A process that started meanwhile
    // would know the new interval or key alone, and not hear who has the old one yet: while some are still to start,
    // all are told at once.
    private void Spread(FaultKind kind, Func<RouterParameters, RouterParameters> change)
    {
        _wanted[kind] = change;
        bool isAtOnce = !Nodes.All(node => node.IsRunning);
        foreach (SimulatedNode node in Nodes)
            At(Now + (isAtOnce ? 0 : Random.NextInt64(SpreadTime)), () => Change(node, _wanted[kind]));
    }

    /// <summary>Within what time a change of the configuration reaches all nodes, in nanoseconds.</summary>
    public long SpreadTime { get; init; } = 9_000_000_000;

    // A stopped process learns it when it goes on; the agent keeps the newest for it.
    private void Change(SimulatedNode node, Func<RouterParameters, RouterParameters> change)
    {
        node.Resume();
        node.Change(change);
    }

    private static SimulatedNode? Awake(SimulatedNode node) => node.IsPaused ? null : node;

    private void PauseFor(SimulatedNode node, long span)
    {
        node.Pause();
        At(Now + span, node.Resume);
    }

    private void Send(SimulatedNode receiver, Packet packet) =>
        _queue.Enqueue((receiver, packet, null), (Now + _network.Delay(Random), _order++));

    private void CountPacket()
    {
        if (Now >= _intervalEnd)
        {
            _sent = 0;
            _intervalEnd = Now + _scenario.Interval.Nanoseconds;
        }

        Assert.True(
            ++_sent <= MostPacketsPerNodeAndInterval * Nodes.Length, "the routers answer each other without end");
    }

    private void Advance(long time)
    {
        Assert.True(time >= Now, "time never goes back");
        // Two holders may become one by a lifetime's end between two steps.
        for (int router = 0; router < _overlapSince.Length; router++)
        {
            if (_overlapSince[router] < 0)
                continue;
            long secondEnd = Nodes.Where(node => node.Holds(router)).Select(node => node.BoundUntil(router))
                .OrderDescending().ElementAt(1);
            if (secondEnd <= time)
                EndOverlap(router, secondEnd);
        }

        Now = time;
    }

    private SimulatedNode FirstToWake()
    {
        SimulatedNode first = Nodes[0];
        foreach (SimulatedNode node in Nodes)
            first = node.NextWake < first.NextWake ? node : first;
        return first;
    }

    private void Observe()
    {
        for (int router = 0; router < _overlapSince.Length; router++)
        {
            int holders = 0;
            foreach (SimulatedNode node in Nodes)
                holders += node.Holds(router) ? 1 : 0;
            if (holders > 1 && _overlapSince[router] < 0)
                _overlapSince[router] = Now;
            else if (holders <= 1 && _overlapSince[router] >= 0)
                EndOverlap(router, Now);
        }
    }

    private void EndOverlap(int router, long at)
    {
        LongestOverlap = Math.Max(LongestOverlap, at - _overlapSince[router]);
        _overlapSince[router] = -1;
    }
}
