using System.Text.Json;
using System.Text.Json.Nodes;
using VipOperator.Api;

namespace VipOperator.Operator.Injecting;

/// <summary>
/// What is put into labelled pods. The chart writes it, from the same template as the sidecar of its own pods.
/// </summary>
internal sealed record SidecarTemplate
{
    private SidecarTemplate(JsonObject container, JsonArray volumes)
    {
        Container = container;
        Volumes = volumes;
    }

    /// <summary>Named vip-sidecar, with a list of volumeMounts.</summary>
    public JsonObject Container { get; }

    /// <summary>Objects with a name each.</summary>
    public JsonArray Volumes { get; }

    /// <exception cref="InvalidDataException">Not what it should be; the message names the file.</exception>
    /// <exception cref="IOException">It cannot be read.</exception>
    public static SidecarTemplate Read(string path)
    {
        try
        {
            return Parse(File.ReadAllText(path));
        }
        catch (JsonException e)
        {
            throw new InvalidDataException($"{path}: {e.Message}");
        }
        catch (InvalidDataException e)
        {
            throw new InvalidDataException($"{path}: {e.Message}");
        }
    }

    /// <exception cref="JsonException">No JSON.</exception>
    /// <exception cref="InvalidDataException">Not what it should be.</exception>
    public static SidecarTemplate Parse(string text)
    {
        if (JsonNode.Parse(text) is not JsonObject root)
            throw new InvalidDataException("An object with container and volumes is expected.");
        if (root["container"] is not JsonObject container
            || !IsText(container["name"], WellKnown.SidecarContainerName)
            || container["volumeMounts"] is not JsonArray)
            throw new InvalidDataException(
                $"container must be one named {WellKnown.SidecarContainerName}, with volumeMounts.");
        if (root["volumes"] is not JsonArray volumes
            || volumes.Any(v => v is not JsonObject || !IsText(v["name"], null)))
            throw new InvalidDataException("volumes must be a list of objects with names.");
        return new SidecarTemplate(container, volumes);
    }

    private static bool IsText(JsonNode? node, string? wanted) =>
        node is JsonValue value
            && value.TryGetValue(out string? text)
            && text.Length > 0
            && (wanted is null || text == wanted);
}
