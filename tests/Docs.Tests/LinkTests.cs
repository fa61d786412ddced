using System.Text.RegularExpressions;

namespace VipOperator.Docs.Tests;

/// <summary>What documents link to, within the repository, is there.</summary>
public sealed partial class LinkTests
{
    public static TheoryData<string> Documents() => [.. Repository.Documents().Order()];

    [Theory]
    [MemberData(nameof(Documents))]
    public void Links_LeadSomewhere(string document)
    {
        foreach (Match link in Links().Matches(WithoutCode(File.ReadAllText(Repository.At(document)))))
        {
            string target = link.Groups["target"].Value;
            if (target.Contains("://", StringComparison.Ordinal)
                || target.StartsWith("mailto:", StringComparison.Ordinal))
                continue;
            string[] parts = target.Split('#');
            string path = parts[0].Length == 0
                ? Repository.At(document)
                : Path.Combine(Path.GetDirectoryName(Repository.At(document))!, parts[0]);
            Assert.True(
                File.Exists(path) || Directory.Exists(path), $"{document} links to {target}, which is not there");
            if (parts.Length > 1 && path.EndsWith(".md", StringComparison.Ordinal))
                Assert.True(
                    Anchors(path).Contains(parts[1]), $"{document} links to {target}, and there is no such heading");
        }
    }

    // A decision is cited by its number, and the numbers may have moved when the file was named.
    [Theory]
    [MemberData(nameof(Documents))]
    public void LinksToDecisions_HaveTheNumberOfTheDecision(string document)
    {
        foreach (Match link in DecisionLinks().Matches(WithoutCode(File.ReadAllText(Repository.At(document)))))
        {
            Assert.True(
                link.Groups["said"].Value.TrimStart('0') == link.Groups["file"].Value.TrimStart('0'),
                $"{document} calls a decision by another number than its file has: {link.Value}");
        }
    }

    // As GitHub makes them: lower case, punctuation gone, blanks to dashes.
    private static HashSet<string> Anchors(string path) =>
    [
        .. File.ReadLines(path)
            .Where(line => line.StartsWith('#'))
            .Select(line => NotInAnchors()
                .Replace(line.TrimStart('#').Trim().ToLowerInvariant(), "").Replace(' ', '-')),
    ];

    private static string WithoutCode(string text) => CodeBlocks().Replace(text, "");

    [GeneratedRegex("""\[[^\]]*\]\((?<target>[^)\s]+)\)""")]
    private static partial Regex Links();

    [GeneratedRegex("""\[(?:ADR )?(?<said>\d+)\]\([^)\s]*?(?<file>\d{4})-[^)\s/]*\.md[^)\s]*\)""")]
    private static partial Regex DecisionLinks();

    [GeneratedRegex("""^```.*?^```""", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex CodeBlocks();

    [GeneratedRegex("""[^\p{L}\p{N}\- ]""")]
    private static partial Regex NotInAnchors();
}
