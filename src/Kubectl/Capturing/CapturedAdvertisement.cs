namespace VipOperator.Kubectl.Capturing;

/// <summary>One advertisement as a sidecar heard or sent it: a line of <c>vip-sidecar capture -o json</c>.</summary>
internal sealed record CapturedAdvertisement
{
    public required DateTimeOffset Time { get; init; }

    public required string InterfaceName { get; init; }

    /// <summary>sent, taken or dropped.</summary>
    public required string What { get; init; }

    /// <summary>CamelCase: why it was dropped; null when it was not.</summary>
    public string? Reason { get; init; }

    public required string Source { get; init; }

    public required string Destination { get; init; }

    public int Version { get; init; }

    public int VirtualRouterId { get; init; }

    public int Priority { get; init; }

    /// <summary>As durations are written: "1s"; null where it could not be told.</summary>
    public string? Interval { get; init; }

    /// <summary>None, Simple, Hmac or a number; null where it could not be told.</summary>
    public string? Authentication { get; init; }

    public IReadOnlyList<string>? Addresses { get; init; }

    /// <summary>How many were left out before this one, because they came faster than they are told.</summary>
    public long Missed { get; init; }
}
