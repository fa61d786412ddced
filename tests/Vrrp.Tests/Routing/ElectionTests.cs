namespace VipOperator.Vrrp.Tests;

/// <summary>Becoming Active and ceasing to be, by timers and advertisements (RFC 9568 §6.4.1–§6.4.3).</summary>
public sealed class ElectionTests
{
    private const long Second = 1_000_000_000;

    [Fact]
    public void Start_WithAnOrdinaryPriority_ListensForTheActiveDownInterval()
    {
        TestRouter router = TestRouter.Backup();

        Assert.Equal(RouterStateKind.Backup, router.State.Kind);
        Assert.Equal(3_609_375_000, router.NextDeadline);
    }

    [Fact]
    public void Backup_ActiveDownTimerFires_AdvertisesBindsAnnouncesInThisOrder()
    {
        TestRouter router = TestRouter.Backup();

        string effects = router.DoAt(3_609_375_000, RouterEvent.Deadline());

        Assert.Equal("send 100, bind, announce, Backup→Active ActiveDownTimerExpired", effects);
        Assert.Equal(4_609_375_000, router.State.AdvertisementDeadline.Nanoseconds);
        Assert.Equal(6_609_375_000, router.State.LeaseEnd.Nanoseconds);
    }
}
