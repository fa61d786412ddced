namespace VipOperator.Vrrp.Tests;

public sealed class AnnouncementFrameTests
{
    private static readonly MacAddress Mac = MacAddress.Read([0xf2, 0x4a, 0x39, 0x71, 0xba, 0x2e]);

    // RFC 826's layout; RFC 9568 §6.4.2: the target link-layer address is the sender's too.
    [Theory]
    [InlineData(true, "0001")]
    [InlineData(false, "0002")]
    public void GratuitousArp_HasTheLayoutOfTheRfc(bool request, string operation)
    {
        var buffer = new byte[64];
        Array.Fill(buffer, (byte)0xaa);

        int length = GratuitousArp.Encode(Mac, IpAddress.Parse("192.168.1.108"), request, buffer);

        Assert.Equal(42, length);
        Assert.Equal(
            CapturedPackets.Hex(
                "ffffffffffff f24a3971ba2e 0806 "
                + "0001 0800 06 04 " + operation
                + " f24a3971ba2e c0a8016c f24a3971ba2e c0a8016c"),
            buffer[..length]);
    }

    // Captured from keepalived 2.2.7: its announcement of 2001:db8::108, not as a router.
    [Fact]
    public void NeighborAdvertisement_OfAHost_IsWhatKeepalivedSends()
    {
        var buffer = new byte[128];
        Array.Fill(buffer, (byte)0xaa);

        int length = UnsolicitedNeighborAdvertisement.Encode(
            Mac, IpAddress.Parse("2001:db8::108"), isRouter: false, buffer);

        Assert.Equal(86, length);
        Assert.Equal(
            CapturedPackets.Hex(
                "333300000001 f24a3971ba2e 86dd "
                + "60000000 0020 3aff 20010db8000000000000000000000108 ff020000000000000000000000000001 "
                + "8800 1333 20000000 20010db8000000000000000000000108 0201f24a3971ba2e"),
            buffer[..length]);
    }

    // RFC 4861 §4.4: R is the highest bit; 0x8000 more in the sum is 0x8000 less in the checksum, 1333 - 8000 - 1.
    [Fact]
    public void NeighborAdvertisement_OfARouter_SetsTheRouterFlag()
    {
        var buffer = new byte[128];
        int length = UnsolicitedNeighborAdvertisement.Encode(
            Mac, IpAddress.Parse("2001:db8::108"), isRouter: true, buffer);
        Assert.Equal([0x88, 0x00, 0x93, 0x32, 0xa0, 0x00, 0x00, 0x00], buffer[54..62]);
        Assert.Equal(86, length);
    }

    [Fact]
    public void Encode_AnAddressOfTheOtherFamily_Throws()
    {
        var buffer = new byte[128];
        Assert.Throws<ArgumentException>(() => GratuitousArp.Encode(Mac, IpAddress.Parse("::1"), true, buffer));
        Assert.Throws<ArgumentException>(
            () => UnsolicitedNeighborAdvertisement.Encode(Mac, IpAddress.Parse("192.168.1.1"), false, buffer));
    }
}
