using System.Globalization;
using System.Text.Json.Nodes;
using VipOperator.Api;
using VipOperator.Lab.Network;

namespace VipOperator.Lab.Cluster;

/// <summary>
/// The objects that a cluster's own parts would write: nodes, pods, accounts. Paths are those of the API.
/// </summary>
internal static class ClusterObjects
{
    public const string PodNamespace = "default";

    /// <summary>The service account of the pods; it may do what a sidecar must.</summary>
    public const string ServiceAccount = "nginx";

    public const string SecretsPath = $"api/v1/namespaces/{PodNamespace}/secrets";

    /// <summary>The service account as the API server knows it when it comes with its token.</summary>
    public const string AccountUser = $"system:serviceaccount:{PodNamespace}:{ServiceAccount}";

    public static readonly string[] AccountGroups =
        ["system:serviceaccounts", $"system:serviceaccounts:{PodNamespace}"];

    /// <summary>The operator, as deploy/ makes it.</summary>
    public const string OperatorNamespace = "vip-operator";

    public const string OperatorUser = $"system:serviceaccount:{OperatorNamespace}:vip-operator";

    public static readonly string[] OperatorGroups =
        ["system:serviceaccounts", $"system:serviceaccounts:{OperatorNamespace}"];

    public const string MembersPath = $"{OursPath}/{VirtualIPMember.Plural}";

    public const string VirtualIPsPath = $"{OursPath}/{VirtualIP.Plural}";

    private const string OursPath = $"apis/{GroupVersion.ApiVersion}/namespaces/{PodNamespace}";
    private const string RolesPath = $"apis/rbac.authorization.k8s.io/v1/namespaces/{PodNamespace}";

    /// <summary>What the pods share: their namespace, and their account with what it may do.</summary>
    public static IEnumerable<(string Path, JsonNode Object)> Shared() => [Namespace(), Account(), RoleBinding()];

    private static (string Path, JsonNode Object) Namespace() => ($"api/v1/namespaces/{PodNamespace}", Parse(
        $$$"""
        {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "{{{PodNamespace}}}"}}
        """));

    private static (string Path, JsonNode Object) Account() =>
        ($"api/v1/namespaces/{PodNamespace}/serviceaccounts/{ServiceAccount}", Parse(
        $$$"""
        {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": "{{{ServiceAccount}}}", "namespace": "{{{PodNamespace}}}"}}
        """));

    private static (string Path, JsonNode Object) RoleBinding() => ($"{RolesPath}/rolebindings/vip-sidecar", Parse(
        $$$"""
        {
          "apiVersion": "rbac.authorization.k8s.io/v1", "kind": "RoleBinding",
          "metadata": {"name": "vip-sidecar", "namespace": "{{{PodNamespace}}}"},
          "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": "vip-sidecar"},
          "subjects": [{"kind": "ServiceAccount", "name": "{{{ServiceAccount}}}", "namespace": "{{{PodNamespace}}}"}]
        }
        """));

    public static (string Path, JsonNode Object) Node(NetworkHost host) => (NodePath(host), Parse(
        $$$"""
        {
          "apiVersion": "v1", "kind": "Node",
          "metadata": {"name": "{{{host.Name}}}", "labels": {"kubernetes.io/hostname": "{{{host.Name}}}"} }
        }
        """));

    public static string NodePath(NetworkHost host) => $"api/v1/nodes/{host.Name}";

    public static JsonNode NodeStatus(NetworkHost host) => Parse(
        $$$"""
        {
          "apiVersion": "v1", "kind": "Node", "metadata": {"name": "{{{host.Name}}}"},
          "status": {
            "addresses": [
              {"type": "InternalIP", "address": "{{{host.Address}}}"},
              {"type": "InternalIP", "address": "{{{host.AddressV6}}}"},
              {"type": "Hostname", "address": "{{{host.Name}}}"}
            ],
            "conditions": [{{{Condition("Ready", "KubeletReady", DateTimeOffset.UtcNow)}}}]
          }
        }
        """);

