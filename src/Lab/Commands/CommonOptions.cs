using System.CommandLine;
using VipOperator.Lab.Processes;
using VipOperator.Lab.Tools;

namespace VipOperator.Lab.Commands;

/// <summary>Options that several commands share.</summary>
internal static class CommonOptions
{
    public static Option<string> Name(string standard = "lab") => new("--name")
    {
        Description = "Which lab: 1 to 16 small letters and digits. Several can be up at once.",
        DefaultValueFactory = _ => standard,
    };

    public static Option<DirectoryInfo> Programs() => new("--bin")
    {
        Description = "The folder of vip-operator, vip-sidecar and vip-agent.",
        DefaultValueFactory = _ => new DirectoryInfo(Self.Folder),
    };

    public static Option<DirectoryInfo?> KeepLogs() => new("--logs")
    {
        Description = "A folder to copy the logs of all processes to, before they go with the lab.",
    };

    /// <exception cref="ToolException">Another process keeps a lab of that name.</exception>
    public static async Task<LabLock> TakeLockAsync(LabFolder folder, CancellationToken cancellation) =>
        await LabLock.TryTakeAsync(folder.Lab, TimeSpan.FromSeconds(10), cancellation)
        ?? throw new ToolException(
            $"Lab '{folder.Lab}' is up already; 'vip-lab down --name {folder.Lab}' ends it, --name makes another one.");
}
