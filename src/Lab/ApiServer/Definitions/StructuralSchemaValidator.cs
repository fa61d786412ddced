using System.Globalization;
using System.Text.Json.Nodes;
using VipOperator.Lab.ApiServer.Documents;
using VipOperator.Lab.ApiServer.Errors;
using VipOperator.Lab.ApiServer.Schemas;

namespace VipOperator.Lab.ApiServer.Definitions;

/// <summary>
/// Checks that a schema is structural: what the real server demands of the schemas of custom resources.
/// </summary>
internal sealed class StructuralSchemaValidator
{
    private static readonly string[] Types = ["array", "boolean", "integer", "number", "object", "string"];

    /// <summary>Keywords that may stand only outside of allOf, anyOf, oneOf and not.</summary>
    private static readonly string[] ShapeOnly =
    [
        "additionalProperties", "type", "nullable", "description", "default", "title",
        "x-kubernetes-preserve-unknown-fields",
        "x-kubernetes-int-or-string", "x-kubernetes-embedded-resource",
        "x-kubernetes-list-type", "x-kubernetes-map-type",
    ];

    private static readonly string[] NeverAllowed = ["$ref", "definitions", "dependencies", "deprecated",
        "patternProperties", "id", "$schema", "additionalItems", "discriminator", "readOnly", "writeOnly", "xml"];

    private readonly List<FieldError> _errors = [];

    public static List<FieldError> Validate(JsonObject schema, string path)
    {
        StructuralSchemaValidator validator = new();
        validator.Root(schema, path);
        // Rules are checked against a schema that is one.
        if (validator._errors.Count == 0) validator._errors.AddRange(RuleCompilation.Check(schema, path));
        return validator._errors;
    }

    private void Root(JsonObject schema, string path)
    {
        bool isObject = schema.Text("type") == "object";
        if (!isObject && schema.Text("type").Length > 0)
            _errors.Add(FieldError.Invalid($"{path}.type", schema.Text("type"), "must be object at the root"));
        if (schema.Boolean("x-kubernetes-embedded-resource") == true)
            _errors.Add(FieldError.Forbidden($"{path}.x-kubernetes-embedded-resource", "must not be used in the root"));
        Metadata(schema, path);
        Node(schema, path, isRoot: true);
    }

    private void Metadata(JsonObject schema, string path)
    {
        foreach (string name in new[] { "apiVersion", "kind" })
            if (schema.Map("properties", name) is { } field && field.Text("type") is not ("string" or ""))
                _errors.Add(FieldError.Invalid($"{path}.properties[{name}].type", field["type"], "must be string"));
        if (schema.Map("properties", "metadata") is not { } metadata) return;
        string at = $"{path}.properties[metadata]";
        if (metadata.Text("type") is not ("object" or ""))
            _errors.Add(FieldError.Invalid($"{at}.type", metadata["type"], "must be object"));
        foreach (string name in (metadata.Map("properties") ?? []).Select(p => p.Key))
            if (name is not ("name" or "generateName"))
                _errors.Add(FieldError.Forbidden(at, "must not specify anything other than name and generateName, but "
                    + "metadata is implicitly specified"));
    }

