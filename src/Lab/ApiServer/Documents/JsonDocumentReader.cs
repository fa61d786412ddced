using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace VipOperator.Lab.ApiServer.Documents;

/// <summary>
/// Reads JSON text into fully built nodes. Unlike
/// <see cref="JsonNode.Parse(string, JsonNodeOptions?, JsonDocumentOptions)"/> it reports repeated fields (the last one
/// wins, as in the real server) and leaves nothing lazy behind, so that a finished document may be read by several
/// threads.
/// </summary>
internal static class JsonDocumentReader
{
    private const int MaxDepth = 512;

    /// <exception cref="MalformedDocumentException">The text is not one JSON value.</exception>
    public static JsonNode? Read(ReadOnlySpan<byte> utf8, ICollection<string>? duplicates = null)
    {
        try
        {
            Utf8JsonReader reader = new(utf8, new JsonReaderOptions { MaxDepth = MaxDepth });
            if (!reader.Read()) throw new MalformedDocumentException("unexpected end of JSON input");
            JsonNode? node = ReadValue(ref reader, "", duplicates);
            if (reader.Read()) throw new MalformedDocumentException("invalid character after top-level value");
            return node;
        }
        catch (JsonException e)
        {
            bool atEnd = utf8.IsEmpty || e.Message.Contains("end of data", StringComparison.Ordinal)
                || e.Message.Contains("Expected depth", StringComparison.Ordinal);
            throw new MalformedDocumentException(atEnd ? "unexpected end of JSON input" : e.Message, e);
        }
        catch (InvalidOperationException e)
        {
            // A string with an unpaired surrogate or bytes that are not UTF-8.
            throw new MalformedDocumentException(e.Message, e);
        }
    }

    public static JsonNode? Read(string text, ICollection<string>? duplicates = null) =>
        Read(Encoding.UTF8.GetBytes(text), duplicates);

    private static JsonNode? ReadValue(ref Utf8JsonReader reader, string path, ICollection<string>? duplicates) =>
        reader.TokenType switch
        {
            JsonTokenType.StartObject => ReadObject(ref reader, path, duplicates),
            JsonTokenType.StartArray => ReadArray(ref reader, path, duplicates),
            JsonTokenType.String => JsonValue.Create(reader.GetString()),
            JsonTokenType.Number => ReadNumber(ref reader),
            JsonTokenType.True => JsonValue.Create(true),
            JsonTokenType.False => JsonValue.Create(false),
            _ => null,
        };

    private static JsonValue ReadNumber(ref Utf8JsonReader reader) =>
        reader.TryGetInt64(out long integer) ? JsonValue.Create(integer) : JsonValue.Create(reader.GetDouble());

    private static JsonObject ReadObject(ref Utf8JsonReader reader, string path, ICollection<string>? duplicates)
    {
        JsonObject result = [];
        while (reader.Read() && reader.TokenType != JsonTokenType.EndObject)
        {
            string name = reader.GetString()!;
            // Paths are only for reports: without a listener none are built.
            string child = duplicates is null ? "" : path.Length == 0 ? name : $"{path}.{name}";
            reader.Read();
            JsonNode? value = ReadValue(ref reader, child, duplicates);
            if (result.ContainsKey(name)) duplicates?.Add(child);
            result[name] = value;
        }
        return result;
    }

    private static JsonArray ReadArray(ref Utf8JsonReader reader, string path, ICollection<string>? duplicates)
    {
        JsonArray result = [];
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
            result.Add(ReadValue(ref reader, duplicates is null ? "" : $"{path}[{result.Count}]", duplicates));
        return result;
    }
}
