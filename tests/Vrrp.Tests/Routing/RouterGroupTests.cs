namespace VipOperator.Vrrp.Tests;

/// <summary>
/// The routers of one VirtualIP move together. Priority 100, 1 s: Skew_Time 0.609375 s, Active_Down_Interval 3.609375
/// s.
/// </summary>
public sealed class RouterGroupTests
{
    private const int V4 = TestGroup.V4;
    private const int V6 = TestGroup.V6;
    private const long Second = 1_000_000_000;
    private const long ActiveDown = 3_609_375_000;
    private const long Skew = 609_375_000;

    [Fact]
    public void Takeover_WhenBothTimersHaveRunOut_IsOneStep()
    {
        TestGroup group = TestGroup.Backup();

        Assert.Equal(ActiveDown, group.NextDeadline);
        Assert.Equal(
            "v4: bind, send 100, announce, Backup→Active ActiveDownTimerExpired; "
            + "v6: bind, send 100, announce, Backup→Active ActiveDownTimerExpired",
            group.DeadlineAt(ActiveDown));
    }

    [Theory]
    [InlineData(V4, V6)]
    [InlineData(V6, V4)]
    public void Backup_OneFamilysAdvertisementsSwallowed_StaysBackup(int heard, int silent)
    {
        TestGroup group = TestGroup.Backup();

        group.HearUntil(60 * Second, 200, heard);

        Assert.Equal("Backup Backup", group.Kinds);
        Assert.True(VirtualRouter.IsOverdue(group[silent], group.Now), "the silent family is seen to be");
        Assert.False(VirtualRouter.IsOverdue(group[heard], group.Now));
        Assert.Equal((60 * Second) + ActiveDown, group.NextDeadline);
    }

    [Theory]
    [InlineData(V4)]
    [InlineData(V6)]
    public void Backup_TheFamilyThatWasHeardFallsSilent_TakesOverAsOne(int heard)
    {
        TestGroup group = TestGroup.Backup();
        group.HearUntil(60 * Second, 200, heard);

        Assert.StartsWith("v4: bind, send 100", group.DeadlineAt((60 * Second) + ActiveDown), StringComparison.Ordinal);
        Assert.Equal("Active Active", group.Kinds);
    }

    [Fact]
    public void Backup_LaterThanAnIntervalAfterTheGroupsDeadline_ListensOnceMore()
    {
        TestGroup group = TestGroup.Backup();
        long late = ActiveDown + Second + 1;

        Assert.Equal("", group.DeadlineAt(late));
        Assert.Equal("Backup Backup", group.Kinds);
        Assert.Equal(late + Second + Skew, group.NextDeadline);
        Assert.StartsWith("v4: bind, send 100", group.DeadlineAt(late + Second + Skew), StringComparison.Ordinal);
    }

    [Fact]
    public void Backup_LongOverdueInOneFamily_IsNotLateInTheOther()
    {
        TestGroup group = TestGroup.Backup();
        group.HearUntil(60 * Second, 200, V4);

        Assert.NotEqual("", group.DeadlineAt((60 * Second) + ActiveDown + Second));
        Assert.Equal("Active Active", group.Kinds);
    }

    [Fact]
    public void Backup_PriorityZeroInOneFamily_CountsInBoth()
    {
        TestGroup group = TestGroup.Backup();
        group.HearUntil(10 * Second, 200, V4, V6);

        group.Hear(V6, 0);

        Assert.Equal((10 * Second) + Skew, group.NextDeadline);
        Assert.Equal(
            "v4: bind, send 100, announce, Backup→Active ActiveRouterResigned; "
            + "v6: bind, send 100, announce, Backup→Active ActiveRouterResigned",
            group.DeadlineAt((10 * Second) + Skew));
    }

    [Fact]
    public void Backup_ActiveRoutersProcessEnds_CountsInBothFamilies()
    {
        TestGroup group = TestGroup.Backup();
        group.HearUntil(10 * Second, 200, V4, V6);

        group.Do(V6, RouterEvent.ActiveGone(group[V6].ActiveAddress));

        Assert.Equal((10 * Second) + Skew, group.NextDeadline);
        Assert.Equal(
            "v4: bind, send 100, announce, Backup→Active ActiveRouterGone; "
            + "v6: bind, send 100, announce, Backup→Active ActiveRouterGone",
            group.DeadlineAt((10 * Second) + Skew));
    }

