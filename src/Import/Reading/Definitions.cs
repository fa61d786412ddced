using System.Text;

namespace VipOperator.Import;

/// <summary>$NAME=VALUE, and where it is used: $NAME before a blank, a comma or the end, ${NAME} anywhere.</summary>
internal sealed class Definitions
{
    /// <summary>More replacements than this in one line never end.</summary>
    private const int MostReplacements = 1000;

    private readonly Dictionary<string, string[]> _values = new(StringComparer.Ordinal)
    {
        ["_HASH"] = ["#"],
        ["_BANG"] = ["!"],
    };

    /// <summary>Those that keepalived fills in when it runs; nothing of that is known here.</summary>
    private static readonly string[] KnownWhileRunning = ["_INSTANCE", "_RANDOM", "_ENV"];

    public static bool IsName(ReadOnlySpan<char> text) =>
        !text.IsEmpty && !char.IsAsciiDigit(text[0]) && text.IndexOfAnyExcept(NameCharacters) < 0;

    private static readonly System.Buffers.SearchValues<char> NameCharacters =
        System.Buffers.SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_");

    /// <summary>Whether a line is a definition: a '$', a name, and at once a '='.</summary>
    /// <param name="value">What follows the '=', without blanks at its beginning.</param>
    public static bool TryParse(string line, out string name, out string value)
    {
        int equals = line.IndexOf('=', StringComparison.Ordinal);
        if (line.StartsWith('$') && equals > 1 && IsName(line.AsSpan(1, equals - 1)))
        {
            name = line[1..equals];
            value = line[(equals + 1)..].TrimStart(' ', '\t');
            return true;
        }

        name = value = "";
        return false;
    }

    /// <param name="lines">More than one: the value goes over several lines.</param>
    public void Set(string name, params string[] lines) => _values[name] = lines;

    /// <summary>Replaces what is defined, and in what that becomes again.</summary>
    /// <param name="text">The line.</param>
    /// <param name="rest">The other lines, when one of several lines was put in; null: none.</param>
    /// <param name="problem">What is wrong; null: nothing.</param>
    /// <returns>null: nothing was replaced.</returns>
    public string? Replace(string text, out List<string[]>? rest, out string? problem)
    {
        rest = null;
        problem = null;
        StringBuilder? line = null;
        int at = 0;
        for (int count = 0; ; count++)
        {
            string current = line?.ToString() ?? text;
            int dollar = at < current.Length ? current.IndexOf('$', at) : -1;
            if (dollar < 0 || dollar + 1 == current.Length)
                return line?.ToString();
            if (count == MostReplacements)
            {
                problem = "a definition contains itself";
                return null;
            }

            at = dollar;
            if (Find(current, dollar, out int length, ref problem) is not { } value)
            {
                at++;
                continue;
            }

            line = new StringBuilder(current[..dollar]).Append(value[0]).Append(current.AsSpan(dollar + length));
            if (value.Length > 1)
                (rest ??= []).Add(value[1..]);
            // The text of a repetition is replaced anew each time that it is used.
            if (value[0].TrimStart(' ', '\t').StartsWith('~'))
                return line.ToString();
        }
    }

    private string[]? Find(string text, int dollar, out int length, ref string? problem)
    {
        length = 0;
        bool braces = text[dollar + 1] == '{';
        int start = dollar + (braces ? 2 : 1);
        int end = start;
        while (end < text.Length && NameCharacters.Contains(text[end]))
            end++;
        string name = text[start..end];
        if (!IsName(name))
            return null;
        if (braces)
        {
            // Those that are filled in while running may have parameters: ${_ENV HOME}.
            int close = text.IndexOf('}', end);
            if (close < 0 || (close > end && !KnownWhileRunning.Contains(name)))
                return null;
            length = close + 1 - dollar;
        }
        else if (end < text.Length && text[end] is not (' ' or '\t' or ',' or ')'))
        {
            return null;
        }
        else
        {
            length = end - dollar;
        }

        if (_values.TryGetValue(name, out string[]? value))
            return value.Length == 1 || dollar + length == text.Length ? value : null;
        if (KnownWhileRunning.Contains(name))
            problem = $"${name} is known to keepalived alone while it runs; write what it stands for";
        return null;
    }
}
