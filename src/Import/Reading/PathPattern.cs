namespace VipOperator.Import;

/// <summary>A path with wildcards, as glob(7) has them, and with braces, as a shell has them.</summary>
internal static class PathPattern
{
    public static bool HasWildcard(string path) => path.AsSpan().IndexOfAny("*?[{") >= 0;

    /// <summary>The files that match, each pattern's in the order of their names.</summary>
    public static List<string> Expand(string path, IConfigurationFiles files)
    {
        List<string> found = [];
        foreach (string pattern in ExpandBraces(path))
        {
            if (!HasWildcard(pattern))
            {
                found.Add(pattern);
                continue;
            }

            string[] parts = pattern.Split('/', StringSplitOptions.RemoveEmptyEntries);
            Descend(pattern.StartsWith('/') ? "/" : "", parts, 0, files, found);
        }

        return found;
    }

    /// <summary>"{a,b}c" is "ac" and "bc"; braces may be nested.</summary>
    internal static IEnumerable<string> ExpandBraces(string pattern)
    {
        int open = pattern.IndexOf('{', StringComparison.Ordinal);
        if (open < 0)
            return [pattern];
        List<int> cuts = [open];
        int depth = 0;
        int at = open;
        for (; at < pattern.Length; at++)
        {
            if (pattern[at] == '{')
                depth++;
            else if (pattern[at] == ',' && depth == 1)
                cuts.Add(at);
            else if (pattern[at] == '}' && --depth == 0)
                break;
        }

        if (at == pattern.Length)
            return [pattern];
        cuts.Add(at);
        return Enumerable.Range(0, cuts.Count - 1).SelectMany(i =>
            ExpandBraces(pattern[..open] + pattern[(cuts[i] + 1)..cuts[i + 1]] + pattern[(at + 1)..]));
    }

    /// <summary>One name against one part of a pattern.</summary>
    internal static bool Matches(ReadOnlySpan<char> name, ReadOnlySpan<char> pattern)
    {
        while (!pattern.IsEmpty)
        {
            if (pattern[0] == '*')
            {
                for (int i = 0; i <= name.Length; i++)
                {
                    if (Matches(name[i..], pattern[1..]))
                        return true;
                }

                return false;
            }

            if (name.IsEmpty)
                return false;
            int length = 1;
            bool matches = pattern[0] switch
            {
                '?' => true,
                '[' => MatchesSet(name[0], pattern, out length),
                '\\' when pattern.Length > 1 => name[0] == pattern[length++],
                char c => name[0] == c,
            };
            if (!matches)
                return false;
            name = name[1..];
            pattern = pattern[length..];
        }

        return name.IsEmpty;
    }

    private static void Descend(string folder, string[] parts, int index, IConfigurationFiles files, List<string> found)
    {
        bool last = index == parts.Length - 1;
        if (!HasWildcard(parts[index]) && !last)
        {
            Descend($"{folder}{parts[index]}/", parts, index + 1, files, found);
            return;
        }

        // A name that begins with a dot is matched by a dot alone.
        IEnumerable<string> names = files.List(folder.Length == 0 ? "." : folder)
            .Where(n => n.StartsWith('.') == parts[index].StartsWith('.'))
            .Where(n => Matches(n.TrimEnd('/'), parts[index]))
            .Order(StringComparer.Ordinal);
        foreach (string name in names)
        {
            if (last && !name.EndsWith('/'))
                found.Add(folder + name);
            else if (!last && name.EndsWith('/'))
                Descend(folder + name, parts, index + 1, files, found);
        }
    }

    // [abc], [a-z], [!abc]; a set without end is a bracket.
    private static bool MatchesSet(char c, ReadOnlySpan<char> pattern, out int length)
    {
        length = 1;
        bool negated = pattern.Length > 1 && pattern[1] is '!' or '^';
        int first = negated ? 2 : 1;
        int end = first < pattern.Length ? pattern[(first + 1)..].IndexOf(']') : -1;
        if (end < 0)
            return c == '[';
        end += first + 1;
        length = end + 1;
        bool within = false;
        for (int i = first; i < end; i++)
        {
            if (i + 2 < end && pattern[i + 1] == '-')
            {
                within |= c >= pattern[i] && c <= pattern[i + 2];
                i += 2;
            }
            else
            {
                within |= c == pattern[i];
            }
        }

        return within != negated;
    }
}
