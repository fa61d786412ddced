using VipOperator.Sidecar.Links;
using VipOperator.Sidecar.Linux;
using VipOperator.Sidecar.Loop;
using VipOperator.Sidecar.Routers;
using VipOperator.Vrrp;

namespace VipOperator.Sidecar.Lifelines;

/// <summary>
/// Where peers connect to that want to know at once when this process ends (docs/adr/0023-lifelines.md): one for each
/// family, on the first port of the range that no other sidecar of this node listens on.
/// </summary>
internal sealed class LifelineListener : IEventSource, IDisposable
{
    /// <summary>Peers of one family; the lines of more are not taken.</summary>
    private const int MostHolders = 256;

    private const int MostAcceptedAtOnce = 16;

    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    private readonly EventLoop _loop;
    private readonly RouterTable _routers;
    private readonly LinkTable _links;
    private readonly IpFamily _family;
    private readonly Descriptor _listener;
    private readonly List<LifelineHolder> _holders = [];
    private readonly byte[] _message = new byte[LifelineMessage.Length];
    private readonly Deadline _resume;

    private LifelineListener(
        EventLoop loop, RouterTable routers, LinkTable links, IpFamily family, Descriptor listener, int port)
    {
        _loop = loop;
        _routers = routers;
        _links = links;
        _family = family;
        _listener = listener;
        Port = port;
        _resume = new Deadline(() => _loop.Change(_listener, Readiness.Readable));
        loop.Register(listener, this);
    }

    public int Port { get; }

    /// <returns>
    /// null when no port of the range is free, or the family is switched off: peers then learn from silence.
    /// </returns>
    public static LifelineListener? TryOpen(
        EventLoop loop, RouterTable routers, LinkTable links, IpFamily family, LifelinePorts ports)
    {
        for (int i = 0; i < LifelinePorts.Count; i++)
        {
            if (StreamSocket.TryListen(family, ports[i], out int error) is { } socket)
                return new LifelineListener(loop, routers, links, family, socket, ports[i]);
            if (error != Errno.EADDRINUSE)
                return null;
        }

        return null;
    }

    /// <summary>Tells the peers what is new about which routers live here.</summary>
    public void Tell()
    {
        for (int i = _holders.Count - 1; i >= 0; i--)
            Tell(_holders[i]);
    }

    public void OnReady(Readiness readiness)
    {
        for (int i = 0; i < MostAcceptedAtOnce; i++)
        {
            if (StreamSocket.TryAccept(_listener, out IpAddress remote, out int error) is not { } socket)
            {
                if (error is Errno.EMFILE or Errno.ENFILE or Errno.ENOBUFS or Errno.ENOMEM)
                    Rest();
                return;
            }

            if (_holders.Count < MostHolders && IsNeighbour(remote))
                Hold(socket, remote);
            else
                socket.Dispose();
        }
    }

    public void Close(LifelineHolder holder)
    {
        _holders.Remove(holder);
        _loop.Unregister(holder.Socket);
        holder.Dispose();
    }

    public void Dispose()
    {
        while (_holders.Count > 0)
            Close(_holders[^1]);
        _loop.Schedule(_resume, MonotonicTime.Never);
        _loop.Unregister(_listener);
        _listener.Dispose();
    }

    // Whoever waits goes on waiting, and would wake the loop all the time.
    private void Rest()
    {
        _loop.Change(_listener, Readiness.None);
        _loop.Schedule(_resume, MonotonicClock.Now.Plus(Pause));
    }

    private void Hold(Descriptor socket, IpAddress remote)
    {
        LifelineHolder holder = new(this, socket, remote);
        _holders.Add(holder);
        _loop.Register(socket, holder);
        Tell(holder);
    }

    private void Tell(LifelineHolder holder)
    {
        LifelineMessage.Begin(_message);
        foreach (RouterRunner router in _routers.Routers)
        {
            if (router.Parameters.Family == _family && router.State.Started
                && router.State.PrimaryAddress == holder.Local)
                LifelineMessage.Add(_message, router.Parameters.VirtualRouterId);
        }

        if (!holder.TryTell(_message))
            Close(holder);
    }

    // Whoever may be a peer: on a link of ours, or named as one.
    private bool IsNeighbour(IpAddress remote)
    {
        if (remote.IsLinkLocal)
            return true;
        foreach (Link link in _links.All)
        {
            foreach (var address in link.Addresses)
            {
                if (address.Prefix.Contains(remote))
                    return true;
            }
        }

        foreach (RouterRunner router in _routers.Routers)
        {
            if (router.Parameters.Peers.Contains(remote))
                return true;
        }

        return false;
    }
}
