using System.CommandLine;
using VipOperator.Lab.Processes;
using VipOperator.Lab.Running;
using VipOperator.Lab.Tools;

namespace VipOperator.Lab.Commands;

/// <summary>Ends a lab, however it came to be where it is.</summary>
internal static class DownCommand
{
    private static readonly TimeSpan KeeperBound = TimeSpan.FromSeconds(30);

    public static Command Create()
    {
        Option<string> name = CommonOptions.Name();
        Command command = new("down", "End a lab and remove all of it, also what a crashed one left behind.") { name };
        command.SetAction(async (parsed, cancellation) =>
        {
            if (await Privileges.RunAsRootAsync(Program.Arguments) is { } exitCode)
                return exitCode;
            LabFolder folder = new(parsed.GetRequiredValue(name));
            bool wasThere = Directory.Exists(folder.Path);
            using LabLock held = await EndKeeperAsync(folder, cancellation);
            (int processes, int namespaces) = await Leftovers.SweepAsync(folder);
            Console.WriteLine((wasThere, processes + namespaces) switch
            {
                (_, > 0) => $"Lab '{folder.Lab}' is down; {processes} processes and {namespaces} namespaces were left "
                    + $"over and are gone.",
                (true, _) => $"Lab '{folder.Lab}' is down.",
                (false, _) => $"There is no lab '{folder.Lab}'.",
            });
            return ExitCodes.Success;
        });
        return command;
    }

    private static async Task<LabLock> EndKeeperAsync(LabFolder folder, CancellationToken cancellation)
    {
        if (await LabLock.TryTakeAsync(folder.Lab, TimeSpan.Zero, cancellation) is { } free)
            return free;
        // Somebody holds the lock, so its process id is not yet another's. A keeper that has just begun has no state
        // yet.
        await Wait.UntilAsync(() => LabState.Read(folder) is not null, TimeSpan.FromSeconds(5), cancellation);
        if (LabState.Read(folder) is not { } state)
            throw new ToolException($"Somebody keeps lab '{folder.Lab}', but there is no {folder.StateFile}.");
        if (!state.IsKeptHere)
            throw new ToolException($"Lab '{folder.Lab}' is kept by a process of another container; end it there.");
        foreach (string signal in (string[])["TERM", "KILL"])
        {
            await Tool.TryRunAsync("sh", ["-c", $"kill -s {signal} {state.Keeper}"], cancellation);
            if (await LabLock.TryTakeAsync(folder.Lab, KeeperBound, cancellation) is { } taken)
                return taken;
        }

        throw new ToolException($"Process {state.Keeper}, which keeps lab '{folder.Lab}', does not end.");
    }
}
