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
    public SidecarParts(Log log)
    {
        Requests = new NetlinkRequests();
        Monitor = new LinkMonitor(Requests);
        Loop = new EventLoop();
        Loop.Register(Monitor.Descriptor, Monitor);
        Speakers = new SpeakerTable();
        Receiver = new PacketReceiver(Speakers);
        Channels = new ChannelTable(Loop, Receiver);
        Executor = new EffectExecutor(Requests, new PacketSocket(), log);
        Routers = new RouterTable(Loop, Monitor, Requests, Channels, Executor, log);
    }

    public NetlinkRequests Requests { get; }

    public LinkMonitor Monitor { get; }

    public EventLoop Loop { get; }

    public SpeakerTable Speakers { get; }

    public PacketReceiver Receiver { get; }

    public ChannelTable Channels { get; }

    public EffectExecutor Executor { get; }

    public RouterTable Routers { get; }

    public void Dispose()
    {
        Executor.Dispose();
        Loop.Dispose();
        Monitor.Dispose();
        Requests.Dispose();
    }
}
