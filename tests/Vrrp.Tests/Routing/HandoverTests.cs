namespace VipOperator.Vrrp.Tests;

public sealed class HandoverTests
{
    private const long Second = 1_000_000_000;

    // The peer's Skew_Time is at most an interval, ours is a whole Active_Down_Interval: it comes first.
    [Fact]
    public void Active_HandsOver_AndGivesThePeerItsTime()
    {
        TestRouter router = TestRouter.Active();
        long now = router.Now.Nanoseconds;

        Assert.Equal("send 0, release, Active→Backup HandedOver", router.Do(RouterEvent.HandoverRequested()));
        Assert.Equal(now + 3_609_375_000, router.NextDeadline);
    }

    [Fact]
    public void HandedOver_DoesNotPreemptTheLowerPeer()
    {
        TestRouter router = HandedOver();
        for (int i = 0; i < 60; i++)
            router.DoAfter(Second, router.Heard(1));

        Assert.Equal(RouterStateKind.Backup, router.State.Kind);
    }

    [Fact]
    public void HandedOver_ToNobody_TakesTheAddressesBack()
    {
        TestRouter router = HandedOver();

        Assert.Equal("bind, send 100, announce, Backup→Active ActiveDownTimerExpired", router.RunToDeadline());
        Assert.False(router.State.HandedOver);
    }

    [Fact]
    public void HandedOver_ThePeerResigns_TakesTheAddressesBack()
    {
        TestRouter router = HandedOver();
        router.DoAfter(Second, router.Heard(1));
        router.DoAfter(Second, router.Heard(0));

        Assert.Equal("bind, send 100, announce, Backup→Active ActiveRouterResigned", router.RunToDeadline());
    }

    // Peer lists change when a pod goes; that must not bring the addresses back to it.
    [Fact]
    public void HandedOver_PeersChange_StaysHandedOver()
    {
        TestRouter router = HandedOver();

        router.Change(router.Parameters with { Transport = Transport.Unicast, Peers = [TestRouter.HigherPeer] });

        Assert.True(router.State.HandedOver);
    }

    // It listens for the Active_Down_Interval, 3 × 1 s + 1 / 256 s, but takes nothing it hears (RFC 9568 §7.1).
    [Fact]
    public void AddressOwner_HandsOver_AndTakesTheAddressesBack()
    {
        TestRouter router = TestRouter.Backup(TestRouter.V3(255));
        Assert.Equal("send 0, release, Active→Backup HandedOver", router.Do(RouterEvent.HandoverRequested()));
        Assert.Equal("", router.Change(router.Parameters with { AnnounceRefresh = TimeSpan.FromSeconds(9) }));

        Assert.Equal(3_003_906_250, router.NextDeadline);
        Assert.Equal("bind, send 255, announce, Backup→Active ActiveDownTimerExpired", router.RunToDeadline());
    }

    [Fact]
    public void HandedOver_PriorityOrPreemptionChanges_TakesPartAsBefore()
    {
        TestRouter router = HandedOver();
        router.Change(router.Parameters with { Priority = new(101) });
        Assert.False(router.State.HandedOver);

        router = HandedOver();
        router.Change(router.Parameters with { Preempt = false });
        Assert.False(router.State.HandedOver);
    }

    [Fact]
    public void HandedOver_StopAndStart_TakesPartAsBefore()
    {
        TestRouter router = HandedOver();
        router.Do(RouterEvent.Stop());
        router.Do(RouterEvent.Start());

        Assert.Equal(RouterStateKind.Backup, router.State.Kind);
        Assert.False(router.State.HandedOver);
    }

    [Fact]
    public void Backup_AskedToHandOver_DoesNotPreempt()
    {
        TestRouter router = TestRouter.Backup(TestRouter.V3() with { PreemptDelay = TimeSpan.FromSeconds(10) });
        router.DoAt(Second, router.Heard(99));

        Assert.Equal("", router.Do(RouterEvent.HandoverRequested()));
        router.DoAt(2 * Second, router.Heard(99));

        Assert.Equal((2 * Second) + 3_609_375_000, router.NextDeadline);
    }

    [Fact]
    public void Fault_AskedToHandOver_DoesNotPreemptWhenBack()
    {
        TestRouter router = TestRouter.Fault();
        router.Do(RouterEvent.HandoverRequested());
        router.Do(RouterEvent.HealthChanged(Health.Passing));

        router.DoAt(Second, router.Heard(99));

        Assert.Equal(Second + 3_609_375_000, router.NextDeadline);
    }

    private static TestRouter HandedOver()
    {
        TestRouter router = TestRouter.Active();
        router.Do(RouterEvent.HandoverRequested());
        return router;
    }
}
