namespace VipOperator.Vrrp.Tests;

/// <summary>
/// For how long a deadline may wait for those of other routers (docs/adr/0025-batches.md), whatever the interval.
/// </summary>
public sealed class SlackTests
{
    private const long Second = 1_000_000_000;
    private const long Millisecond = 1_000_000;

    [Theory]
    [InlineData(VrrpVersion.V3, 4095)]
    [InlineData(VrrpVersion.V3, 1200)]
    [InlineData(VrrpVersion.V3, 100)]
    [InlineData(VrrpVersion.V2, 25_500)]
    public void Burst_WaitsFiveMillisecondsAtMost(VrrpVersion version, int centiseconds)
    {
        TestRouter router = TestRouter.Active(TestRouter.V3(100, centiseconds) with { Version = version });
        long start = router.Now.Nanoseconds;
        foreach (int milliseconds in (int[])[100, 300, 600, 1000, 5000])
        {
            while (router.NextDeadline < start + (milliseconds * Millisecond))
                router.RunToDeadline();
            Assert.Equal(start + (milliseconds * Millisecond), router.State.AnnounceDeadline.Nanoseconds);
            Assert.InRange(LatestOf(router), router.NextDeadline, start + ((milliseconds + 5) * Millisecond));
            router.RunToDeadline();
        }
    }

    [Theory]
    [InlineData(4095, 31_250_000)]
    [InlineData(100, 31_250_000)]
    [InlineData(50, 15_625_000)]
    [InlineData(1, 312_500)]
    public void Advertisement_WaitsAThirtySecondOfTheIntervalOrOfASecond(int centiseconds, long expected)
    {
        TestRouter router = Settled(TestRouter.V3(100, centiseconds) with { AddressLifetime = TimeSpan.Zero });

        Assert.Equal(router.State.AdvertisementDeadline.Nanoseconds, router.NextDeadline);
        Assert.Equal(router.NextDeadline + expected, LatestOf(router));
    }

    // Renewed each second of three: late by 31 ms it still has three tries.
    [Fact]
    public void Renewal_OfAShortLifetimeAtALongInterval_WaitsForAsLong()
    {
        TestRouter router = Settled(TestRouter.V3(100, 4095) with { AddressLifetime = TimeSpan.FromSeconds(3) });

        Assert.Equal(router.State.RenewDeadline.Nanoseconds, router.NextDeadline);
        Assert.Equal(router.NextDeadline + 31_250_000, LatestOf(router));
    }

    [Fact]
    public void Refresh_WaitsAsAnAdvertisement()
    {
        TestRouter router = Settled(TestRouter.V3(100, 4095) with
        {
            AddressLifetime = TimeSpan.Zero,
            AnnounceRefresh = TimeSpan.FromSeconds(10),
        });

        Assert.Equal(router.State.AnnounceDeadline.Nanoseconds, router.NextDeadline);
        Assert.Equal(router.NextDeadline + 31_250_000, LatestOf(router));
    }

    [Fact]
    public void EndOfAHandover_WaitsForNobody()
    {
        TestRouter router = Settled(TestRouter.V3(100, 4095) with { AddressLifetime = TimeSpan.Zero });
        router.Do(RouterEvent.HandoverRequested());
        router.Hear(99, centiseconds: 4095);

        Assert.Equal(router.Now.Nanoseconds + (120 * Millisecond), router.NextDeadline);
        Assert.Equal(router.NextDeadline, LatestOf(router));
    }

    [Fact]
    public void Backup_WaitsForNobody()
    {
        TestRouter router = TestRouter.Backup();

        Assert.Equal(router.NextDeadline, LatestOf(router));
    }

    [Fact]
    public void Retry_WaitsForNobody()
    {
        TestRouter router = TestRouter.Active();
        router.Do(RouterEvent.EffectFailed(RouterEffectKind.BindAddresses));

        Assert.Equal(router.Now.Nanoseconds + (5 * Second), router.NextDeadline);
        Assert.Equal(router.NextDeadline, LatestOf(router));
    }

    [Fact]
    public void Initialize_HasNoDeadline()
    {
        TestRouter router = new();

        Assert.Equal(MonotonicTime.Never.Nanoseconds, LatestOf(router));
    }

    private static TestRouter Settled(RouterParameters parameters)
    {
        TestRouter router = TestRouter.Active(parameters);
        router.RunUntil(router.Now.Nanoseconds + (6 * Second));
        Assert.Equal(0, router.State.AnnouncementsLeft);
        return router;
    }

    private static long LatestOf(TestRouter router) =>
        RouterGroup.LatestDeadline([router.Parameters], [router.State]).Nanoseconds;
}
