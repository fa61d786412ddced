using VipOperator.Sidecar.Contract;
using VipOperator.Sidecar.Linux;
using VipOperator.Sidecar.Logging;
using VipOperator.Vrrp;

namespace VipOperator.Sidecar.Routers;

/// <summary>
/// What Active routers do all the time, advertise and renew, put off until the end of the loop's round: what many of
/// them have due together leaves by few system calls (docs/adr/0025-batches.md). Whoever does anything else calls
/// <see cref="Flush"/> first, so that the order stays.
/// </summary>
internal sealed class SteadyWork : IDisposable
{
    private readonly LifetimeRenewals _renewals = new();
    private readonly Log _log;
    private readonly List<AdvertisementChannel> _channels = [];
    private readonly Queue<(RouterRunner Router, RouterEffectKind Effect)> _failures = new();
    private readonly AdvertisementTap _tap;
    private readonly AdvertisementSent _sent;
    private readonly Action<RouterRunner, int> _notRenewed;

    public SteadyWork(AdvertisementTap tap, Log log)
    {
        _tap = tap;
        _log = log;
        _sent = Sent;
        _notRenewed = (router, error) => Fail(router, RouterEffectKind.RenewAddresses, RouterCounter.BindErrors, error);
    }

    /// <summary>As <see cref="LifetimeRenewals.PortId"/>.</summary>
    public uint RenewalPortId => _renewals.PortId;

    /// <summary>Puts off all of the effects of a step, or none.</summary>
    public bool TryPutOff(RouterRunner router, ReadOnlySpan<RouterEffect> effects)
    {
        RouterParameters parameters = router.Parameters;
        if (parameters.Transport != Transport.Multicast || parameters.VirtualMac || router.Channel is not { } channel
            || router.Link is null || router.State.PrimaryAddress.IsNone)
            return false;
        foreach (ref readonly RouterEffect effect in effects)
        {
            bool isSteady = effect.Kind == RouterEffectKind.RenewAddresses
                || (effect.Kind == RouterEffectKind.SendAdvertisement && !effect.Priority.IsResigning
                    && effect.AuthenticatedBy is not { Authentication: AuthenticationType.Hmac });
            if (!isSteady)
                return false;
        }

        foreach (ref readonly RouterEffect effect in effects)
        {
            if (effect.Kind == RouterEffectKind.SendAdvertisement)
                Send(router, channel, effect);
            else
                Renew(router);
        }

        return true;
    }

    /// <summary>Does what was put off.</summary>
    public void Flush()
    {
        foreach (AdvertisementChannel channel in _channels)
        {
            // One without routers is closed.
            if (channel.RouterCount > 0)
                channel.Batch.Flush(_sent);
        }

        _channels.Clear();
        _renewals.Flush(_notRenewed);
    }

    /// <summary>What has failed of it, for the state machine of the router.</summary>
    public bool TryTakeFailure(out (RouterRunner Router, RouterEffectKind Effect) failure) =>
        _failures.TryDequeue(out failure);

    public void Dispose() => _renewals.Dispose();

    private void Send(RouterRunner router, AdvertisementChannel channel, in RouterEffect effect)
    {
        if (channel.Batch.IsFull)
            channel.Batch.Flush(_sent);
        if (!_channels.Contains(channel))
            _channels.Add(channel);
        channel.Batch.Add(router, effect, router.Sequence.Next(WallClock.Now));
    }

    private void Renew(RouterRunner router)
    {
        if (!_renewals.HasRoomFor(router))
            _renewals.Flush(_notRenewed);
        _renewals.Add(router);
    }

    private void Sent(RouterRunner router, in RouterEffect effect, int error)
    {
        if (error != 0)
        {
            Fail(router, RouterEffectKind.SendAdvertisement, RouterCounter.SendErrors, error);
            return;
        }

        router.Count(RouterCounter.AdvertisementsSent);
        _tap.Sent(router, effect);
    }

    private void Fail(RouterRunner router, RouterEffectKind effect, RouterCounter counter, int error)
    {
        router.Count(counter);
        _log.EffectFailed(router, effect, error);
        _failures.Enqueue((router, effect));
    }
}
