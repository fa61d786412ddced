using VipOperator.Sidecar.Contract;
using VipOperator.Sidecar.Links;
using VipOperator.Sidecar.Linux;
using VipOperator.Sidecar.Logging;
using VipOperator.Vrrp;

namespace VipOperator.Sidecar.Routers;

/// <summary>Does what the state machines ask for: sends, binds, announces, reports.</summary>
internal sealed class EffectExecutor(
    NetlinkRequests requests, VirtualLinks virtualLinks, PacketSocket packets, AdvertisementTap tap, Log log)
        : IDisposable
{
    private readonly byte[] _message = new byte[AdvertisementCodec.LongestMessage];
    private readonly byte[] _frame = new byte[AdvertisementFrame.LongestHeader + AdvertisementCodec.LongestMessage];
    private readonly SendBatch _batch = new();
    private readonly SteadyWork _steady = new(tap, log);
    private readonly IpPrefix[] _obsolete = new IpPrefix[RouterParameters.MostAddresses];

    /// <summary>Raised after a transition, and when there is something new to tell of a router.</summary>
    public event Action<RouterRunner>? Reported;

    /// <summary>As <see cref="SteadyWork.RenewalPortId"/>.</summary>
    public uint RenewalPortId => _steady.RenewalPortId;

    /// <summary>
    /// Carries the effects out in order, all of them but announcing what could not be renewed; what an Active router
    /// does all the time, in <see cref="EndRound"/>.
    /// </summary>
    /// <param name="failures">Receives what failed.</param>
    /// <returns>false if addresses could not be bound.</returns>
    public bool Execute(RouterRunner router, ReadOnlySpan<RouterEffect> effects,
        Queue<(RouterRunner Router, RouterEffectKind Effect)> failures)
    {
        if (effects.IsEmpty || _steady.TryPutOff(router, effects))
            return true;
        _steady.Flush();
        bool bound = true;
        bool held = true;
        foreach (ref readonly RouterEffect effect in effects)
        {
            bool done = effect.Kind switch
            {
                RouterEffectKind.SendAdvertisement => Send(router, effect),
                RouterEffectKind.BindAddresses => bound = Bind(router),
                RouterEffectKind.RenewAddresses => held = Renew(router),
                RouterEffectKind.ReleaseAddresses => Release(router),
                RouterEffectKind.AnnounceAddresses => !held || Announce(router),
                RouterEffectKind.ReportTransition => Report(router, effect),
            };
            if (!done)
                failures.Enqueue((router, effect.Kind));
        }

        return bound;
    }

    /// <summary>Does what was put off in the loop's round that ends.</summary>
    public void EndRound()
    {
        _steady.Flush();
        while (_steady.TryTakeFailure(out (RouterRunner Router, RouterEffectKind Effect) failed))
        {
            failed.Router.Group.HandleFailure(failed.Router, failed.Effect);
            _steady.Flush();
        }
    }

    public void ReportTwoActives(RouterRunner router, in Advertisement other) => log.TwoActives(router, other);

    public void ReportHint(RouterRunner router, in RouterHint hint) => log.Hint(router, hint);

    /// <summary>Sends the agent a report of the router.</summary>
    public void Tell(RouterRunner router) => Reported?.Invoke(router);

    public void ReportLateness(RouterRunner router, TimeSpan late) => log.Late(router, late);

    public void Dispose()
    {
        _steady.Dispose();
        packets.Dispose();
    }

    private bool Send(RouterRunner router, in RouterEffect effect)
    {
        if (router.Parameters is { Transport: Transport.Unicast, Peers.IsEmpty: true })
            return true;
        UtcTime now = WallClock.Now;
        int error = SendToAll(router, effect, router.Sequence.Next(now));
        if (effect.AuthenticatedBy is { Authentication: AuthenticationType.Hmac }
            && router.Sequence.TryNextByClock(now, out ulong byClock))
            _ = SendToAll(router, effect, byClock);

        if (error == 0)
        {
            router.Count(RouterCounter.AdvertisementsSent);
            tap.Sent(router, effect);
            if (effect.Priority.IsResigning)
                router.Count(RouterCounter.PriorityZeroSent);
            return true;
        }

        router.Count(RouterCounter.SendErrors);
        log.EffectFailed(router, effect.Kind, error);
        return false;
    }

    // DEVIATION: RFC 9568 §7.2 sends to the group (docs/adr/0035-unicast.md).
    private int SendToAll(RouterRunner router, in RouterEffect effect, ulong sequence) =>
        router.Parameters.Transport == Transport.Multicast
            ? SendTo(router, effect, sequence, MulticastGroup.Of(router.Parameters.Family))
            : SendToPeers(router, effect, sequence);

    // 0 if it went out to any of them, else the error: a peer that cannot be reached does not make the others
    // unreachable.
    private int SendToPeers(RouterRunner router, in RouterEffect effect, ulong sequence)
    {
        IpAddress source = router.State.PrimaryAddress;
        if (router.Channel is null || source.IsNone)
            return Errno.ENODEV;
        VrrpSocket socket = router.Channel.Socket;
        ReadOnlySpan<IpAddress> peers = router.Parameters.Peers.AsSpan();
        int sent = 0;
        int error = 0;
        for (int i = 0; i < peers.Length; i++)
        {
            // To each its own: the checksum covers the destination.
            int length = AdvertisementCodec.Encode(router.Parameters, effect, sequence, source, peers[i], _batch.Next);
            socket.Add(_batch, length, source, peers[i]);
            if (_batch.Count < SendBatch.Capacity && i < peers.Length - 1)
                continue;
            sent += _batch.Flush(socket.Descriptor, out int refused);
            error = refused != 0 ? refused : error;
        }

        return sent > 0 ? 0 : error;
    }

    private int SendTo(RouterRunner router, in RouterEffect effect, ulong sequence, IpAddress destination)
    {
        IpAddress source = router.State.PrimaryAddress;
        if (router.Channel is null || source.IsNone)
            return Errno.ENODEV;
        int length = AdvertisementCodec.Encode(router.Parameters, effect, sequence, source, destination, _message);
        ReadOnlySpan<byte> message = _message.AsSpan(0, length);
        // What is longer than the link takes, the kernel has to cut into pieces.
        bool fits = router.Link!.Mtu == 0 || AdvertisementFrame.LongestIpHeader + length <= router.Link.Mtu;
        // DEVIATION: RFC 9568 §7.2 always sends from the virtual MAC address (docs/adr/0013-virtual-mac.md).
        int result = router.Parameters.VirtualMac && destination.IsMulticast && fits
            ? SendFromVirtualMac(router, source, message)
            : router.Channel.Socket.Send(message, source, destination);
        return result < 0 ? -result : 0;
    }

    // RFC 9568 §7.2: bridges learn from it where the virtual MAC address is. Over the parent link, so that it also goes
    // out when the virtual one is not there yet or any more. A unicast peer's MAC address the kernel has to find out:
    // those packets leave as any other of this node.
    private int SendFromVirtualMac(RouterRunner router, IpAddress source, ReadOnlySpan<byte> message)
    {
        int length = AdvertisementFrame.Encode(router.HardwareAddress, source, message, _frame);
        return packets.Send(_frame.AsSpan(0, length), router.Link!.Index);
    }

    private bool Bind(RouterRunner router)
    {
        if (router.Link is null)
            return BindFailed(router, RouterEffectKind.BindAddresses, Errno.ENODEV);
        if (router.Parameters.VirtualMac && PrepareVirtualLink(router) is not 0 and var refused)
        {
            // Told along with the Fault that this leads to.
            router.Hints.Note(RouterHintKind.VirtualMacRefused);
            log.VirtualMacRefused(router, refused);
            return BindFailed(router, RouterEffectKind.BindAddresses, refused);
        }

        router.Hints.Clear(RouterHintKind.VirtualMacRefused);
        int holder = router.Parameters.VirtualMac ? router.VirtualLink!.Index : router.Link.Index;
        RemoveObsolete(router, holder);
        if (!router.Parameters.VirtualMac)
            ReleaseVirtualLink(router);
        // Before the result is known: what was bound of several must be released even if one was refused.
        router.MarkBound(holder, router.Parameters.Addresses.AsSpan());
        return SetLifetime(router, RouterEffectKind.BindAddresses);
    }

    // What the parameters do not list any more, and all that is bound on another link than it is to be.
    private void RemoveObsolete(RouterRunner router, int holder)
    {
        int obsolete = 0;
        foreach (IpPrefix bound in router.Bound)
        {
            if (router.BoundOn != holder || !router.Parameters.Addresses.AsSpan().Contains(bound))
                _obsolete[obsolete++] = bound;
        }

        if (obsolete > 0)
            _ = requests.Remove(router.BoundOn, _obsolete.AsSpan(0, obsolete));
    }

    // 0, or the error number, positive.
    private int PrepareVirtualLink(RouterRunner router)
    {
        if (router.VirtualLink is { } there)
        {
            int error = virtualLinks.KeepUp(there);
            if (error == 0)
                return 0;
            // Somebody has removed it.
            ReleaseVirtualLink(router);
        }

        RouterParameters parameters = router.Parameters;
        router.VirtualLink = virtualLinks.TryMake(
            router.Link!, parameters.Family, parameters.VirtualRouterId, out int refused);
        return refused;
    }

    private void ReleaseVirtualLink(RouterRunner router)
    {
        if (router.VirtualLink is not { } link)
            return;
        router.VirtualLink = null;
        virtualLinks.Release(link);
    }

    private bool Renew(RouterRunner router) => SetLifetime(router, RouterEffectKind.RenewAddresses);

    // The kernel makes an address anew that it has removed already. So the clock is read here, as late as can be: a
    // process that was stopped since the step must not bring back what a peer holds by now.
    private bool SetLifetime(RouterRunner router, RouterEffectKind kind)
    {
        if (router.Link is null || MonotonicClock.Now >= router.State.LeaseEnd)
            return BindFailed(router, kind, Errno.ENODEV);
        int error = requests.Bind(
            router.BoundOn, router.Parameters.Addresses.AsSpan(), router.Parameters.AddressLifetime);
        return error == 0 || BindFailed(router, kind, error);
    }

    private bool BindFailed(RouterRunner router, RouterEffectKind kind, int error)
    {
        router.Count(RouterCounter.BindErrors);
        log.EffectFailed(router, kind, error);
        return false;
    }

    private bool Release(RouterRunner router)
    {
        int error = requests.Remove(router.BoundOn, router.Bound);
        if (error != 0)
        {
            log.EffectFailed(router, RouterEffectKind.ReleaseAddresses, error);
            return false;
        }

        router.MarkBound(0, []);
        // The addresses first: that takes microseconds.
        ReleaseVirtualLink(router);
        return true;
    }

    private bool Announce(RouterRunner router)
    {
        if (router.Link is null)
            return false;
        router.AnnouncedAddress = router.HardwareAddress;
        // A link without Ethernet addresses has no neighbours to tell.
        if (router.HardwareAddress == default)
            return true;
        int error = 0;
        foreach (IpPrefix address in router.Bound)
        {
            int length = address.Address.Family == IpFamily.V4
                ? GratuitousArp.Encode(router.HardwareAddress, address.Address, request: true, _frame)
                : UnsolicitedNeighborAdvertisement.Encode(
                    router.HardwareAddress, address.Address, isRouter: router.Link.ForwardsV6, _frame);
            int result = packets.Send(_frame.AsSpan(0, length), router.Link.Index);
            if (result < 0)
                error = -result;
            else
                router.Count(RouterCounter.AnnouncementsSent);
        }

        if (error == 0)
            return true;
        router.Count(RouterCounter.SendErrors);
        log.EffectFailed(router, RouterEffectKind.AnnounceAddresses, error);
        return false;
    }

    private bool Report(RouterRunner router, in RouterEffect effect)
    {
        if (effect.To == RouterStateKind.Active && effect.From != RouterStateKind.Active)
            router.Count(RouterCounter.BecomeActive);
        if (effect.From == RouterStateKind.Active && effect.To != RouterStateKind.Active)
            router.Count(RouterCounter.ReleaseActive);
        if (effect.Reason == TransitionReason.LoopStalled)
        {
            router.Count(RouterCounter.Stalls);
            router.Hints.Note(RouterHintKind.LoopLate);
        }

        if (effect.From == RouterStateKind.Active || effect.To == RouterStateKind.Active)
            router.Channel?.HoldersChanged();
        log.Transition(router, effect);
        Reported?.Invoke(router);
        return true;
    }
}
