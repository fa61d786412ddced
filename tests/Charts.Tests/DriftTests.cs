namespace VipOperator.Charts.Tests;

/// <summary>What is made from the charts says what they say.</summary>
public sealed class DriftTests
{
    [Fact]
    public async Task WhatIsMadeFromTheCharts_IsUpToDate()
    {
        string renderer = await Chart.RendererAsync();
        string folder = Directory.CreateTempSubdirectory("vip-charts-").FullName;
        try
        {
            ToolOutput output = await Tool.RunAsync(
                SourceTree.At("build", "charts.sh"), [folder],
                new Dictionary<string, string> { ["VIPOPERATOR_CHART_TOOL"] = renderer });

            Assert.True(output.Succeeded, output.Errors);
            string[] made = [.. Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories)
                .Select(f => Path.GetRelativePath(folder, f))];
            Assert.Contains("deploy/operator.yaml", made);
            Assert.Contains("charts/nginx-vip/README.md", made);
            Assert.Contains("charts/vip-operator/templates/_sidecar.tpl", made);
            foreach (string file in made)
            {
                string wanted = await File.ReadAllTextAsync(
                    Path.Combine(folder, file), TestContext.Current.CancellationToken);
                string committed = await File.ReadAllTextAsync(
                    SourceTree.At(file), TestContext.Current.CancellationToken);
                Assert.True(wanted == committed, $"{file} is not what the charts make of it: run \"make charts\".");
            }

            // None left over either.
            Assert.Equal(
                Directory.EnumerateFiles(SourceTree.At("crds")).Select(f => Path.GetFileName(f)).Order(),
                Directory.EnumerateFiles(SourceTree.At("charts", "vip-operator", "files", "crds"))
                .Select(f => Path.GetFileName(f)).Order());
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}
