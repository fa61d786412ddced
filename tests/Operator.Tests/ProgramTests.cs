using System.Diagnostics;

namespace VipOperator.Operator.Tests;

/// <summary>The program as it is started, with what it cannot use.</summary>
public sealed class ProgramTests
{
    [Theory]
    [InlineData("clusters: [\n", ":2: ")]
    [InlineData("apiVersion: v1\nkind: Config\n", "server")]
    [InlineData(null, "not found at ")]
    public async Task Kubeconfig_ThatCannotBeUsed_IsToldInOneLineAndEndsWith2(string? content, string says)
    {
        using TemporaryFile file = new(content);

        (int exitCode, string error) = await RunAsync("--kubeconfig", file.Path);

        Assert.Equal(2, exitCode);
        string line = Assert.Single(error.Split('\n', StringSplitOptions.RemoveEmptyEntries));
        Assert.StartsWith("vip-operator: ", line, StringComparison.Ordinal);
        Assert.Contains(says, line, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Sidecar_ThatCannotBeRead_IsToldInOneLineAndEndsWith2()
    {
        using TemporaryFile file = new("{}");

        (int exitCode, string error) = await RunAsync("--injection", file.Path);

        Assert.Equal(2, exitCode);
        Assert.Equal(
            $"vip-operator: {file.Path}: container must be one named vip-sidecar, with volumeMounts.\n", error);
    }

    private static async Task<(int ExitCode, string Error)> RunAsync(params string[] arguments)
    {
        using Process process = Process.Start(
            new ProcessStartInfo(Path.Combine(AppContext.BaseDirectory, "vip-operator"), arguments)
            {
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            })!;
        Task<string> output = process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        string error = await process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        return (process.ExitCode, await output + error);
    }

    private sealed class TemporaryFile : IDisposable
    {
        public TemporaryFile(string? content)
        {
            if (content is not null)
                File.WriteAllText(Path, content);
        }

        public string Path { get; } = System.IO.Path.Combine(
            System.IO.Path.GetTempPath(), $"vip-operator-{Guid.NewGuid():n}");

        public void Dispose() => File.Delete(Path);
    }
}
