using VipOperator.Sidecar.Agent;

namespace VipOperator.Sidecar.Tests;

public sealed class RestartBackoffTests
{
    [Fact]
    public void Next_DiesAtOnceAgainAndAgain_DoublesFrom100MillisecondsTo5Seconds()
    {
        RestartBackoff backoff = new();

        double[] delays = [.. Enumerable.Range(0, 8).Select(_ => backoff.Next(TimeSpan.Zero).TotalMilliseconds)];

        Assert.Equal([100, 200, 400, 800, 1600, 3200, 5000, 5000], delays);
    }

    [Fact]
    public void Next_LivedFor30Seconds_StartsFromTheBeginning()
    {
        RestartBackoff backoff = new();
        for (int i = 0; i < 8; i++)
            backoff.Next(TimeSpan.Zero);

        Assert.Equal(TimeSpan.FromMilliseconds(100), backoff.Next(TimeSpan.FromSeconds(30)));
        Assert.Equal(TimeSpan.FromMilliseconds(200), backoff.Next(TimeSpan.FromSeconds(29)));
    }
}
