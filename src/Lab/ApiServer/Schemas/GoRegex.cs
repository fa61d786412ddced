using System.Text;

namespace VipOperator.Lab.ApiServer.Schemas;

/// <summary>The few places where Go's regular expressions (RE2) are written or read differently from .NET's.</summary>
internal static class GoRegex
{
    private static readonly (string Go, string Net)[] Classes =
    [
        ("[:alnum:]", "0-9A-Za-z"), ("[:alpha:]", "A-Za-z"), ("[:digit:]", "0-9"), ("[:lower:]", "a-z"),
        ("[:upper:]", "A-Z"), ("[:xdigit:]", "0-9A-Fa-f"), ("[:space:]", @"\t\n\v\f\r "), ("[:word:]", "0-9A-Za-z_"),
    ];

    public static string Translate(string pattern)
    {
        foreach ((string go, string net) in Classes) pattern = pattern.Replace(go, net, StringComparison.Ordinal);
        pattern = pattern.Replace("(?P<", "(?<", StringComparison.Ordinal);
        StringBuilder result = new(pattern.Length + 8);
        bool inClass = false;
        for (int i = 0; i < pattern.Length; i++)
        {
            char c = pattern[i];
            if (c == '\\' && i + 1 < pattern.Length)
            {
                result.Append(Escape(pattern[++i], inClass));
                continue;
            }
            if (c == '[' && !inClass) inClass = true;
            else if (c == ']' && inClass) inClass = false;
            // Go's `$` is the very end of the text; .NET's also stands before a last line feed.
            result.Append(c == '$' && !inClass ? @"\z" : c);
        }
        return result.ToString();
    }

    /// <summary>Go's perl classes are ASCII.</summary>
    private static string Escape(char c, bool inClass) => c switch
    {
        'd' => inClass ? "0-9" : "[0-9]",
        'w' => inClass ? "0-9A-Za-z_" : "[0-9A-Za-z_]",
        's' => inClass ? @"\t\n\f\r " : @"[\t\n\f\r ]",
        'D' when !inClass => "[^0-9]",
        'W' when !inClass => "[^0-9A-Za-z_]",
        'S' when !inClass => @"[^\t\n\f\r ]",
        _ => $"\\{c}",
    };
}
