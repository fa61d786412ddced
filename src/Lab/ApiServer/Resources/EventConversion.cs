using System.Text.Json.Nodes;
using VipOperator.Lab.ApiServer.Documents;

namespace VipOperator.Lab.ApiServer.Resources;

/// <summary>
/// Events are kept in their core/v1 form; events.k8s.io/v1 is the same object under other field names.
/// </summary>
internal static class EventConversion
{
    private static readonly (string Core, string New)[] Renames =
    [
        ("involvedObject", "regarding"), ("message", "note"), ("source", "deprecatedSource"),
        ("firstTimestamp", "deprecatedFirstTimestamp"), ("lastTimestamp", "deprecatedLastTimestamp"),
        ("count", "deprecatedCount"), ("reportingComponent", "reportingController"),
    ];

    public static readonly IReadOnlyDictionary<string, string> SelectableFields = Selectable(
        "involvedObject", "involvedObject");

    public static readonly IReadOnlyDictionary<string, string> SelectableFieldsOfNew =
        Selectable("regarding", "regarding");

    public static JsonObject FromCore(JsonObject core) => Rename(core, toNew: true);

    public static JsonObject ToCore(JsonObject converted) => Rename(converted, toNew: false);

    private static JsonObject Rename(JsonObject document, bool toNew)
    {
        JsonObject result = document.Copy();
        foreach ((string core, string converted) in Renames)
        {
            (string from, string to) = toNew ? (core, converted) : (converted, core);
            JsonNode? value = result[from];
            if (!result.Remove(from)) continue;
            result[to] = value;
        }
        return result;
    }

    private static Dictionary<string, string> Selectable(string prefix, string target)
    {
        string[] parts = ["kind", "namespace", "name", "uid", "apiVersion", "resourceVersion", "fieldPath"];
        Dictionary<string, string> fields = parts.ToDictionary(
            p => $"{prefix}.{p}", p => $"{target}.{p}", StringComparer.Ordinal);
        fields["reason"] = "reason";
        fields["type"] = "type";
        fields["reportingComponent"] = "reportingComponent";
        fields["source"] = "source.component";
        return fields;
    }
}
