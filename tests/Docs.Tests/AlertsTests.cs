using YamlDotNet.RepresentationModel;

namespace VipOperator.Docs.Tests;

/// <summary>The page that <c>runbookUrl</c> is to lead to.</summary>
public sealed class AlertsTests
{
    [Fact]
    public void EveryAlert_HasItsHeadingAndNoneIsOfAnAlertThatIsNot() =>
        Assert.Equal(Alerts().Order(), Sections().Select(s => s.Heading).Order());

    [Fact]
    public void EverySection_SaysWhatItMeansWhatUsersFeelWhereToLookAndWhatToDo() =>
        Assert.All(Sections(), section => Assert.All(
            new[] { "**Means:**", "**Users feel:**", "**Look:**", "**Do:**" },
            part => Assert.Contains(part, section.Text, StringComparison.Ordinal)));

    [Fact]
    public void EveryAlert_StandsInTheTableOfInstalling()
    {
        string table = File.ReadAllText(Repository.At("docs", "installing.md"));

        Assert.All(Alerts(), alert => Assert.Contains($"| `{alert}` |", table, StringComparison.Ordinal));
    }

    private static IReadOnlyList<string> Alerts()
    {
        using StreamReader file = File.OpenText(
            Repository.At("charts", "vip-operator", "files", "rules", "vip-operator.yaml"));
        YamlStream yaml = [];
        yaml.Load(file);
        return
        [
            .. ((YamlSequenceNode)yaml.Documents[0].RootNode["groups"])
                .SelectMany(group => (YamlSequenceNode)group["rules"])
                .Select(rule => ((YamlScalarNode)rule["alert"]).Value!),
        ];
    }

    private static IEnumerable<(string Heading, string Text)> Sections() => File
        .ReadAllText(Repository.At("docs", "alerts.md"))
        .Split("\n## ")
        .Skip(1)
        .Select(section => (section.Split('\n')[0], section));
}
