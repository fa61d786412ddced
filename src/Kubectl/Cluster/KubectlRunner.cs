using System.ComponentModel;
using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace VipOperator.Kubectl.Cluster;

/// <summary>
/// Runs kubectl as the person who runs the plugin would: it finds the cluster, proves who asks, and words its own
/// failures.
/// </summary>
/// <param name="flags">kubectl's global flags as the person gave them.</param>
internal sealed class KubectlRunner(IReadOnlyList<string> flags)
{
    private const string Program = "kubectl";

    /// <returns>What it printed.</returns>
    /// <exception cref="KubectlException">It failed; its own words.</exception>
    public async Task<string> RunAsync(IReadOnlyList<string> arguments, CancellationToken cancellationToken)
    {
        using Process process = Start(arguments);
        await using CancellationTokenRegistration kill = KillWhen(process, cancellationToken);
        Task<string> errors = process.StandardError.ReadToEndAsync(CancellationToken.None);
        string output = await process.StandardOutput.ReadToEndAsync(CancellationToken.None);
        await EndAsync(process, errors, cancellationToken);
        return output;
    }

    /// <summary>The answer to <c>kubectl get … -o json</c>.</summary>
    /// <exception cref="KubectlException">It failed; its own words.</exception>
    public async Task<T> GetAsync<T>(
        IReadOnlyList<string> arguments, JsonTypeInfo<T> type, CancellationToken cancellationToken)
    {
        string json = await RunAsync(["get", .. arguments, "-o", "json"], cancellationToken);
        return JsonSerializer.Deserialize(json, type)
            ?? throw new KubectlException(
                $"kubectl get {string.Join(' ', arguments)}: the answer is empty.", ExitCodes.Failure);
    }

    /// <summary>
    /// What <c>kubectl get … --watch</c> tells; ends when the API server ends the watch, as it does now and then.
    /// </summary>
    /// <exception cref="KubectlException">It failed; its own words.</exception>
    public async IAsyncEnumerable<WatchEvent> WatchAsync(
        IReadOnlyList<string> arguments, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using Process process = Start(["get", .. arguments, "-o", "json", "--watch", "--output-watch-events"]);
        await using CancellationTokenRegistration kill = KillWhen(process, cancellationToken);
        Task<string> errors = process.StandardError.ReadToEndAsync(CancellationToken.None);
        // kubectl prints one document after the other, with nothing between them.
        await foreach (WatchEvent? told in JsonSerializer.DeserializeAsyncEnumerable(
            process.StandardOutput.BaseStream, PluginJsonContext.Default.WatchEvent,
            topLevelValues: true, CancellationToken.None))
        {
            if (told is not null)
                yield return told;
        }

        await EndAsync(process, errors, cancellationToken);
    }

    /// <summary>Hands on line after line of what it prints, then its exit code and what it said of a failure.</summary>
    public async Task<(int ExitCode, string Errors)> StreamAsync(
        IReadOnlyList<string> arguments, Action<string> line, CancellationToken cancellationToken)
    {
        using Process process = Start(arguments);
        await using CancellationTokenRegistration kill = KillWhen(process, cancellationToken);
        Task<string> errors = process.StandardError.ReadToEndAsync(CancellationToken.None);
        while (await process.StandardOutput.ReadLineAsync(CancellationToken.None) is { } text)
            line(text);
        await process.WaitForExitAsync(CancellationToken.None);
        cancellationToken.ThrowIfCancellationRequested();
        return (process.ExitCode, (await errors).Trim());
    }

    private Process Start(IReadOnlyList<string> arguments)
    {
        ProcessStartInfo start = new(Program)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            // kubectl may have to ask for a password, on the terminal or through a program that it starts.
            RedirectStandardInput = false,
        };
        // The command first: behind a "--" of exec, flags would be the other program's.
        start.ArgumentList.Add(arguments[0]);
        foreach (string argument in flags.Concat(arguments.Skip(1)))
            start.ArgumentList.Add(argument);
        try
        {
            return Process.Start(start)!;
        }
        catch (Win32Exception e)
        {
            throw new KubectlException(
                $"kubectl cannot be started ({e.Message}); it has to be in a folder of PATH.", ExitCodes.Failure);
        }
    }

    private static CancellationTokenRegistration KillWhen(Process process, CancellationToken cancellationToken) =>
        cancellationToken.Register(process.Kill);

    private static async Task EndAsync(Process process, Task<string> errors, CancellationToken cancellationToken)
    {
        await process.WaitForExitAsync(CancellationToken.None);
        cancellationToken.ThrowIfCancellationRequested();
        if (process.ExitCode == 0)
            return;
        string said = (await errors).Trim();
        throw new KubectlException(
            said.Length > 0 ? said : $"kubectl ended with {process.ExitCode}.", process.ExitCode);
    }
}
