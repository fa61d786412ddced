using System.Text.Json.Nodes;
using VipOperator.Lab.ApiServer.Documents;
using VipOperator.Lab.ApiServer.Schemas;

namespace VipOperator.Lab.ApiServer.Ownership;

/// <summary>
/// An applied configuration must fit its type before anything is merged: no unknown fields, no other shapes.
/// </summary>
internal static class ConfigurationCheck
{
    /// <exception cref="TypedTreeException">It does not.</exception>
    public static void Check(JsonObject configuration, Schema schema)
    {
        List<string> problems = [];
        Visit(configuration, schema, "", problems);
        if (problems.Count == 1) throw new TypedTreeException(problems[0]);
        if (problems.Count > 1) throw new TypedTreeException("errors:\n  " + string.Join("\n  ", problems));
    }

    private static void Visit(JsonNode? node, Schema schema, string path, List<string> problems)
    {
        if (node is null || schema.IntOrString || schema.Type.Length == 0) return;
        string? expected = (schema.Type, node) switch
        {
            ("object", not JsonObject) => "map",
            ("array", not JsonArray) => "list",
            ("string", _) when node.AsText() is null && schema.Format != "quantity" => "string",
            ("boolean", _) when !node.TryBoolean(out _) => "boolean",
            ("integer" or "number", _) when !node.TryNumber(out _) => "numeric (int or float)",
            _ => null,
        };
        if (expected is not null)
        {
            problems.Add($"{path}: expected {expected}, got {JsonText.Of(node)}");
            return;
        }
        if (node is JsonArray items && schema.Items is not null)
        {
            foreach (JsonNode? item in items) Visit(item, schema.Items, path + "[]", problems);
            return;
        }
        if (node is not JsonObject fields) return;
        foreach ((string name, JsonNode? value) in fields)
        {
            string child = $"{path}.{name}";
            if (schema.Field(name) is { } field) Visit(value, field, child, problems);
            else if (!schema.KeepsUnknown && !schema.EmbeddedResource)
                problems.Add($"{child}: field not declared in schema");
        }
    }
}
