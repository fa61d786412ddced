using System.Diagnostics;
using VipOperator.Operator.Tests.Cluster;

namespace VipOperator.Kubectl.Tests;

/// <summary>The plugin as people run it: <c>kubectl vip …</c>, the real kubectl, which finds it in PATH.</summary>
internal sealed class Plugin(ApiServerFixture fixture)
{
    /// <summary>In front of PATH: a kubectl of the test's own; null: there is none.</summary>
    public string? Front { get; init; }

    /// <summary>The programs as they ship where they are built, else as the tests were built with them.</summary>
    private static string Folder =>
        Environment.GetEnvironmentVariable("VIPOPERATOR_BIN") is { Length: > 0 } bin
        && File.Exists(Path.Combine(bin, "kubectl-vip"))
            ? bin
            : AppContext.BaseDirectory;

    public static string Kubectl
    {
        get
        {
            string? found = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':')
                .Select(f => Path.Combine(f, "kubectl")).FirstOrDefault(File.Exists);
            Assert.SkipWhen(found is null, "kubectl is not installed.");
            return found!;
        }
    }

    public async Task<(int ExitCode, string Output, string Errors)> RunAsync(params string[] arguments)
    {
        using Process process = Start(arguments);
        Task<string> output = process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        Task<string> errors = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        TestContext.Current.TestOutputHelper!.WriteLine(
            $"$ kubectl vip {string.Join(' ', arguments)}\n{await output}{await errors}[{process.ExitCode}]");
        return (process.ExitCode, await output, await errors);
    }

    public Process Start(params string[] arguments) => Start(Kubectl, ["vip", .. arguments]);

    /// <summary>On a terminal of its own, whose output comes out of the process.</summary>
    public Process StartOnTerminal(int rows, int columns, params string[] arguments) => Start(
        "script", ["-qec",
            $"stty rows {rows} cols {columns}; exec {Kubectl} vip {string.Join(' ', arguments)}", "/dev/null"]);

    private Process Start(string program, IReadOnlyList<string> arguments)
    {
        ProcessStartInfo start = new(program, arguments)
        { RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = true };
        start.Environment["KUBECONFIG"] = fixture.Server.KubeconfigPath;
        start.Environment["PATH"] =
            $"{(Front is null ? "" : Front + ":")}{Folder}:{Environment.GetEnvironmentVariable("PATH")}";
        // Where the tests were built with it, it looks for the runtime that runs us.
        start.Environment["DOTNET_ROOT"] = Path.GetFullPath(
            Path.Combine(Path.GetDirectoryName(typeof(object).Assembly.Location)!, "../../.."));
        return Process.Start(start)!;
    }
}
