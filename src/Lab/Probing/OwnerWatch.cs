using System.Globalization;
using System.Net;
using System.Text.RegularExpressions;
using VipOperator.Lab.Network;
using VipOperator.Lab.Processes;
using VipOperator.Lab.Tools;

namespace VipOperator.Lab.Probing;

/// <summary>
/// Watches who holds an address: the kernel's own word, as one stream from all nodes' namespaces. It comes in the order
/// in which things happened, so whether there was a moment without a holder is known for certain, however late the
/// stream is read.
/// </summary>
internal sealed partial class OwnerWatch : IAsyncDisposable
{
    // Where nothing else looks; the switch has no other addresses.
    private const string Beacon = "127.254.254.254";

    private readonly IPAddress _address;
    private readonly ChildProcess _monitor;
    private readonly Dictionary<string, string> _hostOfNumber;
    private readonly TaskCompletionSource _isHeard = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Task _reading;

    private OwnerWatch(IPAddress address, ChildProcess monitor, Dictionary<string, string> hostOfNumber)
    {
        _address = address;
        _monitor = monitor;
        _hostOfNumber = hostOfNumber;
        _reading = ReadAsync();
    }

    public OwnerLog Log { get; } = new();

    public IReadOnlyList<string> Holders => Log.Holders;

    public static async Task<OwnerWatch> StartAsync(
        NetworkSegment segment, IReadOnlyList<NetworkHost> hosts, IPAddress address, CancellationToken cancellation)
    {
        // The switch has a link to each host, and so a number for each host's namespace.
        string numbers = await Tool.RunAsync("ip", ["-n", segment.SwitchNamespace, "netns", "list-id"], cancellation);
        Dictionary<string, string> hostOfNumber = [];
        foreach (Match match in NamespaceOfNumber().Matches(numbers))
        {
            if (hosts.FirstOrDefault(h => segment.NamespaceOf(h) == match.Groups["name"].Value) is { } host)
                hostOfNumber[match.Groups["number"].Value] = host.Name;
        }

        ChildProcess monitor = ChildProcess.Start(new ChildProcessSpec
        {
            Name = "address monitor",
            Program = "nice",
            // The time is that at which it reads what the kernel says: it is to come soon on a busy machine too.
            Arguments = ["-n", "-20", "ip", "-n", segment.SwitchNamespace, "-ts", "-o",
                "monitor", "all-nsid", "address"],
            Environment = new Dictionary<string, string> { ["TZ"] = "UTC" },
        });
        OwnerWatch watch = new(address, monitor, hostOfNumber);
        try
        {
            await watch.BeginAsync(segment, hosts, cancellation);
            return watch;
        }
        catch
        {
            await watch.DisposeAsync();
            throw;
        }
    }

    public Task<bool> WaitForSingleHolderAsync(string host, TimeSpan bound, CancellationToken cancellation) =>
        Wait.UntilAsync(() => Holders is [var only] && only == host, bound, cancellation);

    public async ValueTask DisposeAsync()
    {
        await _monitor.DisposeAsync();
        await _reading;
    }

    // The monitor first, the present state after: nothing falls between them. A monitor has no way to say that it
    // listens but to tell of something.
    private async Task BeginAsync(
        NetworkSegment segment, IReadOnlyList<NetworkHost> hosts, CancellationToken cancellation)
    {
        string[] beacon = ["-n", segment.SwitchNamespace, "address", "replace", Beacon, "dev", "lo"];
        while (!_isHeard.Task.IsCompleted)
        {
            await Tool.RunAsync("ip", beacon, cancellation);
            await Task.WhenAny(_isHeard.Task, Task.Delay(10, cancellation));
        }

        await _isHeard.Task;
        await Tool.RunAsync(
            "ip", ["-n", segment.SwitchNamespace, "address", "delete", Beacon, "dev", "lo"], cancellation);
        foreach (NetworkHost host in hosts)
        {
            string present = await Tool.RunAsync(
                "ip", ["-n", segment.NamespaceOf(host), "-o", "address", "show", "to", _address.ToString()],
                cancellation);
            if (present.Length > 0)
                Log.Add(new OwnerChange(Clock.NowMicroseconds, host.Name, _address, Held: true));
        }
    }

    private async Task ReadAsync()
    {
        while (await _monitor.Output.ReadLineAsync() is { } line)
        {
            _isHeard.TrySetResult();
            if (NumberOfNamespace().Match(line) is not { Success: true } mark
                || !_hostOfNumber.TryGetValue(mark.Groups["number"].Value, out string? host))
                continue;
            if (OwnerChange.Parse(host, line.Remove(mark.Index, mark.Length)) is { } change
                && change.Address.Equals(_address))
                Log.Add(change);
        }

        _isHeard.TrySetException(new IOException(string.Create(
            CultureInfo.InvariantCulture,
            $"the {_monitor.Name} ended before it listened; see whether \"ip monitor all-nsid\" works here")));
    }

    // nsid 0 (iproute2 netns name: vip-lab-node1)
    [GeneratedRegex(@"nsid (?<number>\d+) \(iproute2 netns name: (?<name>\S+)\)")]
    private static partial Regex NamespaceOfNumber();

    // [2026-11-23T15:20:42.911824] [nsid 0]Deleted 2: eth0    inet 192.168.1.108/32 scope global eth0 …
    [GeneratedRegex(@"\[nsid (?<number>\d+)\]")]
    private static partial Regex NumberOfNamespace();
}
