using VipOperator.Lab.Probing;

namespace VipOperator.Lab.Tests.Probing;

public sealed class GapTests
{
    private const string Old = "192.168.1.103";
    private const string New = "192.168.1.104";

    [Fact]
    public void Gap_IsFromTheLastAnswerBeforeToTheFirstOfTheNewResponder()
    {
        ProbeSample[] samples =
        [
            Answer(1_000, 1_400, Old),
            Answer(3_000, 3_500, Old),
            Failure(5_000, 305_000),
            Failure(7_000, 307_000),
            Answer(9_000, 9_500, New),
            Answer(11_000, 11_400, New),
        ];

        Gap gap = Gap.Find(samples, since: 4_000, New)!;

        Assert.Equal(new Gap(TimeSpan.FromMicroseconds(6_000), Failed: 2, Old, New, EndedAt: 9_500), gap);
    }

    [Fact]
    public void Gap_OldResponderAnswersOnAfterTheFault_StartsAtItsLastAnswer()
    {
        ProbeSample[] samples = [Answer(1_000, 1_400, Old), Answer(3_000, 3_400, Old), Answer(5_000, 5_400, New)];

        Assert.Equal(TimeSpan.FromMicroseconds(2_000), Gap.Find(samples, since: 2_000, New)!.Length);
    }

    [Fact]
    public void Gap_NewResponderAnsweredOnlyBeforeTheFault_IsNone() =>
        Assert.Null(Gap.Find([Answer(1_000, 1_400, New), Failure(3_000, 4_000)], since: 2_000, New));

    [Fact]
    public void Gap_NobodyAnsweredBefore_StartsAtTheFault()
    {
        Gap gap = Gap.Find([Failure(1_000, 301_000), Answer(9_000, 9_500, New)], since: 500, New)!;

        Assert.Equal((TimeSpan.FromMicroseconds(9_000), 1, null), (gap.Length, gap.Failed, gap.From));
    }

    private static ProbeSample Answer(long from, long to, string responder) => new(from, to, responder, null);

    private static ProbeSample Failure(long from, long to) => new(from, to, null, "timeout");
}
