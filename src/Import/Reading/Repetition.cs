using System.Globalization;

namespace VipOperator.Import;

/// <summary>
/// A line that is read once for each set of values: ~SEQ(NAME, FIRST, STEP, LAST) and ~LST(NAMES, VALUES…).
/// </summary>
internal sealed class Repetition
{
    /// <summary>A number is read up to this often; a file of more has a slip in it.</summary>
    private const int MostTimes = 65536;

    private readonly string[] _names;
    private readonly List<string[]> _values;
    private readonly string _text;
    private int _next;

    private Repetition(string[] names, List<string[]> values, string text) =>
        (_names, _values, _text) = (names, values, text);

    public bool IsAtEnd => _next == _values.Count;

    /// <summary>Whether the line begins one, right or wrong.</summary>
    public static bool IsOne(string line) =>
        line.StartsWith("~SEQ", StringComparison.Ordinal) || line.StartsWith("~LST", StringComparison.Ordinal);

    /// <param name="line">A line of which <see cref="IsOne"/> is true.</param>
    /// <param name="definitions">What its limits may be made of.</param>
    /// <returns>null: it is wrong.</returns>
    public static Repetition? Parse(string line, Definitions definitions) =>
        line[1] == 'S' ? ParseSequence(line, definitions) : ParseList(line);

    /// <summary>Defines the names anew, and gives the text.</summary>
    public string Next(Definitions definitions)
    {
        for (int i = 0; i < _names.Length; i++)
            definitions.Set(_names[i], _values[_next].ElementAtOrDefault(i) ?? "");
        _next++;
        return _text;
    }

    private static Repetition? ParseSequence(string line, Definitions definitions)
    {
        bool hex = line.Length > 4 && line[4] == 'x';
        string body = line[(hex ? 5 : 4)..].TrimStart(' ', '\t');
        int close = body.IndexOf(')', StringComparison.Ordinal);
        int comma = body.IndexOf(',', StringComparison.Ordinal);
        if (!body.StartsWith('(') || close < 0 || comma < 0 || comma > close)
            return null;
        string name = body[1..comma].Trim(' ', '\t');
        string limits = body[(comma + 1)..close];
        // As keepalived, the closing parenthesis is what ends a name there.
        limits = (definitions.Replace(limits + ")", out _, out _) ?? (limits + ")"))[..^1];
        List<long> numbers = [];
        foreach (string part in limits.Split(','))
        {
            if (!TryParseNumber(part.Trim(' ', '\t'), out long number))
                return null;
            numbers.Add(number);
        }

        if (!Definitions.IsName(name) || numbers.Count > 3)
            return null;
        long first = numbers.Count == 1 ? (numbers[0] < 0 ? -1 : 1) : numbers[0];
        long last = numbers[^1];
        long step = numbers.Count == 3 ? numbers[1] : first <= last ? 1 : -1;
        if (step == 0 || (first < last && step < 0) || (first > last && step > 0) || (hex && (first < 0 || last < 0))
            || Math.Abs(last - first) / Math.Abs(step) >= MostTimes)
        {
            return null;
        }

        List<string[]> values = [];
        for (long i = first; step > 0 ? i <= last : i >= last; i += step)
            values.Add([i.ToString(hex ? "x" : "d", CultureInfo.InvariantCulture)]);
        return new Repetition([name], values, body[(close + 1)..].TrimStart(' ', '\t'));
    }

    // ~LST(NAME, a, b, c) or ~LST({A, B}, {1, 2}, {3, 4}); what is missing at the end of a set is empty.
    private static Repetition? ParseList(string line)
    {
        string body = line[4..].TrimStart(' ', '\t');
        int close = body.IndexOf(')', StringComparison.Ordinal);
        if (!body.StartsWith('(') || close < 0)
            return null;
        List<string[]> sets = [];
        string rest = body[1..close].Trim(' ', '\t');
        while (rest.Length > 0)
        {
            bool braces = rest[0] == '{';
            int end = braces
                ? rest.IndexOf('}', StringComparison.Ordinal)
                : rest.IndexOf(',', StringComparison.Ordinal);
            if (braces && end < 0)
                return null;
            if (!braces && end < 0)
                end = rest.Length;
            sets.Add([.. rest[(braces ? 1 : 0)..end].Split(',').Select(v => v.Trim(' ', '\t'))]);
            rest = rest[(braces ? end + 1 : end)..].TrimStart(' ', '\t');
            if (rest.Length > 0 && rest[0] != ',')
                return null;
            rest = rest.TrimStart(',').TrimStart(' ', '\t');
        }

        return sets.Count < 2 || !sets[0].All(n => Definitions.IsName(n))
            || sets.Skip(1).Any(s => s.Length > sets[0].Length)
            ? null
            : new Repetition(sets[0], sets[1..], body[(close + 1)..].TrimStart(' ', '\t'));
    }

    // As C reads a number: 0x is hexadecimal.
    private static bool TryParseNumber(string text, out long number) =>
        text.StartsWith("0x", StringComparison.OrdinalIgnoreCase)
            ? long.TryParse(text.AsSpan(2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out number)
            : long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out number);
}
