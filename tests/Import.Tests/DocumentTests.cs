using VipOperator.Import.Tests.Support;

namespace VipOperator.Import.Tests;

/// <summary>
/// docs/migrating-from-keepalived.md shows what the importer really says of the tutorial's two files.
/// </summary>
public sealed class DocumentTests
{
    private static readonly string Text = File.ReadAllText(
        Path.Combine(Root(), "docs", "migrating-from-keepalived.md"));

    private static readonly ImportResult Join = Import(ImportStep.Join);

    [Fact]
    public void Manifests_AreThoseOfTheImporter() =>
        Assert.Equal(Manifests(Join), BlockAfter("<!-- manifests -->") + "\n");

    [Fact]
    public void Report_IsTheBeginningOfTheImporters() =>
        Assert.StartsWith(BlockAfter("<!-- report -->"), Join.Report, StringComparison.Ordinal);

    [Fact]
    public void File_IsTheTutorials() =>
        Assert.Equal(Sample.Of("01-tutorial").Text("web1.conf"), BlockAfter("`web1.conf` of 192.168.1.103:") + "\n");

    [Theory]
    [InlineData(ImportStep.TakeOver, "highest: 101")]
    [InlineData(ImportStep.Final, "highest: 100")]
    public void LaterSteps_DifferInOneSetting(ImportStep step, string setting)
    {
        string[] joining = [.. Manifests(Join).Split('\n').Where(l => !l.StartsWith('#'))];
        string[] later = [.. Manifests(Import(step)).Split('\n').Where(l => !l.StartsWith('#'))];

        Assert.Equal([setting], later.Except(joining).Select(l => l.Trim()));
        Assert.Equal(joining.Length, later.Length);
        Assert.Contains($"`{setting}`", Text, StringComparison.Ordinal);
    }

    private static ImportResult Import(ImportStep step) => KeepalivedImport.Run(
        [new ImportHost("web1.conf", "web-103"), new ImportHost("web2.conf", "web-104")],
        new DiskFiles(Sample.Of("01-tutorial").Folder),
        new ImportOptions
        {
            Step = step,
            Namespace = "web",
            Names = new Dictionary<string, string> { ["VI_1"] = "web" },
            Selector = new Dictionary<string, string>
            {
                ["app.kubernetes.io/name"] = "nginx-vip",
                ["app.kubernetes.io/instance"] = "web"
            },
        });

    private static string Manifests(ImportResult result) => string.Join("---\n", result.Manifests.Select(m => m.Text));

    // What stands in the fence after a mark.
    private static string BlockAfter(string mark)
    {
        int fence = Text.IndexOf("\n```", Text.IndexOf(mark, StringComparison.Ordinal), StringComparison.Ordinal);
        int start = Text.IndexOf('\n', fence + 1) + 1;
        return Text[start..Text.IndexOf("\n```", start, StringComparison.Ordinal)];
    }

    private static string Root()
    {
        string? folder = AppContext.BaseDirectory;
        while (folder is not null && !File.Exists(Path.Combine(folder, "VipOperator.sln")))
            folder = Path.GetDirectoryName(folder);
        return folder ?? throw new InvalidOperationException("VipOperator.sln is in no folder above the tests.");
    }
}
