using VipOperator.Operator.Notifying;

namespace VipOperator.Operator.Tests.Notifying;

public sealed class RateLimitTests
{
    [Fact]
    public void SoManyGoAtOnce_ThenOneForEachPartOfTheInterval()
    {
        Clock clock = new();
        RateLimit limit = new(clock);

        Assert.Equal(TimeSpan.Zero, limit.Take(3, TimeSpan.FromSeconds(60)));
        Assert.Equal(TimeSpan.Zero, limit.Take(3, TimeSpan.FromSeconds(60)));
        Assert.Equal(TimeSpan.Zero, limit.Take(3, TimeSpan.FromSeconds(60)));
        Assert.Equal(TimeSpan.FromSeconds(20), limit.Take(3, TimeSpan.FromSeconds(60)));
        clock.Seconds = 15;
        Assert.Equal(TimeSpan.FromSeconds(5), limit.Take(3, TimeSpan.FromSeconds(60)));
        clock.Seconds = 20;
        Assert.Equal(TimeSpan.Zero, limit.Take(3, TimeSpan.FromSeconds(60)));
        Assert.Equal(TimeSpan.FromSeconds(20), limit.Take(3, TimeSpan.FromSeconds(60)));
    }

    [Fact]
    public void LongSilence_FillsTheBucketAndNoMore()
    {
        Clock clock = new();
        RateLimit limit = new(clock);
        Assert.Equal(TimeSpan.Zero, limit.Take(1, TimeSpan.FromSeconds(60)));
        clock.Seconds = 100_000;

        Assert.Equal(TimeSpan.Zero, limit.Take(1, TimeSpan.FromSeconds(60)));
        Assert.Equal(TimeSpan.FromSeconds(60), limit.Take(1, TimeSpan.FromSeconds(60)));
    }

    private sealed class Clock : TimeProvider
    {
        public long Seconds { get; set; }

        public override long TimestampFrequency => 1;

        public override long GetTimestamp() => Seconds;
    }
}
