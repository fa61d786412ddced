using VipOperator.Sidecar.Links;
using VipOperator.Sidecar.Linux;
using VipOperator.Sidecar.Logging;
using VipOperator.Sidecar.Netlink;
using VipOperator.Vrrp;

namespace VipOperator.Sidecar.Routers;

/// <summary>
/// Removes addresses and virtual links with our tag that no living sidecar looks after: what a killed one left behind.
/// Several sidecars may share a network namespace, so each claims the addresses that it is configured with.
/// </summary>
internal sealed class LeftoverSweep(LinkTable links, NetlinkRequests requests, VirtualLinks virtualLinks, Log log)
{
    private readonly Dictionary<IpAddress, Descriptor> _claims = [];

    /// <summary>Claims these addresses, and gives up those that are not among them.</summary>
    public void Claim(IReadOnlySet<IpAddress> addresses)
    {
        foreach ((IpAddress address, Descriptor claim) in _claims)
        {
            if (addresses.Contains(address))
                continue;
            claim.Dispose();
            _claims.Remove(address);
        }

        foreach (IpAddress address in addresses)
        {
            if (_claims.ContainsKey(address))
                continue;
            if (NodeClaim.TryMake(address) is { } claim)
                _claims.Add(address, claim);
            else
                log.ClaimedByAnother(address);
        }
    }

    /// <param name="isHeld">Whether a router of ours holds the address on the link.</param>
    public void Run(Func<Link, IpPrefix, bool> isHeld)
    {
        virtualLinks.Sweep(log.LinkSwept);
        foreach (Link link in links.All)
        {
            foreach (AddressMessage address in link.Addresses)
            {
                if (address.Protocol == AddressMessage.OwnershipTag && !isHeld(link, address.Prefix)
                    && IsAbandoned(address.Prefix.Address))
                    log.LeftoverSwept(link.Name, address.Prefix, requests.Remove(link.Index, [address.Prefix]));
            }
        }
    }

    private bool IsAbandoned(IpAddress address)
    {
        if (_claims.ContainsKey(address))
            return true;
        using Descriptor? claim = NodeClaim.TryMake(address);
        return claim is not null;
    }
}
