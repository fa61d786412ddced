using System.Collections.Immutable;

namespace VipOperator.Vrrp.Tests;

public sealed class RouterParametersTests
{
    public static TheoryData<string, RouterParameters> Invalid => new()
    {
        { "version: 4 is unknown; 2 or 3", Valid with { Version = (VrrpVersion)4 } },
        { "family: 0 is unknown; 4 or 6", Valid with { Family = 0 } },
        { "version: VRRPv2 carries IPv4 only; IPv6 needs version 3",
            CapturedPackets.V3Ipv6Router with { Version = VrrpVersion.V2 } },
        { "virtual router id: none is set; 1 to 255", Valid with { VirtualRouterId = default } },
        { "priority: 0 is what a router sends when it resigns; 1 to 255",
            Valid with { Priority = Priority.Resigning } },
        { "probe failure policy: 7 is unknown; Release or Demote", Valid with { OnProbeFailure = (FailurePolicy)7 } },
        { "demotion weight: 0; 1 to 253", Valid with { OnProbeFailure = FailurePolicy.Demote } },
        { "demotion weight: 254; 1 to 253",
            Valid with { OnProbeFailure = FailurePolicy.Demote, DemotionWeight = 254 } },
        {
            "priority: 255, the address owner, cannot be demoted; 1 to 254",
            Valid with { Priority = new(255), OnProbeFailure = FailurePolicy.Demote, DemotionWeight = 1 }
        },
        { "addresses: 0 given; 1 to 64", Valid with { Addresses = [] } },
        { "addresses: 0 given; 1 to 64", Valid with { Addresses = default } },
        { "addresses: 65 given; 1 to 64", Valid with { Addresses = Many(65) } },
        { "addresses: 2001:db8::1 is not of the router's family, IPv4",
            Valid with { Addresses = [IpPrefix.Parse("2001:db8::1")] } },
        { "addresses: 224.0.0.1 is not a unicast address", Valid with { Addresses = [IpPrefix.Parse("224.0.0.1")] } },
        { "addresses: 0.0.0.0 is not a unicast address", Valid with { Addresses = [IpPrefix.Parse("0.0.0.0")] } },
        {
            "addresses: 10.0.0.1 is listed twice",
            Valid with { Addresses = [IpPrefix.Parse("10.0.0.1/32"), IpPrefix.Parse("10.0.0.1/24")] }
        },
        { "authentication: a simple password needs version 2",
            Valid with { Authentication = AuthenticationType.Simple, AuthenticationKey = [1] } },
        { "authentication: the password is empty; 1 to 8 bytes",
            V2 with { Authentication = AuthenticationType.Simple } },
        {
            "authentication: the password has 9 bytes; 1 to 8 (keepalived uses the first 8 of a longer one)",
            V2 with { Authentication = AuthenticationType.Simple, AuthenticationKey = [1, 2, 3, 4, 5, 6, 7, 8, 9] }
        },
        { "authentication: the HMAC key has 0 bytes; 32 to 64",
            Valid with { Authentication = AuthenticationType.Hmac } },
        {
            "authentication: the HMAC key has 31 bytes; 32 to 64",
            Valid with { Authentication = AuthenticationType.Hmac, AuthenticationKey = [.. new byte[31]] }
        },
        {
            "authentication: the HMAC key has 65 bytes; 32 to 64",
            Valid with { Authentication = AuthenticationType.Hmac, AuthenticationKey = [.. new byte[65]] }
        },
        {
            "authentication: the HMAC key's id is 0; 1 to 255",
            Valid with { Authentication = AuthenticationType.Hmac, AuthenticationKey = [.. new byte[32]],
                AuthenticationKeyId = 0 }
        },
        { "authentication: 9 is unknown; None, Simple or HMAC", Valid with { Authentication = (AuthenticationType)9 } },
        { "transport: 5 is unknown; Multicast or Unicast", Valid with { Transport = (Transport)5 } },
        { "peers: none given with unicast transport", Valid with { Transport = Transport.Unicast, Peers = default } },
        {
            "peers: fe80::1 is not of the router's family, IPv4",
            Valid with { Transport = Transport.Unicast, Peers = [IpAddress.Parse("fe80::1")] }
        },
        {
            "peers: 10.0.0.1 is listed twice",
            Valid with { Transport = Transport.Unicast, Peers = [IpAddress.Parse("10.0.0.1"),
                IpAddress.Parse("10.0.0.1")] }
        },
        { "advertisement interval: 0.00s; version 3 takes 10ms to 40.95s in steps of 10ms",
            Valid with { AdvertisementInterval = default } },
        { "advertisement interval: 40.96s; version 3 takes 10ms to 40.95s in steps of 10ms",
            Valid with { AdvertisementInterval = new(4096) } },
        { "advertisement interval: 0.10s; version 2 takes whole seconds, 1s to 255s",
            V2 with { AdvertisementInterval = new(10) } },
        { "advertisement interval: 1.50s; version 2 takes whole seconds, 1s to 255s",
            V2 with { AdvertisementInterval = new(150) } },
        { "advertisement interval: 256.00s; version 2 takes whole seconds, 1s to 255s",
            V2 with { AdvertisementInterval = new(25_600) } },
        { "preempt delay: -00:00:01; 0s to 24h", Valid with { PreemptDelay = TimeSpan.FromSeconds(-1) } },
        { "address lifetime: 00:00:01.5000000; whole seconds, 1s to 24h, or 0s for ever",
            Valid with { AddressLifetime = TimeSpan.FromSeconds(1.5) } },
        { "address lifetime: -00:00:01; whole seconds, 1s to 24h, or 0s for ever",
            Valid with { AddressLifetime = TimeSpan.FromSeconds(-1) } },
        { "announce refresh: 00:00:00.5000000; 1s to 24h, or 0s for never",
            Valid with { AnnounceRefresh = TimeSpan.FromSeconds(0.5) } },
    };

