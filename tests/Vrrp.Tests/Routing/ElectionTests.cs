namespace VipOperator.Vrrp.Tests;

/// <summary>Becoming Active and ceasing to be, by timers and advertisements (RFC 9568 §6.4.1–§6.4.3).</summary>
public sealed class ElectionTests
{
    private const long Second = 1_000_000_000;
    private const long Millisecond = 1_000_000;

    // RFC 9568 §6.4.1: 3 × 1 s + (256 − 100) / 256 s.
    [Fact]
    public void Start_WithAnOrdinaryPriority_ListensForTheActiveDownInterval()
    {
        TestRouter router = TestRouter.Backup();

        Assert.Equal(RouterStateKind.Backup, router.State.Kind);
        Assert.Equal(3_609_375_000, router.NextDeadline);
        Assert.Equal(new Centiseconds(100), router.State.ActiveAdvertisementInterval);
    }

    [Fact]
    public void Start_AsAddressOwner_IsActiveAtOnce()
    {
        TestRouter router = TestRouter.Backup(TestRouter.V3(255));

        Assert.Equal(RouterStateKind.Active, router.State.Kind);
        Assert.Equal(TransitionReason.AddressOwner, router.State.Reason);
        Assert.Equal(Second, router.State.AdvertisementDeadline.Nanoseconds);
    }

    [Fact]
    public void Backup_ActiveDownTimerFires_BindsAdvertisesAnnouncesInThisOrder()
    {
        TestRouter router = TestRouter.Backup();

        string effects = router.DoAt(3_609_375_000, RouterEvent.Deadline());

        Assert.Equal("bind, send 100, announce, Backup→Active ActiveDownTimerExpired", effects);
        Assert.Equal(4_609_375_000, router.State.AdvertisementDeadline.Nanoseconds);
        Assert.Equal(3_609_375_000, router.State.Since.Nanoseconds);
        Assert.True(router.State.ActiveAddress.IsNone);
    }

    [Fact]
    public void Backup_DeadlineOneNanosecondEarly_ChangesNothing()
    {
        TestRouter router = TestRouter.Backup();
        RouterState before = router.State;

        Assert.Equal("", router.DoAt(3_609_374_999, RouterEvent.Deadline()));
        Assert.Equal(before, router.State);
    }

    // RFC 9568 §6.4.2: equal counts as alive, whatever the address.
    [Theory]
    [InlineData(100, "192.168.1.102")]
    [InlineData(100, "192.168.1.104")]
    [InlineData(101, "192.168.1.102")]
    public void Backup_EqualOrHigherPriority_ResetsTheActiveDownTimer(byte priority, string from)
    {
        TestRouter router = TestRouter.Backup();

        router.DoAt(Second, router.Heard(priority, IpAddress.Parse(from)));

        Assert.Equal(4_609_375_000, router.NextDeadline);
        Assert.Equal(IpAddress.Parse(from), router.State.ActiveAddress);
        Assert.Equal(priority, router.State.ActivePriority.Value);
    }

    // RFC 9568 §6.4.2: "else // preempt was true and priority was less: discard".
    [Fact]
    public void Backup_LowerPriorityAdvertisement_IsDiscardedWhenPreempting()
    {
        TestRouter router = TestRouter.Backup();

        router.DoAt(Second, router.Heard(99, centiseconds: 4000));

        Assert.Equal(3_609_375_000, router.NextDeadline);
        Assert.Equal(new Centiseconds(100), router.State.ActiveAdvertisementInterval);
        Assert.Equal(TestRouter.HigherPeer, router.State.ActiveAddress);
    }

    [Fact]
    public void Backup_LowerPriorityAdvertisement_IsFollowedWhenNotPreempting()
    {
        TestRouter router = TestRouter.Backup(TestRouter.V3() with { Preempt = false });

        router.DoAt(Second, router.Heard(1));

        Assert.Equal(4_609_375_000, router.NextDeadline);
    }

    // RFC 9568 §6.1: 3 × 4 s + 156 × 4 s / 256.
    [Fact]
    public void Backup_V3_LearnsTheActiveRoutersInterval()
    {
        TestRouter router = TestRouter.Backup();

        router.DoAt(Second, router.Heard(200, centiseconds: 400));

        Assert.Equal(new Centiseconds(400), router.State.ActiveAdvertisementInterval);
        Assert.Equal(Second + 14_437_500_000, router.NextDeadline);
    }

