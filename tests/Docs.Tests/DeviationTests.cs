using System.Text.RegularExpressions;

namespace VipOperator.Docs.Tests;

/// <summary>
/// A departure from an RFC is marked in the source where it happens, has a record that says so, and a row in
/// docs/rfc-requirements.md; each of the three leads to the others.
/// </summary>
public sealed partial class DeviationTests
{
    private const string Word = "DEVIATION:";

    // By number, as in "0004"; the name with it.
    private static Dictionary<string, string> Records { get; } = Directory
        .EnumerateFiles(Repository.At("docs", "adr"), "*.md")
        .Where(file => File.ReadAllText(file).Contains($"`{Word}`", StringComparison.Ordinal))
        .ToDictionary(file => Path.GetFileName(file)[..4], file => Path.GetFileName(file));

    // File and line, and the rest of the comment from the word on.
    private static (string Where, string Comment)[] Marks { get; } =
    [
        .. Directory.EnumerateFiles(Repository.At("src"), "*.cs", SearchOption.AllDirectories)
            .Where(file => !file.Contains("/obj/", StringComparison.Ordinal))
            .SelectMany(MarksIn),
    ];

    [Fact]
    public void EveryMark_NamesARecordThatSaysSo()
    {
        Assert.All(Marks, mark =>
        {
            Match name = RecordName().Match(mark.Comment);
            Assert.True(name.Success, $"{mark.Where} is marked {Word} without its record");
            Assert.True(
                Records.ContainsValue(name.Groups["file"].Value),
                $"{mark.Where} names {name.Value}, which is not there or does not say `{Word}`");
        });
    }

    [Fact]
    public void EveryRecordThatSaysSo_IsNamedByAMark()
    {
        string[] named = [.. Marks.Select(mark => RecordName().Match(mark.Comment).Groups["file"].Value).Distinct()];

        Assert.Equal(Records.Values.Order(), named.Order());
    }

    [Fact]
    public void EveryRecordThatSaysSo_IsCalledADepartureInTheRequirements()
    {
        Match[] departures =
            [.. Departure().Matches(File.ReadAllText(Repository.At("docs", "rfc-requirements.md"))).Cast<Match>()];

        Assert.Equal(Records.Values.Order(), departures.Select(d => d.Groups["file"].Value).Distinct().Order());
        Assert.All(departures, d => Assert.Equal(
            d.Groups["number"].Value.PadLeft(4, '0'), d.Groups["file"].Value[..4]));
    }

    private static IEnumerable<(string Where, string Comment)> MarksIn(string file)
    {
        string[] lines = File.ReadAllLines(file);
        for (int i = 0; i < lines.Length; i++)
        {
            int at = lines[i].IndexOf(Word, StringComparison.Ordinal);
            if (at < 0)
                continue;
            IEnumerable<string> rest = lines.Skip(i + 1)
                .Select(line => line.Trim())
                .TakeWhile(line => line.StartsWith("//", StringComparison.Ordinal))
                .TakeWhile(line => !line.Contains(Word, StringComparison.Ordinal));
            yield return ($"{Path.GetRelativePath(Repository.Root, file)}:{i + 1}",
                string.Join(' ', [lines[i][at..], .. rest]));
        }
    }

    [GeneratedRegex(@"docs/adr/(?<file>\d{4}-[\w-]+\.md)")]
    private static partial Regex RecordName();

    [GeneratedRegex(@"\[[Dd]eparture (?<number>\d+)\]\(adr/(?<file>[\w-]+\.md)\)")]
    private static partial Regex Departure();
}
