using System.Collections.Immutable;

namespace VipOperator.Vrrp.Tests;

/// <summary>
/// A group of two to five nodes with one router each, or two of different families, as a seed gives it.
/// </summary>
/// <param name="Nodes">For each node the parameters of its routers, IPv4 first.</param>
internal sealed record Scenario(ImmutableArray<ImmutableArray<RouterParameters>> Nodes)
{
    // Debian's default for preempt_delay and the API's for the probe are below it.
    public const int LongestDelaySeconds = 3;

    public bool IsDualStack => Nodes[0].Length > 1;

    public VrrpVersion Version => Nodes[0][0].Version;

    public Centiseconds Interval => Nodes[0][0].AdvertisementInterval;

    /// <summary>Any version, family, interval, authentication; ties of priority; with and without preemption.</summary>
    public static Scenario Any(Random random)
    {
        int kind = random.Next(8);
        bool isV2 = kind < 2;
        bool isDualStack = kind > 4;
        int[] intervals = isV2 ? [100, 100, 200] : [100, 100, 100, 50, 50, 10];
        // Once in a while the shortest there is: a hundred times the packets.
        int centiseconds = !isV2 && random.Next(200) == 0 ? 1 : intervals[random.Next(intervals.Length)];
        return Create(
            random,
            isV2 ? VrrpVersion.V2 : VrrpVersion.V3,
            isDualStack ? [IpFamily.V4, IpFamily.V6] : [kind is 3 or 4 ? IpFamily.V6 : IpFamily.V4],
            new Centiseconds(centiseconds),
            preempt: random.Next(4) > 0);
    }

    /// <summary>Dual-stack, at one second.</summary>
    public static Scenario DualStack(Random random, bool ties) =>
        Create(random, VrrpVersion.V3, [IpFamily.V4, IpFamily.V6], new(100), random.Next(4) > 0, ties);

    /// <summary>At one second, with lifetimes, without preemption.</summary>
    public static Scenario Sticky(Random random) => Create(
        random,
        random.Next(3) == 0 ? VrrpVersion.V2 : VrrpVersion.V3,
        [IpFamily.V4],
        new(100),
        preempt: false,
        lives: true);

    /// <summary>The address that a node advertises from.</summary>
    public static IpAddress AddressOf(int node, IpFamily family) => family == IpFamily.V4
        ? IpAddress.V4(0xc0a8_0101 + (uint)node)
        // The other way round than IPv4, so that the families never agree on who has the higher one.
        : IpAddress.V6(new UInt128(0xfe80_0000_0000_0000, 100 - (ulong)node));

    public static ImmutableArray<IpPrefix> Addresses(IpFamily family, int count) =>
    [
        .. Enumerable.Range(8, count).Select(
            i => IpPrefix.Parse(family == IpFamily.V4 ? $"192.168.1.{i}" : $"2001:db8::{i}")),
    ];

    private static Scenario Create(
        Random random,
        VrrpVersion version,
        IpFamily[] families,
        Centiseconds interval,
        bool preempt,
        bool ties = true,
        bool lives = false)
    {
        bool isForEver = !lives && random.Next(4) == 0;
        int delay = random.Next(4) == 0 ? random.Next(1, LongestDelaySeconds + 1) : 0;
        AuthenticationType authentication = random.Next(10) switch
        {
            0 => AuthenticationType.Hmac,
            1 when version == VrrpVersion.V2 => AuthenticationType.Simple,
            _ => AuthenticationType.None,
        };
        int count = random.Next(2, 6);
        var nodes = ImmutableArray.CreateBuilder<ImmutableArray<RouterParameters>>(count);
        for (int i = 0; i < count; i++)
        {
            byte priority = (byte)(254 - (ties ? random.Next(4) : i));
            nodes.Add([.. families.Select(family => new RouterParameters
            {
                Version = version,
                Family = family,
                VirtualRouterId = VirtualRouterId.Create(51),
                Priority = new(priority),
                AdvertisementInterval = interval,
                Addresses = Addresses(family, 1),
                Preempt = preempt,
                PreemptDelay = TimeSpan.FromSeconds(delay),
                OnProbeFailure = i % 2 == 0 ? FailurePolicy.Release : FailurePolicy.Demote,
                DemotionWeight = i % 2 == 0 ? 0 : 50,
                Authentication = authentication,
                AuthenticationKey = Key(authentication, 1),
                AddressLifetime = isForEver ? TimeSpan.Zero : RouterParameters.DefaultAddressLifetime(interval),
                AnnounceRefresh = TimeSpan.Zero,
            })]);
        }

        return new(nodes.ToImmutable());
    }

    public static ImmutableArray<byte> Key(AuthenticationType authentication, byte fill) => authentication switch
    {
        AuthenticationType.None => [],
        AuthenticationType.Simple => [fill],
        AuthenticationType.Hmac => [.. Enumerable.Repeat(fill, 32)],
    };
}