    // RFC 3768 §6.1: 3 × 5 s + 157 / 256 s.
    [Fact]
    public void Backup_V2_TakesItsOwnIntervalAndASkewOfASecondsPart()
    {
        TestRouter router = TestRouter.Backup(TestRouter.V2(99, seconds: 5));

        Assert.Equal(15_613_281_250, router.NextDeadline);
        router.DoAt(Second, router.Heard(100, centiseconds: 500));
        Assert.Equal(16_613_281_250, router.NextDeadline);
    }

    // RFC 9568 §6.4.2: "If the Priority is zero: set the Active_Down_Timer to Skew_Time".
    [Theory]
    [InlineData(100, 609_375_000)]
    [InlineData(254, 7_812_500)]
    public void Backup_ActiveRouterResigns_WaitsForTheSkewAlone(byte priority, long skew)
    {
        TestRouter router = TestRouter.Backup(TestRouter.V3(priority));
        router.DoAt(Second, router.Heard(255));

        router.DoAt(2 * Second, router.Heard(0));

        Assert.Equal((2 * Second) + skew, router.NextDeadline);
        Assert.Equal(
            $"bind, send {priority}, announce, Backup→Active ActiveRouterResigned",
            router.RunToDeadline());
    }

    // The skew is of the interval that the Active router advertised: 156 × 4 s / 256.
    [Fact]
    public void Backup_ActiveRouterWithALongerIntervalResigns_WaitsForTheSkewOfThatInterval()
    {
        TestRouter router = TestRouter.Backup();
        router.DoAt(Second, router.Heard(200, centiseconds: 400));

        router.DoAt(2 * Second, router.Heard(0, centiseconds: 400));

        Assert.Equal((2 * Second) + 2_437_500_000, router.NextDeadline);
    }

    // A better Backup came first: its advertisement takes the place of the one that resigned.
    [Fact]
    public void Backup_AnotherTakesOverAfterAResignation_IsFollowed()
    {
        TestRouter router = TestRouter.Backup();
        router.DoAt(Second, router.Heard(0, TestRouter.LowerPeer));

        router.DoAfter(8 * Millisecond, router.Heard(254, TestRouter.HigherPeer));

        Assert.Equal((1 * Second) + (8 * Millisecond) + 3_609_375_000, router.NextDeadline);
        Assert.False(router.State.ActiveResigned);
        Assert.Equal(
            "bind, send 100, announce, Backup→Active ActiveDownTimerExpired", router.RunToDeadline());
    }

    // A Backup whose loop comes later than an interval was asleep: it listens for an interval and the skew first.
    [Fact]
    public void Backup_TimerFiresLateByMoreThanAnInterval_ListensOnceMore()
    {
        TestRouter router = TestRouter.Backup();

        Assert.Equal("", router.DoAt(3_609_375_000 + Second + 1, RouterEvent.Deadline()));

        Assert.Equal(RouterStateKind.Backup, router.State.Kind);
        Assert.Equal(3_609_375_000 + Second + 1 + 1_609_375_000, router.NextDeadline);
        Assert.Equal("bind, send 100, announce, Backup→Active ActiveDownTimerExpired", router.RunToDeadline());
    }

    [Fact]
    public void Backup_TimerFiresLateByAnInterval_TakesOver()
    {
        TestRouter router = TestRouter.Backup();

        router.DoAt(3_609_375_000 + Second, RouterEvent.Deadline());

        Assert.Equal(RouterStateKind.Active, router.State.Kind);
    }

    // RFC 9568 §6.4.3, and departure 18: answers once, yields, learns the interval, and listens: 3 × 2 s + 156 × 2 s /
    // 256.
    [Fact]
    public void Active_HigherPriority_YieldsAndFollows()
    {
        TestRouter router = TestRouter.Active();

        string effects = router.DoAfter(Second / 2, router.Heard(101, TestRouter.LowerPeer, centiseconds: 200));

        Assert.Equal("send 100, release, Active→Backup HigherPriorityHeard", effects);
        Assert.Equal(router.Now.Nanoseconds + 7_218_750_000, router.NextDeadline);
        Assert.Equal(TestRouter.LowerPeer, router.State.ActiveAddress);
        Assert.Equal(new Centiseconds(200), router.State.ActiveAdvertisementInterval);
    }

