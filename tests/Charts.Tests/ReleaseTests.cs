using System.Text.Json.Nodes;

namespace VipOperator.Charts.Tests;

/// <summary>Where images come from: what a release publishes, and what somebody without one is told.</summary>
public sealed class ReleaseTests
{
    private const string Registry = "registry.example/team";

    [Fact]
    public async Task ReleasedCharts_NameTheRegistryOfTheirImages()
    {
        string folder = Directory.CreateTempSubdirectory("vip-charts-").FullName;
        try
        {
            ToolOutput output = await Tool.RunAsync(
                SourceTree.At("build", "release-charts.sh"), [Registry, folder]);
            Assert.True(output.Succeeded, output.Errors);

            Rendering operators = await Chart.RenderAsync(
                Path.Combine(folder, "vip-operator"), "vip-operator", "vip-operator",
                ["--set", "injection.mode=webhook"]);
            Rendering nginx = await Chart.RenderAsync(
                Path.Combine(folder, "nginx-vip"), "web", "apps", Chart.Address);

            Assert.Equal(
                $"{Registry}/vip-operator:0.1.0", ImageOf(operators.Single("Deployment").Container("vip-operator")));
            JsonNode injected = JsonNode.Parse(operators.Single("ConfigMap").Json["data"]!["sidecar.json"]!
                .GetValue<string>())!;
            Assert.Equal($"{Registry}/vip-sidecar:0.1.0", ImageOf(injected["container"]!));
            Assert.Equal(
                $"{Registry}/vip-sidecar:0.1.0", ImageOf(nginx.Single("DaemonSet").Container("vip-sidecar")));
            Assert.DoesNotContain("names no registry", operators.Notes + nginx.Notes, StringComparison.Ordinal);
            Assert.Contains(
                $"| `sidecar.image.repository` | `\"{Registry}/vip-sidecar\"` |",
                await File.ReadAllTextAsync(
                    Path.Combine(folder, "nginx-vip", "README.md"), TestContext.Current.CancellationToken),
                StringComparison.Ordinal);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }

        static string ImageOf(JsonNode container) => container["image"]!.GetValue<string>();
    }

    [Fact]
    public async Task Workflow_PackagesTheChartsThatNameTheRegistry()
    {
        string workflow = await File.ReadAllTextAsync(
            SourceTree.At(".github", "workflows", "ci.yml"), TestContext.Current.CancellationToken);

        Assert.Contains("build/release-charts.sh \"$REGISTRY\" release-charts\n", workflow, StringComparison.Ordinal);
        Assert.Contains("for chart in release-charts/*/; do", workflow, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(Chart.Operator, "The image vip-operator:0.1.0 names no registry", "image.repository")]
    [InlineData(Chart.Nginx, "The image vip-sidecar:0.1.0 names no registry", "sidecar.image.repository")]
    public async Task ImageWithoutRegistry_IsSaid(string chart, string says, string value)
    {
        string[] needed = chart == Chart.Nginx ? Chart.Address : [];

        Assert.Contains(says, (await Chart.RenderAsync(chart, needed)).Notes, StringComparison.Ordinal);
        Assert.DoesNotContain(
            says, (await Chart.RenderAsync(chart, [.. needed, "--set", $"{value}={Registry}/x"])).Notes,
            StringComparison.Ordinal);
    }

    /// <summary>Without a registry a name means one that the builder chooses, where the images are not.</summary>
    [Fact]
    public async Task Dockerfile_HasNoBaseImageThatIsNotGiven()
    {
        string[] lines = await File.ReadAllLinesAsync(
            SourceTree.At("build", "Dockerfile"), TestContext.Current.CancellationToken);
        string[] arguments = [.. lines.Where(l => l.StartsWith("ARG ", StringComparison.Ordinal)).Select(l => l[4..])];

        Assert.Equal(["SDK_IMAGE", "ASPNET_IMAGE", "RUNTIME_DEPS_IMAGE"], arguments);
        Assert.All(arguments, argument => Assert.Contains(
            lines, l => l.StartsWith($"#       --build-arg {argument}=", StringComparison.Ordinal)));
        Assert.Equal(
            arguments.Select(a => $"${{{a}}}"),
            lines.Where(l => l.StartsWith("FROM ", StringComparison.Ordinal)).Select(l => l.Split(' ')[1]));
    }
}
