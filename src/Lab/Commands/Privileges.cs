using System.Diagnostics;
using VipOperator.Lab.Tools;

namespace VipOperator.Lab.Commands;

/// <summary>A lab needs root, for the namespaces.</summary>
internal static class Privileges
{
    private const string Inherited = "PATH,DOTNET_ROOT,KUBEBUILDER_ASSETS,NO_COLOR,TERM";

    /// <summary>Runs the same command line again through sudo, unless we are root already.</summary>
    /// <returns>null: we are root. Otherwise what the other process ended with.</returns>
    /// <exception cref="ToolException">There is no way to become root.</exception>
    public static Task<int?> RunAsRootAsync(IReadOnlyList<string> arguments) => RunAsRootAsync(Self.Program, arguments);

    /// <summary>The same for another program that uses a lab.</summary>
    public static async Task<int?> RunAsRootAsync(string program, IReadOnlyList<string> arguments)
    {
        if (Environment.IsPrivilegedProcess)
            return null;
        if (Tool.Find("sudo") is not { } sudo)
            throw new ToolException(
                "A lab makes network namespaces, and that needs root: run it as root, or install sudo.");
        await Console.Error.WriteLineAsync(
            $"{Path.GetFileName(program)} needs root for network namespaces; sudo may ask for a password.");
        // The terminal sends Ctrl-C to both; ours ends when the other has cleaned up.
        using Process process = Tool.StartOrExplain(
            new ProcessStartInfo(sudo, [$"--preserve-env={Inherited}", "--", program, .. arguments]), "sudo");
        await process.WaitForExitAsync();
        return process.ExitCode;
    }
}
