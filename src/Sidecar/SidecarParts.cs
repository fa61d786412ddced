using VipOperator.Sidecar.Lifelines;
using VipOperator.Sidecar.Links;
using VipOperator.Sidecar.Linux;
using VipOperator.Sidecar.Logging;
using VipOperator.Sidecar.Loop;
using VipOperator.Sidecar.Routers;

namespace VipOperator.Sidecar;

/// <summary>The electing half, put together; it needs CAP_NET_ADMIN and CAP_NET_RAW.</summary>
internal sealed class SidecarParts : IDisposable
{
    /// <exception cref="LinuxException">The kernel refuses a socket.</exception>
    public SidecarParts(LifelinePorts? lifelinePorts, Log log)
    {
        Requests = new NetlinkRequests(NetlinkRequests.AnswerTimeout);
        Monitor = new LinkMonitor(Requests);
        Loop = new EventLoop();
        Loop.Register(Monitor.Descriptor, Monitor);
        Speakers = new SpeakerTable();
        Tap = new AdvertisementTap();
        Receiver = new PacketReceiver(Speakers, Tap);
        PacketSocket packets = new();
        Channels = new ChannelTable(Loop, Monitor.Table, Receiver, packets);
        VirtualLinks = new VirtualLinks(Requests, Monitor.Table);
        Executor = new EffectExecutor(Requests, VirtualLinks, packets, Tap, log);
        Loop.RoundEnded += Executor.EndRound;
        Monitor.Ignore(Executor.RenewalPortId);
        Routers = new RouterTable(Loop, Monitor, Requests, VirtualLinks, Channels, Executor, log);
        if (lifelinePorts is { } ports)
            Lifelines = new LifelineTable(Loop, Routers, Monitor.Table, Receiver, ports);
    }

    public NetlinkRequests Requests { get; }

    public LinkMonitor Monitor { get; }

    public EventLoop Loop { get; }

    public SpeakerTable Speakers { get; }

    public AdvertisementTap Tap { get; }

    public PacketReceiver Receiver { get; }

    public ChannelTable Channels { get; }

    public VirtualLinks VirtualLinks { get; }

    public EffectExecutor Executor { get; }

    public RouterTable Routers { get; }

    /// <summary>null when they are switched off.</summary>
    public LifelineTable? Lifelines { get; }

    public void Dispose()
    {
        Lifelines?.Dispose();
        Executor.Dispose();
        // Waits until the last virtual link is gone.
        VirtualLinks.Dispose();
        Loop.Dispose();
        Monitor.Dispose();
        Requests.Dispose();
    }
}