    private void Node(JsonObject schema, string path, bool isRoot = false)
    {
        string type = schema.Text("type");
        bool isIntOrString = schema.Boolean("x-kubernetes-int-or-string") == true;
        bool keepsUnknown = schema.Boolean("x-kubernetes-preserve-unknown-fields") == true;
        if (type.Length == 0 && !isIntOrString && !keepsUnknown)
            _errors.Add(FieldError.Required($"{path}.type", isRoot
                ? "must not be empty at the root"
                : "must not be empty for specified object fields"));
        else if (type.Length > 0 && !Types.Contains(type))
            _errors.Add(FieldError.NotSupported($"{path}.type", type, Types));
        if (isIntOrString && type.Length > 0)
            _errors.Add(
                FieldError.Invalid($"{path}.type", type, "must be empty if x-kubernetes-int-or-string is true"));
        foreach (string word in NeverAllowed.Where(schema.HasAny))
            _errors.Add(FieldError.Forbidden($"{path}.{word}", $"{word} is not supported"));
        if (schema.Boolean("uniqueItems") == true)
            _errors.Add(FieldError.Forbidden($"{path}.uniqueItems",
                "uniqueItems cannot be set to true since the runtime complexity becomes quadratic"));
        if (schema.HasAny("additionalProperties") && schema.Map("properties") is { Count: > 0 })
            _errors.Add(FieldError.Forbidden(
                $"{path}.additionalProperties", "additionalProperties and properties are mutual exclusive"));
        if (schema.Boolean("x-kubernetes-preserve-unknown-fields") == false)
            _errors.Add(
                FieldError.Invalid($"{path}.x-kubernetes-preserve-unknown-fields", false, "must be true or undefined"));
        if (schema.Boolean("x-kubernetes-embedded-resource") == true && type != "object")
            _errors.Add(
                FieldError.Invalid($"{path}.type", type, "must be object if x-kubernetes-embedded-resource is true"));
        bool isBare = schema.Boolean("x-kubernetes-embedded-resource") == true
            && !keepsUnknown
            && (schema.Map("properties")?.Count ?? 0) == 0;
        if (isBare)
        {
            _errors.Add(FieldError.Required(
                $"{path}.properties",
                "must not be empty if x-kubernetes-embedded-resource is true without "
                + "x-kubernetes-preserve-unknown-fields"));
        }
        ListKind(schema, type, path);
        MapKind(schema, type, path);
        Values(schema, path, isIntOrString);
        Children(schema, path);
        Logic(schema, path);
    }

    private void ListKind(JsonObject schema, string type, string path)
    {
        string kind = schema.Text("x-kubernetes-list-type");
        string at = $"{path}.x-kubernetes-list-type", keysAt = $"{path}.x-kubernetes-list-map-keys";
        string[] keys = [.. schema.Texts("x-kubernetes-list-map-keys")];
        if (type == "array" && schema.Map("items") is null)
            _errors.Add(FieldError.Required($"{path}.items", "must be specified"));
        if (kind.Length == 0)
        {
            if (keys.Length > 0)
                _errors.Add(FieldError.Required(at, "must be map if x-kubernetes-list-map-keys is non-empty"));
            return;
        }
        if (type != "array") _errors.Add(
            FieldError.Invalid($"{path}.type", type, "must be array if x-kubernetes-list-type is specified"));
        if (kind is not ("atomic" or "set" or "map"))
            _errors.Add(FieldError.NotSupported(at, kind, ["atomic", "set", "map"]));
        if (kind != "map" && keys.Length > 0)
            _errors.Add(FieldError.Forbidden(keysAt, $"must be empty if x-kubernetes-list-type is {kind}"));
        JsonObject items = schema.Map("items") ?? [];
        if (kind == "set") SetItems(items, path);
        if (kind != "map") return;
        if (keys.Length == 0)
            _errors.Add(FieldError.Required(keysAt, "must not be empty if x-kubernetes-list-type is map"));
        if (items.Text("type") != "object")
            _errors.Add(FieldError.Invalid($"{path}.items.type", items.Text("type"),
                "must be object if parent array's x-kubernetes-list-type is map"));
        string[] required = [.. items.Texts("required")];
        foreach (string key in keys)
        {
            JsonObject? field = items.Map("properties", key);
            if (field is null)
                _errors.Add(FieldError.Invalid(
                    keysAt, schema["x-kubernetes-list-map-keys"], "entries must all be names of item properties"));
            else if (field.Text("type") is "array" or "object")
                _errors.Add(FieldError.Invalid($"{path}.items.properties[{key}].type", field["type"],
                    "must be a scalar type if parent array's x-kubernetes-list-type is map"));
            else if (!required.Contains(key) && !field.HasAny("default"))
            {
                _errors.Add(FieldError.Required(
                    $"{path}.items.properties[{key}].default",
                    "this property is in x-kubernetes-list-map-keys, so it must have a default or be a "
                    + "required property"));
            }
        }
    }

    private void SetItems(JsonObject items, string path)
    {
        string type = items.Text("type");
        if (items.Boolean("nullable") == true)
            _errors.Add(FieldError.Forbidden(
                $"{path}.items.nullable", "cannot be nullable when x-kubernetes-list-type is set"));
        if (type == "array" && items.Text("x-kubernetes-list-type") is not ("atomic" or ""))
            _errors.Add(FieldError.Invalid($"{path}.items.x-kubernetes-list-type", items["x-kubernetes-list-type"],
                "must be atomic as item of a list with x-kubernetes-list-type=set"));
        if (type == "object" && items.Text("x-kubernetes-map-type") != "atomic")
            _errors.Add(FieldError.Invalid($"{path}.items.x-kubernetes-map-type", items["x-kubernetes-map-type"],
                "must be atomic as item of a list with x-kubernetes-list-type=set"));
    }

