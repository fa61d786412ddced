namespace VipOperator.Vrrp.Tests;

/// <summary>
/// What an Active router does all day: advertise, renew, announce; and when it must see that it slept.
/// </summary>
public sealed class HoldingTests
{
    private const long Second = 1_000_000_000;
    private const long Millisecond = 1_000_000;

    // Active since 3.609375 s.
    private const long Takeover = 3_609_375_000;

    // RFC 9568 §6.4.3; each due one interval after the one before was due, however late that was.
    [Fact]
    public void AdverTimer_FiresLate_DoesNotDrift()
    {
        TestRouter router = Settled();

        Assert.Equal(
            "send 100, renew", router.DoAt(Takeover + (10 * Second) + (300 * Millisecond), RouterEvent.Deadline()));
        Assert.Equal(Takeover + (11 * Second), router.State.AdvertisementDeadline.Nanoseconds);
    }

    // A loop that stops 1 ns before an advertisement: peers take over 3 s and the skew after the last one, and by then
    // the kernel has taken the addresses away, 3 s after the last renewal.
    [Fact]
    public void AdverTimer_FiresLate_TheNextAdvertisementRenewsAgain()
    {
        TestRouter router = Settled();
        router.DoAt(Takeover + (10 * Second) + (300 * Millisecond), RouterEvent.Deadline());

        Assert.Equal("send 100, renew", router.RunToDeadline());
        Assert.Equal(Takeover + (11 * Second), router.Now.Nanoseconds);
        Assert.Equal(Takeover + (12 * Second), router.NextDeadline);
    }

    [Fact]
    public void AdverTimer_FiresLateByMoreThanAnInterval_MakesNoneUpFor()
    {
        TestRouter router = Settled();

        Assert.Equal(
            "send 100, renew", router.DoAt(Takeover + (11 * Second) + (500 * Millisecond), RouterEvent.Deadline()));
        Assert.Equal(Takeover + (12 * Second) + (500 * Millisecond), router.State.AdvertisementDeadline.Nanoseconds);
    }

    // At once, and 100 ms, 300 ms, 600 ms, 1 s and 5 s later.
    [Fact]
    public void Takeover_AnnouncesSixTimesInFiveSeconds()
    {
        TestRouter router = TestRouter.Active();

        Assert.Equal(
            [100 * Millisecond, 300 * Millisecond, 600 * Millisecond, 1 * Second, 5 * Second],
            AnnouncementsUntil(router, 60 * Second));
    }

    // v3 at 100: Skew_Time (256 − 100) / 256 s. The one that ended has the address for 3 s at the most: until then four
    // times a second beside the usual burst, and once after.
    [Fact]
    public void Takeover_FromOneThatEnded_AnnouncesUntilItsLifetimeIsOver()
    {
        TestRouter router = TestRouter.Backup();
        router.Hear(200);
        router.Do(RouterEvent.ActiveGone(TestRouter.HigherPeer));
        Assert.Equal("bind, send 100, announce, Backup→Active ActiveRouterGone", router.RunToDeadline());
        Assert.Equal(609_375_000, router.Now.Nanoseconds);

        var times = new List<long>();
        while (router.NextDeadline <= 609_375_000 + (60 * Second))
        {
            if (router.RunToDeadline().Contains("announce", StringComparison.Ordinal))
                times.Add((router.Now.Nanoseconds - 609_375_000) / Millisecond);
        }

        Assert.Equal([100, 300, 550, 800, 1050, 1300, 1550, 1800, 2050, 2300, 2550, 2800, 3050, 7050], times);
    }

    [Fact]
    public void Refresh_AnnouncesForEver()
    {
        TestRouter router = TestRouter.Active(TestRouter.V3() with { AnnounceRefresh = TimeSpan.FromSeconds(60) });
        router.RunUntil(Takeover + (5 * Second));

        Assert.Equal([65 * Second, 125 * Second, 185 * Second], AnnouncementsUntil(router, 190 * Second));
    }

