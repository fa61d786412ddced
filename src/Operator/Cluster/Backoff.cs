namespace VipOperator.Operator.Cluster;

/// <summary>
/// Delays that double up to a limit, each shortened by up to half at random, so that many clients do not come back as
/// one.
/// </summary>
internal sealed class Backoff(TimeSpan first, TimeSpan longest)
{
    private int _failures;

    public TimeSpan Next() => Next(longest);

    /// <param name="limit">The longest delay for a failure of this kind.</param>
    public TimeSpan Next(TimeSpan limit)
    {
        double seconds = Math.Min(limit.TotalSeconds, first.TotalSeconds * Math.Pow(2, Math.Min(_failures, 30)));
        _failures++;
        return TimeSpan.FromSeconds(seconds * (1 - (Random.Shared.NextDouble() / 2)));
    }

    public void Reset() => _failures = 0;
}
