using System.Globalization;
using System.Text.Json.Nodes;
using VipOperator.Lab.ApiServer.Documents;

namespace VipOperator.Lab.ApiServer.Tables;

/// <summary>What <c>kubectl get</c> shows of built-in resources (after NAME).</summary>
internal static class BuiltinColumns
{
    private static readonly PrinterColumn Age = new(
        "Age", "string", o => AgeOf(o.Text("metadata", "creationTimestamp")));

    public static readonly IReadOnlyList<PrinterColumn> Namespaces = [Text("Status", "status", "phase"), Age];

    public static readonly IReadOnlyList<PrinterColumn> Nodes =
    [
        new("Status", "string", o => NodeStatus(o)), new("Roles", "string", o => NodeRoles(o)), Age,
        Text("Version", "status", "nodeInfo", "kubeletVersion"),
        new("Internal-IP", "string", o => NodeAddress(o, "InternalIP"), 1),
        new("External-IP", "string", o => NodeAddress(o, "ExternalIP"), 1),
        new("OS-Image", "string", o => OrUnknown(o.Text("status", "nodeInfo", "osImage")), 1),
        new("Kernel-Version", "string", o => OrUnknown(o.Text("status", "nodeInfo", "kernelVersion")), 1),
        new("Container-Runtime", "string", o => OrUnknown(o.Text("status", "nodeInfo", "containerRuntimeVersion")), 1),
    ];

    public static readonly IReadOnlyList<PrinterColumn> Pods =
    [
        new("Ready", "string", o => PodReady(o)), new("Status", "string", o => PodStatus(o)),
        new("Restarts", "string", o => Statuses(o).Sum(s => s.Integer("restartCount") ?? 0)
            .ToString(CultureInfo.InvariantCulture)),
        Age,
        new("IP", "string", o => OrNone(o.Text("status", "podIP")), 1),
        new("Node", "string", o => OrNone(o.Text("spec", "nodeName")), 1),
        new("Nominated Node", "string", o => OrNone(o.Text("status", "nominatedNodeName")), 1),
        new("Readiness Gates", "string", _ => "<none>", 1),
    ];

    public static readonly IReadOnlyList<PrinterColumn> Events = EventColumns(
        "involvedObject", "message", "source", "count", "firstTimestamp", "lastTimestamp");

    public static readonly IReadOnlyList<PrinterColumn> NewEvents = EventColumns(
        "regarding", "note", "deprecatedSource", "deprecatedCount", "deprecatedFirstTimestamp",
        "deprecatedLastTimestamp");

    public static readonly IReadOnlyList<PrinterColumn> ConfigMaps =
    [
        new("Data", "string", o => Count((o.Map("data")?.Count ?? 0) + (o.Map("binaryData")?.Count ?? 0))), Age,
    ];

    public static readonly IReadOnlyList<PrinterColumn> Secrets =
        [Text("Type", "type"), new("Data", "string", o => Count(o.Map("data")?.Count ?? 0)), Age];

    public static readonly IReadOnlyList<PrinterColumn> ServiceAccounts =
        [new("Secrets", "string", o => Count(o.Items("secrets").Count())), Age];

    public static readonly IReadOnlyList<PrinterColumn> Services =
    [
        Text("Type", "spec", "type"), new("Cluster-IP", "string", o => OrNone(o.Text("spec", "clusterIP"))),
        new("External-IP", "string", o => OrNone(string.Join(',', o.Texts("spec", "externalIPs")))),
        new("Port(s)", "string", o => OrNone(
            string.Join(',', o.Items("spec", "ports").Select(p => $"{p.Integer("port")}/{p.Text("protocol")}")))),
        Age,
    ];

    public static readonly IReadOnlyList<PrinterColumn> DaemonSets =
    [
        Number("Desired", "status", "desiredNumberScheduled"), Number("Current", "status", "currentNumberScheduled"),
        Number("Ready", "status", "numberReady"), Number("Up-to-date", "status", "updatedNumberScheduled"),
        Number("Available", "status", "numberAvailable"), Age,
    ];

    public static readonly IReadOnlyList<PrinterColumn> Deployments =
    [
        new("Ready", "string",
            o => $"{o.Integer("status", "readyReplicas") ?? 0}/{o.Integer("spec", "replicas") ?? 0}"),
        Number("Up-to-date", "status", "updatedReplicas"), Number("Available", "status", "availableReplicas"), Age,
    ];

