namespace VipOperator.Operator.Cluster;

/// <summary>coordination.k8s.io/v1 Lease.</summary>
internal sealed record LeaseDocument
{
    public string ApiVersion { get; set; } = "coordination.k8s.io/v1";

    public string Kind { get; set; } = "Lease";

    public LeaseMetadataDocument Metadata { get; set; } = new();

    public LeaseSpecDocument Spec { get; set; } = new();
}

internal sealed record LeaseMetadataDocument
{
    public string? Namespace { get; init; }

    public string? Name { get; init; }

    public string? ResourceVersion { get; init; }

    /// <summary>Who wrote what, and when by the API server's clock; never written here.</summary>
    public IReadOnlyList<ManagedFieldsDocument>? ManagedFields { get; init; }
}

internal sealed record ManagedFieldsDocument
{
    public DateTimeOffset? Time { get; init; }
}

internal sealed record LeaseSpecDocument
{
    /// <summary>Empty or null: released.</summary>
    public string? HolderIdentity { get; init; }

    public int? LeaseDurationSeconds { get; init; }

    /// <summary>metav1.MicroTime: six digits of a second.</summary>
    public string? AcquireTime { get; init; }

    public string? RenewTime { get; init; }

    public int? LeaseTransitions { get; init; }
}
