using VipOperator.Sidecar.Netlink;
using VipOperator.Vrrp;

namespace VipOperator.Sidecar.Links;

/// <summary>The links of this network namespace and their addresses, kept up to date by netlink messages.</summary>
internal sealed class LinkTable
{
    private readonly Dictionary<int, Link> _links = [];

    public IEnumerable<Link> All => _links.Values;

    public Link? ByIndex(int index) => _links.GetValueOrDefault(index);

    public Link? ByName(string name)
    {
        foreach (Link link in _links.Values)
        {
            if (link.Name == name)
                return link;
        }

        return null;
    }

    public bool HasHardwareAddress(MacAddress address)
    {
        foreach (Link link in _links.Values)
        {
            if (link.HardwareAddress == address)
                return true;
        }

        return false;
    }

    /// <summary>Messages were lost: the table is told all anew until <see cref="EndReload"/>.</summary>
    public void BeginReload()
    {
        foreach (Link link in _links.Values)
            link.BeginReload();
    }

    public void EndReload()
    {
        foreach ((int index, Link link) in _links)
        {
            if (link.IsUnconfirmed)
                _links.Remove(index);
        }
    }

    /// <summary>Takes one message; others than those of links, addresses and settings change nothing.</summary>
    /// <returns>Whether anything is different now.</returns>
    public bool Apply(in NetlinkMessage message) => message.Type switch
    {
        NetlinkMessageType.NewLink =>
            LinkMessage.TryRead(message.Payload, out LinkMessage link) && GetOrAdd(link.Index).Update(link),
        NetlinkMessageType.DeleteLink =>
            LinkMessage.TryRead(message.Payload, out LinkMessage link) && _links.Remove(link.Index),
        NetlinkMessageType.NewAddress => AddressMessage.TryRead(message.Payload, out AddressMessage address)
            && _links.TryGetValue(address.LinkIndex, out Link? link)
            && link.Put(address),
        NetlinkMessageType.DeleteAddress => AddressMessage.TryRead(message.Payload, out AddressMessage address)
            && _links.TryGetValue(address.LinkIndex, out Link? link)
            && link.Remove(address.Prefix),
        NetlinkMessageType.NewSettings => TakeSettings(message.Payload),
        _ => false,
    };

    // They are used when the next announcement is made: nothing is to be done at once.
    private bool TakeSettings(ReadOnlySpan<byte> payload)
    {
        if (SettingsMessage.TryRead(payload, out SettingsMessage settings)
            && _links.TryGetValue(settings.LinkIndex, out Link? link))
            link.Apply(settings);
        return false;
    }

    private Link GetOrAdd(int index)
    {
        if (!_links.TryGetValue(index, out Link? link))
        {
            link = new Link(index);
            _links.Add(index, link);
        }

        return link;
    }
}
