namespace VipOperator.Vrrp.Tests;

/// <summary>
/// Routers on one network in virtual time: a queue of things that happen, nothing else. The same seed gives the same
/// run, so a failing test names all that is needed to repeat it.
/// </summary>
internal sealed class Simulation
{
    private const long Microsecond = 1_000;

    private readonly PriorityQueue<Action, (long Time, long Order)> _queue = new();
    private readonly int[] _side;
    private long _order;
    private long _overlapSince = -1;

    public Simulation(int seed, IEnumerable<RouterParameters> routers)
    {
        Random = new Random(seed);
        Nodes = [.. routers.Select((parameters, index) => new SimulatedNode(index, parameters, this))];
        _side = new int[Nodes.Length];
    }

    public Random Random { get; }

    public SimulatedNode[] Nodes { get; }

    public MonotonicTime Now { get; private set; }

    /// <summary>The share of packets that get lost, for each receiver by itself.</summary>
    public double Loss { get; set; }

    /// <summary>The longest time in which two nodes held the addresses at once.</summary>
    public long LongestOverlap { get; private set; }

    public IEnumerable<SimulatedNode> Active =>
        Nodes.Where(node => node.IsRunning && node.State.Kind == RouterStateKind.Active);

    public static long Nanoseconds(double seconds) => (long)(seconds * 1e9);

    public void At(long time, Action action) => _queue.Enqueue(action, (time, _order++));

    public void After(long span, Action action) => At(Now.Nanoseconds + span, action);

    /// <summary>Splits the network: nodes hear each other on the same side only.</summary>
    public void Partition()
    {
        for (int i = 0; i < _side.Length; i++)
            _side[i] = Random.Next(2);
    }

    public void Heal() => Array.Clear(_side);

    /// <summary>Each other node gets the packet 20 µs to 2 ms later, or not at all.</summary>
    public void Broadcast(SimulatedNode sender, byte[] message)
    {
        if (!sender.LinkIsUp)
            return;
        var context = new PacketContext
        {
            Source = sender.Address,
            Destination = MulticastGroup.Of(sender.Parameters.Family),
            TimeToLive = 255,
        };
        foreach (SimulatedNode receiver in Nodes)
        {
            if (receiver == sender || _side[receiver.Index] != _side[sender.Index] || Random.NextDouble() < Loss)
                continue;
            After(Random.Next(20, 2_000) * Microsecond, () => receiver.Deliver(message, context));
        }
    }

    public void RunUntil(long end)
    {
        while (true)
        {
            SimulatedNode next = FirstToWake();
            long wake = next.NextWake.Nanoseconds;
            long queued = _queue.TryPeek(out _, out (long Time, long Order) first) ? first.Time : long.MaxValue;
            long time = Math.Min(queued, wake);
            if (time > end)
                break;
            Advance(time);
            if (queued <= wake)
                _queue.Dequeue()();
            else
                next.Wake();
            Observe();
        }

        Advance(end);
        Observe();
    }

    private void Advance(long time)
    {
        Assert.True(time >= Now.Nanoseconds || time == 0, "time never goes back");
        // Two holders may become one by a lifetime's end between two steps.
        if (_overlapSince >= 0)
        {
            long secondEnd = Nodes.Where(node => node.Holds).Select(node => node.BoundUntil.Nanoseconds).OrderDescending().ElementAt(1);
            if (secondEnd <= time)
                EndOverlap(secondEnd);
        }

        Now = new(time);
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
        int holders = 0;
        foreach (SimulatedNode node in Nodes)
            holders += node.Holds ? 1 : 0;
        bool isOverlap = holders > 1;
        if (isOverlap && _overlapSince < 0)
            _overlapSince = Now.Nanoseconds;
        else if (!isOverlap && _overlapSince >= 0)
            EndOverlap(Now.Nanoseconds);
    }

    private void EndOverlap(long at)
    {
        LongestOverlap = Math.Max(LongestOverlap, at - _overlapSince);
        _overlapSince = -1;
    }
}
