using System.CommandLine;
using System.Runtime.InteropServices;
using VipOperator.Lab.Commands;
using VipOperator.Lab.Tools;

namespace VipOperator.Lab;

internal static class Program
{
    /// <summary>The command line, for when it has to be run again as root.</summary>
    public static IReadOnlyList<string> Arguments { get; private set; } = [];

    public static async Task<int> Main(string[] arguments)
    {
        Arguments = arguments;
        // Not the library's own handling of signals: the whole clean-up must have run before the process ends.
        using CancellationTokenSource ending = new();
        using PosixSignalRegistration interrupt = EndOn(PosixSignal.SIGINT, ending);
        using PosixSignalRegistration terminate = EndOn(PosixSignal.SIGTERM, ending);
        using PosixSignalRegistration hangUp = EndOn(PosixSignal.SIGHUP, ending);
        try
        {
            InvocationConfiguration configuration = new()
            { ProcessTerminationTimeout = null, EnableDefaultExceptionHandler = false };
            ParseResult parsed = CreateRoot().Parse(arguments);
            int exitCode = await parsed.InvokeAsync(configuration, ending.Token);
            return parsed.Errors.Count > 0 ? ExitCodes.Usage : exitCode;
        }
        catch (ToolException e)
        {
            await Console.Error.WriteLineAsync($"vip-lab: {e.Message}");
            return ExitCodes.Failure;
        }
        catch (OperationCanceledException) when (ending.IsCancellationRequested)
        {
            return ExitCodes.Interrupted;
        }
    }

    private static RootCommand CreateRoot() =>
        new("A lab on one machine: two nodes with nginx and a client in network namespaces, a Kubernetes API, the "
            + "operator, the sidecars.")
        {
            UpCommand.Create(),
            DownCommand.Create(),
            StatusCommand.Create(),
            DemoCommand.Create(),
            MeasureCommand.Create(),
            ExecCommand.Create(),
            ExecCommand.CreatePlug(plug: false),
            ExecCommand.CreatePlug(plug: true),
            RunCommand.Create(),
            ProbeCommand.Create(),
            EchoCommand.Create(),
            RelayCommand.Create(),
        };

    private static PosixSignalRegistration EndOn(PosixSignal signal, CancellationTokenSource ending) =>
        PosixSignalRegistration.Create(signal, context =>
        {
            context.Cancel = true;
            ending.Cancel();
        });
}
