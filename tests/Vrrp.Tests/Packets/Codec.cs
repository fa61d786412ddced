namespace VipOperator.Vrrp.Tests;

/// <summary>The codec as most tests need it: one message by itself, without HMAC.</summary>
internal static class Codec
{
    public static DropReason Verify(
        ReadOnlySpan<byte> message,
        in Advertisement advertisement,
        in PacketContext context,
        RouterParameters parameters,
        IpAddress own,
        Centiseconds previousInterval = default)
    {
        RouterState state = RouterState.Initial with
        {
            PrimaryAddress = own,
            PreviousAdvertisementInterval = previousInterval,
            PreviousIntervalEnd = MonotonicTime.Never,
        };
        return AdvertisementCodec.Verify(message, advertisement, context, parameters, state, new ReplayGuard());
    }

    public static int Encode(
        RouterParameters parameters, Priority priority, IpAddress source, IpAddress destination, Span<byte> buffer) =>
        AdvertisementCodec.Encode(
            parameters, RouterEffect.Send(priority, parameters.AdvertisementInterval, parameters), sequence: 0,
            source, destination, buffer);
}
