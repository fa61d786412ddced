using System.ComponentModel;
using System.Diagnostics;

namespace VipOperator.Lab.Tools;

/// <summary>Runs short-lived system tools (ip, kubectl, curl, …) to their end.</summary>
internal static class Tool
{
    private static readonly string[] SystemFolders =
        ["/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin"];

    /// <summary>The search path of everything the lab starts: a user's own PATH often lacks the sbin folders.</summary>
    public static string SearchPath { get; } = string.Join(':', (Environment.GetEnvironmentVariable("PATH") ?? "")
        .Split(':', StringSplitOptions.RemoveEmptyEntries).Concat(SystemFolders).Distinct());

    /// <returns>The program's path; null when no folder of <see cref="SearchPath"/> has it.</returns>
    public static string? Find(string program) =>
        SearchPath.Split(':').Select(folder => Path.Combine(folder, program)).FirstOrDefault(File.Exists);

    /// <exception cref="ToolException">The tool is missing or failed.</exception>
    public static async Task<string> RunAsync(
        string program, IEnumerable<string> arguments, CancellationToken cancellation) =>
        (await TryRunAsync(program, arguments, cancellation)).EnsureSucceeded().Output;

    /// <summary>Runs a tool whose failure is an answer too. Cancelling kills it.</summary>
    /// <param name="input">What it reads from its standard input.</param>
    /// <param name="environment">Variables on top of our own.</param>
    /// <exception cref="ToolException">The tool is missing.</exception>
    public static async Task<ToolResult> TryRunAsync(
        string program,
        IEnumerable<string> arguments,
        CancellationToken cancellation,
        string? input = null,
        IReadOnlyDictionary<string, string>? environment = null)
    {
        ProcessStartInfo start = new(Find(program) ?? program, arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["PATH"] = SearchPath;
        foreach ((string name, string value) in environment ?? new Dictionary<string, string>())
            start.Environment[name] = value;
        string commandLine = string.Join(' ', [program, .. start.ArgumentList]);

        using Process process = StartOrExplain(start, program);
        try
        {
            Task<string> output = process.StandardOutput.ReadToEndAsync(cancellation);
            Task<string> error = process.StandardError.ReadToEndAsync(cancellation);
            await WriteInputAsync(process, input, cancellation);
            await process.WaitForExitAsync(cancellation);
            return new ToolResult(commandLine, process.ExitCode, await output, await error);
        }
        catch (OperationCanceledException)
        {
            process.Kill();
            throw;
        }
    }

    /// <exception cref="ToolException">The program is missing.</exception>
    public static Process StartOrExplain(ProcessStartInfo start, string program)
    {
        try
        {
            return Process.Start(start) ?? throw new ToolException($"{program} did not start.");
        }
        catch (Win32Exception e)
        {
            throw new ToolException($"{program} cannot be started: {e.Message}", e);
        }
    }

    private static async Task WriteInputAsync(Process process, string? input, CancellationToken cancellation)
    {
        try
        {
            await process.StandardInput.WriteAsync(input.AsMemory(), cancellation);
            process.StandardInput.Close();
        }
        catch (IOException)
        {
            // It ended without reading all of it; its exit code says why.
        }
    }
}
