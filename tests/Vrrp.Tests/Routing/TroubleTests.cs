namespace VipOperator.Vrrp.Tests;

/// <summary>Links, probes, lost addresses and effects that fail.</summary>
public sealed class TroubleTests
{
    private const long Second = 1_000_000_000;
    private const long Millisecond = 1_000_000;

    [Fact]
    public void LinkUp_WithAnotherAddress_IsAdvertisedAndBreaksTiesFromNowOn()
    {
        TestRouter router = TestRouter.Active();

        Assert.Equal("send 100", router.Do(RouterEvent.LinkUp(TestRouter.HigherPeer)));
        Assert.Equal("send 100, announce", router.Hear(100, TestRouter.Own));
    }

    [Fact]
    public void LinkDownAndUp_ListensAnew()
    {
        TestRouter router = TestRouter.Active();
        router.DoAt(10 * Second, RouterEvent.LinkDown());
        Assert.Equal(MonotonicTime.Never.Nanoseconds, router.NextDeadline);

        Assert.Equal("Fault→Backup LinkUp", router.DoAt(20 * Second, RouterEvent.LinkUp(TestRouter.Own)));
        Assert.Equal((20 * Second) + 3_609_375_000, router.NextDeadline);
    }

    [Fact]
    public void LinkDownAndUp_WhileTheProbeFails_WaitsForTheProbe()
    {
        TestRouter router = TestRouter.Fault();
        Assert.Equal("Fault→Fault LinkDown", router.Do(RouterEvent.LinkDown()));
        Assert.Equal("Fault→Fault ProbeFailed", router.Do(RouterEvent.LinkUp(TestRouter.Own)));
        Assert.Equal("Fault→Backup ProbeRecovered", router.Do(RouterEvent.HealthChanged(Health.Passing)));
    }

    [Fact]
    public void Fault_AnotherReason_KeepsTheTimeSinceWhenItLasts()
    {
        TestRouter router = TestRouter.Fault();
        router.DoAt(5 * Second, RouterEvent.LinkDown());

        Assert.Equal(TransitionReason.LinkDown, router.State.Reason);
        Assert.Equal(0, router.State.Since.Nanoseconds);
    }

    [Fact]
    public void Fault_AddressOwnerRecovers_IsActiveAtOnce()
    {
        TestRouter router = TestRouter.Backup(TestRouter.V3(255));
        router.Do(RouterEvent.HealthChanged(Health.Failing));

        Assert.Equal(
            "bind, send 255, announce, Fault→Active AddressOwner",
            router.Do(RouterEvent.HealthChanged(Health.Passing)));
    }

    [Fact]
    public void Fault_HearsAdvertisements_KnowsWhoIsActive()
    {
        TestRouter router = TestRouter.Fault();
        router.Hear(99);
        Assert.Equal(TestRouter.HigherPeer, router.State.ActiveAddress);
        router.Hear(0);
        Assert.True(router.State.ActiveAddress.IsNone);
    }

    [Theory]
    [InlineData(100, 50, 50)]
    [InlineData(100, 253, 1)]
    [InlineData(254, 253, 1)]
    [InlineData(1, 1, 1)]
    public void Demotion_LowersThePriorityNeverBelowOne(byte priority, int weight, byte expected)
    {
        TestRouter router =
            TestRouter.Backup(
                TestRouter.V3(priority) with { OnProbeFailure = FailurePolicy.Demote, DemotionWeight = weight });
        router.Do(RouterEvent.HealthChanged(Health.Failing));
        Assert.Equal(expected, router.State.EffectivePriority.Value);

        // The agent starts anew: no verdict is not a good one.
        router.Do(RouterEvent.HealthChanged(Health.Unknown));
        Assert.Equal(expected, router.State.EffectivePriority.Value);

        router.Do(RouterEvent.HealthChanged(Health.Passing));
        Assert.Equal(priority, router.State.EffectivePriority.Value);
    }