    // The better one has not heard of the split: the last word of the other tells it, and it announces the addresses
    // again.
    [Fact]
    public void Active_HearsTheLastWordOfOneThatYields_AnnouncesAgain()
    {
        TestRouter lower = TestRouter.Active();
        TestRouter better = TestRouter.Active(TestRouter.V3(priority: 101));

        Assert.StartsWith("send 100, release", lower.Hear(101, TestRouter.HigherPeer), StringComparison.Ordinal);
        Assert.Equal("send 101, announce", better.Hear(100, TestRouter.LowerPeer));
    }

    // RFC 9568 §6.4.3: unsigned comparison in network order; 128.0.0.1 is above 127.0.0.1, ff.. above 7f.. .
    [Theory]
    [InlineData("127.0.0.1", "128.0.0.1")]
    [InlineData("10.0.0.255", "10.0.1.0")]
    [InlineData("fe80::1", "fe80::2")]
    [InlineData("7fff::", "8000::")]
    [InlineData("fe80::7fff:ffff:ffff:ffff", "fe80::8000:0:0:0")]
    public void Active_EqualPriority_TheHigherAddressWins(string lower, string higher)
    {
        Assert.Equal("send 100, release, Active→Backup HigherAddressHeard", HearEqual(own: lower, other: higher));
        Assert.Equal("send 100, announce", HearEqual(own: higher, other: lower));

        static string HearEqual(string own, string other)
        {
            TestRouter router = TestRouter.Active();
            router.Do(RouterEvent.LinkUp(IpAddress.Parse(own)));
            return router.Hear(100, IpAddress.Parse(other));
        }
    }

    // RFC 9568 §6.4.3: "send an ADVERTISEMENT; reset the Adver_Timer to Advertisement_Interval".
    [Fact]
    public void Active_HearsAResignation_AnswersAndResetsTheAdverTimer()
    {
        TestRouter router = TestRouter.Active();

        Assert.Equal("send 100, renew", router.DoAfter(Second / 4, router.Heard(0)));
        Assert.Equal(router.Now.Nanoseconds + Second, router.State.AdvertisementDeadline.Nanoseconds);
    }

    // RFC 9568 §6.4.3: asserted at once, but not twice within a millisecond; the Adver_Timer runs on.
    [Fact]
    public void Active_LowerPriority_IsAnsweredAtOnceAndAnnouncedOnceAnInterval()
    {
        TestRouter router = TestRouter.Active();
        router.RunUntil(20 * Second);
        MonotonicTime timer = router.State.AdvertisementDeadline;

        Assert.Equal("send 100, announce", router.Hear(99));
        Assert.Equal("send 100", router.DoAfter(Millisecond, router.Heard(99)));
        Assert.Equal("send 100", router.DoAfter(Millisecond, router.Heard(50)));
        Assert.Equal(timer, router.State.AdvertisementDeadline);
        router.RunUntil(21 * Second);
        Assert.Equal("send 100, announce", router.Hear(99));
    }

    // The first answer is on its way to everybody; two routers that disagree about who is lower must not flood.
    [Fact]
    public void Active_LowerPriorityTwiceWithinAMillisecond_IsAnsweredOnce()
    {
        TestRouter router = TestRouter.Active();

        Assert.Equal("send 100, announce", router.Hear(99));
        Assert.Equal("", router.DoAfter(Millisecond - 1, router.Heard(99)));
        Assert.Equal("send 100", router.DoAfter(1, router.Heard(99)));
    }

    [Fact]
    public void Active_FromOurOwnAddress_IsNotAnsweredWhateverItsPriority()
    {
        TestRouter router = TestRouter.Active();
        RouterState before = router.State;

        foreach (byte priority in (byte[])[0, 99, 100, 101])
            Assert.Equal("", router.Hear(priority, TestRouter.Own));
        Assert.Equal(before, router.State);
    }

    // Two stations from the RFC's first example: the better one comes back and preempts the other.
    [Fact]
    public void BetterRouter_ComesBack_PreemptsAfterItsActiveDownInterval()
    {
        TestRouter better = TestRouter.Backup(TestRouter.V3(254));
        TestRouter other = TestRouter.Active(TestRouter.V3(253));

        for (long at = Second; at <= 3 * Second; at += Second)
            better.DoAt(at, better.Heard(253));
        Assert.Equal(3_007_812_500, better.NextDeadline);
        Assert.Equal("bind, send 254, announce, Backup→Active ActiveDownTimerExpired", better.RunToDeadline());
        Assert.Equal("send 253, release, Active→Backup HigherPriorityHeard", other.Hear(254, TestRouter.HigherPeer));
    }
}
