using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using VipOperator.Lab.ApiServer.Documents;

namespace VipOperator.Lab.ApiServer.Resources;

/// <summary>Defaults of built-in types that depend on other fields. The second argument is the old object, or null.</summary>
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
        PodSpec(document.Child("spec"));
        JsonObject status = document.Child("status");
        if (status.Text("phase").Length == 0) status["phase"] = "Pending";
        if (status.Text("qosClass").Length == 0) status["qosClass"] = "BestEffort";
    }

    public static void Workload(JsonObject document, JsonObject? old)
    {
        if (document.Map("spec", "template", "spec") is { } spec) PodSpec(spec);
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
            && (!last.Contains(':', StringComparison.Ordinal) || last.EndsWith(":latest", true, CultureInfo.InvariantCulture));
    }
}
