namespace VipOperator.Vrrp.Tests;

/// <summary>
/// Configuration changes of a running router, which must neither move the addresses nor make two Actives.
/// </summary>
public sealed class ParametersChangedTests
{
    private const long Second = 1_000_000_000;

    [Fact]
    public void Active_Priority_IsAdvertisedAtOnce()
    {
        TestRouter router = Settled();

        Assert.Equal("send 90, renew", router.Change(router.Parameters with { Priority = new(90) }));
        Assert.Equal(router.Now.Nanoseconds + Second, router.State.AdvertisementDeadline.Nanoseconds);
    }

    [Fact]
    public void Active_Addresses_AreBoundAndAnnouncedAnew()
    {
        TestRouter router = Settled();

        string effects = router.Change(router.Parameters with
        {
            Addresses = [IpPrefix.Parse("192.168.1.108/32"), IpPrefix.Parse("192.168.1.109/32")],
        });

        Assert.Equal("send 100, bind, announce", effects);
        Assert.Equal(5, router.State.AnnouncementsLeft);
        Assert.Equal(router.Now.Nanoseconds + (3 * Second), router.State.LeaseEnd.Nanoseconds);
    }

    [Fact]
    public void Active_Lifetime_IsRenewedAtOnce()
    {
        TestRouter router = Settled();

        Assert.Equal("renew", router.Change(router.Parameters with { AddressLifetime = TimeSpan.FromSeconds(2) }));
        Assert.Equal(router.Now.Nanoseconds + (2 * Second), router.State.LeaseEnd.Nanoseconds);

        Assert.Equal("renew", router.Change(router.Parameters with { AddressLifetime = TimeSpan.Zero }));
        Assert.True(router.State.RenewDeadline.IsNever);
    }

    // The next packet carries them anyway; a new peer must not wait an interval for its first.
    [Fact]
    public void Active_Peers_HearAtOnce()
    {
        TestRouter router = Settled();

        Assert.Equal(
            "send 100, renew", router.Change(
                router.Parameters with { Transport = Transport.Unicast, Peers = [TestRouter.HigherPeer] }));
    }

    [Fact]
    public void Active_VirtualMac_IsBoundAndAnnouncedAnew()
    {
        TestRouter router = Settled();

        Assert.Equal("send 100, bind, announce", router.Change(router.Parameters with { VirtualMac = true }));
    }

    // An empty list is taken for one that got lost: peers that it no longer lists would be told nothing.
    [Fact]
    public void Active_LastPeerGone_GivesUpUnlessAloneByConfiguration()
    {
        RouterParameters lonely = TestRouter.V3() with { Transport = Transport.Unicast, Peers = [] };
        TestRouter router = Settled();

        Assert.Equal("send 0, release, Active→Fault NoPeers", router.Change(lonely));
        Assert.Equal("Fault→Backup ParametersChanged", router.Change(lonely with { Alone = true }));
    }

    [Fact]
    public void Active_PasswordOrPreemption_ChangesNothingAtOnce()
    {
        TestRouter router = Settled(TestRouter.V2());

        Assert.Equal("", router.Change(router.Parameters with { Preempt = false }));
        Assert.Equal("", router.Change(router.Parameters with
        {
            Authentication = AuthenticationType.Simple,
            AuthenticationKey = [1],
        }));
    }

    [Fact]
    public void Active_AnnounceRefresh_IsSetAnew()
    {
        TestRouter router = Settled();

        router.Change(router.Parameters with { AnnounceRefresh = TimeSpan.FromSeconds(30) });
        Assert.Equal(router.Now.Nanoseconds + (30 * Second), router.State.AnnounceDeadline.Nanoseconds);
        router.Change(router.Parameters with { AnnounceRefresh = TimeSpan.Zero });
        Assert.True(router.State.AnnounceDeadline.IsNever);
    }

    // A probe that only demoted and now releases: the addresses go at once.
    [Fact]
    public void Active_FailingProbeNowReleases_Resigns()
    {
        TestRouter router = TestRouter.Active(
            TestRouter.V3() with { OnProbeFailure = FailurePolicy.Demote, DemotionWeight = 50 });
        router.Do(RouterEvent.HealthChanged(Health.Failing));

        Assert.Equal(
            "send 0, release, Active→Fault ProbeFailed", router.Change(
                router.Parameters with { OnProbeFailure = FailurePolicy.Release }));
    }

    // v3 peers learn the interval from the first advertisement; the shorter pace stays for a while, should it be lost.
    [Fact]
    public void Active_V3LongerInterval_IsAdvertisedAtOnceAndAtTheOldPaceForAWhile()
    {
        TestRouter router = Settled();
        long changed = router.Now.Nanoseconds;

        Assert.Equal("send 100, renew", router.Change(TestRouter.V3(centiseconds: 500)));
        Assert.Equal(changed + Second, router.State.AdvertisementDeadline.Nanoseconds);

        // 3 × 5 s + 1 s after the change.
        router.RunUntil(changed + (16 * Second));
        Assert.Equal(changed + (21 * Second), router.State.AdvertisementDeadline.Nanoseconds);
    }