    private void MapKind(JsonObject schema, string type, string path)
    {
        string kind = schema.Text("x-kubernetes-map-type");
        if (kind.Length == 0) return;
        if (type != "object") _errors.Add(
            FieldError.Invalid($"{path}.type", type, "must be object if x-kubernetes-map-type is specified"));
        if (kind is not ("atomic" or "granular"))
            _errors.Add(FieldError.NotSupported($"{path}.x-kubernetes-map-type", kind, ["atomic", "granular"]));
    }

    private void Values(JsonObject schema, string path, bool isIntOrString)
    {
        string pattern = schema.Text("pattern");
        if (pattern.Length > 0)
        {
            try
            {
                _ = SchemaReader.ReadPattern(pattern);
            }
            catch (Exception e) when (e is ArgumentException or NotSupportedException)
            {
                _errors.Add(FieldError.Invalid(
                    $"{path}.pattern", pattern, $"must be a valid regular expression, but isn't: {e.Message}"));
            }
        }
        if (!schema.HasAny("default") || isIntOrString) return;
        // The default must itself be valid, defaults within it filled in and nothing pruned from it.
        Schema own = SchemaReader.Read(schema);
        JsonNode? value = schema["default"]?.DeepClone();
        List<string> unknown = UnknownFields.Prune(value, own);
        Defaults.Apply(value, own);
        if (unknown.Count > 0)
            _errors.Add(FieldError.Invalid($"{path}.default", schema["default"], "must not have unknown fields"));
        // The words of the server, for a value that has no path of its own.
        _errors.AddRange(SchemaValidator.Validate(value, own).Select(e => e with
        {
            Field = e.Field.Length == 0 ? $"{path}.default" : $"{path}.default.{e.Field}",
        }));
    }

    private void Children(JsonObject schema, string path)
    {
        foreach ((string name, JsonNode? child) in schema.Map("properties") ?? [])
            if (child is JsonObject o)
                Node(o, string.Create(CultureInfo.InvariantCulture, $"{path}.properties[{name}]"));
        if (schema["items"] is JsonArray)
            _errors.Add(FieldError.Forbidden($"{path}.items", "items must be a schema object and not an array"));
        if (schema["items"] is JsonObject items) Node(items, $"{path}.items");
        if (schema["additionalProperties"] is JsonObject additional) Node(additional, $"{path}.additionalProperties");
    }

    private void Logic(JsonObject schema, string path)
    {
        foreach (string word in new[] { "allOf", "anyOf", "oneOf" })
        {
            int index = 0;
            foreach (JsonNode? part in schema.Items(word))
                if (part is JsonObject o)
                    LogicPart(o, schema, $"{path}.{word}[{index++}]");
        }
        if (schema["not"] is JsonObject not) LogicPart(not, schema, $"{path}.not");
    }

    /// <summary>
    /// Within logic only values are constrained, and only of fields that the structure outside declares.
    /// </summary>
    private void LogicPart(JsonObject part, JsonObject outside, string path)
    {
        // The one exception is the classical pair {type: integer}, {type: string} of an int-or-string.
        bool isIntOrString = outside.Boolean("x-kubernetes-int-or-string") == true
            && part is { Count: 1 }
            && part.HasAny("type");
        foreach (string word in ShapeOnly.Where(w => part.HasAny(w) && !isIntOrString))
            _errors.Add(FieldError.Forbidden($"{path}.{word}", "must be empty to be structural"));
        foreach ((string name, JsonNode? child) in part.Map("properties") ?? [])
        {
            if (child is not JsonObject o) continue;
            // A field that the structure outside does not declare is never there to be constrained.
            if (outside.Map("properties", name) is { } declared) LogicPart(o, declared, $"{path}.properties[{name}]");
        }
        if (part["items"] is JsonObject items && outside["items"] is JsonObject own)
            LogicPart(items, own, $"{path}.items");
    }
}
