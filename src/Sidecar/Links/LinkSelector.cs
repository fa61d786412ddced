using System.Collections.Immutable;
using VipOperator.Sidecar.Netlink;
using VipOperator.Vrrp;

namespace VipOperator.Sidecar.Links;

/// <summary>
/// Decides which link a router runs on and which address it speaks from. Pure: the table in, the choice out.
/// </summary>
internal static class LinkSelector
{
    private const byte HostScope = 254; // RT_SCOPE_HOST

    /// <summary>
    /// The link named, or else the one whose subnet holds the address that locates, or else the default route's.
    /// </summary>
    /// <param name="interfaceName">Empty: choose.</param>
    /// <param name="locating">See <see cref="Locating"/>.</param>
    /// <param name="current">The link chosen before; it stays as long as it exists, so that a lost address moves
    /// nothing.</param>
    /// <param name="defaultRouteLink">0 when there is no default route.</param>
    /// <param name="isVirtual">Whether an address is a virtual one, which says nothing of where a subnet is.</param>
    public static Link? Select(
        LinkTable links, string interfaceName, IpAddress locating, Link? current, int defaultRouteLink,
        Func<IpAddress, bool> isVirtual)
    {
        if (interfaceName.Length > 0)
            return links.ByName(interfaceName);
        // A port of a bridge or bond whose address has moved there is no place to speak from any more.
        if (current is not null && links.ByIndex(current.Index) is { } same
            && (same.Master == 0 || Spans(same, locating, isVirtual) >= 0))
            return same;
        Link? bySubnet = null;
        int longest = -1;
        foreach (Link link in links.All)
        {
            if ((link.Flags & LinkFlags.Loopback) != 0)
                continue;
            int length = Spans(link, locating, isVirtual);
            if (length > longest)
                (bySubnet, longest) = (link, length);
        }

        return bySubnet ?? links.ByIndex(defaultRouteLink);
    }

    /// <summary>The address that tells where a router belongs: the first that is not on every link.</summary>
    public static IpAddress Locating(ImmutableArray<IpPrefix> addresses)
    {
        foreach (IpPrefix prefix in addresses)
        {
            if (!prefix.Address.IsLinkLocal)
                return prefix.Address;
        }

        return addresses[0].Address;
    }

    /// <summary>Why <see cref="Select"/> finds no link for these addresses, and what to do.</summary>
    public static string WhyNone(LinkTable links, string interfaceName, ImmutableArray<IpPrefix> addresses)
    {
        if (interfaceName.Length > 0)
            return $"interfaceName: there is no link {interfaceName}";
        IpAddress locating = Locating(addresses);
        if (locating.IsLinkLocal)
            return "interfaceName: a link-local address belongs to any link; name the one that is meant";
        foreach (Link link in links.All)
        {
            if (WhyNotVirtual(link, locating) is { } why)
                return why;
        }

        return $"interfaceName: no link's subnet holds {locating} and there is no default route";
    }

    /// <summary>Why the link has no <see cref="PrimaryAddress"/>, and what to do; empty: it has none yet.</summary>
    public static string WhyNoPrimary(LinkTable links, Link link, ImmutableArray<IpPrefix> addresses)
    {
        if (links.ByIndex(link.Master) is { } master)
            return $"interfaceName: {link.Name} is part of {master.Name} and has no address; name {master.Name}";
        foreach (IpPrefix prefix in addresses)
        {
            if (WhyNotVirtual(link, prefix.Address) is { } why)
                return why;
        }

        return "";
    }

    private static string? WhyNotVirtual(Link link, IpAddress wanted)
    {
        foreach (AddressMessage address in link.Addresses)
        {
            if (address.Prefix.Address == wanted && address.Protocol != AddressMessage.OwnershipTag)
                return $"addresses: {wanted} is this node's own address, on {link.Name}; a virtual address is one that "
                    + "no node has by itself";
        }

        return null;
    }

    // The length of the link's longest subnet that holds the address; -1 if none does.
    private static int Spans(Link link, IpAddress locating, Func<IpAddress, bool> isVirtual)
    {
        int longest = -1;
        foreach (AddressMessage address in link.Addresses)
        {
            bool spans = address.Prefix.Length < address.Prefix.Address.Length * 8 && address.Prefix.Contains(locating);
            // fe80::/10 is on every link, so it says nothing.
            if (spans && !address.Prefix.Address.IsLinkLocal && !IsOurs(address, isVirtual))
                longest = Math.Max(longest, address.Prefix.Length);
        }

        return longest;
    }

    /// <summary>
    /// The primary address (RFC 9568 §1.7): IPv6 the link-local one (§5.1.2.1), IPv4 a real address of the link, if
    /// possible in the virtual address's subnet; for unicast peers with global addresses, a global IPv6 address.
    /// </summary>
    /// <returns>None when the link has no such address, or none yet (an IPv6 address is tentative at first).</returns>
    public static IpAddress PrimaryAddress(Link link, RouterParameters parameters, Func<IpAddress, bool> isVirtual)
    {
        bool wantsLinkLocal = parameters.Family == IpFamily.V6
            && (parameters.Transport == Transport.Multicast || parameters.Peers.All(p => p.IsLinkLocal));
        IpAddress target = parameters.Transport == Transport.Unicast && !parameters.Peers.IsEmpty
            ? parameters.Peers[0]
            : parameters.Addresses[0].Address;
        IpAddress best = default;
        int bestScore = -1;
        foreach (AddressMessage address in link.Addresses)
        {
            if (!IsUsable(address, parameters.Family) || IsOurs(address, isVirtual))
                continue;
            if (parameters.Family == IpFamily.V6 && address.Prefix.Address.IsLinkLocal != wantsLinkLocal)
                continue;
            int score = (address.Prefix.Contains(target) ? 4 : 0)
                + ((address.Flags & AddressFlags.Deprecated) == 0 ? 2 : 0)
                + ((address.Flags & AddressFlags.Secondary) == 0 ? 1 : 0);
            if (score > bestScore)
                (best, bestScore) = (address.Prefix.Address, score);
        }

        return best;
    }

    private static bool IsUsable(in AddressMessage address, IpFamily family) =>
        address.Prefix.Address.Family == family
        && address.Scope != HostScope
        && (address.Flags & (AddressFlags.Tentative | AddressFlags.DuplicateFound)) == 0;

    private static bool IsOurs(in AddressMessage address, Func<IpAddress, bool> isVirtual) =>
        address.Protocol == AddressMessage.OwnershipTag || isVirtual(address.Prefix.Address);
}
