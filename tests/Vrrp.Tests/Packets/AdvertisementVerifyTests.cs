using System.Collections.Immutable;
using static VipOperator.Vrrp.Tests.CapturedPackets;

namespace VipOperator.Vrrp.Tests;

/// <summary>What a router takes from packets that are well-formed (RFC 3768 §7.1, RFC 9568 §7.1).</summary>
public sealed class AdvertisementVerifyTests
{
    private static readonly IpAddress Own = IpAddress.Parse("192.168.1.104");

    [Fact]
    public void V2_WithTheRightPassword_IsTaken() =>
        Assert.Equal(DropReason.None, Verify(V2Password, V2PasswordRouter));

    [Fact]
    public void V2_WithoutAuthentication_IsTaken() =>
        Assert.Equal(DropReason.None, Verify(V2TwoAddresses, V2TwoAddressesRouter));

    [Fact]
    public void V3_IsTaken() => Assert.Equal(DropReason.None, Verify(V3, V3Router));

    [Fact]
    public void V3_Ipv6_IsTaken() => Assert.Equal(
        DropReason.None, Verify(V3Ipv6, V3Ipv6Router, Context6, IpAddress.Parse("fe80::104")));

    [Fact]
    public void V2_WithAnotherPassword_IsDropped() => Assert.Equal(
        DropReason.AuthenticationFailed, Verify(
            V2Password, V2PasswordRouter with { AuthenticationKey = [.. "1111223"u8] }));

    // The padding counts: a password is not the prefix of a longer one.
    [Theory]
    [InlineData("111122")]
    [InlineData("11112222")]
    public void V2_WithAPrefixOfThePassword_IsDropped(string password) => Assert.Equal(
        DropReason.AuthenticationFailed,
        Verify(V2Password,
            V2PasswordRouter with { AuthenticationKey = [.. System.Text.Encoding.ASCII.GetBytes(password)] }));

    [Fact]
    public void V2_PasswordLongerThanEightBytes_ComparesTheFirstEight() => Assert.Equal(
        DropReason.None, Verify(V2LongPassword, V2PasswordRouter with { AuthenticationKey = [.. "abcdefghXX"u8] }));

    // RFC 2338 §7.1: MUST verify the Auth Type.
    [Fact]
    public void V2_PasswordWhereNoneIsConfigured_IsDropped() => Assert.Equal(
        DropReason.AuthenticationTypeMismatch,
        Verify(V2Password, V2PasswordRouter with { Authentication = AuthenticationType.None }));

    [Fact]
    public void V2_NoPasswordWhereOneIsConfigured_IsDropped() => Assert.Equal(
        DropReason.AuthenticationTypeMismatch,
        Verify(V2TwoAddresses,
            V2TwoAddressesRouter with { Authentication = AuthenticationType.Simple, AuthenticationKey = [1] }));

    // RFC 3768 §5.3.6: 0 to 2 are defined, and of those we know none and the password.
    [Theory]
    [InlineData(AuthenticationType.None, 2)]
    [InlineData(AuthenticationType.None, 255)]
    [InlineData(AuthenticationType.Simple, 2)]
    [InlineData(AuthenticationType.Simple, 255)]
    public void V2_UnknownAuthenticationType_IsDropped(AuthenticationType configured, byte sent) => Assert.Equal(
        DropReason.AuthenticationTypeMismatch,
        Verify(Changed(V2Password, at: 4, to: sent), V2PasswordRouter with { Authentication = configured }));

    // RFC 3768 §5.3.10: without authentication the data is ignored.
    [Fact]
    public void V2_DataWithoutAuthentication_IsIgnored() => Assert.Equal(
        DropReason.None,
        Verify(
            Changed(V2Password, at: 4, to: 0), V2PasswordRouter with { Authentication = AuthenticationType.None }));

    [Fact]
    public void AnotherVersion_IsDropped()
    {
        Assert.Equal(DropReason.VersionMismatch, Verify(V3, V2PasswordRouter));
        Assert.Equal(DropReason.VersionMismatch, Verify(V2Password, V3Router));
    }

    [Fact]
    public void AnotherVirtualRouterId_IsDropped() => Assert.Equal(
        DropReason.UnknownVirtualRouterId, Verify(V3, V3Router with { VirtualRouterId = VirtualRouterId.Create(52) }));