    [Fact]
    public void Backup_PreemptsALowerActiveRouterInBothFamilies()
    {
        TestGroup group = TestGroup.Backup();

        group.HearUntil(3 * Second, 99, V4, V6);

        Assert.StartsWith("v4: bind, send 100", group.DeadlineAt(ActiveDown), StringComparison.Ordinal);
        Assert.Equal("Active Active", group.Kinds);
    }

    [Fact]
    public void Backup_WithPreemptDelay_TakesOverWhenTheLaterDelayIsOver()
    {
        TestGroup group = TestGroup.Backup(p => p with { PreemptDelay = TimeSpan.FromSeconds(5) });
        group.AdvanceTo(Second);
        group.Hear(V4, 99);
        group.AdvanceTo(Second + 300);
        group.Hear(V6, 99);
        group.HearUntil(5 * Second, 99, V4, V6);

        Assert.Equal((6 * Second) + 300, group.NextDeadline);
        Assert.Contains("PreemptDelayExpired; v6", group.DeadlineAt((6 * Second) + 300), StringComparison.Ordinal);
    }

    [Fact]
    public void Backup_WithoutPreemption_FollowsALowerActiveRouter()
    {
        TestGroup group = TestGroup.Backup(p => p with { Preempt = false });

        group.HearUntil(30 * Second, 99, V4);

        Assert.Equal("Backup Backup", group.Kinds);
    }

    [Theory]
    [InlineData(V4, "v4: send 100, release, Active→Backup HigherPriorityHeard; v6: send 100, release, Active→Backup "
        + "PartnerReleased")]
    [InlineData(V6, "v4: send 100, release, Active→Backup PartnerReleased; v6: send 100, release, Active→Backup "
        + "HigherPriorityHeard")]
    public void Active_HigherPriorityInOneFamily_YieldsBothWithoutResigning(int router, string effects)
    {
        TestGroup group = TestGroup.Active();

        Assert.Equal(effects, group.Hear(router, 101));
        Assert.Equal("Backup Backup", group.Kinds);
    }

    [Theory]
    [InlineData(V4, "v4: send 100, announce")]
    [InlineData(V6, "v6: send 100, announce")]
    public void Active_LowerPriority_IsAnsweredInItsFamily(int router, string effects) =>
        Assert.Equal(effects, TestGroup.Active().Hear(router, 99));

    [Theory]
    [InlineData(V4, "v4: send 100, renew")]
    [InlineData(V6, "v6: send 100, renew")]
    public void Active_PriorityZero_IsAnsweredInItsFamily(int router, string effects)
    {
        TestGroup group = TestGroup.Active();
        group.RunUntil(9 * Second);
        group.AdvanceTo((9 * Second) + 500_000_000);

        Assert.Equal(effects, group.Hear(router, 0));
        Assert.Equal("Active Active", group.Kinds);
    }

    [Fact]
    public void Active_EqualPriorityFromAHigherV4Address_YieldsBoth() =>
        Assert.Equal(
            "v4: send 100, release, Active→Backup HigherAddressHeard; v6: release, Active→Backup PartnerReleased",
            TestGroup.Active().Hear(V4, 100));

    [Fact]
    public void Active_EqualPriorityFromALowerV4Address_IsAnswered() =>
        Assert.Equal("v4: send 100, announce", TestGroup.Active().Hear(V4, 100, host: 102));

    [Theory]
    [InlineData(102)]
    [InlineData(104)]
    public void Active_EqualPriorityInV6_IsLeftToV4(byte host) =>
        Assert.Equal("", TestGroup.Active().Hear(V6, 100, host));

    // v4 is swallowed one way, so that v4 alone would never settle it.
    [Theory]
    [InlineData(
        104, "v4: release, Active→Backup PartnerReleased; v6: send 100, release, Active→Backup HigherAddressHeard")]
    [InlineData(102, "v6: send 100, announce")]
    public void Active_EqualPriorityInV6ForAnActiveDownInterval_IsDecidedThere(byte host, string effects)
    {
        TestGroup group = TestGroup.Active();
        for (int i = 4; i < 8; i++)
        {
            group.RunUntil(i * Second);
            Assert.Equal("", group.Hear(V6, 100, host));
        }

        group.RunUntil(8 * Second);
        Assert.Equal(effects, group.Hear(V6, 100, host));
    }

