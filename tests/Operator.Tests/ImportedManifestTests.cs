using System.Diagnostics;
using VipOperator.Operator.Tests.Cluster;

namespace VipOperator.Operator.Tests;

/// <summary>An API server with our definitions takes what the importer writes of each of its samples.</summary>
public sealed class ImportedManifestTests(ApiServerFixture fixture)
{
    private static string Samples => Path.Combine(AppContext.BaseDirectory, "imported");

    public static TheoryData<string> Names =>
        [.. Directory.EnumerateDirectories(Samples).Select(d => Path.GetFileName(d)).Order(StringComparer.Ordinal)];

    [Theory]
    [MemberData(nameof(Names))]
    public async Task Manifests_OfASample_AreAccepted(string sample)
    {
        await fixture.NewClusterAsync();
        string text = await File.ReadAllTextAsync(
            Path.Combine(Samples, sample, "manifests.yaml"), TestContext.Current.CancellationToken);
        string[] documents = text.Split("---\n");
        Assert.NotEmpty(documents);
        foreach (string document in documents)
        {
            string path = document.Contains("kind: VirtualIP", StringComparison.Ordinal)
                ? $"{TestApi.Group}/namespaces/default/virtualips"
                : "/api/v1/namespaces/default/secrets";
            Answer answer = await fixture.Api.PostYamlAsync($"{path}?dryRun=All&fieldValidation=Strict", document);

            Assert.True(answer.Succeeded, $"{answer.Message}\n{document}");
        }
    }

    [Fact]
    public async Task Manifests_OfTheTutorial_AreAppliedByKubectl()
    {
        if (!ExistsOnPath("kubectl"))
            Assert.Skip("kubectl is not installed.");
        TestCluster cluster = await fixture.NewClusterAsync();
        foreach (string expected in new[] { "created", "unchanged" })
        {
            (int code, string output) = await KubectlAsync(
                "apply", "--namespace", cluster.Namespace, "--filename",
                Path.Combine(Samples, "01-tutorial", "manifests.yaml"));

            Assert.True(code == 0, output);
            Assert.Contains($"virtualip.vipoperator.io/vi-1 {expected}", output, StringComparison.Ordinal);
        }
    }

    private async Task<(int Code, string Output)> KubectlAsync(params string[] arguments)
    {
        using Process process = Process.Start(
            new ProcessStartInfo("kubectl", ["--kubeconfig", fixture.Server.KubeconfigPath, .. arguments])
            {
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            })!;
        Task<string> output = process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        string error = await process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        return (process.ExitCode, await output + error);
    }

    private static bool ExistsOnPath(string program) =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').Any(f => File.Exists(Path.Combine(f, program)));
}
