namespace VipOperator.Lab.Tools;

/// <summary>Waits for what is to happen, by looking.</summary>
internal static class Wait
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(10);

    /// <returns>false: it did not become true within <paramref name="bound"/>.</returns>
    public static Task<bool> UntilAsync(Func<bool> condition, TimeSpan bound, CancellationToken cancellation) =>
        UntilAsync(() => Task.FromResult(condition()), bound, Pause, cancellation);

    /// <param name="pause">Between two looks.</param>
    public static async Task<bool> UntilAsync(
        Func<Task<bool>> condition, TimeSpan bound, TimeSpan pause, CancellationToken cancellation)
    {
        DateTime deadline = DateTime.UtcNow + bound;
        while (!await condition())
        {
            if (DateTime.UtcNow > deadline)
                return false;
            await Task.Delay(pause, cancellation);
        }

        return true;
    }
}