    [Fact]
    public void Active_EqualPriorityInV6NowAndThen_StaysLeftToV4()
    {
        TestGroup group = TestGroup.Active();
        for (int i = 1; i < 10; i++)
        {
            group.RunUntil(i * 10 * Second);
            Assert.Equal("", group.Hear(V6, 100));
        }
    }

    [Theory]
    [InlineData(V4, "v4: release, Active→Fault LinkDown; v6: send 0, release, Active→Fault PartnerFailed")]
    [InlineData(V6, "v4: send 0, release, Active→Fault PartnerFailed; v6: release, Active→Fault LinkDown")]
    public void Active_OneLinkDown_BothLetGo(int router, string effects) =>
        Assert.Equal(effects, TestGroup.Active().Do(router, RouterEvent.LinkDown()));

    [Fact]
    public void Active_SharedLinkDown_NeitherSends() =>
        Assert.Equal(
            "v4: release, Active→Fault LinkDown; v6: release, Active→Fault LinkDown",
            TestGroup.Active().DoAll(RouterEvent.LinkDown()));

    [Fact]
    public void Active_ProbeFails_BothResign() =>
        Assert.Equal(
            "v4: send 0, release, Active→Fault ProbeFailed; v6: send 0, release, Active→Fault ProbeFailed",
            TestGroup.Active().DoAll(RouterEvent.HealthChanged(Health.Failing)));

    [Fact]
    public void Active_ProbeFailsWithDemotion_BothAdvertiseTheLowerPriority() =>
        Assert.Equal(
            "v4: send 50; v6: send 50",
            TestGroup.Active(p => p with { OnProbeFailure = FailurePolicy.Demote, DemotionWeight = 50 })
                .DoAll(RouterEvent.HealthChanged(Health.Failing)));

    [Fact]
    public void Active_OneBindFails_BothResign() =>
        Assert.Equal(
            "v4: send 0, release, Active→Fault PartnerFailed; v6: send 0, release, Active→Fault EffectFailed",
            TestGroup.Active().Do(V6, RouterEvent.EffectFailed(RouterEffectKind.BindAddresses)));

    // The shell has bound what it could of both and gone no further with either.
    [Theory]
    [InlineData(TestGroup.V4)]
    [InlineData(TestGroup.V6)]
    public void Takeover_OneBindFails_BothAreSilent(int failing)
    {
        TestGroup group = TestGroup.Backup();
        group.DeadlineAt(group.NextDeadline);
        Assert.Equal("Active Active", group.Kinds);

        Assert.Equal(
            failing == TestGroup.V4
                ? "v4: release, Backup→Fault EffectFailed; v6: release, Backup→Fault PartnerFailed"
                : "v4: release, Backup→Fault PartnerFailed; v6: release, Backup→Fault EffectFailed",
            group.Do(failing, RouterEvent.EffectFailed(RouterEffectKind.BindAddresses)));
        Assert.Equal("", group.Do(1 - failing, RouterEvent.EffectFailed(RouterEffectKind.BindAddresses)));
    }

    // Both have advertised since, whichever of them the step between was for.
    [Fact]
    public void Takeover_OneBindFailsAStepLater_BothResign()
    {
        TestGroup group = TestGroup.Backup();
        group.DeadlineAt(group.NextDeadline);
        group.Do(V4, RouterEvent.AddressLost());

        Assert.Equal(
            "v4: send 0, release, Active→Fault EffectFailed; v6: send 0, release, Active→Fault PartnerFailed",
            group.Do(V4, RouterEvent.EffectFailed(RouterEffectKind.BindAddresses)));
    }