    // RFC 3768 §7.1; v3 learns it (RFC 9568 §6.4.2).
    [Fact]
    public void AnotherInterval_IsDroppedByV2Alone()
    {
        Assert.Equal(
            DropReason.IntervalMismatch, Verify(
                V2Password, V2PasswordRouter with { AdvertisementInterval = new(200) }));
        Assert.Equal(DropReason.None, Verify(V3, V3Router with { AdvertisementInterval = new(200) }));
    }

    // After a change, for a while (docs/adr/0006-interval-change.md).
    [Fact]
    public void ThePreviousInterval_IsTakenWhileTheChangeSpreads()
    {
        RouterParameters changed = V2PasswordRouter with { AdvertisementInterval = new(500) };
        AdvertisementCodec.Decode(V2Password, Context4, out Advertisement advertisement);

        Assert.Equal(
            DropReason.None, Codec.Verify(
                V2Password, advertisement, Context4, changed, Own, previousInterval: new(100)));
        Assert.Equal(
            DropReason.IntervalMismatch,
            Codec.Verify(V2Password, advertisement, Context4, changed, Own, previousInterval: new(200)));
    }

    // RFC 3768 §7.1; RFC 9568 §7.1 reports only.
    [Fact]
    public void OtherAddresses_AreTaken()
    {
        ImmutableArray<IpPrefix> others = [IpPrefix.Parse("192.168.1.200/32")];
        Assert.Equal(DropReason.None, Verify(V2Password, V2PasswordRouter with { Addresses = others }));
        Assert.Equal(DropReason.None, Verify(V3, V3Router with { Addresses = others }));
    }

    [Theory]
    [InlineData("192.168.1.108 192.168.1.109", true)]
    [InlineData("192.168.1.109 192.168.1.108", true)]
    [InlineData("192.168.1.108", false)]
    [InlineData("192.168.1.108 192.168.1.110", false)]
    [InlineData("192.168.1.108 192.168.1.109 192.168.1.110", false)]
    public void AddressesMatch_ComparesAsSets(string configured, bool expected)
    {
        RouterParameters parameters =
            V2TwoAddressesRouter with { Addresses = [.. configured.Split(' ').Select(IpPrefix.Parse)] };
        AdvertisementCodec.Decode(V2TwoAddresses, Context4, out Advertisement advertisement);
        Assert.Equal(expected, AdvertisementCodec.AddressesMatch(V2TwoAddresses, advertisement, parameters));
    }

    // RFC 9568 §7.1.
    [Fact]
    public void AddressOwner_TakesNothing() =>
        Assert.Equal(DropReason.AddressOwner, Verify(V3, V3Router with { Priority = Priority.AddressOwner }));

    [Fact]
    public void OwnPacket_LoopedBack_IsDropped() =>
        Assert.Equal(DropReason.OwnPacket, Verify(V3, V3Router, Context4, Source4));

    [Fact]
    public void Multicast_SentToOurOwnAddress_IsDropped() => Assert.Equal(
        DropReason.WrongDestination, Verify(V3MessageOnly, V3Router, Context4 with { Destination = Own }, Own));

    [Fact]
    public void Unicast_FromAPeer_IsTaken() => Assert.Equal(
        DropReason.None, Verify(V3MessageOnly, Unicast(Source4), Context4 with { Destination = Own }, Own));

    [Fact]
    public void Unicast_FromAStranger_IsDropped() => Assert.Equal(
        DropReason.UnknownPeer,
        Verify(V3MessageOnly, Unicast(IpAddress.Parse("192.168.1.105")), Context4 with { Destination = Own }, Own));

    [Fact]
    public void Unicast_SentToTheGroup_IsDropped() =>
        Assert.Equal(DropReason.WrongDestination, Verify(V3MessageOnly, Unicast(Source4)));

    private static RouterParameters Unicast(params IpAddress[] peers) =>
        V3Router with { Transport = Transport.Unicast, Peers = [.. peers] };

    private static DropReason Verify(byte[] message, RouterParameters parameters) =>
        Verify(message, parameters, Context4, Own);

    private static DropReason Verify(byte[] message, RouterParameters parameters, PacketContext context, IpAddress own)
    {
        Assert.Equal(DropReason.None, AdvertisementCodec.Decode(message, context, out Advertisement advertisement));
        return Codec.Verify(message, advertisement, context, parameters, own);
    }
}