    public static readonly IReadOnlyList<PrinterColumn> ReplicaSets =
    [
        Number("Desired", "spec", "replicas"), Number("Current", "status", "replicas"),
        Number("Ready", "status", "readyReplicas"), Age,
    ];

    public static readonly IReadOnlyList<PrinterColumn> Leases = [Text("Holder", "spec", "holderIdentity"), Age];

    public static readonly IReadOnlyList<PrinterColumn> Bindings =
        [new("Role", "string", o => $"{o.Text("roleRef", "kind")}/{o.Text("roleRef", "name")}"), Age];

    public static readonly IReadOnlyList<PrinterColumn> Definitions =
        [new("Created At", "date", o => o.Text("metadata", "creationTimestamp"))];

    private static PrinterColumn[] EventColumns(
        string subject, string message, string source, string count, string first, string last) =>
    [
        new("Last Seen", "string", o => AgeOf(FirstText(o, [last], ["series", "lastObservedTime"], ["eventTime"]))),
        Text("Type", "type"), Text("Reason", "reason"),
        new("Object", "string", o => $"{o.Text(subject, "kind").ToLowerInvariant()}/{o.Text(subject, "name")}"),
        new("Subobject", "string", o => o.Text(subject, "fieldPath"), 1),
        new("Source", "string",
            o => FirstText(o, [source, "component"], ["reportingComponent"], ["reportingController"]), 1),
        new("Message", "string", o => o.Text(message).Trim()),
        new("First Seen", "string", o => AgeOf(FirstText(o, [first], ["eventTime"])), 1),
        new("Count", "string", o => Count(o.Integer("series", "count") ?? o.Integer(count) ?? 1), 1),
        new("Name", "string", o => o.Name, 1),
    ];

    private static PrinterColumn Text(string name, params string[] path) => new(name, "string", o => o.Text(path));

    private static PrinterColumn Number(string name, params string[] path) =>
        new(name, "integer", o => o.Integer(path) ?? 0);

    private static JsonValue Count(long number) => JsonValue.Create(number.ToString(CultureInfo.InvariantCulture));

    private static string AgeOf(string time) =>
        time.Length == 0 ? "<unknown>" : Ages.Of(time, TimeProvider.System.GetUtcNow());

    private static string OrNone(string text) => text.Length == 0 ? "<none>" : text;

    private static string OrUnknown(string text) => text.Length == 0 ? "<unknown>" : text;

    private static string FirstText(JsonObject document, params string[][] paths) =>
        paths.Select(p => document.Text(p)).FirstOrDefault(t => t.Length > 0) ?? "";

    private static string NodeStatus(JsonObject node)
    {
        string ready = Condition(node, "Ready") switch { "True" => "Ready", "" => "Unknown", _ => "NotReady" };
        return node.Boolean("spec", "unschedulable") == true ? $"{ready},SchedulingDisabled" : ready;
    }

    private static string NodeRoles(JsonObject node)
    {
        const string prefix = "node-role.kubernetes.io/";
        IEnumerable<string> roles = (node.Map("metadata", "labels") ?? [])
            .Where(l => l.Key.StartsWith(prefix, StringComparison.Ordinal))
            .Select(l => l.Key[prefix.Length..])
            .Order(StringComparer.Ordinal);
        return OrNone(string.Join(',', roles));
    }

    private static string NodeAddress(JsonObject node, string type) => OrNone(
        node.Items("status", "addresses").FirstOrDefault(a => a.Text("type") == type).Text("address"));

    private static IEnumerable<JsonNode?> Statuses(JsonObject pod) => pod.Items("status", "containerStatuses");

    private static string PodReady(JsonObject pod) =>
        $"{Statuses(pod).Count(s => s.Boolean("ready") == true)}/{pod.Items("spec", "containers").Count()}";

    private static string PodStatus(JsonObject pod)
    {
        if (pod.IsBeingDeleted) return "Terminating";
        string? waiting =
            Statuses(pod).Select(s => s.Text("state", "waiting", "reason")).FirstOrDefault(r => r.Length > 0);
        string reason = pod.Text("status", "reason");
        return waiting ?? (reason.Length > 0 ? reason : pod.Text("status", "phase"));
    }

    private static string Condition(JsonObject document, string type) =>
        document.Items("status", "conditions").FirstOrDefault(c => c.Text("type") == type).Text("status");
}
