using CsCheck;

namespace VipOperator.Vrrp.Tests;

public sealed class AddressClaimTests
{
    private static readonly MacAddress Mac = MacAddress.Read([0xf2, 0x4a, 0x39, 0x71, 0xba, 0x2e]);

    // RFC 5227 §1.1: a broadcast request with sender address 0 and target MAC 0.
    [Fact]
    public void ArpProbe_HasTheLayoutOfTheRfc()
    {
        Assert.Equal(
            CapturedPackets.Hex(
                "ffffffffffff f24a3971ba2e 0806 0001 0800 06 04 0001 f24a3971ba2e 00000000 000000000000 c0a8016c"),
            Probe("192.168.1.108"));
    }

    // RFC 4862 §5.4.2: from ::, to the solicited-node group (RFC 4291 §2.7.1), without a link-layer address.
    [Fact]
    public void NeighborProbe_HasTheLayoutOfTheRfc()
    {
        byte[] frame = Probe("2001:db8::108");
        Assert.Equal(
            CapturedPackets.Hex(
                "3333ff000108 f24a3971ba2e 86dd "
                + "60000000 0018 3aff 00000000000000000000000000000000 ff0200000000000000000001ff000108"),
            frame[..54]);
        Assert.Equal(CapturedPackets.Hex("8700"), frame[54..56]);
        Assert.Equal(CapturedPackets.Hex("00000000 20010db8000000000000000000000108"), frame[58..]);
        uint sum = InternetChecksum.PseudoHeader(
            IpAddress.Parse("::"), IpAddress.Parse("ff02::1:ff00:108"), 58, frame.Length - 54);
        Assert.Equal(0, InternetChecksum.Fold(InternetChecksum.Add(sum, frame.AsSpan(54))));
    }

    [Fact]
    public void Probe_ClaimsNothing()
    {
        Assert.False(AddressClaim.TryDecode(Probe("192.168.1.108"), out _));
        Assert.False(AddressClaim.TryDecode(Probe("2001:db8::108"), out _));
    }

    [Fact]
    public void ArpReply_ClaimsItsSender()
    {
        byte[] reply = CapturedPackets.Hex(
            "020000000001 f24a3971ba2e 0806 0001 0800 06 04 0002 f24a3971ba2e c0a8016c 020000000001 c0a80167");

        Assert.True(AddressClaim.TryDecode(reply, out AddressClaim claim));

        Assert.Equal(new AddressClaim(IpAddress.Parse("192.168.1.108"), Mac, new MacAddress(0x0200_0000_0001)), claim);
    }

    [Fact]
    public void Announcements_ClaimTheirAddress()
    {
        var buffer = new byte[128];
        int arp = GratuitousArp.Encode(Mac, IpAddress.Parse("192.168.1.108"), request: true, buffer);
        Assert.True(AddressClaim.TryDecode(buffer.AsSpan(0, arp), out AddressClaim v4));
        Assert.Equal(new AddressClaim(IpAddress.Parse("192.168.1.108"), Mac, default), v4);

        int advertisement = UnsolicitedNeighborAdvertisement.Encode(
            Mac, IpAddress.Parse("2001:db8::108"), isRouter: false, buffer);
        Assert.True(AddressClaim.TryDecode(buffer.AsSpan(0, advertisement), out AddressClaim v6));
        Assert.Equal(new AddressClaim(IpAddress.Parse("2001:db8::108"), Mac, default), v6);
    }

    /// <summary>Whatever the bytes, behind right types too: reading ends and stays inside them.</summary>
    [Fact]
    public void AnyFrame_IsReadOrRefused() => Gen.Select(Gen.Byte.Array[0, 120], Gen.Int[0, 2]).Sample(input =>
    {
        (byte[] frame, int kind) = input;
        if (frame.Length >= 55 && kind > 0)
            (frame[12], frame[13], frame[20], frame[21], frame[54]) = kind == 1
                ? ((byte)8, (byte)6, (byte)0, (byte)1, (byte)0)
                : ((byte)0x86, (byte)0xdd, (byte)58, (byte)255, (byte)136);
        AddressClaim.TryDecode(frame, out _);
    });

    private static byte[] Probe(string address)
    {
        var buffer = new byte[AddressProbe.LongestFrame];
        Array.Fill(buffer, (byte)0xaa);
        return buffer[..AddressProbe.Encode(Mac, IpAddress.Parse(address), buffer)];
    }
}
