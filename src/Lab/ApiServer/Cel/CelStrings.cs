using System.Text;
using System.Text.RegularExpressions;
using VipOperator.Lab.ApiServer.Schemas;
using static VipOperator.Lab.ApiServer.Cel.CelLibrary;
using T = VipOperator.Lab.ApiServer.Cel.CelType;

namespace VipOperator.Lab.ApiServer.Cel;

/// <summary>Strings and regular expressions. Positions count code points.</summary>
internal static class CelStrings
{
    public static readonly CelOverload[] All =
    [
        Member("startsWith", [T.String, T.String], T.Bool, a => Text(a, 0)
            .StartsWith(Text(a, 1), StringComparison.Ordinal)),
        Member(
            "endsWith", [T.String, T.String], T.Bool, a => Text(a, 0).EndsWith(Text(a, 1), StringComparison.Ordinal)),
        Member(
            "contains", [T.String, T.String], T.Bool, a => Text(a, 0).Contains(Text(a, 1), StringComparison.Ordinal)),
        Member("matches", [T.String, T.String], T.Bool, a => Pattern(Text(a, 1)).IsMatch(Text(a, 0))),
        Function("matches", [T.String, T.String], T.Bool, a => Pattern(Text(a, 1)).IsMatch(Text(a, 0))),
        Member("find", [T.String, T.String], T.String, a => Pattern(Text(a, 1)).Match(Text(a, 0)).Value),
        Member("findAll", [T.String, T.String], T.ListOf(T.String), a => FindAll(a, -1)),
        Member("findAll", [T.String, T.String, T.Int], T.ListOf(T.String), a => FindAll(a, (long)a[2]!)),
        Member("charAt", [T.String, T.Int], T.String, a => CharAt(Text(a, 0), (long)a[1]!)),
        Member("indexOf", [T.String, T.String], T.Int, a => IndexOf(Text(a, 0), Text(a, 1), 0)),
        Member("indexOf", [T.String, T.String, T.Int], T.Int, a => IndexOf(Text(a, 0), Text(a, 1), (long)a[2]!)),
        Member("lastIndexOf", [T.String, T.String], T.Int, a => LastIndexOf(Text(a, 0), Text(a, 1), long.MaxValue)),
        Member(
            "lastIndexOf", [T.String, T.String, T.Int], T.Int, a => LastIndexOf(Text(a, 0), Text(a, 1), (long)a[2]!)),
        Member("lowerAscii", [T.String], T.String, a => Map(
            Text(a, 0), c => char.IsAsciiLetterUpper(c) ? (char)(c | 0x20) : c)),
        Member("upperAscii", [T.String], T.String, a => Map(
            Text(a, 0), c => char.IsAsciiLetterLower(c) ? (char)(c & ~0x20) : c)),
        Member("trim", [T.String], T.String, a => Text(a, 0).Trim()),
        Member("reverse", [T.String], T.String, a => string.Concat(Text(a, 0).EnumerateRunes().Reverse())),
        Member(
            "replace", [T.String, T.String, T.String], T.String, a => Replace(Text(a, 0), Text(a, 1), Text(a, 2), -1)),
        Member("replace", [T.String, T.String, T.String, T.Int], T.String,
            a => Replace(Text(a, 0), Text(a, 1), Text(a, 2), (long)a[3]!)),
        Member("split", [T.String, T.String], T.ListOf(T.String), a => Split(Text(a, 0), Text(a, 1), -1)),
        Member(
            "split", [T.String, T.String, T.Int], T.ListOf(T.String), a => Split(Text(a, 0), Text(a, 1), (long)a[2]!)),
        Member("substring", [T.String, T.Int], T.String, a => Substring(Text(a, 0), (long)a[1]!, null)),
        Member("substring", [T.String, T.Int, T.Int], T.String, a => Substring(Text(a, 0), (long)a[1]!, (long)a[2]!)),
        Member("join", [T.ListOf(T.String)], T.String, a => Join(a, "")),
        Member("join", [T.ListOf(T.String), T.String], T.String, a => Join(a, Text(a, 1))),
        Function("strings.quote", [T.String], T.String, a => Documents.JsonText.Quote(Text(a, 0))),
        Member("format", [T.String, T.ListOf(T.Dyn)], T.String, a => CelFormat.Format(Text(a, 0), (CelList)a[1]!)),
    ];

