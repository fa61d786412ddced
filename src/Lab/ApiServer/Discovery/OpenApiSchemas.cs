using System.Text.Json.Nodes;
using VipOperator.Lab.ApiServer.Resources;
using VipOperator.Lab.ApiServer.Schemas;

namespace VipOperator.Lab.ApiServer.Discovery;

/// <summary>The schemas of all served types as OpenAPI definitions, in the dialect of version 2 or 3.</summary>
internal static class OpenApiSchemas
{
    private const string MetaPrefix = "io.k8s.apimachinery.pkg.apis.meta.v1.";

    /// <summary>The definitions that the given types need, by their OpenAPI names.</summary>
    public static JsonObject Definitions(IEnumerable<ResourceType> types, bool isVersion3)
    {
        Writer writer = new(isVersion3);
        foreach (ResourceType type in types) writer.AddType(type);
        writer.AddNamed("DeleteOptions", []);
        writer.AddNamed("Status", []);
        return writer.Definitions;
    }

    public static string NameOf(ResourceType type) => type.IsCustom
        ? $"{string.Join('.', type.Group.Split('.').Reverse())}.{type.Version}.{type.Kind}"
        : type.Schema.ReferenceName!;

    private sealed class Writer(bool isVersion3)
    {
        private readonly string _prefix = isVersion3 ? "#/components/schemas/" : "#/definitions/";

        public JsonObject Definitions { get; } = [];

        public void AddType(ResourceType type)
        {
            string name = NameOf(type);
            if (!type.IsCustom) AddReferenced(type.Schema);
            else if (!Definitions.ContainsKey(name)) Definitions[name] = CustomRoot(type);
            JsonObject definition = (JsonObject)Definitions[name]!;
            JsonArray kinds = definition["x-kubernetes-group-version-kind"] as JsonArray ?? [];
            kinds.Add(KindOf(type, type.Kind));
            definition["x-kubernetes-group-version-kind"] = kinds.Parent is null ? kinds : kinds.DeepClone();
            if (!type.IsVirtual) AddList(type, name);
        }

        public void AddNamed(string shortName, JsonArray kinds)
        {
            Schema schema = BuiltinSchemas.Get(shortName);
            AddReferenced(schema);
            if (kinds.Count > 0)
                ((JsonObject)Definitions[schema.ReferenceName!]!)["x-kubernetes-group-version-kind"] = kinds;
        }

        private void AddList(ResourceType type, string name)
        {
            AddReferenced(BuiltinSchemas.Get("ListMeta"));
            Definitions[$"{name[..name.LastIndexOf('.')]}.{type.ListKind}"] = new JsonObject
            {
                ["description"] = $"{type.ListKind} is a list of {type.Kind}",
                ["type"] = "object",
                ["required"] = new JsonArray("items"),
                ["properties"] = new JsonObject
                {
                    ["apiVersion"] = new JsonObject { ["type"] = "string" },
                    ["kind"] = new JsonObject { ["type"] = "string" },
                    ["metadata"] = Reference(MetaPrefix + "ListMeta"),
                    ["items"] = new JsonObject { ["type"] = "array", ["items"] = Reference(name) },
                },
                ["x-kubernetes-group-version-kind"] = new JsonArray(KindOf(type, type.ListKind)),
            };
        }

        private JsonObject CustomRoot(ResourceType type)
        {
            AddReferenced(BuiltinSchemas.ObjectMeta);
            JsonObject root = (JsonObject?)type.Schema.Source?.DeepClone() ?? [];
            if (!isVersion3) StripForVersion2(root);
            if (root["properties"] is not JsonObject properties) root["properties"] = properties = [];
            properties["apiVersion"] = new JsonObject { ["type"] = "string" };
            properties["kind"] = new JsonObject { ["type"] = "string" };
            properties["metadata"] = Reference(MetaPrefix + "ObjectMeta");
            return root;
        }

