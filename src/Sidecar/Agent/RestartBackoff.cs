namespace VipOperator.Sidecar.Agent;

/// <summary>
/// How long to wait before the agent is started again: 100 ms, doubling to 5 s, from the start again after 30 s of
/// life.
/// </summary>
internal sealed class RestartBackoff
{
    private static readonly TimeSpan Shortest = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan Settled = TimeSpan.FromSeconds(30);

    private TimeSpan _next = Shortest;

    /// <param name="lived">How long the process ran that has just ended.</param>
    public TimeSpan Next(TimeSpan lived)
    {
        TimeSpan delay = lived >= Settled ? Shortest : _next;
        _next = delay * 2 < Longest ? delay * 2 : Longest;
        return delay;
    }
}
