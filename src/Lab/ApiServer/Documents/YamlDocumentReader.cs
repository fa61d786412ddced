using System.Globalization;
using System.Text.Json.Nodes;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace VipOperator.Lab.ApiServer.Documents;

/// <summary>
/// Reads one YAML document into JSON nodes with the scalar rules that Kubernetes uses (YAML 1.1 booleans).
/// </summary>
internal static class YamlDocumentReader
{
    private const int MaxDepth = 256;

    /// <exception cref="MalformedDocumentException">The text is not one YAML document.</exception>
    public static JsonNode? Read(string text, ICollection<string>? duplicates = null) =>
        ReadAll(text, duplicates) is [var first, ..] ? first : null;

    /// <exception cref="MalformedDocumentException">The text is not YAML.</exception>
    public static IReadOnlyList<JsonNode?> ReadAll(string text, ICollection<string>? duplicates = null)
    {
        try
        {
            Parser parser = new(new StringReader(text));
            List<JsonNode?> documents = [];
            parser.Consume<StreamStart>();
            while (!parser.Accept<StreamEnd>(out _))
            {
                parser.Consume<DocumentStart>();
                documents.Add(ReadNode(parser, "", duplicates, []));
                parser.Consume<DocumentEnd>();
            }
            return documents;
        }
        catch (YamlException e)
        {
            throw new MalformedDocumentException($"yaml: line {e.Start.Line}: {e.Message}", e);
        }
    }

    private static JsonNode? ReadNode(
        IParser parser, string path, ICollection<string>? duplicates,
        Dictionary<AnchorName, JsonNode?> anchors, int depth = 0)
    {
        if (depth > MaxDepth) throw new MalformedDocumentException("yaml: exceeded max depth");
        if (parser.Accept<AnchorAlias>(out _))
        {
            AnchorAlias alias = parser.Consume<AnchorAlias>();
            return anchors.TryGetValue(alias.Value, out JsonNode? target)
                ? target?.DeepClone()
                : throw new MalformedDocumentException($"yaml: unknown anchor '{alias.Value}' referenced");
        }
        if (!parser.Accept<NodeEvent>(out _) || parser.Current is not NodeEvent start)
            throw new MalformedDocumentException("yaml: unexpected event");
        JsonNode? node = start switch
        {
            Scalar => ReadScalar(parser.Consume<Scalar>()),
            SequenceStart => ReadSequence(parser, path, duplicates, anchors, depth),
            _ => ReadMapping(parser, path, duplicates, anchors, depth),
        };
        if (!start.Anchor.IsEmpty) anchors[start.Anchor] = node;
        return node;
    }

    private static JsonArray ReadSequence(
        IParser parser, string path, ICollection<string>? duplicates,
        Dictionary<AnchorName, JsonNode?> anchors, int depth)
    {
        parser.Consume<SequenceStart>();
        JsonArray result = [];
        while (!parser.TryConsume<SequenceEnd>(out _))
            result.Add(ReadNode(parser, $"{path}[{result.Count}]", duplicates, anchors, depth + 1));
        return result;
    }

    private static JsonObject ReadMapping(
        IParser parser, string path, ICollection<string>? duplicates,
        Dictionary<AnchorName, JsonNode?> anchors, int depth)
    {
        parser.Consume<MappingStart>();
        JsonObject result = [];
        while (!parser.TryConsume<MappingEnd>(out _))
        {
            string key = parser.Consume<Scalar>().Value;
            string child = path.Length == 0 ? key : $"{path}.{key}";
            JsonNode? value = ReadNode(parser, child, duplicates, anchors, depth + 1);
            if (result.ContainsKey(key)) duplicates?.Add(child);
            result[key] = value;
        }
        return result;
    }

    private static JsonValue? ReadScalar(Scalar scalar)
    {
        string text = scalar.Value;
        bool isText = scalar.Style != ScalarStyle.Plain || scalar.Tag == "tag:yaml.org,2002:str";
        if (isText) return JsonValue.Create(text);
        switch (text)
        {
            case "" or "~" or "null" or "Null" or "NULL": return null;
            case "true" or "True" or "TRUE" or "y" or "Y" or "yes" or "Yes" or "YES" or "on" or "On"
                or "ON":
                return JsonValue.Create(true);
            case "false" or "False" or "FALSE" or "n" or "N" or "no" or "No" or "NO" or "off" or "Off" or "OFF":
                return JsonValue.Create(false);
        }
        if (long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long integer))
            return JsonValue.Create(integer);
        bool looksNumeric = char.IsAsciiDigit(text[0]) || (text.Length > 1 && text[0] is '-' or '+' or '.');
        return looksNumeric
            && double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double number)
            && double.IsFinite(number)
                ? JsonValue.Create(number)
                : JsonValue.Create(text);
    }
}
