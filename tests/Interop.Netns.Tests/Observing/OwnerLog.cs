using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;
using VipOperator.Sidecar.Netns.Tests.Support;

namespace VipOperator.Interop.Netns.Tests.Observing;

/// <summary>
/// Which nodes own an address, as one stream of the kernel's messages from all namespaces. They come in the order in
/// which things happened, so whether there was a moment without an owner is known for certain, however late the
/// messages are read; how long one lasted is known less well.
/// </summary>
internal sealed partial class OwnerLog : IDisposable
{
    private readonly string _address;
    private readonly Process _monitor;
    private readonly Dictionary<string, string> _namespaces;
    private readonly Lock _gate = new();
    private readonly HashSet<string> _owners = [];
    private readonly List<(DateTime At, int Owners)> _changes = [];
    private bool _isHeard;

    private OwnerLog(TestNetwork network, string address)
    {
        _address = address;
        // The switch has a link to each node, and so a number for each node's namespace.
        _namespaces = NamespaceOfNumber().Matches(Command.Run("ip", "-n", network.Switch, "netns", "list-id"))
            .ToDictionary(m => m.Groups["number"].Value, m => m.Groups["name"].Value);
        _monitor = Process.Start(new ProcessStartInfo(
            "ip", ["netns", "exec", network.Switch, "ip", "-o", "-ts", "monitor", "all-nsid", "address"])
        {
            RedirectStandardOutput = true,
        })!;
        _monitor.OutputDataReceived += (_, line) => Take(line.Data ?? "");
        _monitor.BeginOutputReadLine();
    }

    /// <summary>Begins to watch nodes of which none has the address yet; all must be there already.</summary>
    public static async Task<OwnerLog> Start(TestNetwork network, string address)
    {
        OwnerLog log = new(network, address);
        // A monitor has no way to say that it listens but to tell of something.
        string[] beacon = ["127.254.254.254/32", "dev", "lo"];
        await Eventually.True(
            () =>
            {
                Command.Run("ip", ["-n", network.Switch, "addr", "replace", .. beacon]);
                return log._isHeard;
            },
            "ip monitor runs");
        Command.Run("ip", ["-n", network.Switch, "addr", "del", .. beacon]);
        return log;
    }

    public bool IsOwnedBy(params Node[] nodes)
    {
        lock (_gate)
            return _owners.SetEquals(nodes.Select(n => n.Namespace));
    }

    /// <summary>
    /// How often nobody owned the address since a moment, and for how long in all as far as it is known.
    /// </summary>
    public (int Times, TimeSpan Sum) Nobody(DateTime since) => Count(since, owners => owners == 0);

    /// <summary>How often several owned it.</summary>
    public (int Times, TimeSpan Sum) Several(DateTime since) => Count(since, owners => owners > 1);

    public void Dispose()
    {
        if (!_monitor.HasExited)
            _monitor.Kill();
        _monitor.WaitForExit();
        _monitor.Dispose();
    }

    private (int Times, TimeSpan Sum) Count(DateTime since, Func<int, bool> counts)
    {
        lock (_gate)
        {
            int times = 0;
            TimeSpan sum = TimeSpan.Zero;
            for (int i = 0; i < _changes.Count; i++)
            {
                if (_changes[i].At < since || !counts(_changes[i].Owners))
                    continue;
                times++;
                sum += (i + 1 < _changes.Count ? _changes[i + 1].At : DateTime.UtcNow) - _changes[i].At;
            }

            return (times, sum);
        }
    }

    private void Take(string line)
    {
        Match match = AddressLine().Match(line);
        if (!match.Success)
            return;
        _isHeard = true;
        if (match.Groups["address"].Value != _address
            || !_namespaces.TryGetValue(match.Groups["number"].Value, out string? name))
            return;
        DateTime at = DateTime.Parse(
            match.Groups["at"].Value, CultureInfo.InvariantCulture,
            DateTimeStyles.AssumeLocal | DateTimeStyles.AdjustToUniversal);
        lock (_gate)
        {
            // A lifetime that is renewed is told of too, and changes nothing.
            bool changes = match.Groups["deleted"].Success ? _owners.Remove(name) : _owners.Add(name);
            if (changes)
                _changes.Add((at, _owners.Count));
        }
    }

    // nsid 0 (iproute2 netns name: vips-1-1-a)
    [GeneratedRegex(@"nsid (?<number>\d+) \(iproute2 netns name: (?<name>\S+)\)")]
    private static partial Regex NamespaceOfNumber();

    // [2026-11-23T15:20:42.911824] [nsid 0]Deleted 2: eth0    inet 192.168.1.108/32 scope global eth0 …
    [GeneratedRegex(
        @"^\[(?<at>[^\]]+)\] \[nsid (?<number>\w+)\](?<deleted>Deleted )?\d+: \S+\s+inet6? (?<address>[^/ ]+)")]
    private static partial Regex AddressLine();
}
