using System.CommandLine;
using VipOperator.Operator;
using VipOperator.Operator.Configuration;

OperatorCommand command = new(Environment.GetEnvironmentVariable, async (settings, cancellation) =>
{
    await using WebApplication app = OperatorHost.Build(settings, TimeProvider.System);
    await app.StartAsync(cancellation);
    await app.WaitForShutdownAsync(cancellation);
    return 0;
});
ParseResult result = command.Root.Parse(args);
InvocationConfiguration invocation = new()
{
    // Long enough to finish a write and to release the lease.
    ProcessTerminationTimeout = TimeSpan.FromSeconds(15),
};
int exitCode = await result.InvokeAsync(invocation);

// A wrong option: 2, as for the other programs.
return result.Errors.Count > 0 ? 2 : exitCode;