    [Fact]
    public void Refresh_DefaultsToAMinute() =>
        Assert.Equal(TimeSpan.FromMinutes(1), CapturedPackets.V3Router.AnnounceRefresh);

    // The survivor of a split: the other announced the addresses, so hosts must be told again, and not once only.
    [Fact]
    public void Split_Heals_TheSurvivorAnnouncesThreeTimes()
    {
        TestRouter router = TestRouter.Active();
        router.RunUntil(60 * Second);
        long healed = router.Now.Nanoseconds - Takeover;

        Assert.Equal("send 100, announce", router.Hear(99));
        Assert.Equal(
            [healed + (400 * Millisecond), healed + (4_400 * Millisecond)], AnnouncementsUntil(router, 120 * Second));
    }

    [Fact]
    public void HardwareAddress_Changes_IsAnnouncedAtOnceAndTwiceMore()
    {
        TestRouter router = TestRouter.Active();
        router.RunUntil(Takeover + (20 * Second));

        Assert.Equal("announce", router.Do(RouterEvent.HardwareAddressChanged()));

        Assert.Equal([20_400 * Millisecond, 24_400 * Millisecond], AnnouncementsUntil(router, 60 * Second));
    }

    // One that lets go late may say last that it holds the addresses, after our burst of the first second.
    [Fact]
    public void Claim_SoonAfterTakeover_IsAnsweredAtOnceAndTwiceMore_EachTime()
    {
        TestRouter router = TestRouter.Active();
        router.RunUntil(Takeover + (1_500 * Millisecond));

        Assert.Equal("announce", router.Do(RouterEvent.AddressClaimed()));
        Assert.Equal("", router.Do(RouterEvent.AddressClaimed()));
        router.RunUntil(Takeover + (1_750 * Millisecond));
        Assert.Equal("announce", router.Do(RouterEvent.AddressClaimed()));
        Assert.Equal([2_150 * Millisecond, 6_150 * Millisecond], AnnouncementsUntil(router, 60 * Second));
    }

    // RFC 5227 §2.4: two that both defend must not do so at the speed of the wire.
    [Fact]
    public void Claim_Later_IsAnsweredOnceInTenSeconds()
    {
        TestRouter router = TestRouter.Active();
        router.RunUntil(Takeover + (20 * Second));

        Assert.Equal("announce", router.Do(RouterEvent.AddressClaimed()));
        Assert.Equal([20_400 * Millisecond, 24_400 * Millisecond], AnnouncementsUntil(router, (30 * Second) - 1));
        router.RunUntil(Takeover + (30 * Second) - 1);
        Assert.Equal("", router.Do(RouterEvent.AddressClaimed()));
        router.RunUntil(Takeover + (30 * Second));
        Assert.Equal("announce", router.Do(RouterEvent.AddressClaimed()));
    }

    [Fact]
    public void Lease_EndsALifetimeAfterTheLastRenewal()
    {
        TestRouter router = TestRouter.Active();
        Assert.Equal(Takeover + (3 * Second), router.State.LeaseEnd.Nanoseconds);

        router.RunUntil(Takeover + (2 * Second));
        Assert.Equal(Takeover + (5 * Second), router.State.LeaseEnd.Nanoseconds);
    }

    // One nanosecond before its end, the lease can be renewed; at its end a peer may hold the addresses.
    [Fact]
    public void Lease_Ended_StepsDownWithoutSendingOrRenewing()
    {
        TestRouter router = Settled();
        long leaseEnd = router.State.LeaseEnd.Nanoseconds;
        Assert.Equal("send 100, renew, announce", Late(leaseEnd - 1));

        Assert.Equal("release, Active→Backup LoopStalled", Late(leaseEnd));

        static string Late(long at)
        {
            TestRouter stalled = TestRouter.Active(TestRouter.V3() with { AnnounceRefresh = TimeSpan.FromSeconds(1) });
            stalled.RunUntil(Takeover + (9 * Second) + (500 * Millisecond));
            return stalled.DoAt(at, RouterEvent.Deadline());
        }
    }

