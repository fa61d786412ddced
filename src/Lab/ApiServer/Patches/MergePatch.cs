using System.Text.Json.Nodes;

namespace VipOperator.Lab.ApiServer.Patches;

/// <summary>JSON merge patch, RFC 7386.</summary>
internal static class MergePatch
{
    public static JsonObject Apply(JsonObject target, JsonObject patch)
    {
        JsonObject result = (JsonObject)target.DeepClone();
        foreach ((string name, JsonNode? value) in patch)
        {
            if (value is null) result.Remove(name);
            else if (value is JsonObject nested) result[name] = Apply(result[name] as JsonObject ?? [], nested);
            else result[name] = value.DeepClone();
        }
        return result;
    }
}
