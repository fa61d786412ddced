namespace VipOperator.Bench.Scale;

internal static class Paths
{
    public const string Definitions = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions";
    public const string Nodes = "/api/v1/nodes";
    public const string Pods = "/api/v1/namespaces/default/pods";
    public const string VirtualIPs = Group + "/namespaces/default/virtualips";
    public const string Members = Group + "/namespaces/default/virtualipmembers";
    public const string AllVirtualIPs = Group + "/virtualips";
    public const string AllMembers = Group + "/virtualipmembers";

    private const string Group = "/apis/vipoperator.io/v1alpha1";
}
