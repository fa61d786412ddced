using VipOperator.Planning;
using VipOperator.Vrrp;

namespace VipOperator.Operator.Reconciling;

/// <summary>
/// Remembers which virtual router ids were in use, so that one that is freed rests before it is given out again: a
/// sidecar that hears late that its member is gone may still speak with it. Known to this process alone; after a
/// restart the ids that are heard on the wire are avoided all the same. Not thread-safe: the reconciler asks it once
/// for each plan.
/// </summary>
internal sealed class FreedIds
{
    /// <summary>
    /// Longer than a sidecar backs off from an API server that was away, and than any takeover lasts.
    /// </summary>
    public static readonly TimeSpan RestTime = TimeSpan.FromMinutes(5);

    private readonly Dictionary<(string Uid, IpFamily Family), (VirtualRouterId Id, string? Link)> _inUse = [];
    private List<RestingId> _resting = [];

    public IReadOnlyList<RestingId> Update(IEnumerable<VirtualIPObject> virtualIPs, long nowUnixMs)
    {
        _resting = [.. _resting.Where(r => r.UntilUnixMs > nowUnixMs)];
        HashSet<(string Uid, IpFamily Family)> seen = [];
        foreach (VirtualIPObject virtualIP in virtualIPs)
        {
            foreach (IpFamily family in FamiliesOf(virtualIP))
            {
                (string Uid, IpFamily Family) key = (virtualIP.Uid, family);
                seen.Add(key);
                if (virtualIP.Report.VirtualRouterId is not { } id || virtualIP.Settings is null)
                    continue;
                (VirtualRouterId Id, string? Link) use = (id, virtualIP.Settings.InterfaceName);
                if (_inUse.TryGetValue(key, out (VirtualRouterId Id, string? Link) before) && before != use)
                    Rest(before, family, nowUnixMs);
                _inUse[key] = use;
            }
        }

        foreach ((string Uid, IpFamily Family) gone in _inUse.Keys.Where(k => !seen.Contains(k)).ToArray())
        {
            _inUse.Remove(gone, out (VirtualRouterId Id, string? Link) before);
            Rest(before, gone.Family, nowUnixMs);
        }

        return _resting;
    }

    // A spec that makes no sense for the moment frees nothing.
    private IpFamily[] FamiliesOf(VirtualIPObject virtualIP) => virtualIP.Settings is { } settings
        ? [.. settings.Addresses.Select(a => a.Address.Family).Distinct()]
        : [.. _inUse.Keys.Where(k => k.Uid == virtualIP.Uid).Select(k => k.Family)];

    private void Rest((VirtualRouterId Id, string? Link) use, IpFamily family, long nowUnixMs) =>
        _resting.Add(new RestingId(use.Id, family, use.Link, nowUnixMs + (long)RestTime.TotalMilliseconds));
}
