using CsCheck;
using VipOperator.Agent.Probes;
using VipOperator.Vrrp;

namespace VipOperator.Agent.Tests.Probes;

/// <summary>The judge on virtual time: interval 1 s, thresholds 3 and 2, unless a test says otherwise.</summary>
public sealed class ProbeJudgeTests
{
    private static readonly ProbeOutcome Success = ProbeOutcome.Success;
    private static readonly ProbeOutcome Failure = new(ProbeOutcomeKind.Failure, "status 500");
    private static readonly ProbeOutcome Gone = new(ProbeOutcomeKind.Gone, "refused");
    private static readonly ProbeOutcome Broken = new(ProbeOutcomeKind.Broken, "reset");

    [Fact]
    public void Unknown_FirstSuccess_PassesAtOnce()
    {
        ProbeJudge judge = NewJudge();

        judge.Completed(Success, At(5));

        Assert.Equal(Health.Passing, judge.Verdict);
        Assert.Equal(At(5), judge.VerdictSince);
        Assert.Equal(At(1005), judge.NextProbe);
    }

    [Fact]
    public void Unknown_FailuresBelowTheThreshold_StayUnknown()
    {
        ProbeJudge judge = NewJudge();

        judge.Completed(Gone, At(0));
        judge.Completed(Failure, At(1000));

        Assert.Equal(Health.Unknown, judge.Verdict);
        Assert.Equal(At(2000), judge.NextProbe);
        judge.Completed(Gone, At(2000));
        Assert.Equal(Health.Failing, judge.Verdict);
    }

    [Fact]
    public void Passing_ThreeFailuresInARow_Fail()
    {
        ProbeJudge judge = Passing();

        judge.Completed(Failure, At(1000));
        judge.Completed(Failure, At(2000));
        Assert.Equal(Health.Passing, judge.Verdict);
        judge.Completed(Failure, At(3000));

        Assert.Equal(Health.Failing, judge.Verdict);
        Assert.Equal(At(3000), judge.VerdictSince);
        Assert.Equal("status 500", judge.Message);
    }

    [Fact]
    public void Passing_ASuccessBetweenFailures_StartsTheCountAnew()
    {
        ProbeJudge judge = Passing();

        foreach (int second in (int[])[1, 2, 4, 5])
        {
            if (second == 4)
                judge.Completed(Success, At(3000));
            judge.Completed(Failure, At(second * 1000));
        }

        Assert.Equal(Health.Passing, judge.Verdict);
    }

    [Fact]
    public void Failing_TwoSuccessesInARow_Pass()
    {
        ProbeJudge judge = Failing();

        judge.Completed(Success, At(10_000));
        judge.Completed(Failure, At(11_000));
        judge.Completed(Success, At(12_000));
        Assert.Equal(Health.Failing, judge.Verdict);
        judge.Completed(Success, At(13_000));

        Assert.Equal(Health.Passing, judge.Verdict);
        Assert.Equal("", judge.Message);
    }

    [Fact]
    public void Passing_ServiceGone_FailsAtOnceWhateverTheThreshold()
    {
        ProbeJudge judge = Passing();

        judge.ConnectionEnded(At(300));
        Assert.Equal(At(300), judge.NextProbe);
        judge.Completed(Gone, At(301));

        Assert.Equal(Health.Failing, judge.Verdict);
        Assert.Equal(At(301), judge.VerdictSince);
    }

    [Fact]
    public void Passing_ConnectionEndedButServiceAnswers_IsLookedAtAgainForASecondAndStaysPassing()
    {
        ProbeJudge judge = Passing();

        judge.ConnectionEnded(At(300));
        List<MonotonicTime> looks = [];
        while (judge.Doubts)
        {
            judge.Completed(Success, judge.NextProbe);
            looks.Add(judge.NextProbe);
        }

        Assert.Equal(
            [302, 306, 314, 330, 362, 426, 554, 810, 1322, 2322], looks.Select(t => t.Nanoseconds / 1_000_000));
        Assert.Equal(Health.Passing, judge.Verdict);
    }

