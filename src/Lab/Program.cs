using System.CommandLine;
using System.Runtime.InteropServices;
using VipOperator.Lab.Commands;
using VipOperator.Lab.Tools;

// Our own handling of signals: the whole clean-up must have run before the process ends.
using CancellationTokenSource ending = new();
List<PosixSignalRegistration> registrations = [];
foreach (PosixSignal signal in (PosixSignal[])[PosixSignal.SIGINT, PosixSignal.SIGTERM, PosixSignal.SIGHUP])
{
    registrations.Add(PosixSignalRegistration.Create(signal, context =>
    {
        context.Cancel = true;
        ending.Cancel();
    }));
}

RootCommand root = new("A lab on one machine: two nodes with nginx and a client in network namespaces, a Kubernetes API, the operator and the sidecars.")
{
    ProbeCommand.Create(),
    RelayCommand.Create(),
};

try
{
    InvocationConfiguration configuration = new() { ProcessTerminationTimeout = null, EnableDefaultExceptionHandler = false };
    return await root.Parse(args).InvokeAsync(configuration, ending.Token);
}
catch (ToolException e)
{
    Console.Error.WriteLine($"vip-lab: {e.Message}");
    return ExitCodes.Failure;
}
catch (OperationCanceledException) when (ending.IsCancellationRequested)
{
    return ExitCodes.Interrupted;
}
finally
{
    registrations.ForEach(r => r.Dispose());
}