    [Fact]
    public void Lease_Ended_ListensForAWholeActiveDownInterval()
    {
        TestRouter router = Settled();
        router.DoAfter(5 * Second, RouterEvent.Deadline());

        Assert.Equal(router.Now.Nanoseconds + 3_609_375_000, router.NextDeadline);
    }

    // Whatever wakes the loop first, the lease comes first; what happened then happens to a Backup.
    [Theory]
    [MemberData(nameof(Wakers))]
    public void Lease_Ended_IsSeenWhateverTheEvent(RouterEventKind kind, string after)
    {
        TestRouter router = Settled();
        router.AdvanceTo(router.Now.Nanoseconds + (5 * Second));

        string effects = router.Do(EventOf(router, kind));

        Assert.Equal("release, Active→Backup LoopStalled" + after, effects);
        RouterInvariants.Hold(router.State, router.Now);
    }

    public static TheoryData<RouterEventKind, string> Wakers => new()
    {
        { RouterEventKind.Start, "" },
        { RouterEventKind.Stop, ", Backup→Initialize Shutdown" },
        { RouterEventKind.AdvertisementReceived, "" },
        { RouterEventKind.DeadlineReached, "" },
        { RouterEventKind.ParametersChanged, "" },
        { RouterEventKind.LinkDown, ", Backup→Fault LinkDown" },
        { RouterEventKind.LinkUp, "" },
        { RouterEventKind.HealthChanged, ", Backup→Fault ProbeFailed" },
        { RouterEventKind.AddressLost, "" },
        { RouterEventKind.EffectFailed, "" },
        { RouterEventKind.HandoverRequested, "" },
    };

    // 10 ms: 25 advertisements to a renewal; the lifetime is the kernel's shortest, 1 s.
    [Fact]
    public void ShortInterval_RenewsEveryQuarterOfASecond()
    {
        TestRouter router = TestRouter.Active(TestRouter.V3(centiseconds: 1));
        router.RunUntil(20 * Second);
        (int sent, int renewed) = CountUntil(router, 21 * Second);

        Assert.Equal(100, sent);
        Assert.Equal(4, renewed);
        Assert.InRange(router.State.LeaseEnd.Nanoseconds - router.Now.Nanoseconds, 750 * Millisecond, 1 * Second);
    }

    [Theory]
    [InlineData(25)]
    [InlineData(100)]
    [InlineData(4095)]
    public void OrdinaryInterval_RenewsWithEachAdvertisement(int centiseconds)
    {
        TestRouter router = TestRouter.Active(TestRouter.V3(centiseconds: centiseconds));
        router.RunUntil(200 * Second);
        (int sent, int renewed) = CountUntil(router, 400 * Second);

        Assert.Equal(sent, renewed);
    }

    // A person's choice: 3 s with an advertisement every 10 s. Renewed each second, or it would run out in between.
    [Fact]
    public void LifetimeShorterThanTheInterval_IsRenewedThreeTimesWithinIt()
    {
        TestRouter router = TestRouter.Active(
            TestRouter.V3(centiseconds: 1000) with { AddressLifetime = TimeSpan.FromSeconds(3) });
        router.RunUntil(100 * Second);
        (int sent, int renewed) = CountUntil(router, 130 * Second);

        Assert.Equal(3, sent);
        Assert.InRange(renewed, 28, 31);
        Assert.Equal(RouterStateKind.Active, router.State.Kind);
    }

    // Addresses for ever: nothing to renew, but after an Active_Down_Interval of silence a peer holds them.
    [Fact]
    public void LifetimeForEver_NeverRenewsAndStepsDownAfterTheActiveDownInterval()
    {
        TestRouter router = TestRouter.Active(TestRouter.V3() with { AddressLifetime = TimeSpan.Zero });
        router.RunUntil(20 * Second);
        Assert.Equal(0, CountUntil(router, 30 * Second).Renewed);
        long lastSent = router.State.AdvertisementDeadline.Nanoseconds - Second;

        Assert.Equal(lastSent + 3_609_375_000, router.State.LeaseEnd.Nanoseconds);
        Assert.Equal(
            "release, Active→Backup LoopStalled", router.DoAt(lastSent + 3_609_375_000, RouterEvent.Deadline()));
    }

