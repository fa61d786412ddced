using VipOperator.Lab.Cluster;
using VipOperator.Lab.Network;
using VipOperator.Lab.Tools;

namespace VipOperator.Lab.Measuring;

/// <summary>
/// One of a lane's two nodes: nginx and a sidecar that takes its part from a file, without Kubernetes.
/// </summary>
internal sealed class LaneNode : IAsyncDisposable
{
    private readonly string _statusProgram;
    private readonly string _stateFolder;

    /// <param name="folder">For its files; made when absent.</param>
    /// <param name="programs">The folder of the sidecar.</param>
    public LaneNode(NetworkHost host, NetworkSegment segment, int priority, string folder, string programs)
    {
        Host = host;
        _stateFolder = Path.Combine(folder, "state");
        _statusProgram = Path.Combine(programs, "vip-sidecar");
        Directory.CreateDirectory(_stateFolder);
        string configuration = Path.Combine(folder, "member.yaml");
        File.WriteAllText(configuration, Lane.MemberDocument(priority));
        string ns = segment.NamespaceOf(host);
        Nginx = new Container(
            Container.NginxName, Cluster.Nginx.Prepare(ns, host, Path.Combine(folder, "nginx"),
                Path.Combine(folder, "nginx.log")), () => { });
        Sidecar = new Container(
            Container.SidecarName,
            FileSidecar.Prepare(ns, Host, programs, configuration, _stateFolder, Path.Combine(folder, "sidecar.log")),
            () => { });
    }

    public NetworkHost Host { get; }

    public Container Nginx { get; }

    public Container Sidecar { get; }

    public async Task StartAsync()
    {
        await Nginx.StartAsync();
        await Sidecar.StartAsync();
    }

    /// <summary>
    /// Whether its sidecar would take over now: Backup, with a passing probe, and it has heard who is Active.
    /// </summary>
    public async Task<bool> IsBackupAsync(CancellationToken cancellation)
    {
        ToolResult status = await Tool.TryRunAsync(
            _statusProgram, ["status", "-o", "json", "--state-directory", _stateFolder], cancellation);
        return status.Succeeded && status.Output.Contains("\"state\": \"Backup\"", StringComparison.Ordinal)
            && status.Output.Contains("\"Passing\"", StringComparison.Ordinal)
            && status.Output.Contains("\"lifeline\": true", StringComparison.Ordinal);
    }

    public async ValueTask DisposeAsync()
    {
        await Sidecar.DisposeAsync();
        await Nginx.DisposeAsync();
    }
}
