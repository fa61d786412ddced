namespace VipOperator.Api;

/// <summary>The part of Kubernetes object metadata that is read or written here.</summary>
public sealed record ObjectMetadata
{
    public string? Name { get; init; }

    public string? Namespace { get; init; }

    public string? Uid { get; init; }

    public string? ResourceVersion { get; init; }

    public long? Generation { get; init; }

    public DateTimeOffset? CreationTimestamp { get; init; }

    public DateTimeOffset? DeletionTimestamp { get; init; }

    public IReadOnlyDictionary<string, string>? Labels { get; init; }

    public IReadOnlyDictionary<string, string>? Annotations { get; init; }

    public IReadOnlyList<OwnerReference>? OwnerReferences { get; init; }

    public IReadOnlyList<string>? Finalizers { get; init; }
}

/// <summary>A reference to the object whose deletion deletes this one too.</summary>
public sealed record OwnerReference
{
    public required string ApiVersion { get; init; }

    public required string Kind { get; init; }

    public required string Name { get; init; }

    public required string Uid { get; init; }

    public bool? Controller { get; init; }

    public bool? BlockOwnerDeletion { get; init; }
}

/// <summary>The metadata of a list or of a bookmark.</summary>
public sealed record ListMetadata
{
    public string? ResourceVersion { get; init; }

    /// <summary>The token for the next page; null or empty on the last.</summary>
    public string? Continue { get; init; }

    public long? RemainingItemCount { get; init; }
}
