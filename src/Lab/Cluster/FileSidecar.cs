using VipOperator.Lab.Network;
using VipOperator.Lab.Processes;

namespace VipOperator.Lab.Cluster;

/// <summary>A sidecar that takes its part from a file, without Kubernetes.</summary>
internal static class FileSidecar
{
    /// <param name="programs">The folder of the sidecar.</param>
    /// <param name="configuration">The file with its VirtualIPMember documents.</param>
    public static ChildProcessSpec Prepare(
        string ns, NetworkHost host, string programs, string configuration, string stateFolder, string logFile) => new()
        {
            Name = $"sidecar of {host.Name}",
            Program = Path.Combine(programs, "vip-sidecar"),
            Arguments =
            [
                "--config", configuration, "--state-directory", stateFolder, "--log-format", "text",
                "--metrics-address", "none",
            ],
            Namespace = ns,
            LogFile = logFile,
            Capabilities = ["net_admin", "net_raw"],
        };
}