    public static (string Path, JsonNode Object) Pod(string name, NetworkHost host) => (PodPath(name), Parse(
        $$$"""
        {
          "apiVersion": "v1", "kind": "Pod",
          "metadata": {"name": "{{{name}}}", "namespace": "{{{PodNamespace}}}", "labels": {"app": "nginx"}},
          "spec": {
            "nodeName": "{{{host.Name}}}", "hostNetwork": true, "serviceAccountName": "{{{ServiceAccount}}}",
            "containers": [
              {"name": "{{{Container.NginxName}}}", "image": "nginx"},
              {
                "name": "{{{WellKnown.SidecarContainerName}}}", "image": "vip-sidecar",
                "securityContext": {"capabilities": {"drop": ["ALL"], "add": ["NET_ADMIN", "NET_RAW"]} }
              }
            ]
          }
        }
        """));

    /// <summary>Where a token is asked for that is bound to a pod, as the kubelet does.</summary>
    public const string TokenPath = $"api/v1/namespaces/{PodNamespace}/serviceaccounts/{ServiceAccount}/token";

    public static JsonNode TokenRequest(string pod, string podUid) => Parse(
        $$$"""
        {
          "apiVersion": "authentication.k8s.io/v1", "kind": "TokenRequest",
          "spec": {
            "expirationSeconds": 86400,
            "boundObjectRef": {"apiVersion": "v1", "kind": "Pod", "name": "{{{pod}}}", "uid": "{{{podUid}}}"}
          }
        }
        """);

    public static string VirtualIPPath(string name) => $"{VirtualIPsPath}/{name}";

    public static string PodPath(string name) => $"api/v1/namespaces/{PodNamespace}/pods/{name}";

    /// <summary>What the kubelet of the pod's node says about it.</summary>
    public static JsonNode PodStatus(
        string name, NetworkHost host, DateTimeOffset started, IEnumerable<Container> containers)
    {
        IReadOnlyList<Container> all = [.. containers];
        bool ready = all.All(c => c.IsRunning);
        string statuses = string.Join(", ", all.Select(ContainerStatus));
        return Parse(
            $$$"""
            {
              "apiVersion": "v1", "kind": "Pod", "metadata": {"name": "{{{name}}}", "namespace": "{{{PodNamespace}}}"},
              "status": {
                "phase": "Running", "startTime": "{{{Stamp(started)}}}",
                "hostIP": "{{{host.Address}}}", "podIP": "{{{host.Address}}}",
                "podIPs": [{"ip": "{{{host.Address}}}"}, {"ip": "{{{host.AddressV6}}}"}],
                "conditions": [
                  {{{Condition("Ready", ready ? "" : "ContainersNotReady", DateTimeOffset.UtcNow, ready)}}},
                  {{{Condition("ContainersReady", ready ? "" : "ContainersNotReady", DateTimeOffset.UtcNow, ready)}}}
                ],
                "containerStatuses": [{{{statuses}}}]
              }
            }
            """);
    }

    private static string ContainerStatus(Container container)
    {
        string running = container.IsRunning ? "true" : "false";
        string since = Stamp(container.Since);
        string state = container.IsRunning
            ? $$$"""{"running": {"startedAt": "{{{since}}}"} }"""
            : $$$"""{"terminated": {"exitCode": {{{container.LastExitCode}}}, "finishedAt": "{{{since}}}"} }""";
        return $$$"""
            {
              "name": "{{{container.Name}}}", "image": "{{{container.Name}}}", "imageID": "",
              "restartCount": {{{container.Restarts}}}, "ready": {{{running}}}, "started": {{{running}}}, "state": {{{state}}}
            }
            """;
    }

    private static string Condition(string type, string reason, DateTimeOffset since, bool value = true) =>
        $$$"""
        {"type": "{{{type}}}", "status": "{{{value}}}", "reason": "{{{reason}}}", "lastTransitionTime": "{{{Stamp(since)}}}"}
        """;

    private static string Stamp(DateTimeOffset time) =>
        time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);

    private static JsonNode Parse(string json) => JsonNode.Parse(json)!;
}
