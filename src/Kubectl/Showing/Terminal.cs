namespace VipOperator.Kubectl.Showing;

/// <summary>What a terminal is told (ECMA-48).</summary>
internal static class Terminal
{
    private const string Home = "\u001b[H";
    private const string ClearToEndOfLine = "\u001b[K";
    private const string ClearBelow = "\u001b[J";

    /// <summary>The page in place of what was there; without clearing it all first, which would flicker.</summary>
    public static string Redraw(string page) => Home + page.Replace("\n", ClearToEndOfLine + "\n", StringComparison.Ordinal) + ClearBelow;
}
