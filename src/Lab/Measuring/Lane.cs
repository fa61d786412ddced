using System.Net;
using VipOperator.Api;
using VipOperator.Lab.Network;
using VipOperator.Lab.Probing;
using VipOperator.Lab.Tools;

namespace VipOperator.Lab.Measuring;

/// <summary>
/// A pair of nodes, a client and a switch of their own, in which one fault after another is made. Preemption is off, so
/// that whoever took over stays Active and is the next to suffer; nothing has to be waited for but the other's return.
/// </summary>
internal sealed class Lane : IAsyncDisposable
{
    private static readonly IPAddress VirtualAddress = IPAddress.Parse("192.168.1.108");
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan StatusPause = TimeSpan.FromMilliseconds(100);

    private readonly NetworkSegment _segment;
    private readonly LaneNode[] _nodes;
    private OwnerWatch? _owners;
    private ClientProbe? _client;
    private Func<Task> _mend = () => Task.CompletedTask;

    private Lane(NetworkSegment segment, string folder, string programs)
    {
        _segment = segment;
        _nodes =
        [
            new LaneNode(NetworkHost.Node1, segment, 254, Path.Combine(folder, "node1"), programs),
            new LaneNode(NetworkHost.Node2, segment, 253, Path.Combine(folder, "node2"), programs),
        ];
    }

    /// <summary>Both nodes up, one Active and one Backup, and the client asking.</summary>
    /// <param name="name">Of the segment: the lab's name and "-lane" with a number.</param>
    /// <param name="folder">For the lane's files.</param>
    /// <exception cref="ToolException">A program is missing, or the pair does not get to that state.</exception>
    public static async Task<Lane> StartAsync(
        string name, string folder, string programs, CancellationToken cancellation)
    {
        NetworkSegment segment = await NetworkSegment.CreateAsync(name, NetworkHost.All, cancellation);
        Lane lane = new(segment, folder, programs);
        try
        {
            lane._owners = await OwnerWatch.StartAsync(segment, NetworkHost.Nodes, VirtualAddress, cancellation);
            lane._client = ClientProbe.Start(segment, VirtualAddress);
            foreach (LaneNode node in lane._nodes)
                await node.StartAsync();
            await lane.WaitForPairAsync(cancellation);
            return lane;
        }
        catch
        {
            await lane.DisposeAsync();
            throw;
        }
    }

    /// <summary>The part of a node in the VirtualIP, as a document for the sidecar's configuration file.</summary>
    public static string MemberDocument(int priority) =>
        $$"""
        apiVersion: {{GroupVersion.ApiVersion}}
        kind: {{VirtualIPMember.KindName}}
        metadata: {name: web}
        spec:
          addresses: [{{VirtualAddress}}/32]
          virtualRouterId: 51
          priority: {{priority}}
          vrrp:
            advertisementInterval: 1s
            preempt: {enabled: false}
          probe:
            http: {port: 80}
            interval: 250ms
            restartGrace: 0s

        """;

    /// <summary>Makes the fault on the node that holds the address and waits for the other to take over.</summary>
    /// <exception cref="ToolException">It did not.</exception>
    public async Task<FaultSample> SufferAsync(Fault fault, CancellationToken cancellation)
    {
        (LaneNode active, LaneNode backup) = Pair();
        ClientProbe client = _client!;
        OwnerLog owners = _owners!.Log;
        await client.BeginMeasurementAsync(PaceOf(fault), cancellation);

        long since = Clock.NowMicroseconds;
        await MakeAsync(fault, active, cancellation);
        Gap gap = await client.EndMeasurementAsync(backup.Host.Address.ToString(), since, Bound, cancellation)
            ?? throw new ToolException($"{fault}: {backup.Host.Name} did not take over within {Bound.TotalSeconds} s.");
        if (!await _owners.WaitForSingleHolderAsync(backup.Host.Name, Bound, cancellation))
            throw new ToolException(
                $"{fault}: the address is on {string.Join(" and ", owners.Holders)}, and should be on "
                + $"{backup.Host.Name} alone.");
        long? lost = owners.LostAt(active.Host.Name, since);
        _mend = () => MendAsync(fault, active, cancellation);
        return new FaultSample(
            fault, gap, lost is null ? null : Clock.Span(lost.Value - since),
            owners.SharedTime(since, Clock.NowMicroseconds));
    }

    /// <summary>Undoes the last fault and waits until there is an Active and a Backup again.</summary>
    /// <exception cref="ToolException">There is not.</exception>
    public async Task MendAsync(CancellationToken cancellation)
    {
        await _mend();
        await WaitForPairAsync(cancellation);
    }

    public async ValueTask DisposeAsync()
    {
        if (_client is not null)
            await _client.DisposeAsync();
        if (_owners is not null)
            await _owners.DisposeAsync();
        foreach (LaneNode node in _nodes)
            await node.DisposeAsync();
        await _segment.DeleteAsync();
    }

    // Where milliseconds count, often; where it takes seconds, so often that the rest of the machine is left alone.
    private static TimeSpan PaceOf(Fault fault) =>
        TimeSpan.FromMilliseconds(fault is Fault.LinkLost ? 10 : 2);

    private Task MakeAsync(Fault fault, LaneNode node, CancellationToken cancellation) => fault switch
    {
        Fault.NginxKilled => node.Nginx.KillAsync(),
        Fault.SidecarStopped => node.Sidecar.StopAsync(),
        Fault.SidecarKilled => node.Sidecar.KillAsync(),
        Fault.LinkLost => _segment.UnplugAsync(node.Host, cancellation),
    };

    private Task MendAsync(Fault fault, LaneNode node, CancellationToken cancellation) => fault switch
    {
        Fault.NginxKilled => node.Nginx.StartAsync(),
        Fault.SidecarStopped or Fault.SidecarKilled => node.Sidecar.StartAsync(),
        Fault.LinkLost => _segment.PlugAsync(node.Host, cancellation),
    };

    private (LaneNode Active, LaneNode Backup) Pair() =>
        _owners!.Holders is [var holder] && holder == _nodes[1].Host.Name
            ? (_nodes[1], _nodes[0])
            : (_nodes[0], _nodes[1]);

    private async Task WaitForPairAsync(CancellationToken cancellation)
    {
        bool ready = await Wait.UntilAsync(
            async () => _owners!.Holders.Count == 1
                && _client!.Responder == Pair().Active.Host.Address.ToString()
                && await Pair().Backup.IsBackupAsync(cancellation),
            Bound,
            StatusPause,
            cancellation);
        if (!ready)
        {
            string holders = _owners!.Holders.Count == 0 ? "nobody" : string.Join(" and ", _owners.Holders);
            throw new ToolException(
                $"After {Bound.TotalSeconds} s there is no Active and Backup: the address is held by {holders}.");
        }
    }
}
