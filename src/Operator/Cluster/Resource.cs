using VipOperator.Api;

namespace VipOperator.Operator.Cluster;

/// <summary>A kind of object, as it is addressed at the API server.</summary>
/// <param name="ApiPath">"/api/v1" or "/apis/GROUP/VERSION".</param>
/// <param name="Plural">The last part of its path, which is also its name in metrics and logs.</param>
internal sealed record Resource(string ApiPath, string Plural)
{
    public static Resource VirtualIPs { get; } = new("/apis/" + GroupVersion.ApiVersion, VirtualIP.Plural);

    public static Resource Members { get; } = new("/apis/" + GroupVersion.ApiVersion, VirtualIPMember.Plural);

    public static Resource Pods { get; } = new("/api/v1", "pods");

    public static Resource Nodes { get; } = new("/api/v1", "nodes");

    public static Resource Leases { get; } = new("/apis/coordination.k8s.io/v1", "leases");

    public static Resource Events { get; } = new("/api/v1", "events");

    public static Resource Secrets { get; } = new("/api/v1", "secrets");

    public static Resource MutatingWebhookConfigurations { get; } =
        new("/apis/admissionregistration.k8s.io/v1", "mutatingwebhookconfigurations");

    /// <param name="namespace">null: of all namespaces, or of a kind that has none.</param>
    public string Collection(string? @namespace) => @namespace is null
        ? $"{ApiPath}/{Plural}"
        : $"{ApiPath}/namespaces/{Uri.EscapeDataString(@namespace)}/{Plural}";

    /// <param name="namespace">null: of a kind that has none.</param>
    public string Object(string? @namespace, string name) => $"{Collection(@namespace)}/{Uri.EscapeDataString(name)}";
}
