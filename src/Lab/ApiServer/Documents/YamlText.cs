using System.Text.Json.Nodes;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace VipOperator.Lab.ApiServer.Documents;

/// <summary>Writes nodes as YAML.</summary>
internal static class YamlText
{
    public static string Of(JsonNode? node)
    {
        using StringWriter text = new();
        Emitter emitter = new(text);
        emitter.Emit(new StreamStart());
        emitter.Emit(new DocumentStart(null, null, true));
        Emit(emitter, node);
        emitter.Emit(new DocumentEnd(true));
        emitter.Emit(new StreamEnd());
        return text.ToString();
    }

    private static void Emit(Emitter emitter, JsonNode? node)
    {
        switch (node)
        {
            case JsonObject o:
                emitter.Emit(new MappingStart(null, null, true, o.Count == 0 ? MappingStyle.Flow : MappingStyle.Block));
                foreach ((string key, JsonNode? value) in o)
                {
                    EmitText(emitter, key);
                    Emit(emitter, value);
                }
                emitter.Emit(new MappingEnd());
                break;
            case JsonArray a:
                emitter.Emit(
                    new SequenceStart(null, null, true, a.Count == 0 ? SequenceStyle.Flow : SequenceStyle.Block));
                foreach (JsonNode? item in a) Emit(emitter, item);
                emitter.Emit(new SequenceEnd());
                break;
            default:
                if (node.AsText() is { } text) EmitText(emitter, text);
                else emitter.Emit(new Scalar(JsonText.Of(node)));
                break;
        }
    }

    private static void EmitText(Emitter emitter, string text)
    {
        // Anything that would read back as something else than this text is quoted.
        bool isPlain = YamlReadsAs(text);
        emitter.Emit(new Scalar(null, null, text, isPlain ? ScalarStyle.Plain : ScalarStyle.DoubleQuoted, true, true));
    }

    private static bool YamlReadsAs(string text)
    {
        try
        {
            return YamlDocumentReader.Read(text).AsText() == text;
        }
        catch (MalformedDocumentException)
        {
            return false;
        }
    }
}
