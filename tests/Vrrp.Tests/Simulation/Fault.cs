namespace VipOperator.Vrrp.Tests;

/// <summary>Everything that is done to a simulated group.</summary>
internal enum FaultKind
{
    Crash,
    Boot,

    /// <summary>The process stands still for Amount ns.</summary>
    Pause,
    LinkToggle,
    ProbeFails,
    ProbePasses,
    Stop,
    Start,
    Handover,
    LoseAddress,

    /// <summary>The next effect of kind Amount fails.</summary>
    FailEffect,

    /// <summary>Node no longer hears Other, in all families.</summary>
    Deaf,

    /// <summary>Node no longer hears Other in one family, the one of index Amount.</summary>
    DeafInOneFamily,

    /// <summary>Nodes hear each other on the same side only; Amount has a bit for each node.</summary>
    Partition,
    Heal,

    /// <summary>Amount per mille of the packets get lost.</summary>
    Loss,

    /// <summary>Amount per mille of the packets arrive twice.</summary>
    Duplicate,

    /// <summary>Packets take up to Amount ns, and overtake each other.</summary>
    Delay,

    /// <summary>Node's priority is Amount.</summary>
    Priority,
    PreemptToggle,

    /// <summary>Everybody's number of addresses is Amount, one node after the other.</summary>
    Addresses,

    /// <summary>Everybody's interval is Amount cs, one node after the other.</summary>
    Interval,

    /// <summary>Everybody's key is another one, one node after the other.</summary>
    Key,
}

/// <summary>What happens when; the seed and the list of these are the whole history.</summary>
internal readonly record struct Fault(long At, FaultKind Kind, int Node, int Other = 0, long Amount = 0)
{
    private const long Millisecond = 1_000_000;

    private static readonly RouterEffectKind[] Failing =
    [
        RouterEffectKind.SendAdvertisement,
        RouterEffectKind.BindAddresses,
        RouterEffectKind.RenewAddresses,
        RouterEffectKind.ReleaseAddresses,
        RouterEffectKind.AnnounceAddresses,
    ];

    private static readonly FaultKind[] All = Enum.GetValues<FaultKind>();

    private static readonly FaultKind[] OfProcesses =
        [FaultKind.Crash, FaultKind.Boot, FaultKind.Pause, FaultKind.Handover];

    private static readonly FaultKind[] Planned =
    [
        FaultKind.Boot, FaultKind.Stop, FaultKind.Start, FaultKind.Handover, FaultKind.ProbeFails,
        FaultKind.ProbePasses, FaultKind.Priority,
        FaultKind.Addresses, FaultKind.Interval, FaultKind.Key, FaultKind.LoseAddress,
    ];

    public override string ToString() => $"{At / 1e9:0.000} s {Kind} node {Node} other {Other} amount {Amount}";

    public static List<Fault> Any(Random random, Scenario scenario, long end) =>
        Some(random, scenario, end, All, most: 16);

    /// <summary>Processes die, hang and come back; the network works.</summary>
    public static List<Fault> Processes(Random random, Scenario scenario, long end) =>
        Some(random, scenario, end, OfProcesses, most: 12);

    /// <summary>
    /// What people and operators do, but one thing of a kind that takes time to spread; everything works.
    /// </summary>
    public static List<Fault> Operations(Random random, Scenario scenario, long end) =>
    [
        .. Some(random, scenario, end, Planned, most: 8)
            .Select((fault, index) => (fault, index))
            .DistinctBy(f => f.fault.Kind is FaultKind.Interval or FaultKind.Key ? -(int)f.fault.Kind : f.index)
            .Select(f => f.fault),
    ];

    private static List<Fault> Some(Random random, Scenario scenario, long end, FaultKind[] kinds, int most)
    {
        int count = random.Next(1, most + 1);
        var faults = new List<Fault>(count);
        for (int i = 0; i < count; i++)
        {
            FaultKind kind = kinds[random.Next(kinds.Length)];
            faults.Add(new(
                random.NextInt64(end),
                kind,
                random.Next(scenario.Nodes.Length),
                random.Next(scenario.Nodes.Length),
                AmountOf(kind, random, scenario)));
        }

        return faults;
    }

    private static long AmountOf(FaultKind kind, Random random, Scenario scenario) => kind switch
    {
        FaultKind.Pause => random.NextInt64(8 * scenario.Interval.Nanoseconds),
        FaultKind.FailEffect => (long)Failing[random.Next(Failing.Length)],
        FaultKind.DeafInOneFamily => random.Next(scenario.Nodes[0].Length),
        FaultKind.Partition => random.Next(1 << scenario.Nodes.Length),
        FaultKind.Loss => random.Next(700),
        FaultKind.Duplicate => random.Next(1000),
        // Of jitter within an interval, or far beyond it.
        FaultKind.Delay => random.NextInt64((random.Next(2) == 0 ? 200 : 3000) * Millisecond),
        FaultKind.Priority => 251 + random.Next(4),
        FaultKind.Addresses => random.Next(1, 4),
        FaultKind.Interval when scenario.Version == VrrpVersion.V2 => 100 * random.Next(1, 4),
        FaultKind.Interval => 50 << random.Next(3),
        _ => 0,
    };
}
