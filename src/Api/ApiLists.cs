namespace VipOperator.Api;

/// <summary>The answer to a list request.</summary>
public sealed record VirtualIPList
{
    public ListMetadata Metadata { get; set; } = new();

    public IReadOnlyList<VirtualIP> Items { get; set; } = [];
}

/// <summary>The answer to a list request.</summary>
public sealed record VirtualIPMemberList
{
    public ListMetadata Metadata { get; set; } = new();

    public IReadOnlyList<VirtualIPMember> Items { get; set; } = [];
}

/// <summary>The body of a failed request (metav1.Status).</summary>
public sealed record ApiStatus
{
    public string? Status { get; init; }

    public string? Message { get; init; }

    /// <summary>CamelCase: "Expired", "NotFound", "Conflict".</summary>
    public string? Reason { get; init; }

    public int? Code { get; init; }
}
