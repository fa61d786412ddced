using CsCheck;

namespace VipOperator.Vrrp.Tests;

public sealed class AdvertisementPropertyTests
{
    private static readonly Gen<PacketContext> Context = Gen.OneOf(
        Gen.Select(Generators.Unicast4, Generators.Unicast4),
        Gen.Select(Generators.Unicast6, Generators.Unicast6)).Select(
        pair => new PacketContext { Source = pair.Item1, Destination = pair.Item2, TimeToLive = 255 });

    // Half of them with a plausible first byte, or hardly any would get past the version.
    private static readonly Gen<byte[]> Bytes =
        Gen.Select(Gen.OneOf(Gen.Byte, Gen.OneOf<byte>(0x21, 0x31)), Gen.Byte.Array[0, 100]).Select(
        (first, rest) => (byte[])[first, .. rest]);

    [Fact]
    public void EncodeThenDecode_GivesBackWhatWasSent() => Sent.Sample((parameters, priority, source, _) =>
    {
        byte[] message = Encode(parameters, new(priority), source);
        PacketContext context = ContextOf(parameters, source);

        Assert.Equal(DropReason.None, AdvertisementCodec.Decode(message, context, out Advertisement advertisement));
        Assert.Equal(parameters.Version, advertisement.Version);
        Assert.Equal(parameters.Family, advertisement.Family);
        Assert.Equal(parameters.VirtualRouterId, advertisement.VirtualRouterId);
        Assert.Equal(priority, advertisement.Priority.Value);
        Assert.Equal(parameters.AdvertisementInterval, advertisement.AdvertisementInterval);
        Assert.Equal(parameters.Addresses.Length, advertisement.AddressCount);
        Assert.Equal(source, advertisement.Source);
        Assert.True(AdvertisementCodec.AddressesMatch(message, advertisement, parameters));
        Assert.Equal(DropReason.None, Codec.Verify(message, advertisement, context, parameters, default));
    }, iter: 2_000);

    [Fact]
    public void Decode_AnyBytes_GivesAReasonAndNeverThrows() => Gen.Select(Bytes, Context).Sample((bytes, context) =>
    {
        DropReason reason = AdvertisementCodec.Decode(bytes, context, out Advertisement advertisement);

        Assert.Equal(reason == DropReason.None, advertisement != default);
    }, iter: 50_000);

    // Damage of any kind to a valid packet: bytes overwritten, cut off, appended.
    [Fact]
    public void DecodeAndVerify_DamagedPacket_NeverThrowAndTakeNothingUnsound() => Gen.Select(
        Sent, Gen.Select(Gen.Int[0, 1100], Gen.Byte).Array[0, 4], Gen.Int[-20, 20], Gen.Bool)
            .Sample((sent, changes, longer, repair) =>
    {
        (RouterParameters parameters, byte priority, IpAddress source, RouterParameters receiver) = sent;
        byte[] message = Encode(parameters, new(priority), source);
        Array.Resize(ref message, Math.Max(0, message.Length + longer));
        foreach ((int at, byte value) in changes)
        {
            if (message.Length > 0)
                message[at % message.Length] = value;
        }

        if (repair)
            RepairChecksum(message);
        PacketContext context = ContextOf(parameters, source);

        if (AdvertisementCodec.Decode(message, context, out Advertisement advertisement) != DropReason.None)
            return;
        Assert.InRange(advertisement.VirtualRouterId.Value, 1, 255);
        Assert.InRange(advertisement.AdvertisementInterval.Value, 1, 25_500);
        Assert.InRange(advertisement.AddressCount, 1, 255);
        Codec.Verify(message, advertisement, context, parameters, default);
        Codec.Verify(message, advertisement, context, receiver, source);
        AdvertisementCodec.AddressesMatch(message, advertisement, receiver);
    }, iter: 10_000);

    private static Gen<(RouterParameters Parameters, byte Priority, IpAddress Source, RouterParameters Other)> Sent =>
        Generators.Parameters.SelectMany(parameters => Gen.Select(
            Gen.Const(parameters), Gen.Byte[0, 254], Generators.Unicast(parameters.Family), Generators.Parameters));

    private static PacketContext ContextOf(RouterParameters parameters, IpAddress source) =>
        new() { Source = source, Destination = MulticastGroup.Of(parameters.Family), TimeToLive = 255 };

    private static byte[] Encode(RouterParameters parameters, Priority priority, IpAddress source)
    {
        var buffer = new byte[AdvertisementCodec.LongestMessage];
        int length = Codec.Encode(parameters, priority, source, MulticastGroup.Of(parameters.Family), buffer);
        return buffer[..length];
    }

    // Over the message alone: right for v2 and v3 over IPv4, so that damage gets past the checksum.
    private static void RepairChecksum(byte[] message)
    {
        if (message.Length < 8)
            return;
        message[6] = message[7] = 0;
        ushort sum = InternetChecksum.Fold(InternetChecksum.Add(0, message));
        message[6] = (byte)(sum >> 8);
        message[7] = (byte)sum;
    }
}
