using VipOperator.Kubectl.Cluster;

namespace VipOperator.Kubectl.Capturing;

/// <summary>A pod whose sidecar is asked.</summary>
/// <param name="VirtualRouterIds">
/// Those of the VirtualIPs that it takes part in: on these it is to hear the others.
/// </param>
internal sealed record CapturedPod(string Namespace, string Name, string Node, IReadOnlySet<int> VirtualRouterIds)
{
    public static CapturedPod[] Of(ClusterSnapshot snapshot) =>
    [
        .. snapshot.Members
            .Where(m => m.Spec.PodName.Length > 0)
            .GroupBy(m => (Namespace: m.Metadata.Namespace ?? "", m.Spec.PodName, m.Spec.NodeName))
            .Select(g => new CapturedPod(
                g.Key.Namespace, g.Key.PodName, g.Key.NodeName, g.Select(m => m.Spec.VirtualRouterId).ToHashSet()))
            .OrderBy(p => p.Node, StringComparer.Ordinal).ThenBy(p => p.Name, StringComparer.Ordinal),
    ];
}
