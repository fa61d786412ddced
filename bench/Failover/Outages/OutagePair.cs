using System.Net;
using VipOperator.Bench.Failover.Wire;
using VipOperator.Lab.Network;
using VipOperator.Lab.Probing;
using VipOperator.Lab.Tools;

namespace VipOperator.Bench.Failover.Outages;

/// <summary>Two nodes with nginx and speakers of one program, and a client, on a switch of their own.</summary>
internal sealed class OutagePair : IAsyncDisposable
{
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(10);

    /// <summary>For two Actives to settle it: the others wait for it.</summary>
    private static readonly TimeSpan HealingBound = TimeSpan.FromSeconds(5);

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(10);

    /// <summary>Of both programs.</summary>
    private static readonly TimeSpan CheckInterval = TimeSpan.FromSeconds(1);

    /// <summary>A timer is late by up to this.</summary>
    private static readonly TimeSpan Fine = TimeSpan.FromMilliseconds(2);

    private static readonly TimeSpan Hanging = TimeSpan.FromSeconds(5);

    /// <summary>How long a killed speaker's address is watched: longer than it lives at the longest interval here, and
    /// than its end takes.</summary>
    private static readonly TimeSpan Remains = TimeSpan.FromSeconds(5);

    private readonly NetworkSegment _segment;
    private readonly PairNode[] _nodes;
    private readonly SemaphoreSlim _delicate;
    private OwnerWatch? _owners;
    private AdvertCapture? _adverts;
    private ClientProbe? _client;
    private Func<Task> _mend = () => Task.CompletedTask;

    private OutagePair(OutagePlan plan, NetworkSegment segment, string nginxName, string folder,
        string programs, SemaphoreSlim delicate)
    {
        Plan = plan;
        _segment = segment;
        _delicate = delicate;
        _nodes = [.. Enumerable.Range(0, 2).Select(n =>
            new PairNode(plan, n, segment, $"{nginxName}{n}", Path.Combine(folder, $"node{n + 1}"), programs))];
    }

    public OutagePlan Plan { get; }

    /// <summary>The last event, if it did not come to its end.</summary>
    public OutageKind? Failed { get; set; }

    private PairNode First => _nodes[0];

    private PairNode Second => _nodes[1];

    /// <param name="name">Of the segment: the lab's name and "-lane" with a number.</param>
    /// <param name="nginxName">As for <see cref="PairNode"/>, without the node's number.</param>
    /// <param name="delicate">Held while milliseconds count, by one pair at a time.</param>
    /// <exception cref="ToolException">A program is missing.</exception>
    public static async Task<OutagePair> StartAsync(
        OutagePlan plan, string name, string nginxName, string folder, string programs, SemaphoreSlim delicate,
        CancellationToken cancellation)
    {
        NetworkSegment segment = await NetworkSegment.CreateAsync(name, NetworkHost.All, cancellation);
        OutagePair pair = new(plan, segment, nginxName, folder, programs, delicate);
        try
        {
            IPAddress address = IPAddress.Parse(OutagePlan.Address);
            pair._owners = await OwnerWatch.StartAsync(segment, NetworkHost.Nodes, address, cancellation);
            pair._adverts = await AdvertCapture.StartAsync(
                segment, NetworkHost.Client, folder, cancellation, keeps: false);
            pair._client = ClientProbe.Start(segment, address, echo: true);
            foreach (PairNode node in pair._nodes)
                await node.StartAsync(cancellation);
            return pair;
        }
        catch
        {
            await pair.DisposeAsync();
            throw;
        }
    }

    /// <summary>Mends what was broken last, waits until all is steady, makes the event, and watches until it is over or
    /// the patience is.</summary>
    /// <exception cref="ToolException">The pair does not get to the state that is to come before it.</exception>
    public async Task<Outage> SufferAsync(OutageKind kind, Random random, CancellationToken cancellation)
    {
        Func<Task> mend = _mend;
        _mend = () => Task.CompletedTask;
        await mend();
        await WaitBeforeAsync(kind, cancellation);
        bool isDelicate = IsDelicate(kind);
        if (isDelicate)
            await _delicate.WaitAsync(cancellation);
        long since, until;
        bool ended;
        try
        {
            (since, until, ended) = await WatchAsync(
                kind, TimeSpan.FromMilliseconds(isDelicate ? 2 : 5), random, cancellation);
        }
        finally
        {
            if (isDelicate)
                _delicate.Release();
        }

        return await CollectAsync(kind, since, until, ended, cancellation);
    }