    // A stall of less than a second is settled by the protocol sooner than by stepping down.
    [Theory]
    [InlineData(1, 0, 1_000_000_000)]
    [InlineData(1, 1, 1_000_000_000)]
    [InlineData(1, 60, 1_000_000_000)]
    [InlineData(100, 60, 3_609_375_000)]
    [InlineData(100, 2, 2_000_000_000)]
    public void StallLimit_IsTheLifetimeOrTheActiveDownIntervalAndAtLeastASecond(
        int centiseconds, int lifetimeSeconds, long expected)
    {
        RouterParameters parameters =
            TestRouter.V3(centiseconds: centiseconds) with { AddressLifetime = TimeSpan.FromSeconds(lifetimeSeconds) };
        Assert.Equal(expected, RouterTiming.StallLimitNanoseconds(parameters, new(100)));
    }

    private static TestRouter Settled()
    {
        TestRouter router = TestRouter.Active();
        router.RunUntil(Takeover + (9 * Second) + (500 * Millisecond));
        return router;
    }

    private static RouterEvent EventOf(TestRouter router, RouterEventKind kind) => kind switch
    {
        RouterEventKind.Start => RouterEvent.Start(),
        RouterEventKind.Stop => RouterEvent.Stop(),
        RouterEventKind.AdvertisementReceived => router.Heard(99),
        RouterEventKind.DeadlineReached => RouterEvent.Deadline(),
        RouterEventKind.ParametersChanged => RouterEvent.ParametersChanged(),
        RouterEventKind.LinkDown => RouterEvent.LinkDown(),
        RouterEventKind.LinkUp => RouterEvent.LinkUp(TestRouter.Own),
        RouterEventKind.HealthChanged => RouterEvent.HealthChanged(Health.Failing),
        RouterEventKind.AddressLost => RouterEvent.AddressLost(),
        RouterEventKind.AddressClaimed => RouterEvent.AddressClaimed(),
        RouterEventKind.HardwareAddressChanged => RouterEvent.HardwareAddressChanged(),
        RouterEventKind.EffectFailed => RouterEvent.EffectFailed(RouterEffectKind.BindAddresses),
        RouterEventKind.HandoverRequested => RouterEvent.HandoverRequested(),
        RouterEventKind.ActiveGone => RouterEvent.ActiveGone(TestRouter.HigherPeer),
        RouterEventKind.PartnerFailed => RouterEvent.PartnerFailed(),
        RouterEventKind.PartnersRecovered => RouterEvent.PartnersRecovered(),
        RouterEventKind.PartnerReleased => RouterEvent.PartnerReleased(),
        RouterEventKind.PartnerHeardResignation => RouterEvent.PartnerHeardResignation(),
        RouterEventKind.GroupTakesOver => RouterEvent.GroupTakesOver(),
    };

    // When it announces, from the takeover on.
    private static List<long> AnnouncementsUntil(TestRouter router, long end)
    {
        var times = new List<long>();
        while (router.NextDeadline <= Takeover + end)
        {
            if (router.RunToDeadline().Contains("announce", StringComparison.Ordinal))
                times.Add(router.Now.Nanoseconds - Takeover);
        }

        return times;
    }

    private static (int Sent, int Renewed) CountUntil(TestRouter router, long end)
    {
        (int sent, int renewed) = (0, 0);
        while (router.NextDeadline < end)
        {
            string effects = router.RunToDeadline();
            sent += effects.Contains("send", StringComparison.Ordinal) ? 1 : 0;
            renewed += effects.Contains("renew", StringComparison.Ordinal) ? 1 : 0;
        }

        router.AdvanceTo(end);
        return (sent, renewed);
    }
}
