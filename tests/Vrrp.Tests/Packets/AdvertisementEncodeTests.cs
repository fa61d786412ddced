using System.Collections.Immutable;
using static VipOperator.Vrrp.Tests.CapturedPackets;

namespace VipOperator.Vrrp.Tests;

/// <summary>Our packets against keepalived's, byte for byte.</summary>
public sealed class AdvertisementEncodeTests
{
    // RFC 2338 §5.3.6, RFC 3768 §5.3.
    [Fact]
    public void V2_WithAPassword_IsWhatKeepalivedSends() =>
        Assert.Equal(V2Password, Encode(V2PasswordRouter, 100));

    // RFC 3768 §6.4.3 Shutdown.
    [Fact]
    public void V2_Resigning_IsWhatKeepalivedSends() =>
        Assert.Equal(V2PasswordResigning, Encode(V2PasswordRouter, 0));

    [Fact]
    public void V2_PasswordLongerThanEightBytes_IsCutAsKeepalivedDoes() =>
        Assert.Equal(V2LongPassword, Encode(V2PasswordRouter with { AuthenticationKey = [.. "abcdefghij"u8] }, 100));

    // RFC 3768 §5.3.10: zero on transmission.
    [Fact]
    public void V2_WithoutAuthentication_StillCarriesTheAuthenticationData() =>
        Assert.Equal(V2TwoAddresses, Encode(V2TwoAddressesRouter, 100));

    [Fact]
    public void V3_Ipv4_WithPseudoHeader_IsWhatKeepalivedSends() => Assert.Equal(V3, Encode(V3Router, 100));

    // RFC 9568 §5.2.8.
    [Fact]
    public void V3_Ipv4_WithoutPseudoHeader_IsWhatTheRfcSays() =>
        Assert.Equal(V3MessageOnly, Encode(V3Router with { PseudoHeaderChecksum = false }, 100));

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void V3_Ipv6_AlwaysCoversThePseudoHeader(bool setting)
    {
        RouterParameters parameters = V3Ipv6Router with { PseudoHeaderChecksum = setting };
        Assert.Equal(V3Ipv6, Encode(parameters, 100, Source6, MulticastGroup.V6));
    }

    // RFC 9568 §5.2.6–§5.2.7: 12 bits, 4095 cs = 0x0fff, the reserved bits zero.
    [Fact]
    public void V3_LongestInterval_LeavesTheReservedBitsZero()
    {
        byte[] message = Encode(V3Router with { AdvertisementInterval = new(4095) }, 100);
        Assert.Equal([0x0f, 0xff], message[4..6]);
    }

    [Fact]
    public void AnotherInterval_IsStatedInsteadOfTheConfiguredOne()
    {
        var buffer = new byte[AdvertisementCodec.LongestMessage];
        RouterEffect send = RouterEffect.Send(new(100), Centiseconds.FromSeconds(5), V2PasswordRouter);
        int length = AdvertisementCodec.Encode(V2PasswordRouter, send, sequence: 0, Source4, MulticastGroup.V4, buffer);
        // The captured message with 5 in place of 1 in the interval's byte: the sum is 4 more, the checksum 4 less.
        Assert.Equal(Hex("21336401 0105f11c c0a8016c 3131313132323200"), buffer[..length]);
    }

    [Fact]
    public void Unicast_SumsThePeersAddressIntoTheChecksum()
    {
        byte[] message = Encode(V3Router, 100, Source4, IpAddress.Parse("192.168.1.104"));
        // The pseudo-header has c0a8 + 0168 = c210 instead of e000 + 0012 = e012: 05b4 + 1e02.
        Assert.Equal(Hex("31336401 006423b6 c0a8016c"), message);
    }

    [Fact]
    public void LongestMessage_Fits()
    {
        ImmutableArray<IpPrefix> addresses =
            [.. Enumerable.Range(0, 64).Select(i => IpPrefix.Parse($"2001:db8::{i:x}"))];
        Assert.Equal(
            8 + (64 * 16), Encode(V3Ipv6Router with { Addresses = addresses }, 100, Source6, MulticastGroup.V6).Length);
    }

    private static byte[] Encode(RouterParameters parameters, byte priority) =>
        Encode(parameters, priority, Source4, MulticastGroup.V4);

    // The buffer is dirty, as a reused one is.
    private static byte[] Encode(RouterParameters parameters, byte priority, IpAddress source, IpAddress destination)
    {
        var buffer = new byte[AdvertisementCodec.LongestMessage];
        Array.Fill(buffer, (byte)0xaa);
        int length = Codec.Encode(parameters, new(priority), source, destination, buffer);
        return buffer[..length];
    }
}
