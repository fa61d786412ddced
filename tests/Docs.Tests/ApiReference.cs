using System.Globalization;
using System.Text;
using YamlDotNet.Serialization;

namespace VipOperator.Docs.Tests;

/// <summary>Makes the API reference out of the custom resource definitions.</summary>
internal sealed class ApiReference
{
    private readonly StringBuilder _text = new();

    private ApiReference()
    {
    }

    public static string Of(IEnumerable<string> definitionFiles)
    {
        ApiReference reference = new();
        reference._text.Append(
            """
            # API reference

            Group `vipoperator.io`, version `v1alpha1`; made from [crds/](../crds) by `make docs`, and compared with them by the tests. The API server refuses what is not allowed here,
            and names the field. Durations are strings as in the Gateway API (GEP-2257): `1s`, `100ms`, `1m30s`. `[]` after a name: a list of these.


            """);
        foreach (string file in definitionFiles)
            reference.Definition(
                new Node(new DeserializerBuilder().Build().Deserialize<object>(File.ReadAllText(file))));
        return reference._text.ToString();
    }

    private void Definition(Node definition)
    {
        Node names = definition["spec"]["names"];
        Node version = definition["spec"]["versions"].Items().Single();
        Node schema = version["schema"]["openAPIV3Schema"];
        Line($"## {names["kind"].Text}");
        Line("");
        Line($"{schema["description"].Text} Short name `{names["shortNames"].Items().Single().Text}`.");
        Line("");
        Line("| column of `kubectl get` | |");
        Line("|---|---|");
        foreach (Node column in version["additionalPrinterColumns"].Items())
        {
            string wide = column["priority"].Exists ? " (`-o wide`)" : "";
            string description = column["description"].Exists ? Cell(column["description"].Text) : "";
            Line($"| {column["name"].Text.ToUpperInvariant()} | {description}{wide} |");
        }

        Rules(schema, "metadata");
        foreach (string part in new[] { "spec", "status" })
        {
            Line("");
            Line($"### {names["kind"].Text}.{part}");
            Line("");
            Line(schema["properties"][part]["description"].Text);
            Line("");
            Line("| field | type | default | what it is, and what is allowed |");
            Line("|---|---|---|---|");
            Fields(schema["properties"][part], "");
        }

        Line("");
    }

    private void Rules(Node schema, string of)
    {
        string messages = Messages(schema);
        if (messages.Length == 0)
            return;
        Line("");
        Line($"Of `{of}`: {messages}");
    }

    private void Fields(Node schema, string path)
    {
        HashSet<string> required = [.. schema["required"].Items().Select(i => i.Text)];
        foreach ((string name, Node field) in schema["properties"].Entries())
        {
            bool isList = field["type"].Text == "array";
            Node element = isList ? field["items"] : field;
            string full = path + name + (isList ? "[]" : "");
            string mandatory = required.Contains(name) ? ", required" : "";
            string described = field["description"].Exists ? Cell(field["description"].Text) : "";
            Line($"| `{full}` | {TypeOf(field)}{mandatory} | {Default(field)} | {Join(described, Limits(field), Messages(field), isList ? Limits(element) : "", isList ? Messages(element) : "")} |");
            Fields(element, full + ".");
        }
    }

    private static string TypeOf(Node field) => field["type"].Text switch
    {
        "array" => $"{TypeOf(field["items"])} list",
        "object" when field["additionalProperties"].Exists => "map",
        var type when field["format"].Exists && type == "string" => field["format"].Text,
        var type => type,
    };

    // What the default of an object fills in stands at its fields.
    private static string Default(Node field) => field["default"] is { Exists: true, IsScalar: true } value
        ? $"`{(value.Text.Length > 0 ? value.Text : "\"\"")}`" : "";

    private static string Limits(Node field)
    {
        List<string> limits = [];
        if (field["enum"].Exists)
            limits.Add("One of " + string.Join(", ", field["enum"].Items().Select(i => $"`{i.Text}`")) + ".");
        if (field["minimum"].Exists || field["maximum"].Exists)
            limits.Add($"{Text(field["minimum"], "…")} to {Text(field["maximum"], "…")}.");
        if (field["maxItems"].Exists)
            limits.Add($"{Text(field["minItems"], "0")} to {field["maxItems"].Text} of them.");
        return string.Join(' ', limits);
    }

    private static string Text(Node node, string otherwise) => node.Exists ? node.Text : otherwise;

    private static string Messages(Node schema) => string.Join(' ', schema["x-kubernetes-validations"].Items()
        .Where(rule => rule["message"].Exists)
        .Select(rule => rule["fieldPath"].Exists
            ? $"`{rule["fieldPath"].Text[1..]}` {Sentence(Cell(rule["message"].Text), isWhole: false)}"
            : Sentence(Cell(rule["message"].Text), isWhole: true)));

    private static string Sentence(string message, bool isWhole) =>
        (isWhole ? char.ToUpperInvariant(message[0]) + message[1..] : message) + (message.EndsWith('.') ? "" : ".");

    private static string Join(params string[] parts) => string.Join(' ', parts.Where(p => p.Length > 0));

    private static string Cell(string text) =>
        text.Replace("|", "\\|", StringComparison.Ordinal).Replace("\n", " ", StringComparison.Ordinal).Trim();

    private void Line(string line) => _text.Append(line).Append('\n');

    /// <summary>A place in a YAML document, which may not be there.</summary>
    private readonly record struct Node(object? Value)
    {
        public bool Exists => Value is not null;

        public bool IsScalar => Value is string;

        public string Text => Convert.ToString(Value, CultureInfo.InvariantCulture) ?? "";

        public Node this[string key] =>
            new(Value is Dictionary<object, object> map ? map.GetValueOrDefault(key) : null);

        public IEnumerable<Node> Items() => Value is List<object> list ? list.Select(item => new Node(item)) : [];

        public IEnumerable<(string Name, Node Value)> Entries() =>
            Value is Dictionary<object, object> map ? map.Select(e => ((string)e.Key, new Node(e.Value))) : [];
    }
}