    [Fact]
    public void Active_V3ShorterInterval_IsAdvertisedAtOnceAtTheNewPace()
    {
        TestRouter router = Settled(TestRouter.V3(centiseconds: 500));

        Assert.Equal("send 100", router.Change(
            TestRouter.V3(centiseconds: 100) with { AddressLifetime = TimeSpan.FromSeconds(15) }));
        Assert.Equal(router.Now.Nanoseconds + Second, router.State.AdvertisementDeadline.Nanoseconds);
    }

    // RFC 3768 §7.1: each peer drops the interval that is not its own, so both are sent while both may be configured.
    [Fact]
    public void Active_V2Interval_IsSentBothWaysWhileTheChangeSpreads()
    {
        TestRouter router = Settled(TestRouter.V2());
        RouterParameters slower = TestRouter.V2(seconds: 5) with { AddressLifetime = TimeSpan.FromSeconds(3) };
        long changed = router.Now.Nanoseconds;

        Assert.Equal("send 100 every 1.00s, send 100, renew", router.Change(slower));
        router.RunUntil(changed + (15 * Second));
        Assert.Equal(changed + (16 * Second), router.State.AdvertisementDeadline.Nanoseconds);
        Assert.Equal("send 0 every 1.00s, send 0, release, Active→Initialize Shutdown", Resigned(router));

        router.RunUntil(changed + (16 * Second));
        Assert.Equal("send 0, release, Active→Initialize Shutdown", Resigned(router));

        static string Resigned(TestRouter router)
        {
            TestRouter copy = router.Copy();
            return copy.Do(RouterEvent.Stop());
        }
    }

    [Fact]
    public void Backup_V2Interval_TakesOverSendingBothWays()
    {
        TestRouter router = TestRouter.Backup(TestRouter.V2());
        router.DoAt(Second, router.Heard(200));
        router.Change(TestRouter.V2(seconds: 2));

        // 3 × 2 s + 156 / 256 s from the change.
        Assert.Equal(Second + 6_609_375_000, router.NextDeadline);
        Assert.Equal(
            "bind, send 100 every 1.00s, send 100, announce, Backup→Active ActiveDownTimerExpired",
            router.RunToDeadline());
    }

    // The Active router may go on with 5 s until the change reaches it, and its packets are dropped until then.
    [Fact]
    public void Backup_V2ShorterInterval_WaitsAsLongAsForTheLongerOne()
    {
        TestRouter router = TestRouter.Backup(TestRouter.V2(seconds: 5));
        router.DoAt(Second, router.Heard(200, centiseconds: 500));

        router.DoAt(4 * Second, RouterEvent.Deadline());
        router.Change(TestRouter.V2(seconds: 1));

        Assert.Equal((4 * Second) + 15_609_375_000, router.NextDeadline);
        router.DoAt(6 * Second, router.Heard(200));
        Assert.Equal((6 * Second) + 3_609_375_000, router.NextDeadline);
    }

    [Fact]
    public void Backup_V3Interval_GoesOnWithTheLearnedOne()
    {
        TestRouter router = TestRouter.Backup();
        router.DoAt(Second, router.Heard(200, centiseconds: 400));
        long deadline = router.NextDeadline;

        router.Change(TestRouter.V3(centiseconds: 10));

        Assert.Equal(deadline, router.NextDeadline);
        Assert.Equal(new Centiseconds(400), router.State.ActiveAdvertisementInterval);
    }

    [Fact]
    public void Backup_V3IntervalBeforeAnyAdvertisement_NeverFiresEarlier()
    {
        TestRouter router = TestRouter.Backup(TestRouter.V3(centiseconds: 1000));
        long deadline = router.NextDeadline;

        router.DoAt(Second, RouterEvent.Deadline());
        router.Change(TestRouter.V3(centiseconds: 10));

        Assert.True(router.NextDeadline >= deadline);
    }

    // 156 / 256 s becomes 2 / 256 s, counted from where the timer was set.
    [Fact]
    public void Backup_Priority_ShiftsTheTimerByTheSkew()
    {
        TestRouter router = TestRouter.Backup();
        router.DoAt(Second, router.Heard(255));

        router.DoAt(2 * Second, RouterEvent.Deadline());
        router.Change(TestRouter.V3(254));

        Assert.Equal(Second + 3_007_812_500, router.NextDeadline);
    }

    [Fact]
    public void Backup_PriorityWhileTheActiveRouterResigned_ShiftsTheSkew()
    {
        TestRouter router = TestRouter.Backup();
        router.DoAt(Second, router.Heard(0));

        router.Change(TestRouter.V3(254));

        Assert.Equal(Second + 7_812_500, router.NextDeadline);
    }

    [Fact]
    public void Fault_OtherAddresses_AreTriedAtOnce()
    {
        TestRouter router = TestRouter.Active();
        router.Do(RouterEvent.EffectFailed(RouterEffectKind.BindAddresses));

        Assert.Equal("", router.Change(router.Parameters with { Priority = new(101) }));
        Assert.Equal(
            "Fault→Backup ParametersChanged",
            router.Change(router.Parameters with { Addresses = [IpPrefix.Parse("192.168.1.109/32")] }));
    }

    private static TestRouter Settled(RouterParameters? parameters = null)
    {
        TestRouter router = TestRouter.Active(parameters);
        router.RunUntil(100 * Second);
        return router;
    }
}
