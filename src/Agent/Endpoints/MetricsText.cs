using System.Globalization;
using System.Text;

namespace VipOperator.Agent.Endpoints;

/// <summary>
/// Writes the Prometheus text format 0.0.4: families one after another, each with its samples together.
/// </summary>
internal sealed class MetricsText
{
    private readonly StringBuilder _text = new(16 * 1024);
    private readonly HashSet<string> _samples = new(StringComparer.Ordinal);
    private string _family = "";

    /// <param name="name">Without the prefix.</param>
    /// <param name="type">gauge, counter or histogram.</param>
    public void Family(string name, string type, string help, string prefix = "vipoperator_")
    {
        _family = prefix + name;
        _samples.Clear();
        _text.Append("# HELP ").Append(_family).Append(' ').Append(help).Append('\n')
            .Append("# TYPE ").Append(_family).Append(' ').Append(type).Append('\n');
    }

    /// <summary>
    /// A sample of the last family; a second one with the same labels is left out, as the format forbids it.
    /// </summary>
    public void Sample(double value, string labels, string suffix = "")
    {
        if (!_samples.Add(suffix + labels))
            return;
        _text.Append(_family).Append(suffix);
        if (labels.Length > 0)
            _text.Append('{').Append(labels).Append('}');
        _text.Append(' ').Append(value.ToString("R", CultureInfo.InvariantCulture)).Append('\n');
    }

    public void Sample(ulong value, string labels)
    {
        if (!_samples.Add(labels))
            return;
        _text.Append(_family);
        if (labels.Length > 0)
            _text.Append('{').Append(labels).Append('}');
        _text.Append(' ').Append(value).Append('\n');
    }

    /// <summary>Labels as they stand between the braces; values are escaped.</summary>
    public static string Labels(params ReadOnlySpan<(string Name, string Value)> labels)
    {
        StringBuilder text = new();
        foreach ((string name, string value) in labels)
        {
            text.Append(text.Length > 0 ? "," : "").Append(name).Append("=\"")
                .Append(value.Replace("\\", "\\\\", StringComparison.Ordinal)
                    .Replace("\"", "\\\"", StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal))
                .Append('"');
        }

        return text.ToString();
    }

    public override string ToString() => _text.ToString();
}
