using System.Globalization;
using System.Text;

namespace VipOperator.Import;

/// <summary>Takes a line apart in the two ways that keepalived has.</summary>
internal static class Words
{
    public static bool IsBlank(char c) => c is ' ' or '\t' or '\f' or '\n' or '\r' or '\v';

    /// <summary>
    /// As all directives are split: at white space, and at a double quote, which begins or ends a word of its own.
    /// There are no escapes.
    /// </summary>
    /// <param name="text">The line.</param>
    /// <param name="isUnmatched">A quote has no second one; the words before it are all that there are.</param>
    public static List<string> Split(string text, out bool isUnmatched)
    {
        List<string> words = [];
        isUnmatched = false;
        int at = 0;
        while (true)
        {
            while (at < text.Length && IsBlank(text[at]))
                at++;
            if (at == text.Length)
                return words;
            int end;
            if (text[at] == '"')
            {
                end = text.IndexOf('"', at + 1);
                if (end < 0)
                {
                    isUnmatched = true;
                    return words;
                }

                words.Add(text[(at + 1)..end]);
                at = end + 1;
                continue;
            }

            end = at;
            while (end < text.Length && text[end] != '"' && !IsBlank(text[end]))
                end++;
            words.Add(text[at..end]);
            at = end;
        }
    }

    /// <summary>
    /// As commands are split: quotes of both kinds may stand anywhere in a word, and a backslash escapes the next
    /// character as in a shell's $'…'.
    /// </summary>
    /// <param name="text">The line, or the command itself.</param>
    /// <param name="resolves">false: what is escaped is left so, for it is split once more.</param>
    /// <returns>null: a quote or an escape has no end.</returns>
    public static List<string>? SplitCommand(string text, bool resolves)
    {
        List<string> words = [];
        StringBuilder? word = null;
        char quote = '\0';
        for (int at = 0; at < text.Length;)
        {
            char c = text[at];
            if (c == '\\')
            {
                if (at + 1 == text.Length)
                    return null;
                word ??= new StringBuilder();
                if (resolves)
                {
                    at = Escape(text, at + 1, word);
                    continue;
                }

                word.Append(text, at, 2);
                at += 2;
                continue;
            }

            at++;
            if (quote != '\0' ? c == quote : c is '"' or '\'')
            {
                word ??= new StringBuilder();
                quote = quote == '\0' ? c : '\0';
            }
            else if (quote == '\0' && IsBlank(c))
            {
                if (word is not null)
                    words.Add(word.ToString());
                word = null;
            }
            else
            {
                (word ??= new StringBuilder()).Append(c);
            }
        }

        if (quote != '\0')
            return null;
        if (word is not null)
            words.Add(word.ToString());
        return words;
    }

    // \a \b \E \f \n \r \t \v, \nnn (octal), \xXX, \cC; any other character stands for itself.
    private static int Escape(string text, int at, StringBuilder word)
    {
        char c = text[at];
        if (c == 'x' && at + 1 < text.Length && char.IsAsciiHexDigit(text[at + 1]))
        {
            int length = at + 2 < text.Length && char.IsAsciiHexDigit(text[at + 2]) ? 2 : 1;
            word.Append((char)int.Parse(
                text.AsSpan(at + 1, length), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture));
            return at + 1 + length;
        }

        if (c == 'c' && at + 1 < text.Length)
        {
            word.Append((char)(text[at + 1] & 0x1f));
            return at + 2;
        }

        if (c is >= '0' and <= '7')
        {
            int value = 0;
            int end = at;
            while (end < text.Length && end < at + 3 && text[end] is >= '0' and <= '7')
                value = (value * 8) + (text[end++] - '0');
            word.Append((char)(value & 0xff));
            return end;
        }

        word.Append(c switch
        {
            'a' => '\a',
            'b' => '\b',
            'E' => '\x1b',
            'f' => '\f',
            'n' => '\n',
            'r' => '\r',
            't' => '\t',
            'v' => '\v',
            _ => c,
        });
        return at + 1;
    }
}
