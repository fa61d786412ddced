using System.Net;
using VipOperator.Lab.Network;
using VipOperator.Lab.Processes;
using VipOperator.Lab.Tools;

namespace VipOperator.Lab.Probing;

/// <summary>Watches who holds an address: the kernel's own word, from each node's namespace.</summary>
internal sealed class OwnerWatch : IAsyncDisposable
{
    private readonly IPAddress _address;
    private readonly List<ChildProcess> _monitors = [];
    private readonly List<Task> _reading = [];

    private OwnerWatch(IPAddress address) => _address = address;

    public OwnerLog Log { get; } = new();

    public IReadOnlyList<string> Holders => Log.Holders;

    public static async Task<OwnerWatch> StartAsync(
        NetworkSegment segment, IReadOnlyList<NetworkHost> hosts, IPAddress address, CancellationToken cancellation)
    {
        OwnerWatch watch = new(address);
        foreach (NetworkHost host in hosts)
            await watch.AddAsync(segment.NamespaceOf(host), host.Name, cancellation);
        return watch;
    }

    public Task<bool> WaitForSingleHolderAsync(string host, TimeSpan bound, CancellationToken cancellation) =>
        Wait.UntilAsync(() => Holders is [var only] && only == host, bound, cancellation);

    public async ValueTask DisposeAsync()
    {
        foreach (ChildProcess monitor in _monitors)
            await monitor.DisposeAsync();
        await Task.WhenAll(_reading);
    }

    // The monitor first, the present state after: nothing falls between them.
    private async Task AddAsync(string ns, string host, CancellationToken cancellation)
    {
        // The time is that at which it reads what the kernel says: it is to come soon on a busy machine too.
        ChildProcess monitor = ChildProcess.Start(new ChildProcessSpec
        {
            Name = $"address monitor of {host}",
            Program = "nice",
            Arguments = ["-n", "-20", "ip", "-n", ns, "-ts", "-o", "monitor", "address"],
            Environment = new Dictionary<string, string> { ["TZ"] = "UTC" },
        });
        _monitors.Add(monitor);
        _reading.Add(ReadAsync(monitor.Output, host));
        string present = await Tool.RunAsync(
            "ip", ["-n", ns, "-o", "address", "show", "to", _address.ToString()], cancellation);
        if (present.Length > 0)
            Log.Add(new OwnerChange(Clock.NowMicroseconds, host, _address, Held: true));
    }

    private async Task ReadAsync(StreamReader output, string host)
    {
        while (await output.ReadLineAsync() is { } line)
        {
            if (OwnerChange.Parse(host, line) is { } change && change.Address.Equals(_address))
                Log.Add(change);
        }
    }
}
