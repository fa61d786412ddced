namespace VipOperator.Operator.Cluster;

/// <summary>
/// How long the server asked to be left alone. One that has too much to do (429) means all of us: hundreds of writes
/// that find that out one by one would not help it.
/// </summary>
internal sealed class RequestedRest(TimeProvider time)
{
    /// <summary>The longest that is heeded; a misconfigured proxy may ask for an hour.</summary>
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(30);

    // A timestamp of the clock; 0 when it was never asked for.
    private long _until;

    /// <summary>Returns when the server may be asked again; at once when it may be.</summary>
    public async Task OverAsync(CancellationToken cancellation)
    {
        long until = Interlocked.Read(ref _until);
        TimeSpan left = until == 0 ? TimeSpan.Zero : time.GetElapsedTime(time.GetTimestamp(), until);
        if (left > TimeSpan.Zero)
            await Task.Delay(left, time, cancellation);
    }

    public void Ask(TimeSpan asked)
    {
        TimeSpan rest = asked < Longest ? asked : Longest;
        long until = time.GetTimestamp() + (long)(rest.TotalSeconds * time.TimestampFrequency);
        if (until > Interlocked.Read(ref _until))
            Interlocked.Exchange(ref _until, until);
    }
}
