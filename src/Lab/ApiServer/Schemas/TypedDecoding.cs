using System.Text.Json.Nodes;
using VipOperator.Lab.ApiServer.Documents;

namespace VipOperator.Lab.ApiServer.Schemas;

/// <summary>
/// Reads a document as a built-in type: a value of the wrong JSON type cannot be decoded at all, and nulls are dropped,
/// for a typed field cannot tell them from absence.
/// </summary>
internal static class TypedDecoding
{
    /// <returns>The decoder's complaint, or null.</returns>
    /// <param name="owner">Name of the type that holds the field, as decoders name it (<c>ConfigMap</c>).</param>
    public static string? Decode(JsonNode? node, Schema schema, string owner) => Decode(node, schema, owner, "");

    private static string? Decode(JsonNode? node, Schema schema, string owner, string path)
    {
        if (node is null) return null;
        string expected = schema.Type;
        if (schema.IntOrString)
            return node.TypeName() is "string" or "integer" ? null : Mismatch(node, owner, path, "intstr.IntOrString");
        if (expected.Length == 0) return null;
        return (expected, node) switch
        {
            ("object", JsonObject o) => DecodeObject(o, schema, owner, path),
            ("array", JsonArray a) => DecodeArray(a, schema, owner, path),
            ("integer", _) when node.TryInteger(out _) => null,
            ("number", _) when node.TryNumber(out _) => null,
            ("boolean", _) when node.TryBoolean(out _) => null,
            ("string", _) when node.AsText() is { } text => DecodeText(text, schema),
            // Quantities may be written as plain numbers.
            ("string", _) when schema.Format == "quantity" && node.TryNumber(out _) => null,
            _ => Mismatch(node, owner, path, GoType(schema)),
        };
    }

    private static string? DecodeText(string text, Schema schema) => schema.Format switch
    {
        "date-time" or "micro-time" when text.Length > 0 && !Formats.IsDateTime(text) =>
            $"parsing time {JsonText.Quote(text)} as \"2006-01-02T15:04:05Z07:00\": cannot parse {JsonText.Quote(text)}",
        "byte" when !Formats.IsBase64(text) => "illegal base64 data at input byte 0",
        "quantity" when !Formats.IsQuantity(text) =>
            "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'",
        _ => null,
    };

    private static string? DecodeObject(JsonObject node, Schema schema, string owner, string path)
    {
        List<string> nulls = [];
        foreach ((string name, JsonNode? child) in node)
        {
            if (schema.Field(name) is not { } field) continue;
            if (child is null && !schema.KeepsUnknown)
            {
                nulls.Add(name);
                continue;
            }
            if (Decode(child, field, owner, FieldPath.Field(path, name)) is { } complaint) return complaint;
        }
        foreach (string name in nulls) node.Remove(name);
        return null;
    }

    private static string? DecodeArray(JsonArray node, Schema schema, string owner, string path)
    {
        if (schema.Items is null) return null;
        foreach (JsonNode? item in node)
            if (Decode(item, schema.Items, owner, path) is { } complaint)
                return complaint;
        return null;
    }

    private static string Mismatch(JsonNode node, string owner, string path, string goType)
    {
        // Maps and lists are named by the field that holds them.
        string actual = node.TypeName() switch { "boolean" => "bool", "integer" => "number", string other => other };
        return $"json: cannot unmarshal {actual} into Go struct field {owner}.{path} of type {goType}";
    }

    private static string GoType(Schema schema) => schema switch
    {
        { ReferenceName: { } name } => "v1." + name[(name.LastIndexOf('.') + 1)..],
        { Format: "date-time" } => "v1.Time",
        { Type: "integer" } => schema.Format.Length == 0 ? "int64" : schema.Format,
        { Type: "boolean" } => "bool",
        { Type: "number" } => "float64",
        { Type: "array" } => $"[]{(schema.Items is null ? "interface {}" : GoType(schema.Items))}",
        { Type: "object", AdditionalProperties: { } values } => $"map[string]{GoType(values)}",
        _ => "string",
    };
}
