using VipOperator.Sidecar;
using VipOperator.Sidecar.Contract;
using VipOperator.Sidecar.Linux;

string agentBeside = Path.Combine(AppContext.BaseDirectory, "vip-agent");
if (SidecarSettings.Read(args, Environment.GetEnvironmentVariable, agentBeside, out string problem) is not { } settings)
{
    Console.Error.WriteLine($"vip-sidecar: {problem}");
    return ExitCode.Usage;
}

if (settings.ShowsVersion)
{
    Console.WriteLine($"vip-sidecar {SidecarProcess.Version}");
    return ExitCode.Success;
}

if (settings.Subcommand is not null || settings.ShowsHelp)
{
    if (settings is { ShowsHelp: true, Subcommand: null })
        ShowHelp();
    int error = ChildProcess.Replace(settings.AgentPath, args);
    Console.Error.WriteLine($"vip-sidecar: {new LinuxException("execve", error, settings.AgentPath).Message}");
    return ExitCode.Failure;
}

foreach ((int capability, string name) in
    new[] { (Capabilities.NetworkAdministration, "CAP_NET_ADMIN"), (Capabilities.NetworkRaw, "CAP_NET_RAW") })
{
    if (Capabilities.Has(capability))
        continue;
    Console.Error.WriteLine($"vip-sidecar: {name} is missing; it needs CAP_NET_ADMIN and CAP_NET_RAW, and no other");
    return ExitCode.Failure;
}

try
{
    return SidecarProcess.Run(settings, args);
}
catch (LinuxException e)
{
    Console.Error.WriteLine($"vip-sidecar: {e.Message}");
    return ExitCode.Failure;
}

static void ShowHelp()
{
    Console.WriteLine(
        "Usage: vip-sidecar [--config FILE] [SETTING]... | status [-o json] | handover [--timeout DURATION] | capture "
        + "[--duration DURATION]");
    Console.WriteLine();
    Console.WriteLine("Elects with its peers which of them holds the virtual addresses. Its own settings:");
    foreach (SidecarSetting setting in SidecarSetting.All)
    {
        Console.WriteLine($"  {$"{setting.Flag} {setting.ValueName}",-24}{setting.Help}");
        Console.WriteLine($"  {"",-24}Variable: {setting.Variable}");
    }

    Console.WriteLine();
}