    // 3 × 1 s + 206 / 256 s.
    [Fact]
    public void Demotion_SkewIsOfTheLoweredPriority()
    {
        TestRouter router =
            TestRouter.Backup(TestRouter.V3() with { OnProbeFailure = FailurePolicy.Demote, DemotionWeight = 50 });

        router.Do(RouterEvent.HealthChanged(Health.Failing));

        Assert.Equal(3_804_687_500, router.NextDeadline);
        Assert.Equal("bind, send 50, announce, Backup→Active ActiveDownTimerExpired", router.RunToDeadline());
    }

    [Fact]
    public void Demotion_OfTheActiveRouter_APeerInBetweenWins()
    {
        TestRouter router =
            TestRouter.Active(TestRouter.V3() with { OnProbeFailure = FailurePolicy.Demote, DemotionWeight = 50 });

        Assert.Equal("send 50", router.Do(RouterEvent.HealthChanged(Health.Failing)));
        Assert.Equal("send 50, release, Active→Backup HigherPriorityHeard", router.Hear(99));
    }

    // `ip addr flush` takes several at once: one incident, bound anew each time.
    [Fact]
    public void AddressLost_SeveralAtOnce_CountAsOne()
    {
        TestRouter router = TestRouter.Active();
        for (int i = 0; i < 64; i++)
            Assert.Equal("bind, announce", router.Do(RouterEvent.AddressLost()));

        Assert.Equal(1, router.State.LossCount);
    }

    // Five times within ten seconds are put up with; the sixth shows that another program fights for the address.
    [Fact]
    public void AddressLost_SixTimesInTenSeconds_GivesUp()
    {
        TestRouter router = TestRouter.Active();
        for (int i = 0; i < 5; i++)
            Assert.Equal("bind, announce", router.DoAfter(100 * Millisecond, RouterEvent.AddressLost()));

        Assert.Equal(
            "send 0, release, Active→Fault EffectFailed", router.DoAfter(100 * Millisecond, RouterEvent.AddressLost()));
        Assert.Equal(router.Now.Nanoseconds + (5 * Second), router.NextDeadline);
    }

    [Fact]
    public void AddressLost_NowAndThen_IsPutUpWithForEver()
    {
        TestRouter router = TestRouter.Active();
        for (int i = 0; i < 100; i++)
        {
            router.RunUntil(router.Now.Nanoseconds + (3 * Second));
            Assert.Equal("bind, announce", router.Do(RouterEvent.AddressLost()));
        }
    }

    [Fact]
    public void BindFailed_PeersTakeOverAtOnceAndWeTryAgainInFiveSeconds()
    {
        TestRouter router = TestRouter.Active();
        long now = router.Now.Nanoseconds;

        Assert.Equal(
            "send 0, release, Active→Fault EffectFailed",
            router.Do(RouterEvent.EffectFailed(RouterEffectKind.BindAddresses)));
        Assert.Equal(now + (5 * Second), router.NextDeadline);
        Assert.Equal("Fault→Backup Retry", router.RunToDeadline());
        Assert.Equal(now + (5 * Second) + 3_609_375_000, router.NextDeadline);
    }

    // The shell has carried out nothing of the takeover but the bind. To the peer that serves, to people and to
    // programs it never was Active, so it says nothing.
    [Fact]
    public void BindFailed_OnTakeover_IsSilent()
    {
        TestRouter router = TestRouter.Backup();
        Assert.Equal(
            "bind, send 100, announce, Backup→Active ActiveDownTimerExpired", router.RunToDeadline());

        Assert.Equal(
            "release, Backup→Fault EffectFailed",
            router.Do(RouterEvent.EffectFailed(RouterEffectKind.BindAddresses)));
        Assert.Equal(router.Now.Nanoseconds + (5 * Second), router.NextDeadline);
    }

    // The thread was put off while it bound: there is no lease that could have ended.
    [Fact]
    public void BindFailed_OnTakeoverAndLate_IsSilent()
    {
        TestRouter router = TestRouter.Backup();
        router.RunToDeadline();

        Assert.Equal(
            "release, Backup→Fault EffectFailed",
            router.DoAfter(60 * Second, RouterEvent.EffectFailed(RouterEffectKind.BindAddresses)));
    }

