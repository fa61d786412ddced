using System.Collections.Immutable;
using VipOperator.Sidecar.Contract;
using VipOperator.Sidecar.Links;
using VipOperator.Sidecar.Linux;
using VipOperator.Sidecar.Logging;
using VipOperator.Sidecar.Loop;
using VipOperator.Sidecar.Netlink;
using VipOperator.Vrrp;

namespace VipOperator.Sidecar.Routers;

/// <summary>
/// All routers that run here: started, changed and stopped by configurations, attached to links as those come and go.
/// </summary>
/// <remarks>Routers of one name belong to one VirtualIP and move together (dual-stack).</remarks>
internal sealed class RouterTable
{
    // Links and addresses announce themselves; a default route or a family that is switched on does not.
    private static readonly TimeSpan UnattachedRetry = TimeSpan.FromSeconds(1);

    private readonly EventLoop _loop;
    private readonly LinkMonitor _monitor;
    private readonly NetlinkRequests _requests;
    private readonly ChannelTable _channels;
    private readonly EffectExecutor _executor;
    private readonly LeftoverSweep _sweep;
    private readonly Log _log;
    private readonly List<RouterRunner> _routers = [];
    private readonly HashSet<IpAddress> _virtualAddresses = [];
    private readonly Func<IpAddress, bool> _isVirtual;
    private readonly Deadline _retry;

    public RouterTable(
        EventLoop loop,
        LinkMonitor monitor,
        NetlinkRequests requests,
        VirtualLinks virtualLinks,
        ChannelTable channels,
        EffectExecutor executor,
        Log log)
    {
        _loop = loop;
        _monitor = monitor;
        _requests = requests;
        _channels = channels;
        _executor = executor;
        _log = log;
        _sweep = new LeftoverSweep(loop, monitor.Table, requests, virtualLinks, log);
        _isVirtual = _virtualAddresses.Contains;
        virtualLinks.HearsRouters += log.HearsRouters;
        _retry = new Deadline(LinksChanged);
        monitor.Changed += LinksChanged;
    }

    /// <summary>
    /// Raised when there may be other routers, or some on other links or with other primary addresses.
    /// </summary>
    public event Action? Changed;

    public IReadOnlyList<RouterRunner> Routers => _routers;

    /// <summary>Makes the routers that run the ones of the configuration.</summary>
    public ConfigureResult Configure(ConfigureMessage message)
    {
        ConfigurationDiff diff = ConfigurationDiff.Between(
            [.. _routers.Select(r => r.Configuration)], message.Routers, Moves);
        foreach (RouterKey key in diff.Stopped)
            Stop(Find(key));
        _virtualAddresses.Clear();
        foreach (RouterConfiguration configuration in diff.Updated.Concat(diff.Started))
            _virtualAddresses.UnionWith(configuration.Parameters.Addresses.Select(a => a.Address));
        _sweep.Claim(_virtualAddresses);
        foreach (RouterConfiguration configuration in diff.Updated)
            Update(Find(RouterKey.Of(configuration)), configuration);
        // All of them before the first starts: partners wait for each other.
        foreach (RouterConfiguration configuration in diff.Started)
            _routers.Add(new RouterRunner(configuration, GroupOf(configuration.Name), _executor));
        foreach (RouterConfiguration configuration in diff.Started)
            Start(Find(RouterKey.Of(configuration)));
        LinksChanged();
        foreach (ConfigureProblem problem in diff.Problems)
            _log.ConfigurationRefused(message.Routers.First(r => r.Handle == problem.Handle).Name, problem.Message);
        ImmutableArray<ConfigureProblem> unattached =
            [.. _routers.Where(r => r.Problem.Length > 0)
                .Select(r => new ConfigureProblem(r.Configuration.Handle, r.Problem))];
        return new ConfigureResult(message.Revision, diff.Problems.AddRange(unattached));
    }

    public void SetHealth(uint handle, Health health)
    {
        RouterRunner? router = ByHandle(handle);
        if (router is { Configuration.Probed: true } && router.State.Health != health)
            router.Handle(RouterEvent.HealthChanged(health));
    }

