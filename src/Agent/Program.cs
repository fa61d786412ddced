using System.Globalization;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using VipOperator.Agent;
using VipOperator.Agent.Commands;
using VipOperator.Agent.Configuration;
using VipOperator.Agent.Logging;
using VipOperator.Agent.Routers;
using VipOperator.Agent.Settings;
using VipOperator.Sidecar.Contract;

CommandLine line = CommandLine.Parse(args, Environment.GetEnvironmentVariable);
if (!line.Errors.IsEmpty)
{
    foreach (string error in line.Errors)
        Console.Error.WriteLine(error);
    return ContractVersion.ExitCodeUsage;
}

switch (line.Command)
{
    case AgentCommand.Help:
        Console.Out.Write(SettingTable.Help());
        return 0;
    case AgentCommand.Version:
        Console.Out.WriteLine(AgentVersion.Text);
        return 0;
    case AgentCommand.Status:
        return await StatusCommand.RunAsync(line.Settings, Console.Out, Console.Error, CancellationToken.None);
    case AgentCommand.Handover:
        return await HandoverCommand.RunAsync(line.Settings, Console.Out, Console.Error, CancellationToken.None);
    case AgentCommand.Capture:
        return await CaptureCommand.RunAsync(
            line.Settings, TimeProvider.System, Console.Out, Console.Error, CancellationToken.None);
    default:
        return await RunAsync(line.Settings);
}

static async Task<int> RunAsync(AgentSettings settings)
{
    ConfigurationFile? file = settings.ConfigurationFile is null
        ? null
        : ConfigurationFile.Load(settings.ConfigurationFile);
    if (file is { Problems.IsEmpty: false })
    {
        foreach (string problem in file.Problems)
            Console.Error.WriteLine(problem);
        return ContractVersion.ExitCodeUsage;
    }

    if (file is null && AgentProcess.FindMissing(settings) is { } missing)
    {
        Console.Error.WriteLine(missing);
        return ContractVersion.ExitCodeUsage;
    }

    if (await LocalAgent.IsThereAsync(new UnixDomainSocketEndPoint(settings.SocketPath), TimeProvider.System))
    {
        Console.Error.WriteLine(
            $"Another vip-sidecar runs here with the state directory {settings.StateDirectory}: its agent answers at "
            + $"{settings.SocketPath}. End that one, or give this one a --state-directory of its own.");
        return ContractVersion.ExitCodeUsage;
    }

    string? descriptor = Environment.GetEnvironmentVariable(ContractVersion.DescriptorVariable);
    if (!int.TryParse(descriptor, NumberStyles.None, CultureInfo.InvariantCulture, out int number))
    {
        Console.Error.WriteLine(
            $"vip-agent is started by vip-sidecar, which hands it a connection in "
            + $"{ContractVersion.DescriptorVariable}; start vip-sidecar instead.");
        return ContractVersion.ExitCodeUsage;
    }

    SidecarConnection sidecar;
    try
    {
        sidecar = SidecarConnection.FromDescriptor(number);
    }
    catch (SocketException e)
    {
        Console.Error.WriteLine(
            $"{ContractVersion.DescriptorVariable}: descriptor {number} is no connection to vip-sidecar: {e.Message}");
        return ContractVersion.ExitCodeUsage;
    }

    using Stream errors = Console.OpenStandardError();
    using QueuedOutput output = new(errors);
    LineLogger log = new(output.Write, settings.LogFormat, settings.LogLevel, TimeProvider.System);
    output.Recovered += lines => Log.LinesLost(log, lines);
    using AgentProcess agent = new(settings, sidecar, TimeProvider.System, log);
    using PosixSignalRegistration term = PosixSignalRegistration.Create(PosixSignal.SIGTERM, End);
    using PosixSignalRegistration interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, End);
    using PosixSignalRegistration hangUp = PosixSignalRegistration.Create(PosixSignal.SIGHUP, Reload);
    return await agent.RunAsync(file, CancellationToken.None);

    void End(PosixSignalContext context)
    {
        context.Cancel = true;
        agent.End();
    }

    void Reload(PosixSignalContext context)
    {
        context.Cancel = true;
        agent.Reload();
    }
}
