using System.Collections.Immutable;

namespace VipOperator.Vrrp.Tests;

/// <summary>
/// A new password or key reaches the members one after the other, within three minutes: none of them becomes a second
/// Active meanwhile (docs/adr/0016-hmac.md).
/// </summary>
public sealed class KeyChangeTests
{
    private const long Second = 1_000_000_000;

    private static readonly ImmutableArray<byte> Old = [.. new byte[32]];
    private static readonly ImmutableArray<byte> New = [.. Enumerable.Repeat((byte)1, 32)];

    private static RouterParameters Hmac =>
        TestRouter.V3() with
        {
            Authentication = AuthenticationType.Hmac,
            AuthenticationKey = Old,
            AddressLifetime = TimeSpan.Zero
        };

    private static RouterParameters Password =>
        TestRouter.V2() with
        {
            Authentication = AuthenticationType.Simple,
            AuthenticationKey = [1],
            AddressLifetime = TimeSpan.Zero
        };

    [Fact]
    public void Active_NewKey_SendsWithEitherForThreeMinutes()
    {
        TestRouter router = Settled(Hmac);

        Assert.Equal("", router.Change(Hmac with { AuthenticationKey = New }));
        Assert.Equal("send 100 with the old key, send 100", router.RunToDeadline());
        router.RunUntil((209 * Second) + 999_999_999);
        Assert.Equal("send 100 with the old key, send 100", router.Hear(0));
        router.AdvanceTo(210 * Second);
        Assert.Equal("send 100", router.Hear(0));
    }

    [Theory]
    [InlineData(AuthenticationType.None)]
    [InlineData(AuthenticationType.Hmac)]
    public void Active_AnotherTypeOrKeyId_SendsWithEither(AuthenticationType authentication)
    {
        TestRouter router = Settled(Hmac);
        router.Change(Hmac with { Authentication = authentication, AuthenticationKeyId = 2 });

        Assert.Equal(
            "send 0 with the old key, send 0, release, Active→Initialize Shutdown", router.Do(RouterEvent.Stop()));
    }

    [Fact]
    public void Active_NewPasswordAndInterval_SendsAllFour()
    {
        TestRouter router = Settled(Password);

        Assert.Equal(
            "send 100 every 1.00s with the old key, send 100 with the old key, send 100 every 1.00s, send 100",
            router.Change(Password with { AuthenticationKey = [2], AdvertisementInterval = new(200) }));
    }

    [Fact]
    public void Backup_NewKey_BecomesActiveWithBoth()
    {
        TestRouter router = TestRouter.Backup(Hmac);
        router.Change(Hmac with { AuthenticationKey = New });

        Assert.Equal(
            "bind, send 100 with the old key, send 100, announce, Backup→Active ActiveDownTimerExpired",
            router.RunToDeadline());
    }

    [Fact]
    public void OldKey_IsTakenForThreeMinutes()
    {
        TestRouter router = TestRouter.Backup(Hmac);
        router.AdvanceTo(10 * Second);
        router.Change(Hmac with { AuthenticationKey = New });

        Assert.Equal(DropReason.None, Receive(router.State, Hmac, New, at: 11));
        Assert.Equal(DropReason.None, Receive(router.State, Hmac, Old, at: 189));
        Assert.Equal(DropReason.AuthenticationFailed, Receive(router.State, Hmac, Old, at: 190));
        Assert.Equal(
            DropReason.AuthenticationFailed, Receive(router.State, Hmac, [.. New.Reverse().Skip(1), 9], at: 11));
    }

    [Fact]
    public void OldPassword_IsTakenForThreeMinutes()
    {
        TestRouter router = TestRouter.Backup(Password);
        router.Change(Password with { AuthenticationKey = [2] });

        Assert.Equal(DropReason.None, Receive(router.State, Password, [1], at: 179));
        Assert.Equal(DropReason.None, Receive(router.State, Password, [2], at: 179));
        Assert.Equal(DropReason.AuthenticationFailed, Receive(router.State, Password, [3], at: 179));
        Assert.Equal(DropReason.AuthenticationFailed, Receive(router.State, Password, [1], at: 180));
    }

    private static TestRouter Settled(RouterParameters parameters)
    {
        TestRouter router = TestRouter.Active(parameters);
        router.RunUntil(30 * Second);
        return router;
    }

    private static DropReason Receive(in RouterState state, RouterParameters sender, ImmutableArray<byte> key, long at)
    {
        RouterParameters signer = sender with { AuthenticationKey = key };
        var context = new PacketContext
        {
            Source = TestRouter.HigherPeer,
            Destination = MulticastGroup.V4,
            TimeToLive = 255,
            ReceivedAt = new(at * Second),
        };
        var buffer = new byte[AdvertisementCodec.LongestMessage];
        RouterEffect send = RouterEffect.Send(new(100), sender.AdvertisementInterval, signer);
        int length = AdvertisementCodec.Encode(sender, send, sequence: 1, context.Source, context.Destination, buffer);
        Assert.Equal(DropReason.None, AdvertisementCodec.Decode(
            buffer.AsSpan(0, length), context, out Advertisement advertisement));
        return AdvertisementCodec.Verify(
            buffer.AsSpan(0, length), advertisement, context, state.Parameters!, state, new ReplayGuard());
    }
}