    public void HandOver(uint handle) => ByHandle(handle)?.Handle(RouterEvent.HandoverRequested());

    /// <summary>Every router resigns and gives its addresses up; done when this returns.</summary>
    public void StopAll()
    {
        foreach (RouterRunner router in _routers)
        {
            if (router.State.Started)
                router.Handle(RouterEvent.Stop());
        }
    }

    /// <summary>Removes what an earlier sidecar left behind: addresses with our tag that nobody looks after.</summary>
    public void SweepLeftovers() => _sweep.Run(IsHeld);

    private void Start(RouterRunner router)
    {
        if (!router.Configuration.Probed)
            router.Handle(RouterEvent.HealthChanged(Health.Passing));
        // First where it runs, then that it runs: so it never starts in Fault for want of a link that is there.
        Settle(router);
        router.Handle(RouterEvent.Start());
    }

    private static void Update(RouterRunner router, RouterConfiguration configuration)
    {
        router.Reconfigure(configuration);
        if (!configuration.Probed && router.State.Health != Health.Passing)
            router.Handle(RouterEvent.HealthChanged(Health.Passing));
    }

    private void Stop(RouterRunner router)
    {
        // Its partners, if it has any, go on.
        router.LeaveFor(new RunnerGroup(_loop, _executor));
        router.Handle(RouterEvent.Stop());
        Detach(router);
        // A release that failed would be tried again; of a router that is gone it is not, so the sweep does it.
        router.Group.Remove(router);
        _routers.Remove(router);
    }

    // Called when links or addresses changed, for a new configuration, and again while a router has no link.
    private void LinksChanged()
    {
        _monitor.CatchUp();
        // Also when one has just been bound: whoever starts now must not take it for left behind.
        _sweep.ClaimMissing();
        foreach (RouterRunner router in _routers)
            Settle(router);
        // What has just been bound, here or by a configuration, must not be taken for lost.
        bool isBehind = _monitor.CatchUp();
        if (!isBehind)
            CheckBound();
        bool unattached = _routers.Exists(r => r.Channel is not { } channel || channel.HasLostMembership(r.Link!));
        MonotonicTime now = MonotonicClock.Now;
        _loop.Schedule(_retry, isBehind ? now : unattached ? now.Plus(UnattachedRetry) : MonotonicTime.Never);
        Changed?.Invoke();
    }

    // Looks whether the links still hold what is bound on them. Of a new IPv6 address the kernel tells from a work
    // queue, so that other changes may be heard first; but it lists it at once.
    private void CheckBound()
    {
        if (_routers.Exists(r => r.Parameters.Family == IpFamily.V6 && r.IsMissed(_monitor.Table)))
            _monitor.ListAddresses(NetlinkFamily.V6);
        foreach (RouterRunner router in _routers)
            router.CheckBound(_monitor.Table);
    }

    // Attaches the router to the link that it belongs on now, and tells it of the link's state.
    private void Settle(RouterRunner router)
    {
        Link? link = FindLink(router.Configuration, router.Link, out string obstacle);
        // Made again it is another one, also where it has got the same index.
        if (!ReferenceEquals(link, router.Link))
        {
            if (router.State.LinkIsUp)
                router.Handle(RouterEvent.LinkDown());
            Detach(router);
        }

        if (router.Channel is null)
            TryAttach(router, link, obstacle);
        bool up = router.Channel is not null && link is { IsUp: true };
        if (!up)
        {
            if (router.State.LinkIsUp)
                TellLinkDown(router);
            return;
        }

        IpAddress primary = LinkSelector.PrimaryAddress(link!, router.Parameters, _isVirtual);
        // Without an address the family may be off; with one the group can be joined, and a router that hears nobody
        // must not take part.
        if (!primary.IsNone && !TryKeepMembership(router, link!))
        {
            if (router.State.LinkIsUp)
                TellLinkDown(router);
            return;
        }

        router.Problem = primary.IsNone
            ? LinkSelector.WhyNoPrimary(_monitor.Table, link!, router.Parameters.Addresses) : "";
        if (!router.State.LinkIsUp || router.State.PrimaryAddress != primary)
            router.Handle(RouterEvent.LinkUp(primary));
        if (router.State.Kind == RouterStateKind.Active && router.HardwareAddress != router.AnnouncedAddress)
            router.Handle(RouterEvent.HardwareAddressChanged());
    }

