using static VipOperator.Vrrp.Tests.CapturedPackets;

namespace VipOperator.Vrrp.Tests;

/// <summary>
/// What is taken from captured packets, and the one reason for each that is not right (RFC 9568 §7.1, RFC 3768 §7.1).
/// </summary>
public sealed class AdvertisementDecodeTests
{
    [Fact]
    public void V2_OfKeepalived_IsDecoded()
    {
        Assert.Equal(DropReason.None, AdvertisementCodec.Decode(V2Password, Context4, out Advertisement advertisement));
        Assert.Equal(
            new Advertisement
            {
                Version = VrrpVersion.V2,
                Family = IpFamily.V4,
                VirtualRouterId = VirtualRouterId.Create(51),
                Priority = new(100),
                AdvertisementInterval = new(100),
                AddressCount = 1,
                RawAuthenticationType = 1,
                Source = Source4,
            },
            advertisement);
    }

    [Fact]
    public void V2_Resigning_HasPriorityZero()
    {
        Assert.Equal(
            DropReason.None, AdvertisementCodec.Decode(V2PasswordResigning, Context4, out Advertisement advertisement));
        Assert.True(advertisement.Priority.IsResigning);
    }

    [Fact]
    public void V3_Ipv4_OfKeepalived_IsDecoded()
    {
        Assert.Equal(DropReason.None, AdvertisementCodec.Decode(V3, Context4, out Advertisement advertisement));
        Assert.Equal(VrrpVersion.V3, advertisement.Version);
        Assert.Equal(new Centiseconds(100), advertisement.AdvertisementInterval);
        Assert.Equal(0, advertisement.RawAuthenticationType);
    }

    // RFC 9568 §5.2.8.
    [Fact]
    public void V3_Ipv4_WithTheChecksumOfTheMessageAlone_IsDecoded() =>
        Assert.Equal(DropReason.None, Decode(V3MessageOnly));

    [Fact]
    public void V3_Ipv6_OfKeepalived_IsDecoded()
    {
        Assert.Equal(DropReason.None, AdvertisementCodec.Decode(V3Ipv6, Context6, out Advertisement advertisement));
        Assert.Equal(IpFamily.V6, advertisement.Family);
        Assert.Equal(new Centiseconds(10), advertisement.AdvertisementInterval);
        Assert.Equal(2, advertisement.AddressCount);
        Assert.Equal(Source6, advertisement.Source);
    }

    // RFC 9568 §5.2.6: the reserved bits are ignored on reception.
    [Fact]
    public void V3_ReservedBits_AreIgnored()
    {
        byte[] message = Changed(V3, at: 4, to: 0xf0);
        Assert.Equal(DropReason.None, AdvertisementCodec.Decode(message, Context4, out Advertisement advertisement));
        Assert.Equal(new Centiseconds(100), advertisement.AdvertisementInterval);
    }

    [Theory]
    [InlineData(254)]
    [InlineData(1)]
    [InlineData(0)]
    public void TimeToLive_OtherThan255_IsDropped(byte timeToLive) =>
        Assert.Equal(DropReason.TimeToLive, Decode(V3, Context4 with { TimeToLive = timeToLive }));

    [Theory]
    [InlineData(0x01)]
    [InlineData(0x11)]
    [InlineData(0x41)]
    [InlineData(0xf1)]
    public void Version_OtherThan2And3_IsDropped(byte versionAndType) =>
        Assert.Equal(DropReason.UnknownVersion, Decode(Changed(V3, at: 0, versionAndType)));

    [Fact]
    public void V2_OverIpv6_IsDropped() => Assert.Equal(DropReason.UnknownVersion, Decode(V2Password, Context6));

    // RFC 9568 §5.2.2: unknown types are discarded.
    [Theory]
    [InlineData(0x30)]
    [InlineData(0x32)]
    [InlineData(0x2f)]
    public void Type_OtherThan1_IsDropped(byte versionAndType) =>
        Assert.Equal(DropReason.UnknownType, Decode(Changed(V3, at: 0, versionAndType)));

