using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text.RegularExpressions;

namespace VipOperator.Operator.Tests;

/// <summary>The program as it is started, with what it cannot use.</summary>
public sealed class ProgramTests
{
    private static readonly string Program = Path.Combine(AppContext.BaseDirectory, "vip-operator");

    private const string KubeConfig = """
        apiVersion: v1
        kind: Config
        clusters: [{name: none, cluster: {server: "http://127.0.0.1:1"}}]
        users: [{name: nobody, user: {token: none}}]
        contexts: [{name: none, context: {cluster: none, user: nobody}}]
        current-context: none
        """;

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

    [Fact]
    public async Task Address_ThatIsTaken_IsToldInOneLineAndEndsWith2()
    {
        using Socket other = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        other.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        other.Listen();
        using TemporaryFile kubeConfig = new(KubeConfig);

        (int exitCode, string error) = await RunAsync(
            "--kubeconfig", kubeConfig.Path, "--listen", other.LocalEndPoint!.ToString()!);

        Assert.Equal(2, exitCode);
        Assert.Equal(
            $"vip-operator: --listen: {other.LocalEndPoint} cannot be listened on: Address already in use\n", error);
    }

    // RFC 5737 keeps 192.0.2.0/24 for documents; no machine has it.
    [Fact]
    public async Task Address_OfAnotherMachine_IsToldInOneLineAndEndsWith2()
    {
        using TemporaryFile kubeConfig = new(KubeConfig);

        (int exitCode, string error) = await RunAsync(
            "--kubeconfig", kubeConfig.Path, "--listen", "192.0.2.1:8080");

        Assert.Equal(2, exitCode);
        Assert.Equal(
            "vip-operator: --listen: 192.0.2.1:8080 cannot be listened on: Cannot assign requested address\n", error);
    }

    /// <summary>.NET sees no IPv6 with this variable, as it sees none where the kernel has none.</summary>
    [Fact]
    public async Task AllAddresses_OfAMachineWithoutIPv6_AreThoseOfIPv4()
    {
        using TemporaryFile kubeConfig = new(KubeConfig);
        ProcessStartInfo start = new(
            Program, ["--kubeconfig", kubeConfig.Path, "--listen", "[::]:0", "--log-level", "Trace"])
        {
            RedirectStandardOutput = true,
        };
        start.Environment["DOTNET_SYSTEM_NET_DISABLEIPV6"] = "1";
        using Process process = Process.Start(start)!;
        try
        {
            Assert.Contains(
                "There is no IPv6 here: listening on 0.0.0.0:0 instead of [::]:0",
                await LineWithAsync("IPv6"), StringComparison.Ordinal);
            Match listening = Regex.Match(
                await LineWithAsync("Now listening on"), @"http://0\.0\.0\.0:(?<port>\d+)$");
            Assert.True(listening.Success);
            using HttpClient client = new();
            Assert.Equal("ok\n", await client.GetStringAsync(
                new Uri($"http://127.0.0.1:{listening.Groups["port"].Value}/healthz"),
                TestContext.Current.CancellationToken));
        }
        finally
        {
            process.Kill();
            await process.WaitForExitAsync(CancellationToken.None);
        }

        async Task<string> LineWithAsync(string text)
        {
            while (true)
            {
                string? line = await process.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken);
                Assert.NotNull(line);
                if (line.Contains(text, StringComparison.Ordinal))
                    return line.TrimEnd();
            }
        }
    }

    private static async Task<(int ExitCode, string Error)> RunAsync(params string[] arguments)
    {
        using Process process = Process.Start(
            new ProcessStartInfo(Program, arguments)
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
