using System.Text.Json;
using System.Text.Json.Nodes;

namespace VipOperator.Operator.Mapping;

/// <summary>What an object has that we did not apply: server-side apply leaves others' fields alone.</summary>
internal static class ForeignFields
{
    /// <returns>
    /// A merge patch that takes away the fields of <paramref name="found"/> that <paramref name="applied"/> does not
    /// have; null when there are none. Lists are applied as a whole.
    /// </returns>
    public static JsonObject? Removal(JsonElement applied, JsonElement found)
    {
        JsonObject removal = [];
        foreach (JsonProperty field in found.EnumerateObject())
        {
            if (!applied.TryGetProperty(field.Name, out JsonElement ours))
                removal[field.Name] = null;
            else if (ours.ValueKind == JsonValueKind.Object && field.Value.ValueKind == JsonValueKind.Object
                && Removal(ours, field.Value) is { } inner)
                removal[field.Name] = inner;
        }

        return removal.Count > 0 ? removal : null;
    }
}