    [Fact]
    public void Active_OneFamilysAddressesKeepBeingRemoved_BothResign()
    {
        TestGroup group = TestGroup.Active();
        for (int i = 1; i <= 5; i++)
        {
            group.AdvanceTo(group.Now.Nanoseconds + 200_000_000);
            Assert.Equal("v6: bind, announce", group.Do(V6, RouterEvent.AddressLost()));
        }

        group.AdvanceTo(group.Now.Nanoseconds + 200_000_000);
        Assert.Equal(
            "v4: send 0, release, Active→Fault PartnerFailed; v6: send 0, release, Active→Fault EffectFailed",
            group.Do(V6, RouterEvent.AddressLost()));
    }

    [Fact]
    public void Fault_OfOne_HoldsBothUntilItIsOver()
    {
        TestGroup group = TestGroup.Active();
        group.Do(V6, RouterEvent.LinkDown());
        group.RunUntil(60 * Second);
        Assert.Equal("Fault Fault", group.Kinds);

        Assert.Equal(
            "v4: Fault→Backup PartnersRecovered; v6: Fault→Backup LinkUp",
            group.Do(V6, RouterEvent.LinkUp(TestGroup.Own[V6])));
        Assert.Equal((60 * Second) + ActiveDown, group.NextDeadline);
    }

    [Fact]
    public void Fault_OfBoth_IsOverWhenBothAre()
    {
        TestGroup group = TestGroup.Active();
        group.DoAll(RouterEvent.LinkDown());

        Assert.Equal("v4: Fault→Fault PartnerFailed", group.Do(V4, RouterEvent.LinkUp(TestGroup.Own[V4])));
        Assert.Equal(
            "v4: Fault→Backup PartnersRecovered; v6: Fault→Backup LinkUp",
            group.Do(V6, RouterEvent.LinkUp(TestGroup.Own[V6])));
    }

    [Fact]
    public void Fault_AfterAFailedBind_RetriesAsOne()
    {
        TestGroup group = TestGroup.Active();
        group.Do(V4, RouterEvent.EffectFailed(RouterEffectKind.BindAddresses));
        long retry = ActiveDown + (5 * Second);

        Assert.Equal(retry, group.NextDeadline);
        Assert.Equal("v4: Fault→Backup Retry; v6: Fault→Backup PartnersRecovered", group.DeadlineAt(retry));
    }

    [Fact]
    public void Start_WhileOneLinkHasNoAddress_HoldsBoth()
    {
        var group = new TestGroup();
        group.Do(V4, RouterEvent.LinkUp(TestGroup.Own[V4]));
        group.Do(V6, RouterEvent.LinkUp(default));
        group.DoAll(RouterEvent.HealthChanged(Health.Passing));

        group.DoAll(RouterEvent.Start());

        Assert.Equal("Fault Fault", group.Kinds);
        Assert.Equal(TransitionReason.PartnerFailed, group[V4].Reason);
        Assert.Equal(TransitionReason.NoPrimaryAddress, group[V6].Reason);
    }

    [Fact]
    public void Backup_PartnerNotStarted_Waits()
    {
        var group = new TestGroup();
        group.Do(V4, RouterEvent.LinkUp(TestGroup.Own[V4]));
        group.Do(V4, RouterEvent.HealthChanged(Health.Passing));
        group.Do(V4, RouterEvent.Start());

        Assert.Equal("Backup Initialize", group.Kinds);
        Assert.Equal(long.MaxValue, group.NextDeadline);
    }

    [Fact]
    public void Stop_OfOne_StopsBoth() =>
        Assert.Equal(
            "v4: send 0, release, Active→Initialize Shutdown; v6: send 0, release, Active→Initialize Shutdown",
            TestGroup.Active().Do(V6, RouterEvent.Stop()));

    [Fact]
    public void Handover_OfOne_IsOfBoth_AndSoIsItsEnd()
    {
        TestGroup group = TestGroup.Active();

        Assert.Equal("v4: send 0; v6: send 0", group.Do(V4, RouterEvent.HandoverRequested()));
        Assert.Equal("", group.Hear(V6, 99));
        Assert.Equal(
            "v4: release, Active→Backup PartnerReleased; v6: release, Active→Backup HandedOver",
            group.DeadlineAt(group.Now.Nanoseconds + (120 * Second / 1000)));
    }

