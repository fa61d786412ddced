using VipOperator.Sidecar.Links;
using VipOperator.Sidecar.Linux;
using VipOperator.Sidecar.Loop;
using VipOperator.Sidecar.Routers;
using VipOperator.Vrrp;

namespace VipOperator.Sidecar.Lifelines;

/// <summary>
/// Our lifelines to the processes whose advertisements the routers here follow, and the listeners for those of others
/// (docs/adr/0023-lifelines.md). All that moves them is what is received: there is no timer.
/// </summary>
internal sealed class LifelineTable : IDisposable
{
    private const int MostLines = 256;

    private readonly EventLoop _loop;
    private readonly RouterTable _routers;
    private readonly LifelinePorts _ports;
    private readonly List<Lifeline> _lines = [];
    private readonly List<RouterRunner> _orphans = [];
    private readonly LifelineListener?[] _listeners;

    public LifelineTable(
        EventLoop loop, RouterTable routers, LinkTable links, PacketReceiver receiver, LifelinePorts ports)
    {
        _loop = loop;
        _routers = routers;
        _ports = ports;
        _listeners =
        [
            LifelineListener.TryOpen(loop, routers, links, IpFamily.V4, ports),
            LifelineListener.TryOpen(loop, routers, links, IpFamily.V6, ports),
        ];
        receiver.Received += Follow;
        routers.Changed += Tell;
    }

    /// <summary>A peer's process has ended, and with it all the routers that it had said were its own.</summary>
    public void Ended(Lifeline line)
    {
        _orphans.Clear();
        foreach (RouterRunner router in _routers.Routers)
        {
            if (line.ToldOf(router))
                _orphans.Add(router);
        }

        foreach (RouterRunner router in _orphans)
            router.Handle(RouterEvent.ActiveGone(line.Remote));
    }

    public void Watch(Lifeline line, Readiness interest) => _loop.Register(line.Socket!, line, interest);

    public void Change(Lifeline line, Readiness interest) => _loop.Change(line.Socket!, interest);

    public void Unwatch(Lifeline line) => _loop.Unregister(line.Socket!);

    public void Dispose()
    {
        foreach (Lifeline line in _lines)
            End(line);
        foreach (LifelineListener? listener in _listeners)
            listener?.Dispose();
    }

    private void Tell()
    {
        foreach (LifelineListener? listener in _listeners)
            listener?.Tell();
    }

    // Sees to it that there is a lifeline to whom the router follows. Called for each advertisement, so it allocates
    // only for a new line.
    private void Follow(RouterRunner router)
    {
        if (router.State.Kind != RouterStateKind.Backup || router.Channel is not { LinkIndex: var link })
            return;
        IpAddress active = router.State.ActiveAddress;
        if (active.IsNone || router.Lifeline?.Leads(router) == true)
            return;
        router.Lifeline = null;
        MonotonicTime now = MonotonicClock.Now;
        // Of several sidecars on that node, the port of the one whose router it is.
        for (int i = 0; i < LifelinePorts.Count; i++)
        {
            Lifeline? line = Find(active, link, _ports[i]);
            if (line is null)
            {
                Open(active, link, _ports[i]);
                return;
            }

            if (line.Leads(router))
            {
                router.Lifeline = line;
                return;
            }

            if (line.TryBegin(now))
                return;
        }
    }

    private Lifeline? Find(IpAddress remote, int linkIndex, int port)
    {
        foreach (Lifeline line in _lines)
        {
            if (line.Port == port && line.LinkIndex == linkIndex && line.Remote == remote)
                return line;
        }

        return null;
    }

    private void Open(IpAddress remote, int linkIndex, int port)
    {
        if (_lines.Count >= MostLines && !MakeRoom())
            return;
        Lifeline line = new(this, remote, linkIndex, port);
        _lines.Add(line);
        line.TryBegin(MonotonicClock.Now);
    }

    // One that no router holds.
    private bool MakeRoom()
    {
        for (int i = 0; i < _lines.Count; i++)
        {
            Lifeline line = _lines[i];
            if (_routers.Routers.Any(router => router.Lifeline == line))
                continue;
            End(line);
            _lines.RemoveAt(i);
            return true;
        }

        return false;
    }

    private void End(Lifeline line)
    {
        if (line.Socket is not null)
            Unwatch(line);
        line.Dispose();
    }
}
