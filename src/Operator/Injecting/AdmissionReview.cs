using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace VipOperator.Operator.Injecting;

/// <summary>What is answered to an API server that asks what to change of an object.</summary>
/// <param name="Body">The AdmissionReview that answers; null: it was no question that can be answered.</param>
/// <param name="Problem">Why not; null where it was answered.</param>
/// <param name="Pod">"namespace/name" of the pod that is given the sidecar; null: nothing is changed.</param>
internal sealed record AdmissionAnswer(JsonObject? Body, string? Problem, string? Pod);

/// <summary>admission.k8s.io/v1 AdmissionReview: any bytes in, an answer or what is wrong with them out.</summary>
internal static class AdmissionReview
{
    private const string Version = "admission.k8s.io/v1";
    private const string Kind = "AdmissionReview";

    public static AdmissionAnswer Answer(ReadOnlyMemory<byte> body, SidecarTemplate sidecar)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(body);
            return Answer(document.RootElement, sidecar);
        }
        catch (JsonException e)
        {
            return Wrong($"The body is no JSON: {e.Message}");
        }
        catch (InvalidOperationException)
        {
            // The parser takes bytes and escapes that are no characters, and tells only who reads them.
            return Wrong("The body holds text that is no Unicode.");
        }
    }

    private static AdmissionAnswer Answer(JsonElement review, SidecarTemplate sidecar)
    {
        if (Text(review, "kind") != Kind || Text(review, "apiVersion") != Version)
            return Wrong($"The body is no {Kind} of {Version}.");
        if (!TryGet(review, "request", JsonValueKind.Object, out JsonElement request)
            || Text(request, "uid") is not { Length: > 0 } uid)
            return Wrong($"The {Kind} has no request with a uid.");

        // Whatever else somebody sends here is not to be held up.
        if (Text(request, "operation") != "CREATE"
            || !TryGet(request, "resource", JsonValueKind.Object, out JsonElement resource)
            || (Text(resource, "group"), Text(resource, "version"),
                Text(resource, "resource")) is not ("", "v1", "pods")
            || !TryGet(request, "object", JsonValueKind.Object, out JsonElement pod)
            || SidecarPatch.For(pod, sidecar) is not { } patch)
            return new AdmissionAnswer(Review(uid, null), null, null);
        return new AdmissionAnswer(Review(uid, patch), null, $"{Text(request, "namespace")}/{NameOf(pod)}");
    }

    private static JsonObject Review(string uid, JsonArray? patch)
    {
        JsonObject response = new() { ["uid"] = uid, ["allowed"] = true };
        if (patch is not null)
        {
            response["patchType"] = "JSONPatch";
            response["patch"] = Convert.ToBase64String(Encoding.UTF8.GetBytes(patch.ToJsonString()));
        }

        return new JsonObject { ["apiVersion"] = Version, ["kind"] = Kind, ["response"] = response };
    }

    private static AdmissionAnswer Wrong(string problem) => new(null, problem, null);

    // A pod that a controller makes has no name yet.
    private static string NameOf(JsonElement pod) =>
        TryGet(pod, "metadata", JsonValueKind.Object, out JsonElement metadata)
            ? Text(metadata, "name") ?? Text(metadata, "generateName") + "*"
            : "*";

    private static bool TryGet(JsonElement parent, string name, JsonValueKind kind, out JsonElement value)
    {
        value = default;
        return parent.ValueKind == JsonValueKind.Object
            && parent.TryGetProperty(name, out value)
            && value.ValueKind == kind;
    }

    private static string? Text(JsonElement parent, string name) =>
        TryGet(parent, name, JsonValueKind.String, out JsonElement value) ? value.GetString() : null;
}