    public static TheoryData<RouterParameters> Accepted => new()
    {
        Valid,
        V2,
        CapturedPackets.V2PasswordRouter,
        CapturedPackets.V3Ipv6Router,
        Valid with { Priority = Priority.AddressOwner },
        Valid with { Addresses = Many(64) },
        Valid with { AdvertisementInterval = new(4095) },
        Valid with { AdvertisementInterval = new(1) },
        V2 with { AdvertisementInterval = new(25_500) },
        V2 with { Authentication = AuthenticationType.Simple, AuthenticationKey = [1, 2, 3, 4, 5, 6, 7, 8] },
        Valid with { Transport = Transport.Unicast },
        Valid with { OnProbeFailure = FailurePolicy.Demote, DemotionWeight = 253 },
        Valid with { AddressLifetime = TimeSpan.Zero },
        Valid with { AnnounceRefresh = TimeSpan.Zero },
    };

    private static RouterParameters Valid => CapturedPackets.V3Router;

    private static RouterParameters V2 => CapturedPackets.V2TwoAddressesRouter;

    [Theory]
    [MemberData(nameof(Invalid))]
    public void TryValidate_NamesTheFieldAndWhatIsAllowed(string expected, RouterParameters parameters)
    {
        Assert.False(parameters.TryValidate(out string? reason));
        Assert.Equal(expected, reason);
    }

    [Theory]
    [MemberData(nameof(Accepted))]
    public void TryValidate_AcceptsTheLimits(RouterParameters parameters)
    {
        Assert.True(parameters.TryValidate(out string? reason));
        Assert.Null(reason);
    }

    [Fact]
    public void ToString_OfParametersAndState_ShowsNoPassword()
    {
        RouterParameters parameters = CapturedPackets.V2PasswordRouter;
        TestRouter router = TestRouter.Backup(parameters);

        string text = parameters + " " + router.State;

        Assert.DoesNotContain("1111222", text, StringComparison.Ordinal);
        Assert.DoesNotContain("49, 49", text, StringComparison.Ordinal);
        Assert.DoesNotContain("AuthenticationKey", text, StringComparison.Ordinal);
    }

    // The agent sends its whole configuration each time; what did not change must be seen not to have changed.
    [Fact]
    public void Equals_ComparesByValue()
    {
        RouterParameters left = CapturedPackets.V2PasswordRouter;
        RouterParameters right = CapturedPackets.V2PasswordRouter;

        Assert.Equal(left, right);
        Assert.Equal(left.GetHashCode(), right.GetHashCode());
        Assert.NotEqual(left, right with { AuthenticationKey = [1] });
        Assert.NotEqual(left, right with { Addresses = [IpPrefix.Parse("192.168.1.108/24")] });
        Assert.NotEqual(left, right with { Peers = [IpAddress.Parse("10.0.0.1")] });
        Assert.NotEqual(left, right with { Alone = true });
        Assert.NotEqual(left, right with { VirtualMac = true });
        Assert.NotEqual(left, right with { AnnounceRefresh = TimeSpan.FromSeconds(5) });
    }

    // Three intervals in the kernel's unit, rounded up.
    [Theory]
    [InlineData(1, 1)]
    [InlineData(33, 1)]
    [InlineData(34, 2)]
    [InlineData(100, 3)]
    [InlineData(4095, 123)]
    public void DefaultAddressLifetime_IsThreeIntervalsInWholeSeconds(int centiseconds, int seconds) =>
        Assert.Equal(TimeSpan.FromSeconds(seconds), RouterParameters.DefaultAddressLifetime(new(centiseconds)));

    // v3: 3 × interval + (256 − priority)/256 × interval; v2: (256 − priority)/256 s whatever the interval.
    [Theory]
    [InlineData(VrrpVersion.V3, 254, 100, 3)] // 3.008 s
    [InlineData(VrrpVersion.V3, 100, 100, 4)] // 3.609 s
    [InlineData(VrrpVersion.V2, 100, 100, 4)]
    [InlineData(VrrpVersion.V3, 100, 200, 8)] // 7.219 s
    [InlineData(VrrpVersion.V3, 1, 10, 1)] // 0.400 s
    [InlineData(VrrpVersion.V3, 100, 1, 1)]
    public void DefaultAddressLifetime_LastsAsLongAsAPeerOfTheSamePriorityWaits(
        VrrpVersion version, int priority, int centiseconds, int seconds)
    {
        Assert.True(Priority.TryCreateAssignable(priority, out Priority own));

        Assert.Equal(
            TimeSpan.FromSeconds(seconds), RouterParameters.DefaultAddressLifetime(version, own, new(centiseconds)));
    }

    private static ImmutableArray<IpPrefix> Many(int count) =>
        [.. Enumerable.Range(1, count).Select(i => IpPrefix.Parse($"10.0.0.{i}"))];
}
