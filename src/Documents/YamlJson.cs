using System.Buffers;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace VipOperator.Documents;

/// <summary>
/// Writes a YAML document as JSON and remembers where each field stands. Plain scalars mean what they mean in JSON
/// (and in YAML 1.2); those that YAML 1.1 programs, kubectl among them, read differently are refused rather than
/// guessed.
/// </summary>
public sealed partial class YamlJson
{
    /// <summary>
    /// Aliases may be written out to this many nodes in a document; 64 addresses and 254 peers need 1,000.
    /// </summary>
    private const int MostNodes = 20_000;

    private readonly List<TextProblem> _problems;
    private readonly Utf8JsonWriter _json;
    private int _nodes;

    private YamlJson(Utf8JsonWriter json, List<TextProblem> problems)
    {
        _json = json;
        _problems = problems;
    }

    /// <summary>Where each field's key (or each entry of a list) stands, by its path: "spec.addresses[0]".</summary>
    public Dictionary<string, TextPosition> Positions { get; } = new(StringComparer.Ordinal);

    /// <summary>The paths whose value was refused here, so that nobody need complain of it again.</summary>
    public HashSet<string> Refused { get; } = new(StringComparer.Ordinal);

    /// <returns>null when the document is too large.</returns>
    public static (JsonDocument Document, YamlJson Map)? Convert(YamlNode node, List<TextProblem> problems)
    {
        ArrayBufferWriter<byte> output = new();
        using Utf8JsonWriter json = new(output);
        YamlJson map = new(json, problems);
        map.Positions[""] = node.Position;
        if (!map.Write(node, ""))
        {
            problems.Add(
                new TextProblem(node.Position, $"has more than {MostNodes} values when its aliases are written out"));
            return null;
        }

        json.Flush();
        return (JsonDocument.Parse(output.WrittenMemory), map);
    }

    /// <summary>The place of a field, or of the nearest one around it that stands in the file.</summary>
    public TextPosition PositionOf(string path)
    {
        while (!Positions.ContainsKey(path))
            path = path[..Math.Max(0, path.LastIndexOfAny(['.', '[']))];
        return Positions[path];
    }

    private bool Write(YamlNode node, string path)
    {
        if (++_nodes > MostNodes)
            return false;
        switch (node)
        {
            case YamlMap map:
                _json.WriteStartObject();
                foreach ((YamlScalar key, YamlNode value) in map.Entries)
                {
                    string field = path.Length == 0 ? key.Value : path + "." + key.Value;
                    Positions.TryAdd(field, key.Position);
                    _json.WritePropertyName(key.Value);
                    if (!Write(value, field))
                        return false;
                }

                _json.WriteEndObject();
                return true;
            case YamlList list:
                _json.WriteStartArray();
                for (int i = 0; i < list.Items.Count; i++)
                {
                    string entry = $"{path}[{i}]";
                    Positions.TryAdd(entry, list.Items[i].Position);
                    if (!Write(list.Items[i], entry))
                        return false;
                }

                _json.WriteEndArray();
                return true;
            default:
                WriteScalar((YamlScalar)node, path);
                return true;
        }
    }

    private void WriteScalar(YamlScalar scalar, string path)
    {
        string value = scalar.Value;
        if (!scalar.IsPlain)
            _json.WriteStringValue(value);
        else if (value is "" or "~" or "null" or "Null" or "NULL")
            _json.WriteNullValue();
        else if (value is "true" or "True" or "TRUE")
            _json.WriteBooleanValue(true);
        else if (value is "false" or "False" or "FALSE")
            _json.WriteBooleanValue(false);
        else if (JsonNumber().IsMatch(value))
            _json.WriteRawValue(value, skipInputValidation: false);
        else
            WriteWord(scalar, path);
    }

    private void WriteWord(YamlScalar scalar, string path)
    {
        if (OldBoolean().IsMatch(scalar.Value))
            Refuse(scalar, path,
                $"'{scalar.Value}' is a word that some programs take for true or false; write true or false, or "
                + $"put it in quotes");
        else if (OddNumber().IsMatch(scalar.Value))
            Refuse(scalar, path,
                $"'{scalar.Value}' is a number that programs read differently; write it in plain decimal digits, or "
                + $"put it in quotes");
        _json.WriteStringValue(scalar.Value);
    }

    private void Refuse(YamlScalar scalar, string path, string message)
    {
        Refused.Add(path);
        _problems.Add(new TextProblem(scalar.Position, $"{path}: {message}"));
    }

    [GeneratedRegex("^-?(0|[1-9][0-9]{0,17})(\\.[0-9]{1,18})?([eE][-+]?[0-9]{1,3})?$", RegexOptions.CultureInvariant)]
    private static partial Regex JsonNumber();

    [GeneratedRegex("^(y|n|yes|no|on|off)$", RegexOptions.CultureInvariant | RegexOptions.IgnoreCase)]
    private static partial Regex OldBoolean();

    // Octal (010, 0o10), hexadecimal, binary, 1_000, +1, .5, .inf, and numbers without end.
    [GeneratedRegex("^[-+]?(0[0-9]+|0o[0-7]+|0x[0-9a-fA-F_]+|0b[01_]+|[0-9][0-9_]*|[0-9]*\\.[0-9]*([eE][-+]?[0-9]+)?|\\.(inf|Inf|INF|nan|NaN|NAN))$",
        RegexOptions.CultureInvariant)]
    private static partial Regex OddNumber();
}