    /// <exception cref="CelRuntimeException">Not a regular expression.</exception>
    public static Regex Pattern(string pattern)
    {
        try
        {
            return SchemaReader.ReadPattern(pattern);
        }
        catch (Exception e) when (e is ArgumentException or NotSupportedException)
        {
            throw new CelRuntimeException($"error parsing regexp: {e.Message}");
        }
    }

    private static string Text(object?[] values, int index) => (string)values[index]!;

    private static Rune[] Runes(string text) => [.. text.EnumerateRunes()];

    private static CelList FindAll(object?[] a, long limit)
    {
        IEnumerable<object?> found = Pattern(Text(a, 1)).Matches(Text(a, 0)).Select(m => (object?)m.Value);
        return new CelList([.. limit < 0 ? found : found.Take((int)limit)]);
    }

    private static string CharAt(string text, long index)
    {
        Rune[] runes = Runes(text);
        if (index < 0 || index > runes.Length) throw new CelRuntimeException($"index out of range: {index}");
        return index == runes.Length ? "" : runes[index].ToString();
    }

    private static long IndexOf(string text, string part, long from)
    {
        Rune[] runes = Runes(text), wanted = Runes(part);
        if (from < 0) throw new CelRuntimeException($"index out of range: {from}");
        for (long i = from; i + wanted.Length <= runes.Length; i++)
            if (runes.AsSpan((int)i, wanted.Length).SequenceEqual(wanted))
                return i;
        return -1;
    }

    private static long LastIndexOf(string text, string part, long from)
    {
        Rune[] runes = Runes(text), wanted = Runes(part);
        if (from < 0) throw new CelRuntimeException($"index out of range: {from}");
        for (long i = Math.Min(from, runes.Length - wanted.Length); i >= 0; i--)
            if (runes.AsSpan((int)i, wanted.Length).SequenceEqual(wanted))
                return i;
        return -1;
    }

    private static string Replace(string text, string old, string replacement, long limit)
    {
        if (limit < 0) return old.Length > 0 ? text.Replace(old, replacement, StringComparison.Ordinal) : text;
        StringBuilder result = new();
        int position = 0;
        for (long i = 0; i < limit; i++)
        {
            int found = text.IndexOf(old, position, StringComparison.Ordinal);
            if (found < 0) break;
            result.Append(text, position, found - position).Append(replacement);
            position = found + old.Length;
        }
        return result.Append(text, position, text.Length - position).ToString();
    }

    private static CelList Split(string text, string separator, long limit)
    {
        if (limit == 0) return new CelList([]);
        IEnumerable<string> parts = separator.Length == 0
            ? text.EnumerateRunes().Select(r => r.ToString())
            : limit < 0 ? text.Split(separator) : text.Split(separator, (int)limit);
        return new CelList([.. parts]);
    }

    private static string Substring(string text, long start, long? end)
    {
        Rune[] runes = Runes(text);
        long last = end ?? runes.Length;
        if (start < 0 || start > runes.Length) throw new CelRuntimeException($"index out of range: {start}");
        if (last < 0 || last > runes.Length) throw new CelRuntimeException($"index out of range: {last}");
        if (start > last) throw new CelRuntimeException($"invalid substring range. start: {start}, end: {last}");
        return string.Concat(runes[(int)start..(int)last]);
    }

    private static string Join(object?[] a, string separator) => string.Join(
        separator, ((CelList)a[0]!).Items.Select(
            i => i as string ?? throw new CelRuntimeException("join: invalid input")));

    private static string Map(string text, Func<char, char> change) => string.Concat(text.Select(change));
}
