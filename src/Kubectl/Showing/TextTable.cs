using System.Text;

namespace VipOperator.Kubectl.Showing;

/// <summary>Columns that line up.</summary>
internal static class TextTable
{
    /// <param name="indent">Before each row.</param>
    /// <param name="rows">Of the same length; the first is the head.</param>
    public static void Append(StringBuilder text, string indent, IReadOnlyList<string[]> rows)
    {
        int[] widths = [.. Enumerable.Range(0, rows[0].Length).Select(i => rows.Max(r => r[i].Length))];
        foreach (string[] row in rows)
            text.Append((indent + string.Join("  ", row.Select((cell, i) => cell.PadRight(widths[i])))).TrimEnd())
            .Append('\n');
    }
}
