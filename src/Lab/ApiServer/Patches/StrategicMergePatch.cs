using System.Text.Json.Nodes;
using VipOperator.Lab.ApiServer.Documents;
using VipOperator.Lab.ApiServer.Schemas;

namespace VipOperator.Lab.ApiServer.Patches;

/// <summary>
/// Kubernetes' strategic merge patch for built-in types: lists with a merge key are merged item by item, and the
/// directives <c>$patch</c>, <c>$retainKeys</c>, <c>$deleteFromPrimitiveList/</c> and <c>$setElementOrder/</c> are
/// obeyed.
/// </summary>
internal static class StrategicMergePatch
{
    private const string Directive = "$patch";
    private const string RetainKeys = "$retainKeys";
    private const string DeletePrefix = "$deleteFromPrimitiveList/";
    private const string OrderPrefix = "$setElementOrder/";

    /// <exception cref="PatchException">The patch does not fit the type.</exception>
    public static JsonObject Apply(JsonObject target, JsonObject patch, Schema schema)
    {
        switch (patch.Text(Directive))
        {
            case "replace":
                JsonObject replaced = patch.Copy();
                replaced.Remove(Directive);
                return replaced;
            case "delete":
                return [];
            case "" or "merge":
                break;
            case string unknown:
                throw new PatchException($"Unknown patch type: {unknown}");
        }
        JsonObject result = target.Copy();
        if (patch[RetainKeys] is JsonArray kept)
        {
            HashSet<string> keep = [.. kept.Select(k => k.AsText()).OfType<string>()];
            foreach (string name in result.Select(p => p.Key).Where(k => !keep.Contains(k)).ToList())
                result.Remove(name);
        }
        foreach ((string name, JsonNode? value) in patch)
        {
            if (name is Directive or RetainKeys || name.StartsWith(OrderPrefix, StringComparison.Ordinal)) continue;
            if (name.StartsWith(DeletePrefix, StringComparison.Ordinal))
                DeleteFrom(result, name[DeletePrefix.Length..], value);
            else if (value is null) result.Remove(name);
            else result[name] = MergeField(result[name], value, schema.Field(name) ?? new Schema(), patch, name);
        }
        foreach ((string name, JsonNode? order) in patch)
            if (name.StartsWith(OrderPrefix, StringComparison.Ordinal))
                Reorder(result, name[OrderPrefix.Length..], order, schema);
        return result;
    }

    private static JsonNode MergeField(JsonNode? present, JsonNode value, Schema field, JsonObject patch, string name)
    {
        switch (value)
        {
            case JsonObject nested:
                return Apply(present as JsonObject ?? [], nested, field);
            case JsonArray items when field.PatchMergeKey is { Length: > 0 } key:
                return MergeByKey(present as JsonArray ?? [], items, key, field.Items ?? new Schema());
            case JsonArray items when field.PatchMergeKey is not null:
                IEnumerable<JsonNode?> old = present as JsonArray ?? [];
                IEnumerable<JsonNode?> added = items.Where(i => !old.Any(o => JsonNode.DeepEquals(o, i)));
                return new JsonArray([.. old.Concat(added).Select(i => i?.DeepClone())]);
            default:
                return value.DeepClone();
        }
    }

    private static JsonArray MergeByKey(JsonArray present, JsonArray items, string key, Schema itemSchema)
    {
        bool replaces = items.Any(i => i.Text(Directive) == "replace" && i.At(key) is null);
        List<JsonObject> result = replaces ? [] : [.. present.OfType<JsonObject>().Select(o => o.Copy())];
        foreach (JsonNode? item in items)
        {
            if (item is not JsonObject o) throw new PatchException("expected an object in a list with a merge key");
            if (replaces && o.Text(Directive) == "replace" && o.At(key) is null) continue;
            if (o[key] is not { } wanted)
                throw new PatchException($"map: {JsonText.Of(o)} does not contain declared merge key: {key}");
            int at = result.FindIndex(r => JsonNode.DeepEquals(r[key], wanted));
            if (o.Text(Directive) == "delete")
            {
                if (at >= 0) result.RemoveAt(at);
            }
            else if (at >= 0) result[at] = Apply(result[at], o, itemSchema);
            else result.Add(Apply([], o, itemSchema));
        }
        return new JsonArray([.. result]);
    }

    private static void DeleteFrom(JsonObject target, string name, JsonNode? values)
    {
        if (target[name] is not JsonArray list || values is not JsonArray gone) return;
        target[name] = new JsonArray(
            [.. list.Where(i => !gone.Any(g => JsonNode.DeepEquals(g, i))).Select(i => i?.DeepClone())]);
    }

    /// <summary>
    /// Puts the items that the directive names into its order; others keep their relative place at the end.
    /// </summary>
    private static void Reorder(JsonObject target, string name, JsonNode? order, Schema schema)
    {
        if (target[name] is not JsonArray list || order is not JsonArray wanted) return;
        string? key = schema.Field(name)?.PatchMergeKey;
        JsonNode? Identity(JsonNode? item) => string.IsNullOrEmpty(key) ? item : item.At(key);
        List<JsonNode?> identities = [.. wanted.Select(Identity)];
        int Rank(JsonNode? item)
        {
            int at = identities.FindIndex(i => JsonNode.DeepEquals(i, Identity(item)));
            return at < 0 ? int.MaxValue : at;
        }
        target[name] = new JsonArray([.. list.OrderBy(Rank).Select(i => i?.DeepClone())]);
    }
}
