using VipOperator.Sidecar.Links;
using VipOperator.Sidecar.Linux;
using VipOperator.Sidecar.Loop;
using VipOperator.Vrrp;

namespace VipOperator.Sidecar.Routers;

/// <summary>The channels that are open: one for each link and family that has a router.</summary>
internal sealed class ChannelTable(EventLoop loop, LinkTable links, PacketReceiver receiver, PacketSocket packets)
{
    private readonly List<AdvertisementChannel> _channels = [];
    private ulong _dropsOfClosedChannels;

    /// <summary>Packets that the kernel dropped because a socket's buffer was full.</summary>
    public ulong KernelDrops
    {
        get
        {
            ulong drops = _dropsOfClosedChannels;
            foreach (AdvertisementChannel channel in _channels)
                drops += channel.Socket.KernelDrops;
            return drops;
        }
    }

    public AdvertisementChannel? Find(int linkIndex, IpFamily family)
    {
        foreach (AdvertisementChannel channel in _channels)
        {
            if (channel.LinkIndex == linkIndex && channel.Family == family)
                return channel;
        }

        return null;
    }

    /// <exception cref="Linux.LinuxException">The socket cannot be opened.</exception>
    public AdvertisementChannel Open(Link link, IpFamily family)
    {
        if (Find(link.Index, family) is { } open)
            return open;
        AdvertisementChannel channel = new(
            link, family, receiver, new ConflictWatch(loop, packets, links, link.Index, family));
        loop.Register(channel.Socket.Descriptor, channel);
        _channels.Add(channel);
        return channel;
    }

    public void CloseIfUnused(AdvertisementChannel channel)
    {
        if (channel.RouterCount > 0)
            return;
        _dropsOfClosedChannels += channel.Socket.KernelDrops;
        _channels.Remove(channel);
        loop.Unregister(channel.Socket.Descriptor);
        channel.Dispose();
    }
}