    // Partners on the same link hear it at once: told one after the other, the second would take the first for the one
    // that failed, and resign where nothing can be sent.
    private static void TellLinkDown(RouterRunner router)
    {
        foreach (RouterRunner member in router.Group.Members)
        {
            if (member.State.LinkIsUp && member.Link?.Index != router.Link?.Index)
            {
                router.Handle(RouterEvent.LinkDown());
                return;
            }
        }

        router.Group.HandleAll(RouterEvent.LinkDown());
    }

    private bool Moves(RouterConfiguration configuration)
    {
        RouterRunner router = Find(RouterKey.Of(configuration));
        return router.Link is null || FindLink(configuration, router.Link, out _)?.Index != router.Link.Index;
    }

    /// <param name="obstacle">Why it could not be looked for everywhere; empty as a rule.</param>
    private Link? FindLink(RouterConfiguration configuration, Link? current, out string obstacle)
    {
        obstacle = "";
        IpAddress locating = LinkSelector.Locating(configuration.Parameters.Addresses);
        string name = configuration.InterfaceName;
        bool asksForRoute = name.Length == 0
            && (current is null || _monitor.Table.ByIndex(current.Index) is null or { Master: not 0 });
        int defaultRouteLink = 0;
        try
        {
            if (asksForRoute)
                defaultRouteLink = _requests.DefaultRouteLink(configuration.Parameters.Family);
        }
        catch (LinuxException e)
        {
            obstacle = e.Message;
        }

        return LinkSelector.Select(_monitor.Table, name, locating, current, defaultRouteLink, _isVirtual);
    }

    private void TryAttach(RouterRunner router, Link? link, string obstacle)
    {
        router.Problem = link is null && obstacle.Length > 0 ? obstacle : Attach(router, link);
        if (router.Problem.Length > 0)
            _log.NotAttached(router, router.Problem);
    }

    // Returns what is in the way, empty when nothing is.
    private string Attach(RouterRunner router, Link? link)
    {
        if (link is null)
            return LinkSelector.WhyNone(
                _monitor.Table, router.Configuration.InterfaceName, router.Parameters.Addresses);
        IpFamily family = router.Parameters.Family;
        if (_channels.Find(link.Index, family)?.Find(router.Parameters.VirtualRouterId.Value) is { } other)
            return $"virtual router id: {router.Parameters.VirtualRouterId} is taken on {link.Name} by "
                + $"{other.Configuration.Name}";
        try
        {
            router.Attach(link, _channels.Open(link, family));
            return "";
        }
        catch (LinuxException e)
        {
            return e.Message;
        }
    }

    private bool TryKeepMembership(RouterRunner router, Link link)
    {
        try
        {
            router.Channel!.KeepMembership(link);
            return true;
        }
        catch (LinuxException e)
        {
            if (router.Problem != e.Message)
                _log.NotAttached(router, e.Message);
            router.Problem = e.Message;
            return false;
        }
    }

    private void Detach(RouterRunner router)
    {
        if (router.Detach() is { } channel)
            _channels.CloseIfUnused(channel);
    }

    private bool IsHeld(Link link, IpPrefix prefix) =>
        _routers.Exists(r => r.BoundOn == link.Index && r.Bound.Contains(prefix));

    private RunnerGroup GroupOf(string name) =>
        _routers.Find(r => r.Configuration.Name == name)?.Group ?? new RunnerGroup(_loop, _executor);

    private RouterRunner Find(RouterKey key) => _routers.Find(r => RouterKey.Of(r.Configuration) == key)!;

    private RouterRunner? ByHandle(uint handle)
    {
        foreach (RouterRunner router in _routers)
        {
            if (router.Configuration.Handle == handle)
                return router;
        }

        return null;
    }
}
