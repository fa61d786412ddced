using VipOperator.Sidecar.Linux;
using VipOperator.Vrrp;

namespace VipOperator.Sidecar.Routers;

/// <summary>
/// Judges each packet of protocol 112: an advertisement for one of our routers, or a drop that is counted.
/// </summary>
internal sealed class PacketReceiver(SpeakerTable speakers, AdvertisementTap tap)
{
    private const int RouterIdOffset = 1; // RFC 9568 §5.1

    /// <summary>Raised for each advertisement that a router took.</summary>
    public event Action<RouterRunner>? Received;

    /// <summary>Packets dropped before a router was found for them.</summary>
    public ulong UnroutedDrops { get; private set; }

    public void Receive(AdvertisementChannel channel, in PacketContext context, ReadOnlySpan<byte> message)
    {
        RouterRunner? router = message.Length > RouterIdOffset ? channel.Find(message[RouterIdOffset]) : null;
        DropReason reason = AdvertisementCodec.Decode(message, context, out Advertisement advertisement);
        if (reason == DropReason.None)
        {
            reason = router is null
                ? DropReason.UnknownVirtualRouterId
                : AdvertisementCodec.Verify(
                    message,
                    advertisement,
                    context with { ReceivedAt = MonotonicClock.Now, ReceivedAtUtc = WallClock.Now },
                    router.Parameters,
                    router.State,
                    router.Replays);
        }

        tap.Received(channel.LinkIndex, message, context, advertisement, reason);
        if (reason == DropReason.None)
        {
            router!.Receive(
                advertisement, AdvertisementCodec.AddressesMatch(message, advertisement, router.Parameters));
            Received?.Invoke(router);
            return;
        }

        if (router is null)
            UnroutedDrops++;
        else
            router.Drop(reason, context.Source);
        if (reason != DropReason.OwnPacket)
            speakers.Note(channel.LinkIndex, message, context, reason);
    }
}
