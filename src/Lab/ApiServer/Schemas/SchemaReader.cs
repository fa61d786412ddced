using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using VipOperator.Lab.ApiServer.Cel;
using VipOperator.Lab.ApiServer.Documents;

namespace VipOperator.Lab.ApiServer.Schemas;

/// <summary>Reads the <c>openAPIV3Schema</c> of a CustomResourceDefinition that passed its checks.</summary>
internal static class SchemaReader
{
    private static readonly TimeSpan PatternTimeout = TimeSpan.FromSeconds(1);

    public static Schema ReadRoot(JsonObject source)
    {
        Schema root = Read(source);
        if (root.PreserveUnknownFields && root.Type.Length == 0) root.Type = "object";
        root.Properties["apiVersion"] = BuiltinSchemas.String;
        root.Properties["kind"] = BuiltinSchemas.String;
        root.Properties["metadata"] = WithNameRestrictions(BuiltinSchemas.ObjectMeta, root.Field("metadata"));
        root.Source = source;
        return root;
    }

    public static Schema Read(JsonObject source)
    {
        Schema schema = new()
        {
            Type = source.Text("type"),
            Format = source.Text("format"),
            Title = source.Text("title"),
            Description = source.Text("description"),
            Nullable = source.Boolean("nullable") ?? false,
            HasDefault = source["default"] is not null,
            Default = source["default"]?.DeepClone(),
            Enum = source["enum"] as JsonArray,
            Minimum = Number(source, "minimum"),
            Maximum = Number(source, "maximum"),
            ExclusiveMinimum = source.Boolean("exclusiveMinimum") ?? false,
            ExclusiveMaximum = source.Boolean("exclusiveMaximum") ?? false,
            MultipleOf = Number(source, "multipleOf"),
            MinLength = source.Integer("minLength"),
            MaxLength = source.Integer("maxLength"),
            MinItems = source.Integer("minItems"),
            MaxItems = source.Integer("maxItems"),
            UniqueItems = source.Boolean("uniqueItems") ?? false,
            MinProperties = source.Integer("minProperties"),
            MaxProperties = source.Integer("maxProperties"),
            PatternText = source["pattern"].AsText(),
            PreserveUnknownFields = source.Boolean("x-kubernetes-preserve-unknown-fields") ?? false,
            IntOrString = source.Boolean("x-kubernetes-int-or-string") ?? false,
            EmbeddedResource = source.Boolean("x-kubernetes-embedded-resource") ?? false,
            ListKind = source.Text("x-kubernetes-list-type") switch
            {
                "set" => ListKind.Set,
                "map" => ListKind.Map,
                _ => ListKind.Atomic,
            },
            ListMapKeys = [.. source.Texts("x-kubernetes-list-map-keys")],
            AtomicMap = source.Text("x-kubernetes-map-type") == "atomic",
            Source = source,
        };
        if (!string.IsNullOrEmpty(schema.PatternText)) schema.Pattern = ReadPattern(schema.PatternText);
        ReadChildren(schema, source);
        schema.Rules = [.. source.Items("x-kubernetes-validations").OfType<JsonObject>().Select(ValidationRule.Read)];
        return schema;
    }

    /// <summary>
    /// Go's RE2 and .NET agree on what schemas use; RE2 has no backtracking, hence the same engine here.
    /// </summary>
    public static Regex ReadPattern(string pattern) =>
        new(GoRegex.Translate(pattern), RegexOptions.CultureInvariant | RegexOptions.NonBacktracking, PatternTimeout);

    private static void ReadChildren(Schema schema, JsonObject source)
    {
        foreach ((string name, JsonNode? child) in source.Map("properties") ?? [])
            if (child is JsonObject o) schema.Properties[name] = Read(o);
        if (source["items"] is JsonObject items) schema.Items = Read(items);
        switch (source["additionalProperties"])
        {
            case JsonObject additional:
                schema.AdditionalProperties = Read(additional);
                break;
            case JsonValue v when v.TryBoolean(out bool allowed) && allowed:
                schema.AdditionalProperties = new Schema { PreserveUnknownFields = true };
                break;
        }
        schema.Required.AddRange(source.Texts("required"));
        schema.AllOf.AddRange(source.Items("allOf").OfType<JsonObject>().Select(Read));
        schema.AnyOf.AddRange(source.Items("anyOf").OfType<JsonObject>().Select(Read));
        schema.OneOf.AddRange(source.Items("oneOf").OfType<JsonObject>().Select(Read));
        if (source["not"] is JsonObject not) schema.Not = Read(not);
    }

    /// <summary>
    /// A definition may narrow <c>metadata.name</c> and <c>metadata.generateName</c>, and nothing else.
    /// </summary>
    private static Schema WithNameRestrictions(Schema objectMeta, Schema? declared)
    {
        if (declared is null || declared.Properties.Count == 0) return objectMeta;
        Schema narrowed = new()
        {
            Type = "object",
            ReferenceName = objectMeta.ReferenceName,
            Description = objectMeta.Description,
        };
        foreach ((string name, Schema field) in objectMeta.Properties)
            narrowed.Properties[name] = declared.Properties.GetValueOrDefault(name) ?? field;
        return narrowed;
    }

    private static double? Number(JsonObject source, string name) =>
        source[name].TryNumber(out double value) ? value : null;
}
