using System.Globalization;
using System.Text.Json.Nodes;
using VipOperator.Lab.ApiServer.Documents;

namespace VipOperator.Lab.ApiServer.Patches;

/// <summary>JSON patch, RFC 6902: add, remove, replace, move, copy, test.</summary>
internal static class JsonPatch
{
    /// <exception cref="PatchException">An operation is malformed, its path leads nowhere, or a test fails.</exception>
    public static JsonNode? Apply(JsonNode target, JsonArray operations)
    {
        JsonNode? document = target.DeepClone();
        foreach (JsonNode? operation in operations) document = ApplyOne(document, operation);
        return document;
    }

    private static JsonNode? ApplyOne(JsonNode? document, JsonNode? operation)
    {
        string[] path = Pointer(operation.At("path").AsText());
        switch (operation.Text("op"))
        {
            case "add":
                return Add(document, path, ValueOf(operation));
            case "remove":
                Take(document, path);
                return document;
            case "replace":
                Find(document, path);
                return Replace(document, path, ValueOf(operation));
            case "move":
                string[] from = Pointer(operation.At("from").AsText());
                return Add(document, path, Take(document, from));
            case "copy":
                return Add(document, path, Find(document, Pointer(operation.At("from").AsText()))?.DeepClone());
            case "test":
                bool isEqual = JsonNode.DeepEquals(Find(document, path), operation.At("value"));
                return isEqual ? document : throw new PatchException("testing path value failed");
            default:
                throw new PatchException($"unexpected operation kind: {operation.Text("op")}");
        }
    }

    private static JsonNode? ValueOf(JsonNode? operation) => operation is JsonObject o && o.ContainsKey("value")
        ? o["value"]?.DeepClone()
        : throw new PatchException("operation has no value");

    private static string[] Pointer(string? text)
    {
        if (text is null) throw new PatchException("operation has no path");
        if (text.Length == 0) return [];
        if (text[0] != '/') throw new PatchException("path must start with /");
        return [.. text[1..].Split('/').Select(s =>
            s.Replace("~1", "/", StringComparison.Ordinal).Replace("~0", "~", StringComparison.Ordinal))];
    }

    private static JsonNode? Find(JsonNode? document, ReadOnlySpan<string> path)
    {
        foreach (string step in path)
        {
            document = document switch
            {
                JsonObject o when o.ContainsKey(step) => o[step],
                JsonArray a => a[Index(a, step, a.Count - 1)],
                _ => throw new PatchException($"path step {step} leads nowhere"),
            };
        }
        return document;
    }

    private static JsonNode? Add(JsonNode? document, string[] path, JsonNode? value)
    {
        if (path.Length == 0) return value;
        switch (Find(document, path.AsSpan(0, path.Length - 1)))
        {
            case JsonObject o:
                o[path[^1]] = value;
                break;
            case JsonArray a:
                a.Insert(path[^1] == "-" ? a.Count : Index(a, path[^1], a.Count), value);
                break;
            default:
                throw new PatchException("parent is no object or array");
        }
        return document;
    }

    private static JsonNode? Replace(JsonNode? document, string[] path, JsonNode? value)
    {
        if (path.Length == 0) return value;
        JsonNode? parent = Find(document, path.AsSpan(0, path.Length - 1));
        if (parent is JsonObject o) o[path[^1]] = value;
        else if (parent is JsonArray a) a[Index(a, path[^1], a.Count - 1)] = value;
        return document;
    }

    private static JsonNode? Take(JsonNode? document, string[] path)
    {
        if (path.Length == 0) throw new PatchException("the whole document cannot be removed");
        JsonNode? value = Find(document, path);
        JsonNode? parent = Find(document, path.AsSpan(0, path.Length - 1));
        if (parent is JsonObject o) o.Remove(path[^1]);
        else if (parent is JsonArray a) a.RemoveAt(Index(a, path[^1], a.Count - 1));
        return value;
    }

    private static int Index(JsonArray array, string step, int last)
    {
        bool isNumber = int.TryParse(step, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out int index);
        if (isNumber && index < 0 && index >= -array.Count) index += array.Count;
        return isNumber && index >= 0 && index <= last
            ? index
            : throw new PatchException($"invalid array index {step}");
    }
}
