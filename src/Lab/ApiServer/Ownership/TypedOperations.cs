using System.Text.Json.Nodes;
using VipOperator.Lab.ApiServer.Schemas;

namespace VipOperator.Lab.ApiServer.Ownership;

/// <summary>
/// What two documents have different: paths only in the second, only in the first, and in both with other values.
/// </summary>
internal sealed record Differences(FieldSet Added, FieldSet Removed, FieldSet Modified)
{
    public bool IsEmpty => Added.IsEmpty && Removed.IsEmpty && Modified.IsEmpty;
}

/// <summary>The operations of server-side apply on typed documents.</summary>
internal static class TypedOperations
{
    /// <summary>The paths that an applied configuration claims.</summary>
    public static FieldSet SetOf(JsonObject configuration, Schema schema) => SetOf(configuration, schema, "");

    public static Differences Compare(JsonObject before, JsonObject after, Schema schema)
    {
        Differences differences = new(new FieldSet(), new FieldSet(), new FieldSet());
        Compare(before, after, schema, "", differences);
        return differences;
    }

    /// <summary>
    /// <paramref name="live"/> overlaid with <paramref name="configuration"/>; what the latter leaves out stays.
    /// </summary>
    public static JsonObject Merge(JsonObject live, JsonObject configuration, Schema schema) =>
        (JsonObject)Merge(live, configuration, schema, "")!;

    /// <summary>
    /// Takes out what <paramref name="previous"/> claimed and nobody in <paramref name="owned"/> claims now.
    /// </summary>
    public static void Prune(JsonNode? node, Schema schema, FieldSet previous, FieldSet owned) =>
        Prune(node, schema, previous, owned, []);

    /// <param name="keys">Fields that identify the item <paramref name="node"/> and stay as long as it does.</param>
    private static void Prune(
        JsonNode? node, Schema schema, FieldSet previous, FieldSet owned, IReadOnlyList<string> keys)
    {
        if (node is null || TypedTree.IsLeaf(node, schema)) return;
        foreach ((string step, TypedTree.Child child) in LenientChildren(node, schema, ""))
        {
            if (keys.Contains(child.Name)) continue;
            if (previous.Has(step) && !owned.HasAnyAtOrBelow(step))
            {
                Remove(node, child);
                continue;
            }
            if (previous.Below(step) is not { } below) continue;
            IReadOnlyList<string> itemKeys = node is JsonArray ? schema.ListMapKeys : [];
            Prune(child.Value, child.Schema, below, owned.Below(step) ?? new FieldSet(), itemKeys);
            bool isEmptied = child.Value is JsonObject { Count: 0 } or JsonArray { Count: 0 };
            if (isEmptied && !owned.Has(step)) Remove(node, child);
        }
    }

    private static void Remove(JsonNode parent, TypedTree.Child child)
    {
        if (parent is JsonObject o) o.Remove(child.Name);
        else if (parent is JsonArray a) a.Remove(child.Value);
    }

    private static FieldSet SetOf(JsonNode? node, Schema schema, string path)
    {
        FieldSet set = new();
        foreach ((string step, TypedTree.Child child) in TypedTree.Children(node, schema, path))
        {
            bool isEmpty = child.Value is null or JsonObject { Count: 0 } or JsonArray { Count: 0 };
            bool isLeaf = TypedTree.IsLeaf(child.Value, child.Schema);
            if (isEmpty || isLeaf || !child.IsDeclared) set.Add(step);
            if (!isLeaf) set.Graft(step, SetOf(child.Value, child.Schema, Path(path, step)));
        }
        return set;
    }

    private static void Compare(JsonNode? before, JsonNode? after, Schema schema, string path, Differences found)
    {
        IReadOnlyDictionary<string, TypedTree.Child> old = LenientChildren(before, schema, path);
        IReadOnlyDictionary<string, TypedTree.Child> updated = LenientChildren(after, schema, path);
        foreach (string step in old.Keys.Union(updated.Keys))
        {
            TypedTree.Child? was = old.GetValueOrDefault(step), now = updated.GetValueOrDefault(step);
            Schema field = (now ?? was)!.Schema;
            if (was is null) found.Added.Add(step);
            else if (now is null) found.Removed.Add(step);
            bool wasLeaf = was is null || TypedTree.IsLeaf(was.Value, field);
            bool nowLeaf = now is null || TypedTree.IsLeaf(now.Value, field);
            if (was is not null && now is not null && (wasLeaf || nowLeaf)
                && !JsonNode.DeepEquals(was.Value, now.Value))
                found.Modified.Add(step);
            if (wasLeaf && nowLeaf) continue;
            Differences below = new(new FieldSet(), new FieldSet(), new FieldSet());
            Compare(wasLeaf ? null : was!.Value, nowLeaf ? null : now!.Value, field, Path(path, step), below);
            found.Added.Graft(step, below.Added);
            found.Removed.Graft(step, below.Removed);
            found.Modified.Graft(step, below.Modified);
        }
    }

    /// <summary>A stored list with repeated keys (validation has not run yet) must not stop a comparison.</summary>
    private static IReadOnlyDictionary<string, TypedTree.Child> LenientChildren(
        JsonNode? node, Schema schema, string path)
    {
        try
        {
            return TypedTree.Children(node, schema, path);
        }
        catch (TypedTreeException)
        {
            return new Dictionary<string, TypedTree.Child>();
        }
    }

    private static JsonNode? Merge(JsonNode? live, JsonNode? configuration, Schema schema, string path)
    {
        bool sameShape = (live, configuration) is (JsonObject, JsonObject) or (JsonArray, JsonArray);
        if (!sameShape || TypedTree.IsLeaf(configuration, schema)) return configuration?.DeepClone();
        IReadOnlyDictionary<string, TypedTree.Child> ours = LenientChildren(live, schema, path);
        IReadOnlyDictionary<string, TypedTree.Child> theirs = TypedTree.Children(configuration, schema, path);
        JsonNode? MergeChild(string step) => !theirs.TryGetValue(step, out TypedTree.Child? applied)
            ? ours[step].Value?.DeepClone()
            : ours.TryGetValue(step, out TypedTree.Child? present)
                ? Merge(present.Value, applied.Value, applied.Schema, Path(path, step))
                : applied.Value?.DeepClone();

        IEnumerable<string> order = configuration is JsonArray
            ? ListOrder([.. ours.Keys], [.. theirs.Keys])
            : ours.Keys.Union(theirs.Keys);
        if (configuration is JsonArray) return new JsonArray([.. order.Select(MergeChild)]);
        JsonObject merged = [];
        foreach (string step in order) merged[(theirs.GetValueOrDefault(step) ?? ours[step]).Name] = MergeChild(step);
        return merged;
    }

    /// <summary>
    /// Applied items keep the order of the configuration; others keep their place before the next common item.
    /// </summary>
    private static List<string> ListOrder(List<string> live, List<string> applied)
    {
        List<string> order = [];
        HashSet<string> wanted = new(applied, StringComparer.Ordinal), done = new(StringComparer.Ordinal);
        int l = 0, a = 0;
        while (l < live.Count || a < applied.Count)
        {
            if (l < live.Count && (!wanted.Contains(live[l]) || done.Contains(live[l])))
            {
                if (done.Add(live[l])) order.Add(live[l]);
                l++;
                continue;
            }
            if (a < applied.Count && done.Add(applied[a])) order.Add(applied[a]);
            a++;
        }
        return order;
    }

    private static string Path(string parent, string step) => parent + FieldSet.Print(step);
}