    [Fact]
    public void BindFailed_OfAnAddressOwner_IsSilent()
    {
        TestRouter router = new(TestRouter.V3(255));
        router.Do(RouterEvent.LinkUp(TestRouter.Own));
        router.Do(RouterEvent.HealthChanged(Health.Passing));
        Assert.Equal("bind, send 255, announce, Initialize→Active AddressOwner", router.Do(RouterEvent.Start()));

        Assert.Equal(
            "release, Initialize→Fault EffectFailed",
            router.Do(RouterEvent.EffectFailed(RouterEffectKind.BindAddresses)));
    }

    // It has advertised since: a peer may wait for it.
    [Theory]
    [InlineData(RouterEventKind.DeadlineReached)]
    [InlineData(RouterEventKind.AddressLost)]
    [InlineData(RouterEventKind.AddressClaimed)]
    public void BindFailed_LaterThanOnTakeover_Resigns(RouterEventKind first)
    {
        TestRouter router = TestRouter.Backup();
        router.RunToDeadline();
        router.Do(first switch
        {
            RouterEventKind.AddressLost => RouterEvent.AddressLost(),
            RouterEventKind.AddressClaimed => RouterEvent.AddressClaimed(),
            _ => RouterEvent.Deadline(),
        });

        Assert.Equal(
            "send 0, release, Active→Fault EffectFailed",
            router.Do(RouterEvent.EffectFailed(RouterEffectKind.BindAddresses)));
    }

    [Fact]
    public void BindFailed_AgainAndAgain_WaitsTwiceAsLongEachTimeAndSaysNothing()
    {
        TestRouter router = TestRouter.Backup();
        foreach (int seconds in (int[])[5, 10, 20, 40, 80, 160, 320, 320])
        {
            router.RunToDeadline();
            Assert.Equal(RouterStateKind.Active, router.State.Kind);
            Assert.Equal(
                "release, Backup→Fault EffectFailed",
                router.Do(RouterEvent.EffectFailed(RouterEffectKind.BindAddresses)));
            Assert.Equal(router.Now.Nanoseconds + (seconds * Second), router.NextDeadline);
            Assert.Equal("Fault→Backup Retry", router.RunToDeadline());
        }
    }

    [Fact]
    public void BindFailed_AfterAMinuteThatWorked_IsTheFirstFailure()
    {
        TestRouter router = TestRouter.Active();
        for (int i = 0; i < 5; i++)
        {
            router.Do(RouterEvent.EffectFailed(RouterEffectKind.BindAddresses));
            Assert.Equal(router.Now.Nanoseconds + (5 * Second), router.NextDeadline);
            router.RunToDeadline();
            router.RunUntil(router.NextDeadline + (60 * Second));
        }
    }

    [Fact]
    public void BindFailed_ProbeFailsMeanwhile_TheRetryWaitsForTheProbe()
    {
        TestRouter router = TestRouter.Active();
        router.Do(RouterEvent.EffectFailed(RouterEffectKind.BindAddresses));
        Assert.Equal("Fault→Fault ProbeFailed", router.Do(RouterEvent.HealthChanged(Health.Failing)));
        Assert.Equal("Fault→Fault EffectFailed", router.Do(RouterEvent.HealthChanged(Health.Passing)));
        Assert.Equal("Fault→Backup Retry", router.RunToDeadline());
    }

    [Fact]
    public void BindFailed_TheLinkComesBack_TriesAtOnce()
    {
        TestRouter router = TestRouter.Active();
        router.Do(RouterEvent.EffectFailed(RouterEffectKind.BindAddresses));
        Assert.Equal("Fault→Fault LinkDown", router.Do(RouterEvent.LinkDown()));

        Assert.Equal("Fault→Backup LinkUp", router.Do(RouterEvent.LinkUp(TestRouter.Own)));
    }

    [Fact]
    public void RenewFailed_BindsAndIfThatFailsTooGivesUp()
    {
        TestRouter router = TestRouter.Active();

        Assert.Equal("bind", router.Do(RouterEvent.EffectFailed(RouterEffectKind.RenewAddresses)));
        Assert.Equal(
            "send 0, release, Active→Fault EffectFailed",
            router.Do(RouterEvent.EffectFailed(RouterEffectKind.BindAddresses)));
    }

