using System.Globalization;

namespace VipOperator.Kubectl.Showing;

/// <summary>What a terminal is told (ECMA-48).</summary>
internal static class Terminal
{
    private const string Home = "\u001b[H";
    private const string ClearToEndOfLine = "\u001b[K";
    private const string ClearBelow = "\u001b[J";

    // Below it a page is of no use, or the terminal does not know its size.
    private const int NarrowestWidth = 20, LowestHeight = 4;

    /// <summary>
    /// The page in place of what was there; without clearing it all first, which would flicker. Lines are folded, and
    /// what does not fit is left out and said to be: a page that scrolled would leave its upper part behind at each
    /// time.
    /// </summary>
    /// <param name="page">Lines that each end with a line feed.</param>
    /// <param name="width">Columns of the terminal; 80 if it does not say.</param>
    /// <param name="height">Lines of the terminal; 24 if it does not say.</param>
    public static string Redraw(string page, int width, int height)
    {
        // In the last column a terminal may or may not be on the next line already.
        int columns = (width < NarrowestWidth ? 80 : width) - 1;
        // The cursor stands on the last line.
        int rows = (height < LowestHeight ? 24 : height) - 1;
        List<string> lines = [.. page.TrimEnd('\n').Split('\n').SelectMany(line => Fold(line, columns))];
        if (lines.Count > rows)
        {
            string left = string.Create(CultureInfo.InvariantCulture, $"… {lines.Count - rows + 1} more lines");
            lines = [.. lines.Take(rows - 1), left];
        }

        return Home + string.Concat(lines.Select(line => line + ClearToEndOfLine + "\n")) + ClearBelow;
    }

    // At spaces, if there are any; what goes on stands a little to the right.
    private static IEnumerable<string> Fold(string line, int columns)
    {
        int indent = Math.Min(line.Length - line.AsSpan().TrimStart(' ').Length + 4, columns / 2);
        while (line.Length > columns)
        {
            int space = line.LastIndexOf(' ', columns, columns - indent);
            int end = space > 0 ? space : columns;
            yield return line[..end];
            line = new string(' ', indent) + line[end..].TrimStart(' ');
        }

        yield return line;
    }
}
