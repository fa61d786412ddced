using System.CommandLine;
using System.Runtime.InteropServices;
using VipOperator.Bench.Failover;
using VipOperator.Lab.Commands;
using VipOperator.Lab.Tools;

// Not the library's own handling of signals: the whole clean-up must have run before the process ends.
using CancellationTokenSource ending = new();
PosixSignalRegistration[] signals =
[
    .. ((PosixSignal[])[PosixSignal.SIGINT, PosixSignal.SIGTERM, PosixSignal.SIGHUP])
    .Select(signal => PosixSignalRegistration.Create(signal, context =>
    {
        context.Cancel = true;
        ending.Cancel();
    })),
];
try
{
    InvocationConfiguration configuration =
        new() { ProcessTerminationTimeout = null, EnableDefaultExceptionHandler = false };
    ParseResult parsed = BenchCommand.Create(args).Parse(args);
    int exitCode = await parsed.InvokeAsync(configuration, ending.Token);
    return parsed.Errors.Count > 0 ? ExitCodes.Usage : exitCode;
}
catch (ToolException e)
{
    await Console.Error.WriteLineAsync($"vip-bench: {e.Message}");
    return ExitCodes.Failure;
}
catch (OperationCanceledException) when (ending.IsCancellationRequested)
{
    return ExitCodes.Interrupted;
}
finally
{
    foreach (PosixSignalRegistration signal in signals)
        signal.Dispose();
}
