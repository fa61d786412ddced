namespace VipOperator.Agent.Kubernetes;

/// <summary>
/// Waits between attempts: twice as long each time up to a limit, less up to a half by chance, so that agents that lost
/// the API server together do not come back together.
/// </summary>
internal sealed class Backoff(TimeSpan first, TimeSpan longest)
{
    private int _doublings;

    public void Reset() => _doublings = 0;

    public TimeSpan Next()
    {
        TimeSpan wait = first * Math.Pow(2, _doublings);
        if (wait < longest)
            _doublings++;
        else
            wait = longest;
        return wait * (1 - (Random.Shared.NextDouble() / 2));
    }
}
