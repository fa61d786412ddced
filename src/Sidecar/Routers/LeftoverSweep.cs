using VipOperator.Sidecar.Links;
using VipOperator.Sidecar.Linux;
using VipOperator.Sidecar.Logging;
using VipOperator.Sidecar.Loop;
using VipOperator.Sidecar.Netlink;
using VipOperator.Vrrp;

namespace VipOperator.Sidecar.Routers;

/// <summary>
/// Removes addresses and virtual links with our tag that no living sidecar looks after: what a killed one left behind.
/// Several sidecars may share a network namespace, so each claims the addresses that it is configured with.
/// </summary>
internal sealed class LeftoverSweep
{
    private static readonly TimeSpan ClaimRetry = TimeSpan.FromSeconds(1);

    private readonly EventLoop _loop;
    private readonly LinkTable _links;
    private readonly NetlinkRequests _requests;
    private readonly VirtualLinks _virtualLinks;
    private readonly Log _log;
    private readonly Dictionary<IpAddress, Descriptor> _claims = [];
    private readonly HashSet<IpAddress> _unclaimed = [];
    private readonly Deadline _retry;

    public LeftoverSweep(
        EventLoop loop, LinkTable links, NetlinkRequests requests, VirtualLinks virtualLinks, Log log)
    {
        _loop = loop;
        _links = links;
        _requests = requests;
        _virtualLinks = virtualLinks;
        _log = log;
        _retry = new Deadline(ClaimMissing);
    }

    /// <summary>
    /// Claims these addresses, those that cannot be had again and again, and gives up those that are not among them.
    /// </summary>
    public void Claim(IReadOnlySet<IpAddress> addresses)
    {
        foreach ((IpAddress address, Descriptor claim) in _claims)
        {
            if (addresses.Contains(address))
                continue;
            claim.Dispose();
            _claims.Remove(address);
        }

        _unclaimed.IntersectWith(addresses);
        foreach (IpAddress address in addresses)
        {
            if (_claims.ContainsKey(address) || TryClaim(address, out int error) || !_unclaimed.Add(address))
                continue;
            _log.NotClaimed(address, error);
        }

        ScheduleRetry();
    }

    /// <summary>
    /// Claims what could not be had before: the other sidecar may have ended, and this one serves in its place.
    /// </summary>
    public void ClaimMissing()
    {
        foreach (IpAddress address in _unclaimed)
        {
            if (TryClaim(address, out _))
                _unclaimed.Remove(address);
        }

        ScheduleRetry();
    }

    /// <param name="isHeld">Whether a router of ours holds the address on the link.</param>
    public void Run(Func<Link, IpPrefix, bool> isHeld)
    {
        _virtualLinks.Sweep(_log.LinkSwept);
        foreach (Link link in _links.All)
        {
            foreach (AddressMessage address in link.Addresses)
            {
                if (address.Protocol == AddressMessage.OwnershipTag && !isHeld(link, address.Prefix)
                    && IsAbandoned(address.Prefix.Address))
                    _log.LeftoverSwept(link.Name, address.Prefix, _requests.Remove(link.Index, [address.Prefix]));
            }
        }
    }

    private bool IsAbandoned(IpAddress address)
    {
        if (_claims.ContainsKey(address))
            return true;
        using Descriptor? claim = NodeClaim.TryMake(address, out _);
        return claim is not null;
    }

    private bool TryClaim(IpAddress address, out int error)
    {
        if (NodeClaim.TryMake(address, out error) is not { } claim)
            return false;
        _claims.Add(address, claim);
        return true;
    }

    private void ScheduleRetry() => _loop.Schedule(
        _retry, _unclaimed.Count > 0 ? MonotonicClock.Now.Plus(ClaimRetry) : MonotonicTime.Never);
}
