using System.Text.Json;
using System.Text.Json.Nodes;
using VipOperator.Api;

namespace VipOperator.Operator.Injecting;

/// <summary>
/// How the sidecar is put into a pod. The chart's MutatingAdmissionPolicy says the same in CEL, for clusters that have
/// those: what is changed here is changed there.
/// </summary>
internal static class SidecarPatch
{
    private const string SecretsFolder = "/etc/vip-sidecar/secrets/";

    /// <summary>Readable by its owner alone: 0400.</summary>
    private const int SecretMode = 256;

    /// <summary>
    /// A JSON patch (RFC 6902), so that fields that are not known here stay as they are; null: the pod is left alone.
    /// </summary>
    public static JsonArray? For(JsonElement pod, SidecarTemplate sidecar)
    {
        if (Property(Property(pod, "metadata"), "labels") is not { } labels
            || Text(Property(labels, WellKnown.InjectLabel)) != "true"
            || Property(pod, "spec") is not { } spec
            || Property(spec, "containers") is not { ValueKind: JsonValueKind.Array } containers
            || Items(containers).Concat(Items(Property(spec, "initContainers")))
            .Any(c => NameOf(c) == WellKnown.SidecarContainerName))
            return null;

        string[] secrets = SecretsOf(pod);
        JsonArray patch = [Add("/spec/containers/-", ContainerWith(sidecar, secrets))];
        JsonElement? volumes = Property(spec, "volumes");
        if (volumes is not { ValueKind: JsonValueKind.Array })
            patch.Add(Add("/spec/volumes", new JsonArray()));

        // What a pod has under the name of a volume already is taken as it is.
        HashSet<string?> present = [.. Items(volumes).Select(NameOf)];
        foreach (JsonNode volume in sidecar.Volumes.Select(v => v!.DeepClone()).Concat(SecretVolumes(secrets)))
        {
            if (!present.Contains(volume["name"]!.GetValue<string>()))
                patch.Add(Add("/spec/volumes/-", volume));
        }

        return patch;
    }

    // Names of Secrets, divided by commas. What is no name is refused by a policy of the chart, and by the API server.
    private static string[] SecretsOf(JsonElement pod) =>
        (Text(Property(Property(Property(pod, "metadata"), "annotations"), WellKnown.InjectSecretsAnnotation)) ?? "")
            .Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);

    private static JsonObject ContainerWith(SidecarTemplate sidecar, string[] secrets)
    {
        JsonObject container = sidecar.Container.DeepClone().AsObject();
        foreach (string secret in secrets)
        {
            container["volumeMounts"]!.AsArray().Add(new JsonObject
            {
                ["name"] = VolumeName(secrets, secret),
                ["mountPath"] = SecretsFolder + secret,
                ["readOnly"] = true,
            });
        }

        return container;
    }

    private static IEnumerable<JsonNode> SecretVolumes(string[] secrets) => secrets.Select(secret => new JsonObject
    {
        ["name"] = VolumeName(secrets, secret),
        ["secret"] = new JsonObject { ["secretName"] = secret, ["defaultMode"] = SecretMode },
    });

    private static string VolumeName(string[] secrets, string secret) => $"vip-secret-{Array.IndexOf(secrets, secret)}";

    private static JsonObject Add(string path, JsonNode value) =>
        new() { ["op"] = "add", ["path"] = path, ["value"] = value };

    private static JsonElement? Property(JsonElement? parent, string name) =>
        parent is { ValueKind: JsonValueKind.Object } there && there.TryGetProperty(name, out JsonElement value)
            ? value
            : null;

    private static JsonElement[] Items(JsonElement? list) =>
        list is { ValueKind: JsonValueKind.Array } there ? [.. there.EnumerateArray()] : [];

    private static string? NameOf(JsonElement item) => Text(Property(item, "name"));

    private static string? Text(JsonElement? value) =>
        value is { ValueKind: JsonValueKind.String } there ? there.GetString() : null;
}
