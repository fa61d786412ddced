namespace VipOperator.Operator.Tests.Cluster;

/// <summary>
/// Counts requests that change something, but for the lease, when they leave: whoever has seen what a request did finds
/// it counted.
/// </summary>
internal sealed class WriteCounter : DelegatingHandler
{
    private int _count;

    public int Count => Volatile.Read(ref _count);

    protected override Task<HttpResponseMessage> SendAsync(
        HttpRequestMessage request, CancellationToken cancellationToken)
    {
        if (request.Method != HttpMethod.Get
            && !request.RequestUri!.AbsolutePath.Contains("/leases", StringComparison.Ordinal))
            Interlocked.Increment(ref _count);
        return base.SendAsync(request, cancellationToken);
    }
}