    [Fact]
    public void Doubt_AnotherConnectionEnds_IsLookedAtAtOnceAndTheScheduleStays()
    {
        ProbeJudge judge = Passing();
        judge.ConnectionEnded(At(300));
        judge.Completed(Success, At(300));
        judge.Completed(Success, At(302));

        judge.ConnectionEnded(At(303));
        Assert.Equal(At(303), judge.NextProbe);
        judge.Completed(Success, At(304));

        Assert.Equal(At(306), judge.NextProbe);
    }

    [Fact]
    public void Doubt_AnotherConnectionEndsHalfASecondLater_BeginsItAnew()
    {
        ProbeJudge judge = Passing();
        judge.ConnectionEnded(At(300));
        judge.Completed(Success, At(300));

        judge.ConnectionEnded(At(799));
        judge.Completed(Success, At(799));
        Assert.Equal(At(810), judge.NextProbe);
        judge.ConnectionEnded(At(800));
        judge.Completed(Success, At(800));

        Assert.Equal(At(802), judge.NextProbe);
    }

    [Fact]
    public void Doubt_LastWorkerEnds_FailsByTheNextLook()
    {
        ProbeJudge judge = Passing();
        judge.ConnectionEnded(At(300));
        judge.Completed(Success, At(300));
        judge.Completed(Broken, At(302));
        judge.Completed(Success, At(306));

        judge.Completed(Gone, At(314));

        Assert.Equal(Health.Failing, judge.Verdict);
    }

    [Fact]
    public void Doubt_OrdinaryFailure_CountsOnceAndIsLookedAtAtTheInterval()
    {
        ProbeJudge judge = Passing();
        judge.ConnectionEnded(At(300));

        judge.Completed(Failure, At(310));

        Assert.Equal(1, judge.Failures);
        Assert.Equal(At(1310), judge.NextProbe);
    }

    [Fact]
    public void Doubt_ShortInterval_ProbesAtTheInterval()
    {
        ProbeJudge judge = new(Timing(graceSeconds: 0) with { Interval = TimeSpan.FromMilliseconds(100) }, At(0));
        judge.Completed(Success, At(0));

        judge.ConnectionEnded(At(50));
        judge.Completed(Success, At(1000));

        Assert.Equal(At(1072), judge.NextProbe);
        judge.Completed(Success, At(1072));
        Assert.Equal(At(1172), judge.NextProbe);
    }

    [Fact]
    public void Passing_ServiceThatIsGoingDown_IsLookedAtAgainInMillisecondsUntilItIsGone()
    {
        ProbeJudge judge = Passing();

        judge.ConnectionEnded(At(300));
        judge.Completed(Broken, At(300));
        Assert.Equal(At(302), judge.NextProbe);
        judge.Completed(Broken, At(302));
        Assert.Equal(At(306), judge.NextProbe);
        judge.Completed(Gone, At(306));

        Assert.Equal(Health.Failing, judge.Verdict);
    }

    [Fact]
    public void Passing_ServiceThatBreaksEveryConnection_CountsByTheThresholdAfterOneSecond()
    {
        ProbeJudge judge = Passing();
        MonotonicTime now = At(1000);

        for (int i = 0; i < 9; i++)
        {
            judge.Completed(Broken, now);
            now = judge.NextProbe;
        }

        // 2 + 4 + … + 512 ms.
        Assert.Equal(At(2022), now);
        judge.Completed(Broken, now);
        judge.Completed(Broken, judge.NextProbe);
        Assert.Equal(Health.Passing, judge.Verdict);
        judge.Completed(Broken, judge.NextProbe);
        Assert.Equal(Health.Failing, judge.Verdict);
    }

    [Fact]
    public void Grace_ServiceBackWithinIt_StaysPassing()
    {
        ProbeJudge judge = Passing(graceSeconds: 3);

        judge.ConnectionEnded(At(300));
        judge.Completed(Gone, At(300));
        Assert.Equal(Health.Passing, judge.Verdict);
        Assert.Equal(At(400), judge.NextProbe);
        Assert.Equal(At(3300), judge.GraceEnd);
        judge.Completed(Gone, At(400));
        judge.Completed(Failure, At(500));
        judge.Completed(Success, At(600));

        Assert.Equal(Health.Passing, judge.Verdict);
        Assert.True(judge.GraceEnd.IsNever);
        Assert.Equal(At(1600), judge.NextProbe);
    }