    [Fact]
    public void Length_EveryShorterMessage_IsDropped()
    {
        for (int length = 0; length < V2TwoAddresses.Length; length++)
            Assert.Equal(DropReason.Length, Decode(V2TwoAddresses[..length]));
    }

    [Fact]
    public void Length_LongerThanTheCountSays_IsDropped() => Assert.Equal(DropReason.Length, Decode([.. V3, 0, 0]));

    [Fact]
    public void Length_CountOf255InAShortMessage_IsDropped() =>
        Assert.Equal(DropReason.Length, Decode(Changed(V3, at: 3, to: 255)));

    // v2 without the authentication data is no v2 message.
    [Fact]
    public void Length_V2WithoutAuthenticationData_IsDropped() =>
        Assert.Equal(DropReason.Length, Decode(V2TwoAddresses[..16]));

    [Theory]
    [MemberData(nameof(AllCaptured))]
    public void Checksum_AnySingleBitFlipped_IsDropped(byte[] message, bool ipv6)
    {
        for (int bit = 0; bit < message.Length * 8; bit++)
        {
            byte[] flipped = [.. message];
            flipped[bit / 8] ^= (byte)(0x80 >> (bit % 8));
            Assert.NotEqual(DropReason.None, Decode(flipped, ipv6 ? Context6 : Context4));
        }
    }

    // RFC 9568 §5.2.8: without its pseudo-header the sum of an IPv6 message is wrong.
    [Fact]
    public void Checksum_V3Ipv6OverTheMessageAlone_IsDropped()
    {
        byte[] message = WithChecksum([.. V3Ipv6]);
        Assert.Equal(DropReason.Checksum, Decode(message, Context6));
    }

    // RFC 3768 §5.3.8 knows no pseudo-header.
    [Fact]
    public void Checksum_V3SumOfAnotherSource_IsDropped() =>
        Assert.Equal(DropReason.Checksum, Decode(V3, Context4 with { Source = IpAddress.Parse("192.168.1.105") }));

    [Theory]
    [InlineData(1, 0, DropReason.InvalidVirtualRouterId)]
    [InlineData(5, 0, DropReason.InvalidInterval)]
    public void V2_ZeroWhereNoneMayBe_IsDropped(int at, byte to, DropReason expected) =>
        Assert.Equal(expected, Decode(Changed(V2Password, at, to)));

    // Erratum 8301 of RFC 9568 §7.1.
    [Fact]
    public void V3_IntervalZero_IsDropped() =>
        Assert.Equal(DropReason.InvalidInterval, Decode(Changed(V3, at: 5, to: 0)));

    // RFC 9568 §5.2.5: the minimum is 1.
    [Fact]
    public void V3_NoAddress_IsDropped() =>
        Assert.Equal(DropReason.AddressCount, Decode(WithChecksum(Hex("31336400 00640000"))));

    [Fact]
    public void V2_NoAddress_IsDropped() =>
        Assert.Equal(DropReason.AddressCount, Decode(WithChecksum(Hex("21336400 00010000 0000000000000000"))));

    [Fact]
    public void V3_255Addresses_AreDecoded()
    {
        byte[] message = WithChecksum([0x31, 0x33, 0x64, 0xff, 0x00, 0x64, 0, 0, .. new byte[255 * 4]]);
        Assert.Equal(DropReason.None, AdvertisementCodec.Decode(message, Context4, out Advertisement advertisement));
        Assert.Equal(255, advertisement.AddressCount);
    }

    public static TheoryData<byte[], bool> AllCaptured => new()
    {
        { V2Password, false },
        { V2PasswordResigning, false },
        { V2LongPassword, false },
        { V2TwoAddresses, false },
        { V3, false },
        { V3Ipv6, true },
    };

    private static DropReason Decode(byte[] message) => Decode(message, Context4);

    private static DropReason Decode(byte[] message, PacketContext context)
    {
        DropReason reason = AdvertisementCodec.Decode(message, context, out Advertisement advertisement);
        Assert.Equal(reason == DropReason.None, advertisement != default);
        return reason;
    }
}
