using System.CommandLine;
using VipOperator.Lab.Processes;
using VipOperator.Lab.Running;
using VipOperator.Lab.Tools;

namespace VipOperator.Lab.Commands;

/// <summary>The keeper of a lab that stays up; started by <c>vip-lab up</c>.</summary>
internal static class RunCommand
{
    /// <summary>Long enough to see what an ended container does to the address.</summary>
    private static readonly TimeSpan RestartDelay = TimeSpan.FromSeconds(10);

    public static Command Create()
    {
        Option<string> name = CommonOptions.Name();
        Option<DirectoryInfo> programs = CommonOptions.Programs();
        Option<DirectoryInfo?> logs = CommonOptions.KeepLogs();
        Command command = new("run", "Keep a lab up until a signal ends it.") { Hidden = true };
        command.Add(name);
        command.Add(programs);
        command.Add(logs);
        command.SetAction(async (parsed, cancellation) =>
        {
            LabOptions options = new()
            {
                Name = parsed.GetRequiredValue(name),
                Programs = parsed.GetRequiredValue(programs).FullName,
                KeepLogs = parsed.GetValue(logs)?.FullName,
                RestartDelay = RestartDelay,
            };
            LabFolder folder = new(options.Name);
            Prerequisites.Require(options.Programs);
            using LabLock held = await CommonOptions.TakeLockAsync(folder, cancellation);
            Progress progress = new();
            await using RunningLab lab = await RunningLab.StartAsync(options, progress, cancellation);
            progress.Report(UpCommand.ReadyLine);
            await Task.Delay(Timeout.Infinite, cancellation).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            return ExitCodes.Success;
        });
        return command;
    }

    /// <summary>Unlike <see cref="Progress{T}"/> in order and at once.</summary>
    private sealed class Progress : IProgress<string>
    {
        public void Report(string value)
        {
            try
            {
                Console.Out.WriteLine(value);
            }
            catch (IOException)
            {
                // Whoever waited for us to be ready has gone; the lab stays.
            }
        }
    }
}