    [Fact]
    public void Grace_ServiceNotBack_FailsWhenItRunsOut()
    {
        ProbeJudge judge = Passing(graceSeconds: 3);

        judge.Completed(Gone, At(1000));
        for (int t = 1100; t < 4000; t += 100)
            judge.Completed(Gone, At(t));
        Assert.Equal(Health.Passing, judge.Verdict);
        judge.Completed(Gone, At(4000));

        Assert.Equal(Health.Failing, judge.Verdict);
    }

    [Fact]
    public void Grace_ProbeUnderWayWhenItRunsOut_FailsByTheClock()
    {
        ProbeJudge judge = Passing(graceSeconds: 3);
        judge.Completed(Gone, At(1000));

        judge.Tick(At(3999));
        Assert.Equal(Health.Passing, judge.Verdict);
        judge.Tick(At(4000));

        Assert.Equal(Health.Failing, judge.Verdict);
    }

    [Fact]
    public void Grace_OrdinaryFailures_AreNotCoveredByIt()
    {
        ProbeJudge judge = Passing(graceSeconds: 60);

        judge.Completed(Failure, At(1000));
        judge.Completed(Failure, At(2000));
        judge.Completed(Failure, At(3000));

        Assert.Equal(Health.Failing, judge.Verdict);
    }

    [Fact]
    public void Grace_ShortInterval_ProbesAtTheInterval()
    {
        ProbeJudge judge = new(Timing(graceSeconds: 3) with { Interval = TimeSpan.FromMilliseconds(50) }, At(0));
        judge.Completed(Success, At(0));

        judge.Completed(Gone, At(50));

        Assert.Equal(At(100), judge.NextProbe);
    }

    [Fact]
    public void TargetChanged_ProbesAtOnceUnlessPassing()
    {
        ProbeJudge unknown = NewJudge();
        unknown.Completed(Gone, At(0));
        unknown.TargetChanged(At(10));
        Assert.Equal(At(10), unknown.NextProbe);

        ProbeJudge passing = Passing();
        passing.TargetChanged(At(10));
        Assert.Equal(At(1000), passing.NextProbe);
    }

    [Fact]
    public void AnyHistory_NeverProbesLaterThanTheIntervalAndNeverTakesAVerdictBack() =>
        Gen.Select(Gen.Int[0, 4], Gen.Int[0, 1500]).Array[1, 60].Sample(steps =>
        {
            ProbeJudge judge = new(Timing(graceSeconds: 1), At(0));
            MonotonicTime now = At(0);
            foreach ((int what, int milliseconds) in steps)
            {
                bool known = judge.Verdict != Health.Unknown;
                now = now.PlusNanoseconds(milliseconds * 1_000_000L);
                switch (what)
                {
                    case 0: judge.Completed(Success, now); break;
                    case 1: judge.Completed(Failure, now); break;
                    case 2: judge.Completed(Gone, now); break;
                    case 3: judge.Completed(Broken, now); break;
                    default: judge.ConnectionEnded(now); break;
                }

                if ((known && judge.Verdict == Health.Unknown) || judge.NextProbe > now.PlusNanoseconds(1_000_000_000))
                    return false;
            }

            return true;
        });

    private static ProbeJudge NewJudge() => new(Timing(graceSeconds: 0), At(0));

    private static ProbeJudge Passing(int graceSeconds = 0)
    {
        ProbeJudge judge = new(Timing(graceSeconds), At(0));
        judge.Completed(Success, At(0));
        return judge;
    }

    private static ProbeJudge Failing()
    {
        ProbeJudge judge = Passing();
        judge.Completed(Gone, At(1000));
        return judge;
    }

    private static ProbeTiming Timing(int graceSeconds) =>
        new(TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(1), FailureThreshold: 3, SuccessThreshold: 2,
            TimeSpan.FromSeconds(graceSeconds));

    private static MonotonicTime At(long milliseconds) => new(milliseconds * 1_000_000);
}
