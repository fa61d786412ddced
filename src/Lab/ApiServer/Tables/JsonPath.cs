using System.Globalization;
using System.Text.Json.Nodes;
using VipOperator.Lab.ApiServer.Documents;
using Step = System.Func<
    System.Collections.Generic.IEnumerable<System.Text.Json.Nodes.JsonNode?>,
    System.Collections.Generic.IEnumerable<System.Text.Json.Nodes.JsonNode?>>;

namespace VipOperator.Lab.ApiServer.Tables;

/// <summary>
/// The JSONPath of printer columns: <c>.a.b</c>, <c>['a']</c>, <c>[0]</c>, <c>[-1]</c>, <c>[*]</c>, <c>[1:3]</c>,
/// <c>..a</c> and filters <c>[?(@.type=="Ready")]</c> with == != &lt; &lt;= &gt; &gt;=.
/// </summary>
internal sealed class JsonPath
{
    private static readonly string[] Operators = ["==", "!=", "<=", ">=", "<", ">"];

    private readonly IReadOnlyList<Step> _steps;

    private JsonPath(IReadOnlyList<Step> steps) => _steps = steps;

    /// <exception cref="FormatException">The text is not such a path.</exception>
    public static JsonPath Parse(string text)
    {
        if (!text.StartsWith('.') && !text.StartsWith('[')) throw new FormatException("must start with . or [");
        List<Step> steps = [];
        int i = 0;
        while (i < text.Length)
        {
            if (text[i] == '[') steps.Add(ParseBracket(text, ref i));
            else if (text[i] == '.') steps.AddRange(ParseDot(text, ref i));
            else throw new FormatException($"unexpected character '{text[i]}'");
        }
        return new JsonPath(steps);
    }

    /// <summary>What the path leads to; nothing where the document has no such field.</summary>
    public IEnumerable<JsonNode?> Find(JsonNode? document) =>
        _steps.Aggregate((IEnumerable<JsonNode?>)[document], (nodes, step) => step(nodes));

    private static List<Step> ParseDot(string text, ref int i)
    {
        List<Step> steps = [];
        i++;
        if (i < text.Length && text[i] == '.')
        {
            i++;
            steps.Add(nodes => nodes.SelectMany(Descendants));
        }
        int start = i;
        System.Text.StringBuilder name = new();
        while (i < text.Length && text[i] is not ('.' or '['))
        {
            // A dot within a key is escaped: .metadata.labels.a\.b
            if (text[i] == '\\' && i + 1 < text.Length) i++;
            name.Append(text[i++]);
        }
        if (i == start) return i < text.Length ? steps : throw new FormatException("unexpected end of path");
        string key = name.ToString();
        steps.Add(key == "*" ? nodes => nodes.SelectMany(Children) : nodes => Named(nodes, key));
        return steps;
    }

    private static Step ParseBracket(string text, ref int i)
    {
        int end = ClosingBracket(text, i);
        string inner = text[(i + 1)..end].Trim();
        i = end + 1;
        if (inner == "*") return nodes => nodes.SelectMany(Children);
        if (inner.StartsWith('\'') || inner.StartsWith('"'))
        {
            string key = inner.Trim('\'', '"');
            return nodes => Named(nodes, key);
        }
        if (inner.StartsWith("?(", StringComparison.Ordinal) && inner.EndsWith(')')) return ParseFilter(inner[2..^1]);
        string[] bounds = inner.Split(':');
        if (bounds.Length > 1)
        {
            int? from = Bound(bounds[0]), to = Bound(bounds[1]);
            return nodes => nodes.OfType<JsonArray>().SelectMany(a => Slice(a, from, to));
        }
        int index = Bound(inner) ?? throw new FormatException("empty index");
        return nodes => nodes.OfType<JsonArray>().SelectMany(a =>
        {
            int at = index < 0 ? a.Count + index : index;
            return at >= 0 && at < a.Count ? [a[at]] : Array.Empty<JsonNode?>();
        });
    }

    private static Step ParseFilter(string expression)
    {
        string? found = Operators.FirstOrDefault(o => expression.Contains(o, StringComparison.Ordinal));
        if (found is null)
        {
            JsonPath exists = Operand(expression);
            return nodes => nodes.SelectMany(Children).Where(n => exists.Find(n).Any());
        }
        int at = expression.IndexOf(found, StringComparison.Ordinal);
        JsonPath left = Operand(expression[..at].Trim());
        string right = expression[(at + found.Length)..].Trim();
        JsonNode? wanted = right.StartsWith('\'') || right.StartsWith('"')
            ? JsonValue.Create(right[1..^1])
            : JsonDocumentReader.Read(right);
        return nodes => nodes.SelectMany(Children).Where(n => left.Find(n).Any(v => Holds(v, found, wanted)));
    }

    private static JsonPath Operand(string text) =>
        text.StartsWith('@') ? Parse(text[1..]) : throw new FormatException("a filter must start with @");

    private static bool Holds(JsonNode? left, string operation, JsonNode? right)
    {
        if (operation == "==") return JsonNode.DeepEquals(left, right);
        if (operation == "!=") return !JsonNode.DeepEquals(left, right);
        int order = left.TryNumber(out double a) && right.TryNumber(out double b)
            ? a.CompareTo(b)
            : string.CompareOrdinal(left.AsText(), right.AsText());
        return operation switch { "<" => order < 0, "<=" => order <= 0, ">" => order > 0, _ => order >= 0 };
    }

    private static int ClosingBracket(string text, int open)
    {
        char quote = '\0';
        int depth = 0;
        for (int i = open; i < text.Length; i++)
        {
            char c = text[i];
            if (quote != '\0') quote = c == quote ? '\0' : quote;
            else if (c is '\'' or '"') quote = c;
            else if (c == '[') depth++;
            else if (c == ']' && --depth == 0) return i;
        }
        throw new FormatException("unterminated array");
    }

    private static int? Bound(string text) => text.Length == 0 ? null
        : int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out int value) ? value
        : throw new FormatException($"invalid array index {text}");

    private static IEnumerable<JsonNode?> Slice(JsonArray array, int? from, int? to)
    {
        int first = from switch { null => 0, < 0 => Math.Max(0, array.Count + from.Value), _ => from.Value };
        int end =
            to switch { null => array.Count, < 0 => array.Count + to.Value, _ => Math.Min(to.Value, array.Count) };
        for (int i = first; i < end; i++) yield return array[i];
    }

    private static IEnumerable<JsonNode?> Named(IEnumerable<JsonNode?> nodes, string key) =>
        nodes.OfType<JsonObject>().Where(o => o.ContainsKey(key)).Select(o => o[key]);

    private static IEnumerable<JsonNode?> Children(JsonNode? node) => node switch
    {
        JsonArray a => a,
        JsonObject o => o.Select(p => p.Value),
        _ => [],
    };

    private static IEnumerable<JsonNode?> Descendants(JsonNode? node) =>
        [node, .. Children(node).SelectMany(Descendants)];
}
