using System.CommandLine;
using VipOperator.Lab.Processes;
using VipOperator.Lab.Tools;

namespace VipOperator.Lab.Commands;

/// <summary>Starts a lab that stays.</summary>
internal static class UpCommand
{
    /// <summary>What the keeper prints when its lab is up.</summary>
    public const string ReadyLine = "ready";

    public static Command Create()
    {
        Option<string> name = CommonOptions.Name();
        Option<DirectoryInfo> programs = CommonOptions.Programs();
        Option<DirectoryInfo?> logs = CommonOptions.KeepLogs();
        Command command = new("up", "Start a lab that stays until 'vip-lab down'.") { name, programs, logs };
        command.SetAction(async (parsed, cancellation) =>
        {
            if (await Privileges.RunAsRootAsync(Program.Arguments) is { } exitCode)
                return exitCode;
            LabFolder folder = new(parsed.GetRequiredValue(name));
            string bin = parsed.GetRequiredValue(programs).FullName;
            Prerequisites.Require(bin);
            (await CommonOptions.TakeLockAsync(folder, cancellation)).Dispose();
            await StartKeeperAsync(folder, bin, parsed.GetValue(logs)?.FullName, cancellation);
            await StatusCommand.PrintAsync(folder, cancellation);
            return ExitCodes.Success;
        });
        return command;
    }

    private static async Task StartKeeperAsync(
        LabFolder folder, string bin, string? logs, CancellationToken cancellation)
    {
        string[] keepLogs = logs is null ? [] : ["--logs", logs];
        string errorFile = Path.GetTempFileName();
        // Its output is read until it is ready. It must hold nothing of ours open, or whoever reads from us would wait
        // for it.
        ChildProcess keeper = ChildProcess.Start(new ChildProcessSpec
        {
            Name = "keeper",
            Program = Self.Program,
            ErrorFile = errorFile,
            Arguments = ["run", "--name", folder.Lab, "--bin", bin, .. keepLogs],
            Environment = Environment.GetEnvironmentVariable("KUBEBUILDER_ASSETS") is { } assets
                ? new Dictionary<string, string> { ["KUBEBUILDER_ASSETS"] = assets }
                : [],
        });
        string errors;
        try
        {
            while (await keeper.Output.ReadLineAsync(cancellation) is { } line)
            {
                if (line == ReadyLine)
                    return;
                Console.WriteLine($"… {line}");
            }
        }
        catch (OperationCanceledException)
        {
            await keeper.StopAsync(TimeSpan.FromSeconds(30));
            throw;
        }
        finally
        {
            errors = await File.ReadAllTextAsync(errorFile, CancellationToken.None);
            File.Delete(errorFile);
        }

        await keeper.Exited;
        throw new ToolException($"The lab did not start (exit code {keeper.ExitCode}). {errors.Trim()}");
    }
}
