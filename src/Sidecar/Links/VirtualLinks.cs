using System.Globalization;
using VipOperator.Sidecar.Linux;
using VipOperator.Sidecar.Netlink;
using VipOperator.Vrrp;

namespace VipOperator.Sidecar.Links;

/// <summary>
/// The links that carry virtual MAC addresses (RFC 9568 §7.3): made when a router becomes Active, gone when it is not,
/// so that a Backup takes no frame for the virtual MAC address (§6.4.2). Their parents answer no ARP for the addresses
/// bound there as long as there is one; afterwards the parents are as before.
/// </summary>
internal sealed class VirtualLinks(NetlinkRequests requests, LinkTable links) : IDisposable
{
    // Below the smallest that IPv6 allows (RFC 8200 §5): the kernel keeps IPv6, router advertisements and all, off a
    // link for IPv4, and no sysctl is needed for it. Nothing that is sent goes by its MTU: routes lead to the parent.
    private const uint MtuWithoutIPv6 = 1279;

    private static readonly TimeSpan RemovalPatience = TimeSpan.FromSeconds(1);

    private readonly LinkRemover _remover = new();
    private readonly List<VirtualLink> _held = [];
    private readonly HashSet<int> _leaving = [];

    /// <summary>Raised with the name of a link on which router advertisements cannot be switched off.</summary>
    public event Action<string>? HearsRouters;

    /// <summary>Makes the link of a virtual router.</summary>
    /// <param name="error">The error number if it cannot be made, else 0.</param>
    public VirtualLink? TryMake(Link parent, IpFamily family, VirtualRouterId id, out int error)
    {
        // Two links of one MAC address do not get along on one parent: one that is on its way out goes first.
        _ = _remover.WaitUntilIdle(RemovalPatience);
        error = 0;
        ArpSettings? arp = family == IpFamily.V4 ? OriginalArp(parent.Index, out error) : null;
        if (error != 0)
            return null;
        string baseName = string.Create(CultureInfo.InvariantCulture, $"vrrp{(int)family}-{id.Value}");
        // The second for the same virtual router id on another link: 15 bytes hold five digits of its index.
        string otherName = string.Create(CultureInfo.InvariantCulture, $"{baseName}-{parent.Index % 100_000}");
        foreach (string name in new[] { baseName, otherName })
        {
            if (NodeClaim.TryMakeForLink(name, out error) is not { } claim)
            {
                if (error == Errno.EADDRINUSE)
                    continue;
                return null;
            }

            if (links.ByName(name) is { } old && IsMarked(old))
                _ = requests.RemoveLink(old.Index);
            MacvlanDefinition definition = new(
                name, parent.Index, MacAddress.ForVirtualRouter(family, id), family,
                VirtualLinkMark.Write(arp), Mtu(parent, family));
            error = requests.AddMacvlan(definition);
            if (error == 0 && Complete(name, parent.Index, arp, claim, out error) is { } made)
                return made;
            claim.Dispose();
            if (error != Errno.EEXIST)
                return null;
        }

        error = Errno.EEXIST;
        return null;
    }

    /// <summary>Removes the link, soon, and puts the parent back if it was its last.</summary>
    public void Release(VirtualLink link)
    {
        _held.Remove(link);
        Remove(link);
    }

    /// <summary>Sets the link up again if somebody has set it down.</summary>
    /// <returns>0, or the error number, positive.</returns>
    public int KeepUp(VirtualLink link) => requests.SetUp(link.Name);

    /// <summary>Removes those that no living sidecar looks after.</summary>
    /// <param name="removed">Told the name of each.</param>
    public void Sweep(Action<string> removed)
    {
        foreach (Link link in links.All)
        {
            if (!IsMarked(link) || NodeClaim.TryMakeForLink(link.Name, out _) is not { } claim)
                continue;
            Remove(
                new VirtualLink(link.Index, link.Name, link.Parent, VirtualLinkMark.ReadParentArp(link.Alias), claim));
            removed(link.Name);
        }
    }

    public void Dispose() => _remover.Dispose();

    private static uint Mtu(Link parent, IpFamily family) =>
        family == IpFamily.V4 && parent.Mtu > MtuWithoutIPv6 ? MtuWithoutIPv6 : 0;

    private VirtualLink? Complete(string name, int parent, ArpSettings? arp, Descriptor claim, out int error)
    {
        int index = 0;
        error = requests.QueryLink(0, name, Take);
        if (error == 0 && arp is { } before)
            error = requests.SetArp(parent, before.With(ArpSettings.Own));
        if (error != 0)
        {
            // Made, but not all that belongs to it.
            if (index > 0)
                _ = requests.RemoveLink(index);
            return null;
        }

        if (arp is null)
            IgnoreRouters(name);
        VirtualLink made = new(index, name, parent, arp, claim);
        _held.Add(made);
        return made;

        void Take(in NetlinkMessage message)
        {
            if (LinkMessage.TryRead(message.Payload, out LinkMessage link))
                index = link.Index;
        }
    }

    private void Remove(VirtualLink link)
    {
        _leaving.RemoveWhere(i => links.ByIndex(i) is null);
        _leaving.Add(link.Index);
        if (link.ParentArp is { } before && !NeedsOwnArp(link.Parent))
            _ = requests.SetArp(link.Parent, before);
        _remover.Remove(link);
    }

    // As another macvlan of ours noted it; without one, as it is now.
    private ArpSettings OriginalArp(int parent, out int error)
    {
        error = 0;
        foreach (Link link in links.All)
        {
            if (link.Parent == parent && !_leaving.Contains(link.Index)
                && VirtualLinkMark.ReadParentArp(link.Alias) is { } noted)
                return noted;
        }

        ArpSettings now = default;
        error = requests.QueryLink(parent, "", Take);
        return now;

        void Take(in NetlinkMessage message)
        {
            if (LinkMessage.TryRead(message.Payload, out LinkMessage link))
                now = new ArpSettings(
                    link.SettingV4(LinkSettingV4.ArpIgnore) ?? 0, link.SettingV4(LinkSettingV4.ArpAnnounce) ?? 0);
        }
    }

    // Ours, or another sidecar's.
    private bool NeedsOwnArp(int parent)
    {
        if (_held.Exists(h => h.Parent == parent && h.ParentArp is not null))
            return true;
        foreach (Link link in links.All)
        {
            if (link.Parent == parent && !_leaving.Contains(link.Index)
                && VirtualLinkMark.ReadParentArp(link.Alias) is not null)
                return true;
        }

        return false;
    }

    private bool IsMarked(Link link) =>
        VirtualLinkMark.IsOurs(link.Alias)
            && !_leaving.Contains(link.Index)
            && !_held.Exists(h => h.Index == link.Index);

    // A router's advertisement would give the link an address and a route of its own. That is no setting of netlink's,
    // and /proc/sys is read-only in most containers; where the node forwards IPv6, nothing is heard anyway.
    private void IgnoreRouters(string name)
    {
        string folder = $"/proc/sys/net/ipv6/conf/{name}/";
        try
        {
            string accepts = File.ReadAllText(folder + "accept_ra").Trim();
            bool forwards = File.ReadAllText(folder + "forwarding").Trim() == "1";
            if (accepts != "0" && !(accepts == "1" && forwards))
                File.WriteAllText(folder + "accept_ra", "0");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            HearsRouters?.Invoke(name);
        }
    }
}
