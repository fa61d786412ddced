using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace VipOperator.Lab.ApiServer.Documents;

/// <summary>Reading documents whose shape is not known: a wrong type reads as absent, never throws.</summary>
internal static class JsonNodeReading
{
    extension(JsonNode? node)
    {
        public JsonNode? At(params ReadOnlySpan<string> path)
        {
            JsonNode? current = node;
            foreach (string name in path) current = (current as JsonObject)?[name];
            return current;
        }

        public string Text(params ReadOnlySpan<string> path) => node.At(path).AsText() ?? "";

        public long? Integer(params ReadOnlySpan<string> path) =>
            node.At(path).TryInteger(out long value) ? value : null;

        public bool? Boolean(params ReadOnlySpan<string> path) =>
            node.At(path).TryBoolean(out bool value) ? value : null;

        public JsonObject? Map(params ReadOnlySpan<string> path) => node.At(path) as JsonObject;

        public IEnumerable<JsonNode?> Items(params ReadOnlySpan<string> path) => node.At(path) as JsonArray ?? [];

        public IEnumerable<string> Texts(params ReadOnlySpan<string> path) =>
            node.Items(path).Select(n => n.AsText()).OfType<string>();

        public string? AsText() => node is JsonValue v && v.TryGetValue(out string? text) ? text : null;

        public bool TryBoolean(out bool value)
        {
            value = false;
            return node is JsonValue v && v.TryGetValue(out value);
        }

        /// <summary>
        /// A number without a fraction (<c>1.0</c> counts), as JSON numbers are read into integer fields.
        /// </summary>
        public bool TryInteger(out long value)
        {
            value = 0;
            if (node is not JsonValue v || v.GetValueKind() != JsonValueKind.Number) return false;
            if (v.TryGetValue(out value)) return true;
            if (v.TryGetValue(out int small))
            {
                value = small;
                return true;
            }
            if (!v.TryGetValue(out double d) || d != Math.Floor(d) || Math.Abs(d) >= 9.3e18) return false;
            value = (long)d;
            return true;
        }

        public bool TryNumber(out double value)
        {
            value = 0;
            if (node is not JsonValue v || v.GetValueKind() != JsonValueKind.Number) return false;
            if (v.TryGetValue(out value)) return true;
            if (v.TryGetValue(out long integer)) value = integer;
            else if (v.TryGetValue(out int small)) value = small;
            else return false;
            return true;
        }

        public bool IsMissingOrNull([NotNullWhen(false)] out JsonNode? value, params ReadOnlySpan<string> path)
        {
            value = node.At(path);
            return value is null;
        }

        /// <summary>The name of the JSON type as validation messages have it.</summary>
        public string TypeName() => node switch
        {
            null => "null",
            JsonObject => "object",
            JsonArray => "array",
            JsonValue v => v.GetValueKind() switch
            {
                JsonValueKind.String => "string",
                JsonValueKind.Number => v.TryInteger(out _) ? "integer" : "number",
                _ => "boolean",
            },
            _ => "unknown",
        };
    }

    extension(JsonObject document)
    {
        public JsonObject Metadata => document["metadata"] as JsonObject ?? [];

        public string Name => document.Text("metadata", "name");

        public string Namespace => document.Text("metadata", "namespace");

        public string Uid => document.Text("metadata", "uid");

        public bool IsBeingDeleted => document.At("metadata", "deletionTimestamp") is not null;

        public JsonObject Copy() => (JsonObject)document.DeepClone();

        /// <summary>The object at <paramref name="name"/>, made if there is none.</summary>
        public JsonObject Child(string name)
        {
            if (document[name] is JsonObject existing) return existing;
            JsonObject made = [];
            document[name] = made;
            return made;
        }

        public bool HasAny(string name) => document.ContainsKey(name);
    }
}
