using System.Text.Json.Nodes;

namespace VipOperator.Lab.ApiServer.Schemas;

/// <summary>Removes what the schema does not know and tells what it removed.</summary>
internal static class UnknownFields
{
    private static readonly Schema Embedded = EmbeddedResourceSchema();

    /// <returns>The paths of the removed fields.</returns>
    public static List<string> Prune(JsonNode? document, Schema schema)
    {
        List<string> removed = [];
        Visit(document, schema, "", removed);
        return removed;
    }

    private static void Visit(JsonNode? node, Schema schema, string path, List<string> removed)
    {
        switch (node)
        {
            case JsonObject o:
                VisitObject(o, schema, path, removed);
                break;
            case JsonArray a when schema.Items is not null:
                for (int i = 0; i < a.Count; i++) Visit(a[i], schema.Items, FieldPath.Index(path, i), removed);
                break;
        }
    }

    private static void VisitObject(JsonObject node, Schema schema, string path, List<string> removed)
    {
        Schema? FieldOf(string name) =>
            schema.Field(name) ?? (schema.EmbeddedResource ? Embedded.Field(name) : null);
        string[] unknown = schema.KeepsUnknown ? [] : [.. node.Select(p => p.Key).Where(name => FieldOf(name) is null)];
        foreach (string name in unknown)
        {
            node.Remove(name);
            removed.Add(FieldPath.Field(path, name));
        }
        foreach ((string name, JsonNode? child) in node)
            if (FieldOf(name) is { } field)
                Visit(child, field, FieldPath.Field(path, name), removed);
    }

    private static Schema EmbeddedResourceSchema()
    {
        Schema schema = new() { Type = "object" };
        schema.Properties["apiVersion"] = BuiltinSchemas.String;
        schema.Properties["kind"] = BuiltinSchemas.String;
        schema.Properties["metadata"] = BuiltinSchemas.ObjectMeta;
        return schema;
    }
}
