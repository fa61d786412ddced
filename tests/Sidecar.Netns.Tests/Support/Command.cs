using System.Diagnostics;

namespace VipOperator.Sidecar.Netns.Tests.Support;

/// <summary>Runs programs.</summary>
internal static class Command
{
    /// <summary>Runs to the end.</summary>
    /// <returns>Standard output.</returns>
    /// <exception cref="InvalidOperationException">It ended with another code than 0.</exception>
    public static string Run(string program, params string[] arguments)
    {
        (int exitCode, string output, string error) = Try(program, arguments);
        return exitCode == 0
            ? output
            : throw new InvalidOperationException(
                $"{program} {string.Join(' ', arguments)} ended with {exitCode}: {error}{output}");
    }

    public static (int ExitCode, string Output, string Error) Try(string program, params string[] arguments)
    {
        using Process process = Process.Start(new ProcessStartInfo(program, arguments)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        Task<string> error = process.StandardError.ReadToEndAsync();
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, output, error.Result);
    }

    public static bool Exists(string program) =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').Append("/usr/sbin").Append("/sbin")
            .Any(folder => File.Exists(Path.Combine(folder, program)));
}
