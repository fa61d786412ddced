using System.Text.RegularExpressions;

namespace VipOperator.Import;

/// <summary>The statuses that a pattern of grep(1) lets through.</summary>
/// <param name="Least">The lowest.</param>
/// <param name="Most">The highest.</param>
/// <param name="HasGaps">Not all between them.</param>
internal sealed partial record StatusPattern(int Least, int Most, bool HasGaps)
{
    /// <summary>As expectedStatus has it.</summary>
    public string Text => Least == Most
        ? FormattableString.Invariant($"{Least}")
        : FormattableString.Invariant($"{Least}-{Most}");

    /// <param name="pattern">200, ^2.., HTTP/1.1 200 OK, 200|301, [23]..</param>
    /// <param name="isExtended">grep -E or -P: a | alone parts two alternatives.</param>
    /// <returns>null: it is not certain that it speaks of statuses alone.</returns>
    public static StatusPattern? Read(string pattern, bool isExtended)
    {
        string text = isExtended ? pattern : pattern.Replace(@"\|", "|", StringComparison.Ordinal);
        if (!isExtended && pattern.Contains('|', StringComparison.Ordinal) && text == pattern)
            return null;
        if (Whole().Match(text) is not { Success: true } match)
            return null;
        SortedSet<int> statuses = [];
        foreach (string alternative in match.Groups["of"].Value.Split('|'))
        {
            // ^2 is all of 2xx where nothing stands before.
            bool isPrefix = alternative.Length > 0 && !match.Groups["end"].Success
                && (match.Groups["start"].Success || match.Groups["http"].Success);
            if (!AddTo(statuses, alternative, isPrefix))
                return null;
        }

        return statuses.Count == 0
            ? null
            : new StatusPattern(statuses.Min, statuses.Max, statuses.Max - statuses.Min + 1 != statuses.Count);
    }

    private static bool AddTo(SortedSet<int> statuses, string alternative, bool isPrefix)
    {
        List<string> places = [.. Place().Matches(alternative).Select(m => m.Value)];
        if (string.Concat(places) != alternative || places.Count is 0 or > 3 || (places.Count < 3 && !isPrefix))
            return false;
        for (int status = 100; status <= 599; status++)
        {
            string digits = FormattableString.Invariant($"{status}");
            if (places.Select((p, i) => IsAt(p, digits[i])).All(b => b))
                statuses.Add(status);
        }

        return true;
    }

    private static bool IsAt(string place, char digit)
    {
        if (place.Length == 1)
            return place[0] == '.' || place[0] == digit;
        string set = place[1..^1];
        return set.Length == 3 && set[1] == '-' ? digit >= set[0] && digit <= set[2] : set.Contains(digit);
    }

    [GeneratedRegex(
        @"^(?<start>\^)?(?<http>HTTP/\S+ +)? *\\?\(?(?<of>[0-9.|\[\]-]+)\\?\)?( +[A-Z][A-Za-z ]*)?(?<end>\$| )?$")]
    private static partial Regex Whole();

    [GeneratedRegex(@"\[[0-9]-[0-9]\]|\[[0-9]+\]|[0-9]|\.")]
    private static partial Regex Place();
}
