using System.Collections.Immutable;
using VipOperator.Agent.Probes;
using VipOperator.Sidecar.Contract;
using VipOperator.Vrrp;

namespace VipOperator.Agent.Routers;

/// <summary>
/// Speakers that are none of ours, as the sidecar heard them. Not thread-safe: the <see cref="Coordinator"/> guards it.
/// </summary>
internal sealed class HeardSpeakers
{
    /// <summary>Who was not heard for so long is not reported any more.</summary>
    private static readonly TimeSpan HeardFor = TimeSpan.FromMinutes(5);

    /// <summary>A busy link or an attacker must not fill the memory.</summary>
    private const int MostHeard = 256;

    private readonly Dictionary<(string Link, byte Id, byte Version, IpAddress Source, DropReason Reason), HeardReport> _heard = [];

    public void Take(HeardReport report)
    {
        var key = (report.InterfaceName, report.VirtualRouterId, report.Version, report.Source, report.Reason);
        if (_heard.Count >= MostHeard && !_heard.ContainsKey(key))
            _heard.Remove(_heard.MinBy(h => h.Value.LastHeard).Key);
        _heard[key] = report;
    }

    /// <summary>Those heard within the last minutes, sorted.</summary>
    public ImmutableArray<HeardReport> Snapshot(MonotonicTime now)
    {
        foreach (var key in _heard.Where(h => now.Until(h.Value.LastHeard) > HeardFor).Select(h => h.Key).ToArray())
            _heard.Remove(key);
        return [.. _heard.Values
            .OrderBy(h => h.InterfaceName, StringComparer.Ordinal).ThenBy(h => h.VirtualRouterId)
            .ThenBy(h => h.Source).ThenBy(h => h.Version).ThenBy(h => h.Reason)];
    }
}
