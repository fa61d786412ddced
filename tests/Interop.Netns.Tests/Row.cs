using VipOperator.Interop.Netns.Tests.Observing;
using VipOperator.Interop.Netns.Tests.Peers;
using VipOperator.Sidecar.Netns.Tests.Support;
using VipOperator.Vrrp;

namespace VipOperator.Interop.Netns.Tests;

/// <summary>Who must hold the address after an event.</summary>
internal enum Holder
{
    We,
    Peer,

    /// <summary>In a partition nobody can know of the other.</summary>
    Both,
}

/// <summary>
/// We on the first node, the peer on the second, a client that asks all the time, and what is seen of them.
/// </summary>
internal sealed class Row : IAsyncDisposable
{
    private static readonly TimeSpan Steady = TimeSpan.FromSeconds(1.5);

    private readonly Dialect _dialect;
    private readonly int _ours;
    private readonly int _theirs;
    private readonly TestNetwork _network;
    private readonly List<IDisposable> _parts = [];
    private readonly List<Cell> _cells = [];
    private SidecarUnderTest? _sidecar;

    private Row(Dialect dialect, int ours, int theirs)
    {
        (_dialect, _ours, _theirs) = (dialect, ours, theirs);
        if (dialect.Peer == PeerProgram.Frr && !FrrPeer.IsInstalled)
            Assert.Skip("FRR's vrrpd is not installed.");
        Requirements.CheckFamily(dialect.Address);
        string[] programs = dialect.Peer == PeerProgram.Keepalived ? ["keepalived"] : [];
        _network = new TestNetwork(["ping", "tcpdump", "tshark", .. programs]);
        Peer = dialect.CreatePeer(_network, theirs);
    }

    public IPeer Peer { get; }

    public IReadOnlyList<Cell> Cells => _cells;

    private HolderWatch Ours { get; set; } = null!;

    private HolderWatch Theirs { get; set; } = null!;

    private Client Client { get; set; } = null!;

    private Capture Capture { get; set; } = null!;

    public static async Task<Row> Start(Dialect dialect, int ours, int theirs)
    {
        Row row = new(dialect, ours, theirs);
        try
        {
            row._parts.Add(row.Capture = await Capture.Start(row._network));
            row._parts.Add(row.Ours = await HolderWatch.Start(row._network.First, dialect.Address));
            row._parts.Add(row.Theirs = await HolderWatch.Start(row._network.Second, dialect.Address));
            Node client = row._network.AddClient();
            if (dialect.Peer == PeerProgram.Frr)
                ForgetSoon(client);
            row._parts.Add(row.Client = new Client(client, dialect.Address));
            return row;
        }
        catch
        {
            await row.DisposeAsync();
            throw;
        }
    }

    /// <summary>The one that will be Active first, so that the other finds it.</summary>
    public async Task StartBoth()
    {
        if (_ours > _theirs)
            await WeStart();
        else
            await Peer.Start();
        await Eventually.True(
            () => _ours > _theirs ? Ours.Holds : Theirs.Holds && Peer.IsActive(),
            () => $"the first to start is Active; {Tell()}");
        if (_ours > _theirs)
            await Peer.Start();
        else
            await WeStart();
    }

    public Task WeStart()
    {
        _sidecar?.Dispose();
        _sidecar = new SidecarUnderTest(_network.First);
        _sidecar.Agent.Configure(_dialect.Router(_ours));
        return Task.CompletedTask;
    }

    public async Task WeStop() => Assert.Equal(0, await _sidecar!.Stop());

    public Task WeDie()
    {
        _sidecar!.Kill();
        return Task.CompletedTask;
    }

    public Task PeerDies()
    {
        Peer.Die();
        return Task.CompletedTask;
    }

    public Task Cut()
    {
        _network.SetPartition(cut: true);
        return Task.CompletedTask;
    }

    public Task Heal()
    {
        _network.SetPartition(cut: false);
        return Task.CompletedTask;
    }

