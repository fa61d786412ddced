namespace VipOperator.Import;

/// <summary>A grep that looks for one pattern.</summary>
/// <param name="Pattern">What it looks for.</param>
/// <param name="IsExtended">-E or -P, or egrep.</param>
/// <param name="IsFixed">-F: a dot is a dot.</param>
/// <param name="IsInverted">-v: it passes what has no such pattern.</param>
/// <param name="Counts">-c: it prints a number.</param>
internal sealed record Grep(string Pattern, bool IsExtended, bool IsFixed, bool IsInverted, bool Counts)
{
    /// <returns>null: it is another program, or does more.</returns>
    public static Grep? Read(CheckCommand command)
    {
        if (command.Program is not ("grep" or "egrep" or "fgrep") || command.Inputs.Count > 0)
            return null;
        string? pattern = null;
        Grep grep = new("", command.Program == "egrep", command.Program == "fgrep", IsInverted: false, Counts: false);
        foreach ((string name, string? value) in Options.Read(command.Words.Skip(1), "emABC", "regexp", "max-count"))
        {
            switch (name)
            {
                case "" or "-e" or "--regexp" when pattern is null:
                    pattern = value;
                    break;
                case "-E" or "-P" or "--extended-regexp" or "--perl-regexp":
                    grep = grep with { IsExtended = true };
                    break;
                case "-F" or "--fixed-strings":
                    grep = grep with { IsFixed = true };
                    break;
                case "-v" or "--invert-match":
                    grep = grep with { IsInverted = true };
                    break;
                case "-c" or "--count":
                    grep = grep with { Counts = true };
                    break;
                case "-q" or "-s" or "-w" or "-i" or "-o" or "-x" or "-m" or "-a" or "--quiet" or "--silent"
                    or "--word-regexp" or "--max-count" or "--only-matching":
                    break;
                default:
                    return null;
            }
        }

        return pattern is null ? null : grep with { Pattern = pattern };
    }
}
