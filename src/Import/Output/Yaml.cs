using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace VipOperator.Import;

/// <summary>Writes the YAML that manifests need: maps, scalars, lists in one line.</summary>
internal sealed partial class Yaml
{
    private readonly StringBuilder _text = new();
    private int _depth;

    public override string ToString() => _text.ToString();

    public Yaml Comment(string text)
    {
        Indent().Append("# ").Append(text).Append('\n');
        return this;
    }

    public Yaml Key(string key, string value) => Line(key, Scalar(value));

    public Yaml Key(string key, int value) => Line(key, value.ToString(CultureInfo.InvariantCulture));

    public Yaml Key(string key, bool value) => Line(key, value ? "true" : "false");

    /// <summary>As it stands: a list or a map in one line.</summary>
    public Yaml Line(string key, string value)
    {
        Indent().Append(key).Append(": ").Append(value).Append('\n');
        return this;
    }

    public Yaml Map(string key, Action<Yaml> inner)
    {
        Indent().Append(key).Append(":\n");
        _depth += 2;
        inner(this);
        _depth -= 2;
        return this;
    }

    /// <summary>A list of maps.</summary>
    /// <param name="key">Its name.</param>
    /// <param name="items">The lines of each map.</param>
    public Yaml List(string key, IEnumerable<IReadOnlyList<string>> items)
    {
        Indent().Append(key).Append(":\n");
        foreach (IReadOnlyList<string> item in items)
        {
            for (int i = 0; i < item.Count; i++)
                Indent().Append(i == 0 ? "  - " : "    ").Append(item[i]).Append('\n');
        }

        return this;
    }

    /// <summary>As few quotes as may be: none where nothing but text can be meant.</summary>
    public static string Scalar(string value)
    {
        if (Plain().IsMatch(value) && !Special().IsMatch(value))
            return value;
        StringBuilder quoted = new("\"");
        foreach (char c in value)
        {
            if (c is '"' or '\\')
                quoted.Append('\\').Append(c);
            else if (char.IsControl(c) || c is '\u2028' or '\u2029' or '\uFEFF')
                quoted.Append(CultureInfo.InvariantCulture, $"\\u{(int)c:X4}");
            else
                quoted.Append(c);
        }

        return quoted.Append('"').ToString();
    }

    public static string Sequence(IEnumerable<string> values) => $"[{string.Join(", ", values.Select(Scalar))}]";

    public static string Mapping(IEnumerable<KeyValuePair<string, string>> values) =>
        $"{{{string.Join(", ", values.Select(v => $"{Scalar(v.Key)}: {Scalar(v.Value)}"))}}}";

    private StringBuilder Indent() => _text.Append(' ', _depth);

    // Letters first, or the digits and points of an IPv4 address with its length.
    [GeneratedRegex(@"^([A-Za-z/][-A-Za-z0-9_./]*|\d+\.\d+\.\d+\.\d+(/\d+)?|\d+(ms|s|m|h)[\dmsh]*)$")]
    private static partial Regex Plain();

    [GeneratedRegex("^(y|n|yes|no|on|off|true|false|null)$", RegexOptions.IgnoreCase)]
    private static partial Regex Special();
}
