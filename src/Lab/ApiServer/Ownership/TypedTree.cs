using System.Text.Json.Nodes;
using VipOperator.Lab.ApiServer.Documents;
using VipOperator.Lab.ApiServer.Schemas;

namespace VipOperator.Lab.ApiServer.Ownership;

/// <summary>
/// How a document divides into owned parts, by its schema: the children of a node and how they are named.
/// </summary>
internal static class TypedTree
{
    private static readonly Schema Anything = new() { PreserveUnknownFields = true };

    /// <summary>A node that is owned and replaced as a whole.</summary>
    public static bool IsLeaf(JsonNode? node, Schema schema) => node switch
    {
        JsonObject => schema.AtomicMap,
        JsonArray => schema.ListKind == ListKind.Atomic || schema.Items is null,
        _ => true,
    };

    /// <summary>The children of a node that is no leaf, each under its step.</summary>
    /// <exception cref="TypedTreeException">An item of a list lacks its key, or two items have the same.</exception>
    public static IReadOnlyDictionary<string, Child> Children(JsonNode? node, Schema schema, string path)
    {
        Dictionary<string, Child> children = new(StringComparer.Ordinal);
        switch (node)
        {
            case JsonObject o:
                foreach ((string name, JsonNode? value) in o)
                {
                    Schema? declared = schema.Properties.GetValueOrDefault(name);
                    Schema field = declared ?? schema.AdditionalProperties ?? Anything;
                    children[FieldSet.FieldStep(name)] = new Child(value, field, declared is not null, name);
                }
                break;
            case JsonArray a:
                foreach (JsonNode? item in a)
                {
                    string step = StepOf(item, schema, path);
                    if (!children.TryAdd(step, new Child(item, schema.Items!, false, step)))
                        throw new TypedTreeException($"{path}: duplicate entries for key {FieldSet.Print(step)}");
                }
                break;
        }
        return children;
    }

    public static string StepOf(JsonNode? item, Schema list, string path)
    {
        if (list.ListKind == ListKind.Set) return "v:" + JsonText.Canonical(item);
        JsonObject keys = [];
        foreach (string key in list.ListMapKeys)
        {
            JsonNode? value = item.At(key) ?? list.Items?.Field(key)?.Default;
            if (value is not null) keys[key] = value.DeepClone();
        }
        if (keys.Count == 0)
        {
            string all = string.Join(" ", list.ListMapKeys.Select(JsonText.Quote));
            throw new TypedTreeException(
                $"{path}: element 0: associative list with keys has an element that omits all key fields [{all}] "
                + "(and doesn't have default values for any key fields)");
        }
        return "k:" + JsonText.Canonical(keys);
    }

    /// <param name="IsDeclared">
    /// A field that the schema names, in contrast to a key of a map or an item of a list.
    /// </param>
    internal sealed record Child(JsonNode? Value, Schema Schema, bool IsDeclared, string Name);
}

/// <summary>A document that cannot be divided as its schema says.</summary>
internal sealed class TypedTreeException(string message) : Exception(message);
