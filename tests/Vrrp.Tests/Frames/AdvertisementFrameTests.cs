namespace VipOperator.Vrrp.Tests;

public sealed class AdvertisementFrameTests
{
    // 00-00-5E-00-01-33 is the virtual router MAC address of router 51 (RFC 9568 §7.3), 01-00-5E-00-00-12 the group's
    // (RFC 1112 §6.4). IPv4: TOS c0, length 24, id 0, don't fragment, TTL 255, protocol 112; the words of the header
    // without its checksum sum up to 0x32769, so it is ~(0x2769 + 3) = 0xd893.
    [Fact]
    public void V4_HasTheLayoutOfTheRfc()
    {
        var buffer = new byte[AdvertisementFrame.LongestHeader + 4];
        Array.Fill(buffer, (byte)0xaa);

        int length = AdvertisementFrame.Encode(
            MacAddress.ForVirtualRouter(IpFamily.V4, VirtualRouterId.Create(51)),
            IpAddress.Parse("192.168.1.103"), [1, 2, 3, 4], buffer);

        Assert.Equal(
            CapturedPackets.Hex(
                "01005e000012 00005e000133 0800 "
                + "45 c0 0018 0000 4000 ff 70 d893 c0a80167 e0000012 "
                + "01020304"),
            buffer[..length]);
    }

    // 33-33-00-00-00-12: RFC 2464 §7. Traffic class c0, payload length 4, next header 112, hop limit 255.
    [Fact]
    public void V6_HasTheLayoutOfTheRfc()
    {
        var buffer = new byte[AdvertisementFrame.LongestHeader + 4];
        Array.Fill(buffer, (byte)0xaa);

        int length = AdvertisementFrame.Encode(
            MacAddress.ForVirtualRouter(IpFamily.V6, VirtualRouterId.Create(51)),
            IpAddress.Parse("fe80::1"), [1, 2, 3, 4], buffer);

        Assert.Equal(
            CapturedPackets.Hex(
                "333300000012 00005e000233 86dd "
                + "6c000000 0004 70 ff "
                + "fe800000000000000000000000000001 ff020000000000000000000000000012 "
                + "01020304"),
            buffer[..length]);
    }
}