        private void AddReferenced(Schema schema)
        {
            string name = schema.ReferenceName!;
            if (Definitions.ContainsKey(name)) return;
            JsonObject definition = new() { ["type"] = "object" };
            // Placed before its fields are written: types refer to themselves.
            Definitions[name] = definition;
            if (schema.Properties.Count == 0) return;
            JsonObject properties = [];
            foreach ((string field, Schema child) in schema.Properties) properties[field] = Write(child);
            if (schema.Required.Count > 0)
                definition["required"] = new JsonArray([.. schema.Required.Select(r => JsonValue.Create(r))]);
            definition["properties"] = properties;
        }

        private JsonObject Write(Schema schema)
        {
            JsonObject result;
            if (schema.ReferenceName is { } name)
            {
                AddReferenced(schema);
                result = Reference(name);
            }
            else if (schema.IntOrString) result = new JsonObject { ["type"] = "string", ["format"] = "int-or-string" };
            else
            {
                result = [];
                // What may be anything has no type: kubectl 1.20 takes "object" at its word and refuses the rest.
                if (schema.Type.Length > 0) result["type"] = schema.Type;
                if (schema.Format is "date-time" or "byte" or "int32" or "int64" or "double")
                    result["format"] = schema.Format;
                // The one name for both; that they are written with microseconds is said nowhere.
                if (schema.Format is "micro-time") result["format"] = "date-time";
                if (schema.Items is not null) result["items"] = Write(schema.Items);
                if (schema.AdditionalProperties is not null)
                    result["additionalProperties"] = Write(schema.AdditionalProperties);
            }
            if (schema.Type == "array") WriteListKind(schema, result);
            if (schema.AtomicMap) result["x-kubernetes-map-type"] = "atomic";
            if (schema.PatchMergeKey is { } key)
            {
                result["x-kubernetes-patch-strategy"] = schema.PatchRetainKeys ? "merge,retainKeys" : "merge";
                if (key.Length > 0) result["x-kubernetes-patch-merge-key"] = key;
            }
            else if (schema.PatchRetainKeys) result["x-kubernetes-patch-strategy"] = "retainKeys";
            return result;
        }

        private static void WriteListKind(Schema schema, JsonObject result)
        {
            result["x-kubernetes-list-type"] = schema.ListKind.ToString().ToLowerInvariant();
            if (schema.ListKind == ListKind.Map)
            {
                result["x-kubernetes-list-map-keys"] =
                    new JsonArray([.. schema.ListMapKeys.Select(k => JsonValue.Create(k))]);
            }
        }

        /// <summary>
        /// Version 2 has no anyOf, oneOf, not and nullable; what is left unsaid there is checked by the server.
        /// </summary>
        private static void StripForVersion2(JsonObject node)
        {
            foreach (string word in new[] { "anyOf", "oneOf", "not", "nullable", "default", "allOf" })
                node.Remove(word);
            if (node["x-kubernetes-preserve-unknown-fields"] is not null
                || node["x-kubernetes-int-or-string"] is not null)
            {
                node.Remove("type");
                node.Remove("properties");
                node.Remove("items");
            }
            foreach (JsonNode? child in (node["properties"] as JsonObject ?? []).Select(p => p.Value))
                if (child is JsonObject o) StripForVersion2(o);
            if (node["items"] is JsonObject items) StripForVersion2(items);
            if (node["additionalProperties"] is JsonObject additional) StripForVersion2(additional);
        }

        private JsonObject Reference(string name) => isVersion3
            // A reference may not have siblings in version 3.
            ? new JsonObject { ["allOf"] = new JsonArray(new JsonObject { ["$ref"] = _prefix + name }) }
            : new JsonObject { ["$ref"] = _prefix + name };

        private static JsonObject KindOf(ResourceType type, string kind) =>
            new() { ["group"] = type.Group, ["version"] = type.Version, ["kind"] = kind };
    }
}