    /// <summary>Makes the event happen and notes what is seen until the address has been steady for a while.</summary>
    public async Task See(string what, Func<Task> happen, Holder holder)
    {
        DateTime start = DateTime.UtcNow;
        await happen();
        await Eventually.True(() => Hold(holder), () => $"{holder} holds the address after \"{what}\"; {Tell()}");
        DateTime held = DateTime.UtcNow;
        await Eventually.True(
            () => Client.FirstAnswerAfter(held) is not null, () => $"the client is served after \"{what}\"; {Tell()}");
        int first = Client.FirstAnswerAfter(held)!.Value;
        await Eventually.Always(
            () => Hold(holder), Steady, () => $"{holder} goes on holding the address after \"{what}\"; {Tell()}");
        DateTime end = DateTime.UtcNow;
        // Two that both answer may both be asked in turn; which answer comes is the client's neighbour cache's affair.
        if (holder != Holder.Both)
        {
            int unanswered = Client.UnansweredSince(first);
            Assert.True(
                unanswered == 0, $"{unanswered} requests unanswered in the steady time after \"{what}\"; {Tell()}");
        }

        DateTime? ours = holder == Holder.Peer ? null : Ours.HoldsSince(start);
        DateTime? theirs = holder == Holder.We ? null : Theirs.HoldsSince(start);
        TimeSpan takeover = (new[] { ours, theirs }.Max() ?? end) - start;
        TimeSpan overlap = HolderWatch.Overlap(Ours, Theirs, start, end);
        _cells.Add(new Cell(what, takeover, Client.LongestGap(start, end), overlap));
    }

    /// <summary>
    /// Nothing malformed, no bad checksum, no other TTL, both have spoken, in this dialect alone.
    /// </summary>
    public void JudgeWire()
    {
        Assert.Empty(Capture.Packets("_ws.malformed || vrrp.checksum.status == \"Bad\""));
        Assert.NotEmpty(Capture.Packets("vrrp.checksum.status == \"Good\""));
        Assert.Empty(Capture.Packets($"vrrp && vrrp.version != {(int)_dialect.Version}"));
        bool isV6 = _dialect.Family == IpFamily.V6;
        // RFC 9568 §5.1.1.3, §5.1.2.3; ours also to single peers.
        Assert.Empty(Capture.Packets(isV6 ? "vrrp && ipv6.hlim != 255" : "vrrp && ip.ttl != 255"));
        Assert.Equal(2, Capture.Sources("vrrp", "eth.src").Length);
        if (_dialect.Transport == Transport.Unicast)
            Assert.Empty(Capture.Packets(isV6 ? "vrrp && ipv6.dst == ff02::12" : "vrrp && ip.dst == 224.0.0.18"));
    }

    public ValueTask DisposeAsync()
    {
        _sidecar?.Dispose();
        Peer.Dispose();
        _parts.Reverse();
        _parts.ForEach(p => p.Dispose());
        _network.Dispose();
        return ValueTask.CompletedTask;
    }

    // FRR does not announce the address again after a partition: the client reaches it when it doubts the neighbour
    // that it knows, by default after up to 45 s. That is between FRR and the client, and no matter of ours.
    private static void ForgetSoon(Node client)
    {
        foreach (string family in Requirements.HasIPv6 ? new[] { "ipv4", "ipv6" } : ["ipv4"])
        {
            string settings = $"net.{family}.neigh.eth0";
            Command.Run(
                "ip", "netns", "exec", client.Namespace, "sysctl", "-qw",
                $"{settings}.base_reachable_time_ms=2000", $"{settings}.delay_first_probe_time=1");
        }
    }

    private bool Hold(Holder holder) =>
        Ours.Holds == holder is Holder.We or Holder.Both && Theirs.Holds == holder is Holder.Peer or Holder.Both;

    private string Tell() =>
        $"we {(Ours.Holds ? "hold" : "do not hold")} it, the peer {(Theirs.Holds ? "holds" : "does not hold")} it; "
        + $"our log:\n{_sidecar?.Log}";
}