    // As many as fit into an Active_Down_Interval, 3.609375 s, and one more.
    [Fact]
    public void SendFailed_ForAnActiveDownInterval_LeavesThePlaceToAPeer()
    {
        TestRouter router = TestRouter.Active();
        for (int i = 0; i < 4; i++)
        {
            Assert.Equal("", router.Do(RouterEvent.EffectFailed(RouterEffectKind.SendAdvertisement)));
            RunToNextAdvertisement(router);
        }

        Assert.Equal(
            "release, Active→Fault EffectFailed",
            router.Do(RouterEvent.EffectFailed(RouterEffectKind.SendAdvertisement)));
    }

    [Fact]
    public void SendFailed_WithSuccessesInBetween_IsLikeLoss()
    {
        TestRouter router = TestRouter.Active();
        for (int i = 0; i < 50; i++)
        {
            Assert.Equal("", router.Do(RouterEvent.EffectFailed(RouterEffectKind.SendAdvertisement)));
            RunToNextAdvertisement(router);
            RunToNextAdvertisement(router);
        }
    }

    // After the burst nothing would repeat it for a minute or ever.
    [Fact]
    public void AnnounceFailed_AfterTheBurst_IsRepeatedInASecond()
    {
        TestRouter router = TestRouter.Active();
        router.RunUntil(60 * Second);

        router.Do(RouterEvent.EffectFailed(RouterEffectKind.AnnounceAddresses));

        Assert.Equal(61 * Second, router.State.AnnounceDeadline.Nanoseconds);
    }

    [Fact]
    public void AnnounceFailed_WithinTheBurst_IsLeftToTheBurst()
    {
        TestRouter router = TestRouter.Active();
        MonotonicTime next = router.State.AnnounceDeadline;

        router.Do(RouterEvent.EffectFailed(RouterEffectKind.AnnounceAddresses));

        Assert.Equal(next, router.State.AnnounceDeadline);
    }

    [Fact]
    public void ReleaseFailed_IsTriedEverySecondUntilItSucceeds()
    {
        TestRouter router = TestRouter.Active();
        router.Do(RouterEvent.Stop());
        for (int i = 0; i < 3; i++)
        {
            router.Do(RouterEvent.EffectFailed(RouterEffectKind.ReleaseAddresses));
            Assert.Equal(router.Now.Nanoseconds + Second, router.NextDeadline);
            Assert.Equal("release", router.RunToDeadline());
        }

        Assert.Equal(MonotonicTime.Never.Nanoseconds, router.NextDeadline);
    }

    // As Active again, the addresses are ours to hold.
    [Fact]
    public void ReleaseFailed_ActiveAgainBeforeTheRetry_DropsIt()
    {
        TestRouter router = TestRouter.Active(TestRouter.V3(254, centiseconds: 10));
        router.Hear(255);
        router.Do(RouterEvent.EffectFailed(RouterEffectKind.ReleaseAddresses));
        router.Hear(0, centiseconds: 10);

        Assert.Equal("bind, send 254, announce, Backup→Active ActiveRouterResigned", router.RunToDeadline());
        Assert.True(router.State.ReleaseDeadline.IsNever);
    }

    [Fact]
    public void Stop_InTheMiddleOfEverything_LeavesNothingBehind()
    {
        foreach (TestRouter router in (TestRouter[])[TestRouter.Backup(), TestRouter.Active(), TestRouter.Fault()])
        {
            router.Do(RouterEvent.Stop());
            Assert.Equal(MonotonicTime.Never.Nanoseconds, router.NextDeadline);
            Assert.Equal(RouterStateKind.Initialize, router.State.Kind);
            Assert.Equal(TransitionReason.Shutdown, router.State.Reason);
            Assert.Equal("", router.Do(RouterEvent.Stop()));
        }
    }

    private static void RunToNextAdvertisement(TestRouter router)
    {
        while (!router.RunToDeadline().Contains("send", StringComparison.Ordinal))
        {
        }
    }
}
