using System.Globalization;
using System.Text.Json.Nodes;
using VipOperator.Lab.ApiServer.Documents;
using VipOperator.Lab.ApiServer.Errors;
using VipOperator.Lab.ApiServer.Resources;

namespace VipOperator.Lab.ApiServer.Selectors;

/// <summary>A label selector in its query form: <c>a=b,c!=d,e in (f,g),h,!i,j>1</c>.</summary>
internal sealed class LabelSelector
{
    private readonly IReadOnlyList<Requirement> _requirements;

    private LabelSelector(IReadOnlyList<Requirement> requirements) => _requirements = requirements;

    public static LabelSelector Everything { get; } = new([]);

    public bool IsEverything => _requirements.Count == 0;

    /// <exception cref="ApiException">400: not a selector.</exception>
    public static LabelSelector Parse(string text)
    {
        if (string.IsNullOrWhiteSpace(text)) return Everything;
        Reader reader = new(text);
        List<Requirement> requirements = [];
        do requirements.Add(reader.ReadRequirement());
        while (reader.TryTake(","));
        reader.ExpectEnd();
        return new LabelSelector(requirements);
    }

    /// <summary>
    /// From its object form: <c>matchLabels</c> and <c>matchExpressions</c>. Without either it selects everything.
    /// </summary>
    public static LabelSelector FromObject(JsonNode? selector)
    {
        List<Requirement> requirements = [.. (selector.Map("matchLabels") ?? [])
            .Select(l => new Requirement(l.Key, "in", new HashSet<string> { l.Value.AsText() ?? "" }))];
        foreach (JsonNode? expression in selector.Items("matchExpressions"))
        {
            string operation = expression.Text("operator") switch
            {
                "In" => "in",
                "NotIn" => "notin",
                "Exists" => "exists",
                _ => "absent",
            };
            requirements.Add(
                new Requirement(expression.Text("key"), operation, expression.Texts("values").ToHashSet()));
        }
        return new LabelSelector(requirements);
    }

    public bool Matches(JsonObject document)
    {
        JsonObject? labels = document.Map("metadata", "labels");
        return _requirements.All(r => r.Matches(labels?[r.Key].AsText()));
    }

    private sealed record Requirement(string Key, string Operator, IReadOnlySet<string> Values)
    {
        public bool Matches(string? value) => Operator switch
        {
            "in" => value is not null && Values.Contains(value),
            "notin" => value is null || !Values.Contains(value),
            "exists" => value is not null,
            "absent" => value is null,
            ">" => Compare(value) > 0,
            _ => Compare(value) < 0,
        };

        private int Compare(string? value) =>
            long.TryParse(value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long actual)
                ? actual.CompareTo(long.Parse(Values.First(), CultureInfo.InvariantCulture))
                : 0;
    }

    private sealed class Reader(string text)
    {
        private int _position;

        public Requirement ReadRequirement()
        {
            if (TryTake("!")) return new Requirement(ReadKey(), "absent", new HashSet<string>());
            string key = ReadKey();
            if (TryTake("!=")) return new Requirement(key, "notin", new HashSet<string> { ReadValue() });
            if (TryTake("==") || TryTake("=")) return new Requirement(key, "in", new HashSet<string> { ReadValue() });
            if (TryTake(">")) return new Requirement(key, ">", new HashSet<string> { ReadNumber() });
            if (TryTake("<")) return new Requirement(key, "<", new HashSet<string> { ReadNumber() });
            if (TryTakeWord("in")) return new Requirement(key, "in", ReadSet());
            if (TryTakeWord("notin")) return new Requirement(key, "notin", ReadSet());
            return new Requirement(key, "exists", new HashSet<string>());
        }

        public bool TryTake(string token)
        {
            SkipSpace();
            if (string.CompareOrdinal(text, _position, token, 0, token.Length) != 0) return false;
            _position += token.Length;
            return true;
        }

        public void ExpectEnd()
        {
            SkipSpace();
            if (_position < text.Length)
                throw Unparsable($"found '{text[_position..]}', expected: ',' or 'end of string'");
        }

        private bool TryTakeWord(string word)
        {
            SkipSpace();
            int end = _position + word.Length;
            bool isWord = string.CompareOrdinal(text, _position, word, 0, word.Length) == 0
                && (end == text.Length || text[end] is ' ' or '(');
            if (isWord) _position = end;
            return isWord;
        }

        private string ReadKey()
        {
            string key = ReadWord();
            if (key.Length == 0)
                throw Unparsable("found '" + Rest() + "', expected: !, identifier, or 'end of string'");
            return Names.LabelKeyProblem(key) is { } problem
                ? throw Unparsable($"key: Invalid value: {JsonText.Quote(key)}: {problem}")
                : key;
        }

        private string ReadValue()
        {
            string value = ReadWord();
            return Names.LabelValueProblem(value) is { } problem
                ? throw Unparsable($"values[0][{value}]: Invalid value: {JsonText.Quote(value)}: {problem}")
                : value;
        }

        private string ReadNumber()
        {
            string value = ReadWord();
            return long.TryParse(value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out _)
                ? value
                : throw Unparsable(
                    $"values[0]: Invalid value: {JsonText.Quote(value)}: for 'Gt', 'Lt' operators, the value "
                    + $"must be an integer");
        }

        private HashSet<string> ReadSet()
        {
            if (!TryTake("(")) throw Unparsable($"found '{Rest()}', expected: '('");
            HashSet<string> values = new(StringComparer.Ordinal);
            do values.Add(ReadValue());
            while (TryTake(","));
            return TryTake(")") ? values : throw Unparsable($"found '{Rest()}', expected: ',', or ')'");
        }

        private string ReadWord()
        {
            SkipSpace();
            int start = _position;
            while (_position < text.Length
                && text[_position] is not (' ' or ',' or '=' or '!' or '(' or ')' or '<' or '>'))
                _position++;
            return text[start.._position];
        }

        private string Rest() => _position < text.Length ? text[_position..] : "";

        private void SkipSpace()
        {
            while (_position < text.Length && text[_position] == ' ') _position++;
        }

        private static ApiException Unparsable(string why) =>
            ApiErrors.BadRequest($"unable to parse requirement: {why}");
    }
}
