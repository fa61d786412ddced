using System.Xml.Linq;

namespace VipOperator.Architecture.Tests;

/// <summary>Holds the dependency rules of docs/architecture.md: what each project may reference.</summary>
public sealed class LayerTests
{
    private static readonly string Root = FindRoot();

    public static TheoryData<string, string[], string[]> Rules => new()
    {
        { "Vrrp", [], [] },
        { "Planning", ["Vrrp"], [] },
        { "Api", [], [] },
        { "Documents", ["Api"], ["YamlDotNet"] },
        { "Import", ["Api"], [] },
        { "Import.Shell", ["Import"], ["System.CommandLine"] },
        { "Sidecar.Contract", ["Vrrp"], [] },
        { "Sidecar", ["Vrrp", "Sidecar.Contract"], [] },
        {
            "Agent",
            ["Api", "Documents", "Vrrp", "Sidecar.Contract"],
            ["Microsoft.Extensions.Logging.Abstractions"]
        },
        {
            "Operator",
            ["Planning", "Api", "Documents", "Import.Shell"],
            ["KubernetesClient", "MailKit", "prometheus-net", "System.CommandLine"]
        },
        { "Kubectl", ["Api", "Import.Shell"], ["System.CommandLine"] },
        { "Lab", ["Api"], ["Google.Protobuf", "System.CommandLine", "YamlDotNet"] },
    };

    [Theory]
    [MemberData(nameof(Rules))]
    public void Project_References_OnlyWhatItMay(string project, string[] projects, string[] packages)
    {
        XDocument file = XDocument.Load(Path.Combine(Root, "src", project, project + ".csproj"));

        string[] referenced =
            [.. file.Descendants("ProjectReference").Select(r => Path.GetFileNameWithoutExtension(Value(r)))];
        string[] packaged = [.. file.Descendants("PackageReference").Select(Value)];

        Assert.Empty(referenced.Except(projects));
        Assert.Empty(packaged.Except(packages));
    }

    [Fact]
    public void EveryProject_HasARule()
    {
        string[] onDisk = [.. Directory.GetDirectories(Path.Combine(Root, "src")).Select(d => Path.GetFileName(d))];

        Assert.Empty(onDisk.Except(Rules.Select(r => r.Data.Item1)));
    }

    [Fact]
    public void UnsafeCodeAndPlatformInvoke_LiveInSidecarLinuxAlone()
    {
        string allowed = Path.Combine(Root, "src", "Sidecar", "Linux") + Path.DirectorySeparatorChar;
        string[] forbidden = ["LibraryImport", "DllImport", "unsafe "];

        IEnumerable<string> offenders = SourceFiles("src")
            .Where(f => !f.StartsWith(allowed, StringComparison.Ordinal))
            .Where(f => File.ReadLines(f)
                .Any(line => forbidden.Any(word => Code(line).Contains(word, StringComparison.Ordinal))));

        Assert.Empty(offenders);
    }

    [Theory]
    [InlineData("Vrrp")]
    [InlineData("Planning")]
    [InlineData("Import")]
    public void PureProject_IsUnderTheBannedApiAnalyzer(string project)
    {
        XDocument file = XDocument.Load(Path.Combine(Root, "src", project, project + ".csproj"));

        Assert.Contains(file.Descendants("PureProject"), p => p.Value == "true");
        Assert.True(File.Exists(Path.Combine(Root, "build", "BannedSymbols.txt")));
    }

    [Fact]
    public void Namespaces_MatchFolders()
    {
        IEnumerable<string> offenders = SourceFiles("src").Where(file =>
        {
            string? declared =
                File.ReadLines(file).FirstOrDefault(l => l.StartsWith("namespace ", StringComparison.Ordinal));
            string project =
                Path.GetRelativePath(Path.Combine(Root, "src"), file).Split(Path.DirectorySeparatorChar)[0];
            return declared is not null
                && !declared.StartsWith($"namespace VipOperator.{project}", StringComparison.Ordinal);
        });

        Assert.Empty(offenders);
    }

    private static IEnumerable<string> SourceFiles(string folder) =>
        Directory.EnumerateFiles(Path.Combine(Root, folder), "*.cs", SearchOption.AllDirectories)
            .Where(f => !f.Contains("/obj/", StringComparison.Ordinal)
                && !f.Contains("/bin/", StringComparison.Ordinal));

    private static string Code(string line)
    {
        int comment = line.IndexOf("//", StringComparison.Ordinal);
        return comment < 0 ? line : line[..comment];
    }

    private static string Value(XElement reference) => reference.Attribute("Include")!.Value;

    private static string FindRoot()
    {
        string? folder = AppContext.BaseDirectory;
        while (folder is not null && !File.Exists(Path.Combine(folder, "VipOperator.sln")))
            folder = Path.GetDirectoryName(folder);
        return folder ?? throw new InvalidOperationException("VipOperator.sln is in no folder above the tests.");
    }
}