    /// <summary>Undoes whatever was done, and starts both speakers anew.</summary>
    public async Task ResetAsync(CancellationToken cancellation)
    {
        _mend = () => Task.CompletedTask;
        foreach (PairNode node in _nodes)
        {
            await node.Speaker.KillAsync();
            await node.KillNginxAsync();
            await _segment.PlugAsync(node.Host, cancellation);
            await _segment.RejoinAsync(node.Host, cancellation);
            await node.StartAsync(cancellation);
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_client is not null)
            await _client.DisposeAsync();
        if (_adverts is not null)
            await _adverts.DisposeAsync();
        if (_owners is not null)
            await _owners.DisposeAsync();
        foreach (PairNode node in _nodes)
            await node.DisposeAsync();
        await _segment.DeleteAsync();
    }

    /// <summary>What is not over by then is given up.</summary>
    public static TimeSpan BoundOf(OutageKind kind) =>
        kind is OutageKind.NodeBack or OutageKind.BackupBack ? HealingBound : Bound;

    // Watched once an event is over.
    private TimeSpan Aftermath => Plan.Timing.Interval + TimeSpan.FromMilliseconds(200);

    // Where it takes seconds, others may measure at the same time.
    private bool IsDelicate(OutageKind kind) => Plan.Timing.IntervalMilliseconds < 1000
        ? kind is not (OutageKind.Hung or OutageKind.NginxHung)
        : kind is OutageKind.Stopped or OutageKind.Failback or OutageKind.NginxKilled or OutageKind.NodeBack
        or OutageKind.BackupBack;

    /// <summary>How long a state must have lasted: until Backups have heard enough, lifelines are made, checks have
    /// passed.</summary>
    private TimeSpan SettlingBefore(OutageKind kind) => kind is OutageKind.NodeBack or OutageKind.BackupBack
        // Both programs announce their addresses once more 5 s after a takeover; where that meets with the healing it
        // is chance.
        ? TimeSpan.FromMilliseconds(5500)
        : TimeSpan.FromMilliseconds(Plan.Timing.IntervalMilliseconds == 1000 ? 2500 : 1500);

    private async Task WaitBeforeAsync(OutageKind kind, CancellationToken cancellation)
    {
        Func<bool> state = kind switch
        {
            OutageKind.Failback => () => IsServedBy(Second),
            OutageKind.NodeBack => () => ServesClient(Second),
            OutageKind.BackupBack => () => ServesClient(First),
            _ => () => IsServedBy(First),
        };
        DateTime deadline = DateTime.UtcNow + Patience;
        DateTime since = DateTime.UtcNow;
        while (DateTime.UtcNow - since < SettlingBefore(kind))
        {
            await Task.Delay(Pause, cancellation);
            if (!state())
                since = DateTime.UtcNow;
            if (DateTime.UtcNow > deadline)
                throw new ToolException($"{Plan.Name}, {Plan.Timing.Name}, before {kind}: no steady state; {Tell()}");
        }
    }

    private async Task<(long Since, long Until, bool Ended)> WatchAsync(
        OutageKind kind, TimeSpan pace, Random random, CancellationToken cancellation)
    {
        await _client!.BeginMeasurementAsync(pace, cancellation);
        await AwaitPhaseAsync(kind, random.NextDouble(), cancellation);
        long since = Clock.NowMicroseconds;
        await MakeAsync(kind, cancellation);
        bool ended = await Wait.UntilAsync(() => IsOver(kind, since), BoundOf(kind), cancellation);
        if (kind == OutageKind.Killed)
            await Wait.UntilAsync(() => _owners!.Holders.Count == 1
                && Clock.Span(Clock.NowMicroseconds - since) > Plan.Timing.Interval, Remains, cancellation);
        await Task.Delay(Aftermath, cancellation);
        long until = Clock.NowMicroseconds;
        await _client.SlowDownAsync();
        return (since, until, ended);
    }

    private async Task<Outage> CollectAsync(
        OutageKind kind, long since, long until, bool ended, CancellationToken cancellation)
    {
        IReadOnlyList<ProbeSample> samples = await _client!.EndMeasurementAsync(cancellation);
        double Longest(IEnumerable<long> answers) =>
            Silence.Longest(answers, samples.Select(s => s.StartedAt), since, until).TotalMilliseconds;
        _mend = () => MendAsync(kind, cancellation);
        OwnerLog log = _owners!.Log;
        bool bothReachable = kind is not (OutageKind.LinkLost or OutageKind.NodeLost or OutageKind.BackupCutOff);
        return new Outage(
            Longest(samples.Where(s => s.Answered).Select(s => s.EndedAt)),
            log.GainedAt(HeirOf(kind).Host.Name, since) is { } gained ? Clock.Span(gained - since)
                .TotalMilliseconds : null,
            bothReachable ? log.SharedTime(since, until).TotalMilliseconds : null,
            bothReachable && log.SharedTime(until - (long)Aftermath.TotalMicroseconds, until) >= Aftermath,
            ended)
        {
            TcpGap = Longest(samples.Select(s => s.ConnectedAt).OfType<long>()),
            UdpGap = Longest(_client.Echoes().Select(e => e.EndedAt)),
        };
    }

