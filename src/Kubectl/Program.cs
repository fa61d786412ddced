using System.CommandLine;
using VipOperator.Kubectl;
using VipOperator.Kubectl.Cluster;
using VipOperator.Kubectl.Commands;

RootCommand root = VipCommand.Create();
ParseResult parsed = root.Parse(GlobalFlags.MoveBehindCommand(args, [.. root.Subcommands.Select(c => c.Name)]));
try
{
    int exitCode = await parsed.InvokeAsync(new InvocationConfiguration { EnableDefaultExceptionHandler = false });
    return parsed.Errors.Count > 0 ? ExitCodes.Usage : exitCode;
}
catch (KubectlException e)
{
    await Console.Error.WriteLineAsync(e.Message);
    return e.ExitCode;
}
catch (OperationCanceledException)
{
    return ExitCodes.Interrupted;
}
