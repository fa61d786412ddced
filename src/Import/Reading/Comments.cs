using System.Text;

namespace VipOperator.Import;

/// <summary>Takes comments away: from '#' or '!' on, unless it stands in double quotes or after a backslash.</summary>
internal static class Comments
{
    /// <param name="line">A line without its end.</param>
    /// <param name="isUnterminated">The line ends within quotes.</param>
    /// <returns>
    /// The line without comment and without blanks at both ends. A backslash at the end, which continues a definition,
    /// has no blank before it.
    /// </returns>
    public static string Remove(string line, out bool isUnterminated)
    {
        StringBuilder text = new(line.Length);
        bool quoted = false;
        bool continued = false;
        int at = 0;
        while (at < line.Length && line[at] is ' ' or '\t')
            at++;
        for (; at < line.Length; at++)
        {
            char c = line[at];
            if (c == '\\')
            {
                if (at + 1 == line.Length)
                {
                    continued = true;
                    break;
                }

                char next = line[++at];
                if (quoted || next is not ('#' or '!'))
                    text.Append('\\');
                text.Append(next);
                continue;
            }

            if (c == '"')
                quoted = !quoted;
            else if (!quoted && c is '!' or '#')
                break;
            text.Append(c);
        }

        isUnterminated = quoted;
        string result = text.ToString().TrimEnd(' ', '\t');
        return continued ? result + '\\' : result;
    }
}
