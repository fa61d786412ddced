using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using VipOperator.Lab.ApiServer.Documents;

namespace VipOperator.Lab.ApiServer.Resources;

/// <summary>
/// Defaults of built-in types that depend on other fields. The second argument is the old object, or null.
/// </summary>
internal static class BuiltinPreparation
{
    public static void Namespace(JsonObject document, JsonObject? old)
    {
        document.Child("metadata").Child("labels")["kubernetes.io/metadata.name"] = document.Name;
        JsonObject spec = document.Child("spec");
        if (old is null) spec["finalizers"] = new JsonArray("kubernetes");
        JsonObject status = document.Child("status");
        if (status.Text("phase").Length == 0) status["phase"] = "Active";
    }

    public static void Pod(JsonObject document, JsonObject? old)
    {
        JsonObject spec = document.Child("spec");
        PodSpec(spec);
        if (old is null) AdmitPod(spec);
        JsonObject status = document.Child("status");
        if (status.Text("podIP") is { Length: > 0 } address && !status.Items("podIPs").Any())
            status["podIPs"] = new JsonArray(new JsonObject { ["ip"] = address });
        if (status.Text("phase").Length == 0) status["phase"] = "Pending";
        if (status.Text("qosClass").Length == 0) status["qosClass"] = "BestEffort";
    }

    public static void Workload(JsonObject document, JsonObject? old)
    {
        JsonObject spec = document.Child("spec");
        if (spec.Map("template", "spec") is { } pod) PodSpec(pod);
        bool isDeployment = document.Text("kind") == "Deployment";
        if (!isDeployment && document.Text("kind") != "DaemonSet") return;
        JsonObject strategy = spec.Child(isDeployment ? "strategy" : "updateStrategy");
        if (strategy.Text("type") != "RollingUpdate" || strategy.ContainsKey("rollingUpdate")) return;
        strategy["rollingUpdate"] = isDeployment
            ? new JsonObject { ["maxUnavailable"] = "25%", ["maxSurge"] = "25%" }
            : new JsonObject { ["maxUnavailable"] = 1, ["maxSurge"] = 0 };
    }

    public static void Service(JsonObject document, JsonObject? old)
    {
        foreach (JsonObject port in document.Items("spec", "ports").OfType<JsonObject>())
            if (port["targetPort"] is null && port["port"] is { } number)
                port["targetPort"] = number.DeepClone();
    }

    public static void Secret(JsonObject document, JsonObject? old)
    {
        // stringData is a write-only convenience: it lands in data.
        if (document.Map("stringData") is not { } texts) return;
        JsonObject data = document.Child("data");
        foreach ((string key, JsonNode? value) in texts)
            data[key] = Convert.ToBase64String(Encoding.UTF8.GetBytes(value.AsText() ?? ""));
        document.Remove("stringData");
    }

    /// <summary>What the admission of a cluster with default settings adds to every new pod.</summary>
    private static void AdmitPod(JsonObject spec)
    {
        if (spec["enableServiceLinks"] is null) spec["enableServiceLinks"] = true;
        if (spec["priority"] is null) spec["priority"] = 0;
        if (spec["preemptionPolicy"] is null) spec["preemptionPolicy"] = "PreemptLowerPriority";
        foreach (string condition in new[] { "node.kubernetes.io/not-ready", "node.kubernetes.io/unreachable" })
        {
            bool isTolerated = spec.Items("tolerations").Any(t =>
                t.Text("key") == condition || (t.Text("key").Length == 0 && t.Text("operator") == "Exists"));
            if (isTolerated) continue;
            if (spec["tolerations"] is not JsonArray) spec["tolerations"] = new JsonArray();
            ((JsonArray)spec["tolerations"]!).Add(new JsonObject
            {
                ["key"] = condition,
                ["operator"] = "Exists",
                ["effect"] = "NoExecute",
                ["tolerationSeconds"] = 300,
            });
        }
    }

    private static void PodSpec(JsonObject spec)
    {
        foreach (string list in new[] { "containers", "initContainers" })
        {
            foreach (JsonObject container in spec.Items(list).OfType<JsonObject>())
            {
                if (container.Text("imagePullPolicy").Length == 0)
                    container["imagePullPolicy"] = IsLatest(container.Text("image")) ? "Always" : "IfNotPresent";
                if (spec.Boolean("hostNetwork") != true) continue;
                foreach (JsonObject port in container.Items("ports").OfType<JsonObject>())
                    if (port.Integer("hostPort") is null && port.Integer("containerPort") is { } number)
                        port["hostPort"] = number;
            }
        }
        if (spec.Text("serviceAccountName") is { Length: > 0 } account) spec["serviceAccount"] = account;
    }

    private static bool IsLatest(string image)
    {
        string last = image[(image.LastIndexOf('/') + 1)..];
        return !last.Contains('@', StringComparison.Ordinal)
            && (!last.Contains(':', StringComparison.Ordinal)
                || last.EndsWith(":latest", true, CultureInfo.InvariantCulture));
    }
}
