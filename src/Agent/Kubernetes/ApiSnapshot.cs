namespace VipOperator.Agent.Kubernetes;

/// <summary>How the agent gets on with the API server; the counts are since the start of the agent.</summary>
internal sealed record ApiSnapshot
{
    public required string Server { get; init; }

    public required bool Connected { get; init; }

    /// <summary>When <see cref="Connected"/> last changed.</summary>
    public required DateTimeOffset Since { get; init; }

    /// <summary>Why it is not connected; null while it is.</summary>
    public string? Message { get; init; }

    public string? ResourceVersion { get; init; }

    public long Lists { get; init; }

    public long Watches { get; init; }

    public long Errors { get; init; }

    public long StatusWrites { get; init; }

    public long StatusWriteErrors { get; init; }
}
