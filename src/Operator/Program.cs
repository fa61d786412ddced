using System.CommandLine;
using k8s.Exceptions;
using VipOperator.Operator;
using VipOperator.Operator.Configuration;
using YamlDotNet.Core;

const int ExitCodeUsage = 2;

OperatorCommand command = new(Environment.GetEnvironmentVariable, async (settings, cancellation) =>
{
    try
    {
        await using WebApplication app = OperatorHost.Build(settings, TimeProvider.System);
        await app.StartAsync(cancellation);
        await app.WaitForShutdownAsync(cancellation);
        return 0;
    }
    catch (Exception e) when (e is KubeConfigException or YamlException or IOException or InvalidDataException)
    {
        // No such file, not a kubeconfig or a sidecar, or an address that is in use: nothing that a stack trace would
        // explain.
        string where = e is YamlException yaml ? $"{settings.KubeConfig}:{yaml.Start.Line}: " : "";
        Console.Error.WriteLine($"vip-operator: {where}{e.Message}");
        return ExitCodeUsage;
    }
});
ParseResult result = command.Root.Parse(args);
InvocationConfiguration invocation = new()
{
    // Long enough to finish a write, to release the lease and to send what is to be told; less than the 30 s of a pod.
    ProcessTerminationTimeout = TimeSpan.FromSeconds(25),
};
int exitCode = await result.InvokeAsync(invocation);

// A wrong option: as for the other programs.
return result.Errors.Count > 0 ? ExitCodeUsage : exitCode;
