namespace VipOperator.Vrrp.Tests;

public sealed class HandoverTests
{
    private const long Second = 1_000_000_000;

    // It serves on, so that no request falls between, until a peer has the addresses and for 120 ms more.
    [Fact]
    public void Active_HandsOver_AndServesUntilThePeerDoes()
    {
        TestRouter router = TestRouter.Active();

        Assert.Equal("send 0", router.Do(RouterEvent.HandoverRequested()));
        Assert.Equal("", router.DoAfter(Second / 100, router.Heard(1)));
        Assert.Equal("", router.DoAfter(Second / 100, router.Heard(1)));
        Assert.Equal("", router.Change(router.Parameters with { Priority = new(50) }));
        Assert.Equal(router.Now.Nanoseconds + (110 * Second / 1000), router.NextDeadline);
        Assert.Equal("release, Active→Backup HandedOver", router.RunToDeadline());
        Assert.Equal(
            (TestRouter.HigherPeer, new Priority(1)), (router.State.ActiveAddress, router.State.ActivePriority));
    }

    // The first may get lost; and a peer that has taken over answers.
    [Fact]
    public void HandingOver_ResignsWithEachInterval_KeepsTheAddressesAndAnnouncesNothing()
    {
        TestRouter router = TestRouter.Active();
        router.Do(RouterEvent.HandoverRequested());
        long start = router.Now.Nanoseconds;

        for (int i = 1; i <= 3; i++)
        {
            Assert.Equal(start + (i * Second), router.NextDeadline);
            Assert.Matches("^send 0(, renew)?$", router.RunToDeadline());
        }
    }

    [Fact]
    public void HandingOver_ToNobody_StaysActive()
    {
        TestRouter router = TestRouter.Active();
        router.Do(RouterEvent.HandoverRequested());
        long start = router.Now.Nanoseconds;
        router.RunUntil(start + (3 * Second));

        Assert.Equal(start + 3_609_375_000, router.NextDeadline);
        Assert.Matches("^send 100(, renew)?$", router.RunToDeadline());
        Assert.Equal(RouterStateKind.Active, router.State.Kind);
        Assert.False(router.State.HandedOver);
    }

    [Fact]
    public void HandingOver_LoopStalls_DoesNotPreemptAfter()
    {
        TestRouter router = TestRouter.Active();
        router.Do(RouterEvent.HandoverRequested());

        Assert.Equal("release, Active→Backup LoopStalled", router.DoAfter(5 * Second, router.Heard(99)));
        Assert.True(router.State.HandedOver);
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
    public void HandedOver_ThePeerDies_TakesTheAddressesBack()
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
        router.Do(router.Heard(99));
        router.RunToDeadline();
        return router;
    }
}
