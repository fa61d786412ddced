using System.Globalization;
using System.Text;

namespace VipOperator.Import;

/// <summary>
/// Names of Kubernetes objects: at most 63 lower-case letters, digits and '-', the form of a label's value too.
/// </summary>
internal sealed class ObjectNames
{
    private const int Longest = 63;

    private readonly HashSet<string> _taken = new(StringComparer.Ordinal);

    /// <summary>VI_1 becomes vi-1; what has no letter or digit becomes empty.</summary>
    public static string Of(string text)
    {
        StringBuilder name = new();
        foreach (char c in text.ToLowerInvariant())
        {
            bool isPlain = char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c);
            if (isPlain)
                name.Append(c);
            else if (name.Length > 0 && name[^1] != '-')
                name.Append('-');
        }

        return (name.Length > Longest ? name.ToString(0, Longest) : name.ToString()).Trim('-');
    }

    /// <summary>The name, with a number if it is taken.</summary>
    public string Take(string text)
    {
        string wanted = Of(text) is { Length: > 0 } name ? name : "vip";
        string taken = wanted;
        for (int i = 2; !_taken.Add(taken); i++)
        {
            string number = string.Create(CultureInfo.InvariantCulture, $"-{i}");
            taken = wanted[..Math.Min(wanted.Length, Longest - number.Length)] + number;
        }

        return taken;
    }
}
