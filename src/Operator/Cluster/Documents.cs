using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using VipOperator.Api;

namespace VipOperator.Operator.Cluster;

// A property with a default has a setter, not init: generated code assigns every init-only property, absent or not.
// Of objects that are not ours only what is needed here is read: a pod of a real cluster is ten times what matters of
// it.

/// <summary>Any list; the items are read one by one, so that one that is malformed spoils no other.</summary>
internal sealed record ListDocument
{
    public ListMetadata Metadata { get; set; } = new();

    public IReadOnlyList<JsonElement>? Items { get; init; }
}

/// <summary>One line of a watch.</summary>
internal sealed record WatchDocument
{
    /// <summary>ADDED, MODIFIED, DELETED, BOOKMARK or ERROR.</summary>
    public required string Type { get; init; }

    public required JsonElement Object { get; init; }
}

/// <summary>What all objects have.</summary>
internal sealed record AnyDocument
{
    public ObjectMetadata Metadata { get; set; } = new();
}

internal sealed record PodDocument
{
    public ObjectMetadata Metadata { get; set; } = new();

    public PodSpecDocument Spec { get; set; } = new();

    public PodStatusDocument Status { get; set; } = new();
}

internal sealed record PodSpecDocument
{
    public string? NodeName { get; init; }

    public bool? HostNetwork { get; init; }

    public IReadOnlyList<ContainerDocument>? Containers { get; init; }

    public IReadOnlyList<ContainerDocument>? InitContainers { get; init; }

    public IReadOnlyList<TolerationDocument>? Tolerations { get; init; }
}

internal sealed record TolerationDocument
{
    public string? Key { get; init; }

    /// <summary>Exists, or Equal, which is the default.</summary>
    public string? Operator { get; init; }

    public string? Value { get; init; }

    public string? Effect { get; init; }

    public long? TolerationSeconds { get; init; }
}

internal sealed record ContainerDocument
{
    public string? Name { get; init; }

    public string? RestartPolicy { get; init; }
}

internal sealed record PodStatusDocument
{
    public string? Phase { get; init; }

    public string? HostIP { get; init; }

    public IReadOnlyList<HostIPDocument>? HostIPs { get; init; }

    public IReadOnlyList<ContainerStatusDocument>? ContainerStatuses { get; init; }

    public IReadOnlyList<ContainerStatusDocument>? InitContainerStatuses { get; init; }
}

internal sealed record ContainerStatusDocument
{
    public string? Name { get; init; }

    public ContainerStateDocument? State { get; init; }
}

/// <summary>One of the three is set; what stands in it is of no matter here.</summary>
internal sealed record ContainerStateDocument
{
    public JsonElement? Running { get; init; }

    public JsonElement? Waiting { get; init; }

    public JsonElement? Terminated { get; init; }
}

internal sealed record HostIPDocument
{
    public string? Ip { get; init; }
}

internal sealed record NodeDocument
{
    public ObjectMetadata Metadata { get; set; } = new();

    public NodeSpecDocument Spec { get; set; } = new();

    public NodeStatusDocument Status { get; set; } = new();
}

internal sealed record NodeSpecDocument
{
    public bool? Unschedulable { get; init; }

    public IReadOnlyList<TaintDocument>? Taints { get; init; }
}

internal sealed record TaintDocument
{
    public string? Key { get; init; }

    public string? Value { get; init; }

    public string? Effect { get; init; }
}

internal sealed record NodeStatusDocument
{
    public IReadOnlyList<NodeConditionDocument>? Conditions { get; init; }

    public IReadOnlyList<NodeAddressDocument>? Addresses { get; init; }
}

internal sealed record NodeConditionDocument
{
    public string? Type { get; init; }

    public string? Status { get; init; }
}

internal sealed record NodeAddressDocument
{
    public string? Type { get; init; }

    public string? Address { get; init; }
}

/// <summary>v1 Event.</summary>
internal sealed record EventDocument
{
    public string ApiVersion { get; set; } = "v1";

    public string Kind { get; set; } = "Event";

    public ObjectMetadata Metadata { get; set; } = new();

    public required ObjectReferenceDocument InvolvedObject { get; init; }

    public required string Reason { get; init; }

    public required string Message { get; init; }

    /// <summary>Normal or Warning.</summary>
    public required string Type { get; init; }

    public required DateTimeOffset FirstTimestamp { get; init; }

    public required DateTimeOffset LastTimestamp { get; init; }

    public required int Count { get; init; }

    public required EventSourceDocument Source { get; init; }

    public required string ReportingComponent { get; init; }

    public required string ReportingInstance { get; init; }
}

/// <summary>What is changed of an event that happens again.</summary>
internal sealed record EventRepetition(DateTimeOffset LastTimestamp, int Count);

internal sealed record ObjectReferenceDocument
{
    public required string ApiVersion { get; init; }

    public required string Kind { get; init; }

    public required string Namespace { get; init; }

    public required string Name { get; init; }

    public required string Uid { get; init; }
}

internal sealed record EventSourceDocument(string Component);

internal sealed record DeleteOptionsDocument(PreconditionsDocument Preconditions)
{
    public string ApiVersion { get; set; } = "v1";

    public string Kind { get; set; } = "DeleteOptions";
}

internal sealed record PreconditionsDocument(string Uid);

/// <summary>What is applied to a VirtualIP's status subresource.</summary>
internal sealed record VirtualIPStatusDocument
{
    public string ApiVersion { get; set; } = GroupVersion.ApiVersion;

    public string Kind { get; set; } = VirtualIP.KindName;

    public required ObjectMetadata Metadata { get; init; }

    public required VirtualIPStatus Status { get; init; }
}

/// <summary>What is applied to a pod: our label alone.</summary>
internal sealed record PodLabelDocument
{
    public string ApiVersion { get; set; } = "v1";

    public string Kind { get; set; } = "Pod";

    public required ObjectMetadata Metadata { get; init; }
}

[JsonSourceGenerationOptions(
    JsonSerializerDefaults.Web,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    NumberHandling = JsonNumberHandling.Strict,
    PropertyNameCaseInsensitive = false,
    Converters = [typeof(KubernetesTimeConverter)])]
[JsonSerializable(typeof(ListDocument))]
[JsonSerializable(typeof(WatchDocument))]
[JsonSerializable(typeof(AnyDocument))]
[JsonSerializable(typeof(PodDocument))]
[JsonSerializable(typeof(NodeDocument))]
[JsonSerializable(typeof(LeaseDocument))]
[JsonSerializable(typeof(EventDocument))]
[JsonSerializable(typeof(EventRepetition))]
[JsonSerializable(typeof(DeleteOptionsDocument))]
[JsonSerializable(typeof(VirtualIPStatusDocument))]
[JsonSerializable(typeof(PodLabelDocument))]
[JsonSerializable(typeof(SecretDocument))]
[JsonSerializable(typeof(WebhookConfigurationDocument))]
[JsonSerializable(typeof(ApiStatus))]
[JsonSerializable(typeof(JsonObject))]
internal sealed partial class ClusterJsonContext : JsonSerializerContext;
