using System.Text.RegularExpressions;

namespace VipOperator.Vrrp.Tests;

/// <summary>docs/rfc-requirements.md names tests that exist, whichever project they are in.</summary>
public sealed partial class RequirementsTableTests
{
    private static readonly string Root = FindRoot();

    public static TheoryData<string> Rows =>
        [.. File.ReadLines(Path.Combine(Root, "docs", "rfc-requirements.md")).Where(line => RowStart().IsMatch(line))];

    [Theory]
    [MemberData(nameof(Rows))]
    public void Row_SaysWhatHoldsIt(string row)
    {
        string[] cells = row.Split('|', StringSplitOptions.TrimEntries);
        Assert.Equal(5, cells.Length);
        Assert.NotEqual("", cells[2]);
        Assert.NotEqual("", cells[3]);

        foreach (Match test in TestName().Matches(cells[3]))
            Assert.True(Tests.Contains(test.Groups[1].Value), $"there is no test {test.Groups[1].Value}; Class.Method");
        foreach (Match link in Link().Matches(cells[3]))
            Assert.True(
                File.Exists(Path.Combine(Root, "docs", link.Groups[1].Value)), $"there is no {link.Groups[1].Value}");
    }

    [Fact]
    public void Table_IsRead() => Assert.InRange(Rows.Count, 50, 200);

    // Class.Method, as a test filter takes it; by the source, since the projects do not know each other.
    private static HashSet<string> Tests { get; } =
    [
        .. Directory.EnumerateFiles(Path.Combine(Root, "tests"), "*.cs", SearchOption.AllDirectories)
            .Where(file => !file.Contains("/obj/", StringComparison.Ordinal))
            .SelectMany(file => TestsIn(File.ReadAllText(file))),
    ];

    // Those of each class of the file, which begins at the left margin.
    private static IEnumerable<string> TestsIn(string source)
    {
        Match[] classes = [.. ClassName().Matches(source).Cast<Match>()];
        return TestMethod().Matches(source)
            .Select(method => (
                Class: classes.Last(one => one.Index < method.Index).Groups[1].Value, Name: method.Groups[1].Value))
            .Select(test => $"{test.Class}.{test.Name}");
    }

    [GeneratedRegex(@"^\| (\d|2338 |3768 )")]
    private static partial Regex RowStart();

    [GeneratedRegex(@"`(\w+(?:\.\w+|Tests))`")]
    private static partial Regex TestName();

    [GeneratedRegex(@"^[\w ]*\bclass (\w+)", RegexOptions.Multiline)]
    private static partial Regex ClassName();

    [GeneratedRegex(@"\]\(([^)]+)\)")]
    private static partial Regex Link();

    // The first method after the attribute, whatever other attributes stand between.
    [GeneratedRegex(@"\[(?:Fact|Theory)\b[\s\S]*?\n    public (?:async )?(?:void|Task) (\w+)\(")]
    private static partial Regex TestMethod();

    private static string FindRoot()
    {
        string? folder = AppContext.BaseDirectory;
        while (folder is not null && !File.Exists(Path.Combine(folder, "VipOperator.sln")))
            folder = Path.GetDirectoryName(folder);
        return folder ?? throw new InvalidOperationException("The tests do not run from a clone.");
    }
}
