namespace VipOperator.Operator.Cluster;

/// <summary>
/// How long an API server may be silent before the request or the connection is given up. Not settings: they follow
/// from how API servers behave; tests have less time.
/// </summary>
internal sealed record ApiPatience
{
    public TimeSpan Connect { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>
    /// For a whole answer, or the beginning of a watch's. Longer than a webhook may take, which is 30 s at the most, 10
    /// s by default.
    /// </summary>
    public TimeSpan Request { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>
    /// Between two changes of a watch: more than the minute within which a server sends a bookmark or ends the watch.
    /// </summary>
    public TimeSpan WatchSilence { get; init; } = TimeSpan.FromSeconds(150);

    /// <summary>HTTP/2: how long a connection may be silent until it is pinged; 1 s or more.</summary>
    public TimeSpan PingDelay { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>HTTP/2: how long the answer to a ping may take; 1 s or more.</summary>
    public TimeSpan PingAnswer { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>
    /// How often the webhook's certificates are looked at: far more often than the hour for which one is announced
    /// before it is served.
    /// </summary>
    public TimeSpan CertificateInterval { get; init; } = TimeSpan.FromSeconds(15);
}
