using System.CommandLine;
using VipOperator.Import.Shell;

namespace VipOperator.Kubectl.Commands;

/// <summary><c>kubectl vip</c>.</summary>
internal static class VipCommand
{
    public static RootCommand Create() =>
        new("Looks at and moves the virtual IP addresses of VirtualIPs. Exit codes: 0; 1, what was waited for did not "
            + "come about, or kubectl failed; 2, the command line or a name on it is wrong.")
        {
            new StatusCommand(),
            new MoveCommand(),
            new EvacuateCommand(),
            new CaptureCommand(),
            ImportCommands.Create("import"),
        };
}
