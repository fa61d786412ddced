using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using VipOperator.Operator.Injecting;

namespace VipOperator.Operator.Tests.Injecting;

/// <summary>A small sidecar, and pods to put it into.</summary>
internal static class Sidecar
{
    public const string Text =
        """
        {
          "container": {"name": "vip-sidecar", "image": "sidecar:1", "volumeMounts": [{"name": "vip-state", "mountPath": "/run/vip-sidecar"}]},
          "volumes": [{"name": "vip-state", "emptyDir": {}}, {"name": "vip-token", "emptyDir": {}}]
        }
        """;

    public static SidecarTemplate Template { get; } = SidecarTemplate.Parse(Text);

    /// <param name="metadata">JSON; of a labelled pod by default.</param>
    public static string Pod(
        string metadata = """{"name":"nginx-a","labels":{"vipoperator.io/inject":"true"} }""",
        string spec = """{"hostNetwork":true,"containers":[{"name":"nginx","image":"nginx"}]}""") =>
        $$"""{"apiVersion":"v1","kind":"Pod","metadata":{{metadata}},"spec":{{spec}}}""";

    /// <summary>What an API server asks.</summary>
    public static string Review(string pod, string operation = "CREATE", string resource = "pods") =>
        $$"""
        {
          "apiVersion": "admission.k8s.io/v1", "kind": "AdmissionReview",
          "request": {
            "uid": "705ab4f5-6393-11e8-b7cc-42010a800002", "operation": "{{operation}}", "namespace": "apps",
            "resource": {"group": "", "version": "v1", "resource": "{{resource}}"}, "object": {{pod}}
          }
        }
        """;

    public static AdmissionAnswer Answer(string body) => AdmissionReview.Answer(Encoding.UTF8.GetBytes(body), Template);

    /// <summary>The patch of an answer; null: the object is to stay as it is.</summary>
    public static JsonArray? PatchOf(JsonNode answer) => answer["response"]!["patch"] is { } patch
        ? JsonNode.Parse(Convert.FromBase64String(patch.GetValue<string>()))!.AsArray()
        : null;

    public static JsonArray? PatchFor(string pod)
    {
        using JsonDocument document = JsonDocument.Parse(pod);
        return SidecarPatch.For(document.RootElement, Template);
    }
}
