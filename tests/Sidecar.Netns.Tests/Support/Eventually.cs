using System.Diagnostics;

namespace VipOperator.Sidecar.Netns.Tests.Support;

/// <summary>
/// Waits for conditions. The bound only ends a test that would never end; it is no expectation of speed.
/// </summary>
internal static class Eventually
{
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Period = TimeSpan.FromMilliseconds(20);

    public static Task True(Func<bool> condition, string what) => True(condition, () => what);

    /// <param name="what">Asked for when the bound is reached, so that it can tell how things are then.</param>
    public static Task True(Func<bool> condition, Func<string> what) => True(() => Task.FromResult(condition()), what);

    public static async Task True(Func<Task<bool>> condition, Func<string> what)
    {
        long start = Stopwatch.GetTimestamp();
        while (!await condition())
        {
            if (Stopwatch.GetElapsedTime(start) > Bound)
                Assert.Fail($"Not within {Bound.TotalSeconds} s: {what()}");
            await Task.Delay(Period, TestContext.Current.CancellationToken);
        }
    }

    /// <summary>
    /// Looks again and again for as long as <paramref name="span"/>; the condition must hold each time.
    /// </summary>
    public static Task Always(Func<bool> condition, TimeSpan span, string what) => Always(condition, span, () => what);

    /// <param name="what">Asked for when the condition does not hold.</param>
    public static async Task Always(Func<bool> condition, TimeSpan span, Func<string> what)
    {
        long start = Stopwatch.GetTimestamp();
        while (Stopwatch.GetElapsedTime(start) < span)
        {
            if (!condition())
                Assert.Fail(what());
            await Task.Delay(Period, TestContext.Current.CancellationToken);
        }
    }
}