    [Fact]
    public void Active_LoopStalled_BothBecomeBackup()
    {
        TestGroup group = TestGroup.Active();

        Assert.Equal(
            "v4: release, Active→Backup LoopStalled; v6: release, Active→Backup LoopStalled",
            group.DeadlineAt(ActiveDown + (3 * Second)));
        Assert.Equal(ActiveDown + (3 * Second) + ActiveDown, group.NextDeadline);
    }

    [Fact]
    public void AddressOwner_BecomesActiveWhenItsPartnerCan()
    {
        var group = new TestGroup(p => p with { Priority = new(255) });
        group.Do(V4, RouterEvent.LinkUp(TestGroup.Own[V4]));
        group.Do(V6, RouterEvent.LinkUp(TestGroup.Own[V6]));
        group.DoAll(RouterEvent.HealthChanged(Health.Passing));
        group.DoAll(RouterEvent.Start());

        Assert.Equal(0, group.NextDeadline);
        Assert.Equal(
            "v4: bind, send 255, announce, Backup→Active AddressOwner; v6: bind, send 255, announce, "
            + "Backup→Active AddressOwner",
            group.DeadlineAt(0));
    }

    // An IPv6 address is added to a VirtualIP that is Active: nothing that serves is disturbed.
    [Fact]
    public void Router_JoinsAnActivePartner_FollowsItAfterItsOwnTimer()
    {
        TestGroup joined = JoinedAfterTwentySeconds();

        Assert.Equal("Active Backup", joined.Kinds);
        joined.RunUntil((20 * Second) + ActiveDown);
        Assert.Equal("Active Active", joined.Kinds);
    }

    [Fact]
    public void JoiningRouter_HearsAHigherPriority_PartnersYield()
    {
        TestGroup joined = JoinedAfterTwentySeconds();

        Assert.Equal("v4: send 100, release, Active→Backup PartnerReleased", joined.Hear(V6, 101));
    }

    [Fact]
    public void GroupOfOne_StepsAsASingleRouter()
    {
        RouterParameters[] parameters = [TestRouter.V3()];
        RouterState[] states = [RouterState.Initial];
        RouterEffects[] effects = [new()];
        var single = new TestRouter();
        RouterEvent[] events =
        [
            RouterEvent.LinkUp(TestRouter.Own), RouterEvent.HealthChanged(Health.Passing), RouterEvent.Start(),
            single.Heard(0), RouterEvent.Deadline(), single.Heard(99), single.Heard(100), RouterEvent.Deadline(),
            RouterEvent.LinkDown(), RouterEvent.Stop(),
        ];
        foreach (RouterEvent @event in events)
        {
            Assert.Equal(single.NextDeadline, RouterGroup.NextDeadline(states).Nanoseconds);
            if (@event.Kind == RouterEventKind.DeadlineReached)
                single.AdvanceTo(single.NextDeadline);
            effects[0].Clear();
            RouterGroup.Step(parameters, states, 0, @event, single.Now, effects);

            Assert.Equal(single.Do(@event), TestRouter.Transcript(effects[0], parameters[0]));
            Assert.Equal(single.State, states[0]);
        }
    }

    // The IPv6 addresses were taken out of the VirtualIP while their router was out.
    [Fact]
    public void GroupOfOne_OnceItsPartnerIsGone_TakesPartAgain()
    {
        TestGroup group = TestGroup.Active();
        group.Do(V6, RouterEvent.LinkDown());
        RouterState[] states = [group[V4]];
        RouterEffects[] effects = [new()];

        RouterGroup.Step([group.Parameters[V4]], states, 0, RouterEvent.Deadline(), group.Now, effects);

        Assert.Equal("Fault→Backup PartnersRecovered", TestRouter.Transcript(effects[0], group.Parameters[V4]));
    }

    // v4 Active alone, v6 just started.
    private static TestGroup JoinedAfterTwentySeconds()
    {
        TestRouter alone = TestRouter.Active();
        alone.RunUntil(20 * Second);
        var joined = new TestGroup(alone.State, 20 * Second);
        joined.Do(V6, RouterEvent.LinkUp(TestGroup.Own[V6]));
        joined.Do(V6, RouterEvent.HealthChanged(Health.Passing));
        joined.Do(V6, RouterEvent.Start());
        return joined;
    }
}
