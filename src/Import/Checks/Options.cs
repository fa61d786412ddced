namespace VipOperator.Import;

/// <summary>Takes a program's words apart as getopt_long(3) does.</summary>
internal static class Options
{
    /// <param name="words">Without the program.</param>
    /// <param name="withValue">Letters of options that a value follows.</param>
    /// <param name="longWithValue">Long ones, without their hyphens, that a value follows.</param>
    /// <returns>
    /// "-s" or "--silent" with its value; null where it has none. What is no option stands under an empty name.
    /// </returns>
    public static List<(string Name, string? Value)> Read(
        IEnumerable<string> words, string withValue, params string[] longWithValue)
    {
        List<(string, string?)> options = [];
        string? waits = null;
        bool areOver = false;
        foreach (string word in words)
        {
            if (waits is not null)
            {
                options.Add((waits, word));
                waits = null;
            }
            else if (areOver || word.Length < 2 || word[0] != '-')
            {
                options.Add(("", word));
            }
            else if (word == "--")
            {
                areOver = true;
            }
            else if (word.StartsWith("--", StringComparison.Ordinal))
            {
                int equals = word.IndexOf('=', StringComparison.Ordinal);
                if (equals > 0)
                    options.Add((word[..equals], word[(equals + 1)..]));
                else if (longWithValue.Contains(word[2..]))
                    waits = word;
                else
                    options.Add((word, null));
            }
            else
            {
                waits = ReadLetters(word, withValue, options);
            }
        }

        if (waits is not null)
            options.Add((waits, null));
        return options;
    }

    // -sSm2: a value follows its letter at once, or is the next word, whose option is returned.
    private static string? ReadLetters(string word, string withValue, List<(string, string?)> options)
    {
        for (int i = 1; i < word.Length; i++)
        {
            string name = $"-{word[i]}";
            if (!withValue.Contains(word[i], StringComparison.Ordinal))
            {
                options.Add((name, null));
                continue;
            }

            if (i + 1 == word.Length)
                return name;
            options.Add((name, word[(i + 1)..]));
            break;
        }

        return null;
    }
}
