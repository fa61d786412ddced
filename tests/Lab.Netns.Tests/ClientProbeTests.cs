using System.Net;
using VipOperator.Lab.Cluster;
using VipOperator.Lab.Network;
using VipOperator.Lab.Probing;
using VipOperator.Lab.Processes;
using VipOperator.Lab.Tools;

namespace VipOperator.Lab.Netns.Tests;

/// <summary>The instruments, against an address that is moved by hand.</summary>
public sealed class ClientProbeTests : IAsyncLifetime
{
    private static readonly IPAddress VirtualAddress = IPAddress.Parse("192.168.1.108");
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private readonly List<ChildProcess> _servers = [];
    private string? _folder;
    private NetworkSegment _segment = null!;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        await Requirements.RootAndToolsAsync("nginx");
        _folder = Directory.CreateTempSubdirectory("viplab-").FullName;
        _segment = await NetworkSegment.CreateAsync($"probe{Environment.ProcessId}", NetworkHost.All, Cancellation);
        foreach (NetworkHost node in NetworkHost.Nodes)
        {
            string folder = Path.Combine(_folder, node.Name);
            _servers.Add(ChildProcess.Start(Nginx.Prepare(_segment.NamespaceOf(node), node, folder, folder + ".log")));
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (ChildProcess server in _servers)
            await server.DisposeAsync();
        if (_segment is not null)
            await _segment.DeleteAsync();
        if (_folder is not null)
            Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task AddressGoneForHalfASecond_IsMeasuredAsSuch()
    {
        await using OwnerWatch owners = await OwnerWatch.StartAsync(
            _segment, NetworkHost.Nodes, VirtualAddress, Cancellation);
        await using ClientProbe client = ClientProbe.Start(_segment, VirtualAddress);
        await AddressAsync("add", NetworkHost.Node1);
        Assert.True(await Wait.UntilAsync(() => client.Responder == "192.168.1.103", Patience, Cancellation));
        await client.BeginMeasurementAsync(TimeSpan.FromMilliseconds(2), Cancellation);

        long since = Clock.NowMicroseconds;
        await AddressAsync("del", NetworkHost.Node1);
        await Task.Delay(500, Cancellation);
        await AddressAsync("add", NetworkHost.Node2);
        Gap? gap = await client.EndMeasurementAsync("192.168.1.104", since, Patience, Cancellation);

        Assert.NotNull(gap);
        Assert.Equal("192.168.1.103", gap.From);
        Assert.NotEqual(0, gap.Failed);
        Assert.Equal(["node2"], owners.Holders);
        Assert.Equal(TimeSpan.Zero, owners.Log.SharedTime(since, Clock.NowMicroseconds));
        // The kernel's own account of the same: the client cannot have been without answers for less than the address
        // was away.
        TimeSpan away = Clock.Span(
            owners.Log.GainedAt("node2", since)!.Value - owners.Log.LostAt("node1", since)!.Value);
        Assert.InRange(gap.Length, away - TimeSpan.FromMilliseconds(5), Patience);
        TestContext.Current.TestOutputHelper!.WriteLine(
            $"gap {gap.Length.TotalMilliseconds} ms, away {away.TotalMilliseconds} ms, {gap.Failed} failed");
    }

    [Fact]
    public async Task AddressOnBothNodes_IsSeenAsShared()
    {
        await using OwnerWatch owners = await OwnerWatch.StartAsync(
            _segment, NetworkHost.Nodes, VirtualAddress, Cancellation);

        long since = Clock.NowMicroseconds;
        await AddressAsync("add", NetworkHost.Node1);
        await AddressAsync("add", NetworkHost.Node2);
        Assert.True(await Wait.UntilAsync(() => owners.Holders.Count == 2, Patience, Cancellation));
        await AddressAsync("del", NetworkHost.Node1);
        Assert.True(await owners.WaitForSingleHolderAsync("node2", Patience, Cancellation));

        Assert.True(owners.Log.SharedTime(since, Clock.NowMicroseconds) > TimeSpan.Zero);
    }

    [Fact]
    public async Task UnpluggedNode_LosesItsCarrierAndGetsItBack()
    {
        await _segment.UnplugAsync(NetworkHost.Node1, Cancellation);
        Assert.True(await CarrierAsync("0"));

        await _segment.PlugAsync(NetworkHost.Node1, Cancellation);
        Assert.True(await CarrierAsync("1"));
    }

    private async Task AddressAsync(string verb, NetworkHost host)
    {
        string ns = _segment.NamespaceOf(host);
        await Tool.RunAsync(
            "ip", ["-n", ns, "address", verb, $"{VirtualAddress}/32", "dev", NetworkHost.Link], Cancellation);
        // Nobody announces the address here; so the client is made to ask.
        await Tool.RunAsync("ip", ["-n", _segment.NamespaceOf(NetworkHost.Client), "neighbor", "flush", "dev",
            NetworkHost.Link], Cancellation);
    }

    private Task<bool> CarrierAsync(string wanted) => Wait.UntilAsync(
        async () => (await Tool.RunAsync(
            "ip",
            ["netns", "exec", _segment.NamespaceOf(NetworkHost.Node1), "cat",
                $"/sys/class/net/{NetworkHost.Link}/carrier"],
            Cancellation)).Trim() == wanted,
        Patience,
        TimeSpan.FromMilliseconds(20),
        Cancellation);
}
