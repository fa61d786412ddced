using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;
using VipOperator.Sidecar.Netns.Tests.Support;

namespace VipOperator.Interop.Netns.Tests.Observing;

/// <summary>
/// When a node began and ceased to hold an address, by the kernel's own messages and time stamps. A node holds it when
/// the address is on a link that has a carrier: FRR leaves it on a macvlan link and takes that link's carrier.
/// </summary>
internal sealed partial class HolderWatch : IDisposable
{
    private readonly Process _monitor;
    private readonly Lock _gate = new();
    private readonly List<(DateTime At, bool Holds)> _changes = [];
    private readonly HashSet<string> _linksWithAddress = [];
    private readonly HashSet<string> _linksWithCarrier = [];
    private readonly string _address;

    private HolderWatch(Node node, string address)
    {
        _address = address;
        _monitor = Process.Start(new ProcessStartInfo(
            "ip", ["-n", node.Namespace, "-ts", "-o", "monitor", "address", "link"])
        {
            RedirectStandardOutput = true,
        })!;
        _monitor.OutputDataReceived += (_, line) => Take(line.Data ?? "");
        _monitor.BeginOutputReadLine();
    }

    public bool Holds
    {
        get
        {
            lock (_gate)
                return _changes.Count > 0 && _changes[^1].Holds;
        }
    }

    /// <summary>Begins to watch a node that does not hold the address yet.</summary>
    public static async Task<HolderWatch> Start(Node node, string address)
    {
        HolderWatch watch = new(node, address);
        // A monitor has no way to say that it listens but to tell of something.
        const string Beacon = "127.254.254.254";
        await Eventually.True(
            () =>
            {
                node.Ip("addr", "replace", $"{Beacon}/32", "dev", "lo");
                return watch.IsHeard;
            },
            "ip monitor runs");
        node.Ip("addr", "del", $"{Beacon}/32", "dev", "lo");
        return watch;
    }

    private bool IsHeard { get; set; }

    /// <summary>The first moment from <paramref name="from"/> on at which the node holds the address.</summary>
    public DateTime? HoldsSince(DateTime from)
    {
        lock (_gate)
        {
            bool holds = false;
            foreach ((DateTime at, bool now) in _changes)
            {
                if (at >= from && holds)
                    return from;
                if (at >= from && now)
                    return at;
                holds = now;
            }

            return holds ? from : null;
        }
    }

    public bool HeldAt(DateTime time)
    {
        lock (_gate)
            return _changes.LastOrDefault(c => c.At <= time).Holds;
    }

    public DateTime[] ChangesWithin(DateTime from, DateTime to)
    {
        lock (_gate)
            return [.. _changes.Select(c => c.At).Where(at => at >= from && at <= to)];
    }

    /// <summary>For how long both nodes held the address, in all.</summary>
    public static TimeSpan Overlap(HolderWatch one, HolderWatch other, DateTime from, DateTime to) =>
        Sum(one, other, from, to, (a, b) => a && b);

    /// <summary>For how long neither node held the address, in all.</summary>
    public static TimeSpan None(HolderWatch one, HolderWatch other, DateTime from, DateTime to) =>
        Sum(one, other, from, to, (a, b) => !a && !b);

    private static TimeSpan Sum(
        HolderWatch one, HolderWatch other, DateTime from, DateTime to, Func<bool, bool, bool> counts)
    {
        DateTime[] cuts = [from, .. one.ChangesWithin(from, to).Concat(other.ChangesWithin(from, to)).Order(), to];
        TimeSpan sum = TimeSpan.Zero;
        for (int i = 1; i < cuts.Length; i++)
        {
            if (counts(one.HeldAt(cuts[i - 1]), other.HeldAt(cuts[i - 1])))
                sum += cuts[i] - cuts[i - 1];
        }

        return sum;
    }

    public void Dispose()
    {
        if (!_monitor.HasExited)
            _monitor.Kill();
        _monitor.WaitForExit();
        _monitor.Dispose();
    }

    private void Take(string line)
    {
        Match match = Line().Match(line);
        if (!match.Success)
            return;
        IsHeard = true;
        DateTime at = DateTime.Parse(
            match.Groups["at"].Value,
            CultureInfo.InvariantCulture,
            DateTimeStyles.AssumeLocal | DateTimeStyles.AdjustToUniversal);
        bool deleted = match.Groups["deleted"].Success;
        string link = match.Groups["link"].Value;
        lock (_gate)
        {
            if (match.Groups["address"].Success)
            {
                if (match.Groups["address"].Value != _address)
                    return;
                Put(_linksWithAddress, link, !deleted);
            }
            else
            {
                Put(_linksWithCarrier, link, !deleted && match.Groups["flags"].Value.Split(',').Contains("LOWER_UP"));
            }

            // Of eth0's carrier no message tells before it changes.
            bool holds = _linksWithAddress.Any(l => l == "eth0" || _linksWithCarrier.Contains(l));
            if (holds != (_changes.Count > 0 && _changes[^1].Holds))
                _changes.Add((at, holds));
        }
    }

    private static void Put(HashSet<string> links, string link, bool present)
    {
        if (present)
            links.Add(link);
        else
            links.Remove(link);
    }

    // [2026-11-23T12:17:03.116532] Deleted 2: eth0    inet 192.168.1.108/32 scope …
    // [2026-11-23T12:17:03.116532] 4: vrrp4@eth0: <NO-CARRIER,BROADCAST,MULTICAST,UP> mtu …
    [GeneratedRegex(
        """^\[(?<at>[^\]]+)\] (?<deleted>Deleted )?\d+: (?<link>[^ :@]+)(@[^ ]+)?:?\s+"""
        + """(inet6? (?<address>[^/ ]+)|<(?<flags>[^>]*)>)""")]
    private static partial Regex Line();
}
