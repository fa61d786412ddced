using VipOperator.Sidecar.Contract;
using VipOperator.Sidecar.Linux;
using VipOperator.Vrrp;

namespace VipOperator.Sidecar.Routers;

/// <summary>
/// Where advertisements can be watched as they go by, in and out. Closed it costs a comparison; open it closes by
/// itself, and tells no more than <see cref="MostInWindow"/> in a second, so that a flood costs the loop little.
/// </summary>
internal sealed class AdvertisementTap
{
    public const int MostInWindow = 1000;

    private const long WindowNanoseconds = 1_000_000_000;

    private MonotonicTime _closesAt;
    private MonotonicTime _windowEnd;
    private int _inWindow;
    private ulong _missed;
    private bool _isOpen;

    /// <summary>Takes what goes by.</summary>
    public TapHandler? Tapped { get; set; }

    /// <param name="time">From now; zero closes it.</param>
    public void Open(TimeSpan time)
    {
        if (!_isOpen)
            _missed = 0;
        _isOpen = time > TimeSpan.Zero;
        _closesAt = MonotonicClock.Now.Plus(time);
    }

    /// <param name="message">The bytes after the IP header, of any length.</param>
    /// <param name="advertisement">What it was decoded to; default when it could not be.</param>
    /// <param name="reason">Why it is dropped, if it is.</param>
    public void Received(
        int linkIndex, ReadOnlySpan<byte> message, in PacketContext context,
        in Advertisement advertisement, DropReason reason)
    {
        // Our own come in again on a bridge that sends them back, and were told when they went out.
        if (!_isOpen || reason == DropReason.OwnPacket)
            return;
        bool decoded = advertisement.AddressCount > 0;
        Tell(new TappedAdvertisement
        {
            As = reason == DropReason.None ? CapturedAs.Taken : CapturedAs.Dropped,
            Reason = reason,
            At = MonotonicClock.Now,
            LinkIndex = linkIndex,
            Source = context.Source,
            Destination = context.Destination,
            Version = message.Length > 0 ? (byte)(message[0] >> 4) : (byte)0,
            RouterId = message.Length > 1 ? message[1] : (byte)0,
            Priority = new Priority(message.Length > 2 ? message[2] : (byte)0),
            Interval = advertisement.AdvertisementInterval,
            RawAuthenticationType = advertisement.RawAuthenticationType,
            HasHmac = advertisement.HasHmac,
            Message = decoded ? message : [],
            AddressCount = advertisement.AddressCount,
        });
    }

    /// <summary>Of several peers that it went to, it is told once, without a destination.</summary>
    public void Sent(RouterRunner router, in RouterEffect effect)
    {
        if (!_isOpen || router.Link is null)
            return;
        RouterParameters parameters = router.Parameters;
        AuthenticationType authentication = (effect.AuthenticatedBy ?? parameters).Authentication;
        Tell(new TappedAdvertisement
        {
            As = CapturedAs.Sent,
            At = MonotonicClock.Now,
            LinkIndex = router.Link.Index,
            Source = router.State.PrimaryAddress,
            Destination = parameters.Transport == Transport.Multicast ? MulticastGroup.Of(parameters.Family) : default,
            Version = (byte)parameters.Version,
            RouterId = parameters.VirtualRouterId.Value,
            Priority = effect.Priority,
            Interval = effect.AdvertisementInterval,
            RawAuthenticationType =
                authentication == AuthenticationType.Simple ? (byte)AuthenticationType.Simple : (byte)0,
            HasHmac = authentication == AuthenticationType.Hmac,
            OwnAddresses = parameters.Addresses.AsSpan(),
        });
    }

    private void Tell(in TappedAdvertisement tapped)
    {
        if (tapped.At >= _closesAt)
        {
            _isOpen = false;
            return;
        }

        if (tapped.At >= _windowEnd)
        {
            _windowEnd = tapped.At.PlusNanoseconds(WindowNanoseconds);
            _inWindow = 0;
        }

        if (_inWindow < MostInWindow && Tapped?.Invoke(tapped, _missed) == true)
        {
            _inWindow++;
            _missed = 0;
        }
        else
        {
            _missed++;
        }
    }
}