    // What comes of an event depends on when it comes between two advertisements, or two checks: at the same time for
    // all programs.
    private async Task AwaitPhaseAsync(OutageKind kind, double phase, CancellationToken cancellation)
    {
        bool isByCheck = kind is OutageKind.NginxKilled or OutageKind.NginxHung;
        NetworkHost active = kind is OutageKind.Failback or OutageKind.NodeBack ? Second.Host : First.Host;
        TimeSpan period = isByCheck ? CheckInterval : Plan.Timing.Interval;
        long? last = isByCheck ? First.LastCheck : _adverts!.LastOf(active)?.At;
        long due = (last ?? Clock.NowMicroseconds) + (long)(phase * period.TotalMicroseconds);
        while (due < Clock.NowMicroseconds + (long)Pause.TotalMicroseconds)
            due += (long)period.TotalMicroseconds;
        TimeSpan ahead = Clock.Span(due - Clock.NowMicroseconds) - Fine;
        if (ahead > TimeSpan.Zero)
            await Task.Delay(ahead, cancellation);
        SpinWait.SpinUntil(() => Clock.NowMicroseconds >= due);
    }

    private async Task MakeAsync(OutageKind kind, CancellationToken cancellation)
    {
        switch (kind)
        {
            case OutageKind.Stopped:
                await First.Speaker.StopAsync();
                break;
            case OutageKind.Failback:
                First.Speaker.Start();
                break;
            case OutageKind.Killed:
                await First.Speaker.KillAsync();
                break;
            case OutageKind.Hung:
                await First.Speaker.SignalAsync("STOP");
                await Task.Delay(Hanging, cancellation);
                await First.Speaker.SignalAsync("CONT");
                break;
            case OutageKind.NginxKilled:
                await First.KillNginxAsync();
                break;
            case OutageKind.NginxHung:
                await First.SignalNginxAsync("STOP");
                break;
            case OutageKind.LinkLost:
                await _segment.UnplugAsync(First.Host, cancellation);
                break;
            case OutageKind.NodeLost:
                await _segment.CutOffAsync(First.Host, cancellation);
                break;
            case OutageKind.BackupCutOff:
                await _segment.CutOffAsync(Second.Host, cancellation);
                break;
            case OutageKind.NodeBack:
                await _segment.RejoinAsync(First.Host, cancellation);
                break;
            case OutageKind.BackupBack:
                await _segment.RejoinAsync(Second.Host, cancellation);
                break;
        }
    }

    private bool IsOver(OutageKind kind, long since) => kind switch
    {
        // Nobody can be asked which of two holders the client is to be served by.
        OutageKind.Killed or OutageKind.BackupCutOff => Holds(Second),
        OutageKind.Stopped or OutageKind.NginxKilled or OutageKind.NginxHung or OutageKind.LinkLost
        or OutageKind.NodeLost =>
            Holds(Second) && ServesClient(Second) && _owners!.Log.GainedAt(Second.Host.Name, since) is not null,
        OutageKind.Failback or OutageKind.Hung or OutageKind.NodeBack or OutageKind.BackupBack => IsServedBy(First),
    };

    private PairNode HeirOf(OutageKind kind) =>
        kind is OutageKind.Failback or OutageKind.NodeBack or OutageKind.BackupBack ? First : Second;

    private Task MendAsync(OutageKind kind, CancellationToken cancellation)
    {
        switch (kind)
        {
            case OutageKind.Killed:
                First.Speaker.Start();
                break;
            case OutageKind.NginxKilled:
                return First.StartNginxAsync(cancellation);
            case OutageKind.NginxHung:
                return First.SignalNginxAsync("CONT");
            case OutageKind.LinkLost:
                return _segment.PlugAsync(First.Host, cancellation);
        }

        return Task.CompletedTask;
    }

    private bool Holds(PairNode node) => _owners!.Holders.Contains(node.Host.Name);

    private bool ServesClient(PairNode node) => _client!.Responder == node.Host.Address.ToString();

    private bool IsServedBy(PairNode node) =>
        _owners!.Holders is [var only] && only == node.Host.Name && ServesClient(node);

    private string Tell() =>
        $"the address is held by {(_owners!.Holders.Count == 0 ? "nobody" : string.Join(" and ", _owners.Holders))}, "
        + $"the client is served by {_client!.Responder ?? "nobody"}";
}
