namespace VipOperator.Vrrp.Tests;

/// <summary>Preempt_Mode (RFC 9568 §6.1) and the delay before preemption, which the RFC leaves out.</summary>
public sealed class PreemptionTests
{
    private const long Second = 1_000_000_000;

    private static RouterParameters Delayed => TestRouter.V3() with { PreemptDelay = TimeSpan.FromSeconds(10) };

    [Fact]
    public void Delay_BeginsWithTheFirstLowerAdvertisementAndEndsInTakeover()
    {
        TestRouter router = TestRouter.Backup(Delayed);
        HearEverySecond(router, 99, from: 1, to: 10);

        Assert.Equal(RouterStateKind.Backup, router.State.Kind);
        Assert.Equal(11 * Second, router.NextDeadline);
        Assert.Equal("bind, send 100, announce, Backup→Active PreemptDelayExpired", router.RunToDeadline());
    }

    [Fact]
    public void Delay_LowerActiveRouterIsFollowed_ItsIntervalLearned()
    {
        TestRouter router = TestRouter.Backup(Delayed);

        router.DoAt(Second, router.Heard(99, centiseconds: 200));

        Assert.Equal(Second + 7_218_750_000, router.State.ActiveDownDeadline.Nanoseconds);
    }

    [Fact]
    public void Delay_LowerActiveRouterDies_TakesOverWhenItsTimerFires()
    {
        TestRouter router = TestRouter.Backup(Delayed);
        router.DoAt(Second, router.Heard(99));

        Assert.Equal(Second + 3_609_375_000, router.NextDeadline);
        Assert.Equal("bind, send 100, announce, Backup→Active ActiveDownTimerExpired", router.RunToDeadline());
    }

    [Fact]
    public void Delay_LowerActiveRouterResigns_TakesOverAfterTheSkew()
    {
        TestRouter router = TestRouter.Backup(Delayed);
        router.DoAt(Second, router.Heard(99));
        router.DoAt(2 * Second, router.Heard(0));

        Assert.Equal((2 * Second) + 609_375_000, router.NextDeadline);
        Assert.Equal("bind, send 100, announce, Backup→Active ActiveRouterResigned", router.RunToDeadline());
    }

    [Fact]
    public void Delay_HigherPriorityHeardMeanwhile_EndsIt()
    {
        TestRouter router = TestRouter.Backup(Delayed);
        router.DoAt(Second, router.Heard(99));
        router.DoAt(2 * Second, router.Heard(200));

        Assert.True(router.State.PreemptDeadline.IsNever);
        router.DoAt(3 * Second, router.Heard(99));
        Assert.Equal(13 * Second, router.State.PreemptDeadline.Nanoseconds);
    }

    [Fact]
    public void Delay_Shortened_CountsFromTheChange()
    {
        TestRouter router = TestRouter.Backup(Delayed);
        router.DoAt(Second, router.Heard(99));

        router.AdvanceTo(2 * Second);
        router.Change(Delayed with { PreemptDelay = TimeSpan.FromSeconds(2) });

        Assert.Equal(4 * Second, router.State.PreemptDeadline.Nanoseconds);
    }

    [Fact]
    public void Delay_Lengthened_DoesNotPutOffWhatIsPending()
    {
        TestRouter router = TestRouter.Backup(Delayed);
        router.DoAt(Second, router.Heard(99));

        router.Change(Delayed with { PreemptDelay = TimeSpan.FromSeconds(60) });

        Assert.Equal(11 * Second, router.State.PreemptDeadline.Nanoseconds);
    }

    [Fact]
    public void Delay_PreemptionTurnedOff_EndsIt()
    {
        TestRouter router = TestRouter.Backup(Delayed);
        router.DoAt(Second, router.Heard(99));

        router.Change(Delayed with { Preempt = false });

        Assert.True(router.State.PreemptDeadline.IsNever);
    }

    [Fact]
    public void Delay_Removed_LetsTheTimerRunOut()
    {
        TestRouter router = TestRouter.Backup(Delayed);
        router.DoAt(Second, router.Heard(99));

        router.Change(Delayed with { PreemptDelay = TimeSpan.Zero });
        router.DoAt(2 * Second, router.Heard(99));

        Assert.Equal(Second + 3_609_375_000, router.NextDeadline);
    }

    // Not better any more: nothing to preempt.
    [Fact]
    public void Delay_DemotedBelowTheActiveRouter_EndsIt()
    {
        RouterParameters parameters = Delayed with { OnProbeFailure = FailurePolicy.Demote, DemotionWeight = 50 };
        TestRouter router = TestRouter.Backup(parameters);
        router.DoAt(Second, router.Heard(99));

        router.Do(RouterEvent.HealthChanged(Health.Failing));

        Assert.True(router.State.PreemptDeadline.IsNever);
    }

    [Fact]
    public void PreemptOff_LowerActiveRouterStaysForAsLongAsItLives()
    {
        TestRouter router = TestRouter.Backup(TestRouter.V3() with { Preempt = false });
        HearEverySecond(router, 1, from: 1, to: 60);

        Assert.Equal(RouterStateKind.Backup, router.State.Kind);
        Assert.Equal((60 * Second) + 3_609_375_000, router.NextDeadline);
    }

    private static void HearEverySecond(TestRouter router, byte priority, int from, int to)
    {
        for (int second = from; second <= to; second++)
        {
            router.RunUntil(second * Second);
            router.Hear(priority);
        }
    }
}
