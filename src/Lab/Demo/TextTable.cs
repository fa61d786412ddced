namespace VipOperator.Lab.Demo;

/// <summary>Columns for a terminal: the first to the left, numbers after it to the right.</summary>
internal static class TextTable
{
    private const string Gap = "   ";

    public static IReadOnlyList<string> Format(string[] head, IEnumerable<string[]> rows)
    {
        List<string[]> all = [head, .. rows];
        int[] widths = [.. Enumerable.Range(0, head.Length).Select(column => all.Max(row => row[column].Length))];
        return [.. all.Select(
            row => string.Join(Gap,
                row.Select((cell, i) => i == 0 ? cell.PadRight(widths[i]) : cell.PadLeft(widths[i]))).TrimEnd())];
    }
}
