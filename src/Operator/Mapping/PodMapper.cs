using System.Text.Json;
using VipOperator.Api;
using VipOperator.Operator.Cluster;
using VipOperator.Planning;
using VipOperator.Vrrp;

namespace VipOperator.Operator.Mapping;

/// <summary>From Kubernetes' pods to planning's.</summary>
internal static class PodMapper
{
    public static PodObject Read(JsonElement item, ObjectMetadata metadata)
    {
        PodDocument pod = item.Deserialize(ClusterJsonContext.Default.PodDocument)!;
        IEnumerable<string?> hostAddresses = pod.Status.HostIPs is { Count: > 0 } several
            ? several.Select(h => h.Ip)
            : [pod.Status.HostIP];
        return new PodObject
        {
            Key = new ObjectKey(Shared.Of(metadata.Namespace ?? ""), Shared.Of(metadata.Name ?? "")),
            Uid = Shared.Of(metadata.Uid ?? ""),
            Labels = Shared.Of(new LabelSet(metadata.Labels ?? new Dictionary<string, string>())),
            CreatedUnixS = metadata.CreationTimestamp?.ToUnixTimeSeconds() ?? 0,
            Phase = Enum.TryParse(pod.Status.Phase, out PodPhase phase) ? phase : PodPhase.Unknown,
            Terminating = metadata.DeletionTimestamp is not null,
            HostNetwork = pod.Spec.HostNetwork == true,
            HasSidecar = (pod.Spec.Containers ?? []).Any(IsSidecar)
                || (pod.Spec.InitContainers ?? []).Any(c => IsSidecar(c) && c.RestartPolicy == "Always"),
            SidecarDown = (pod.Status.ContainerStatuses ?? []).Concat(pod.Status.InitContainerStatuses ?? [])
                .Any(s => s.Name == WellKnown.SidecarContainerName
                    && s.State is { Waiting: not null } or { Terminated: not null }),
            Tolerations = Shared.Of<ValueList<Toleration>>([.. (pod.Spec.Tolerations ?? []).Select(TolerationOf)]),
            NodeName = string.IsNullOrEmpty(pod.Spec.NodeName) ? null : Shared.Of(pod.Spec.NodeName),
            HostAddresses = Shared.Of(Addresses.Parse(hostAddresses)),
        };
    }

    private static Toleration TolerationOf(TolerationDocument toleration) => new(
        string.IsNullOrEmpty(toleration.Key) ? null : toleration.Key,
        toleration.Operator == "Exists",
        toleration.Value ?? "",
        string.IsNullOrEmpty(toleration.Effect) ? null : toleration.Effect,
        toleration.TolerationSeconds is null);

    private static bool IsSidecar(ContainerDocument container) => container.Name == WellKnown.SidecarContainerName;
}

/// <summary>From Kubernetes' nodes to planning's.</summary>
internal static class NodeMapper
{
    public static NodeObject Read(JsonElement item, ObjectMetadata metadata)
    {
        NodeDocument node = item.Deserialize(ClusterJsonContext.Default.NodeDocument)!;
        return new NodeObject
        {
            Name = Shared.Of(metadata.Name ?? ""),
            Labels = Shared.Of(new LabelSet(metadata.Labels ?? new Dictionary<string, string>())),
            Ready = (node.Status.Conditions ?? []).Any(c => c is { Type: "Ready", Status: "True" }),
            Evacuating = metadata.Annotations?.TryGetValue(WellKnown.EvacuateAnnotation,
                out string? evacuate) == true && evacuate != "false",
            Cordoned = node.Spec.Unschedulable == true,

            // Kubernetes adds and removes many taints; only those that evict matter, and only they make a node another.
            Taints = [.. (node.Spec.Taints ?? [])
                .Select(t => new Taint(t.Key ?? "", t.Value ?? "", t.Effect ?? "")).Where(t => t.Evicts)],
            Addresses = Addresses.Parse(
                (node.Status.Addresses ?? []).Where(a => a.Type == "InternalIP").Select(a => a.Address)),
        };
    }
}

internal static class Addresses
{
    /// <summary>What is an address of what Kubernetes reports; the rest is left out.</summary>
    public static ValueList<IpAddress> Parse(IEnumerable<string?> texts) =>
    [
        .. texts
            .Select(text => text is not null && IpAddress.TryParse(text, out IpAddress address) ? address : default)
            .Where(a => !a.IsNone),
    ];
}
