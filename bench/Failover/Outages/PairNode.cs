using VipOperator.Bench.Failover.Speakers;
using VipOperator.Lab.Cluster;
using VipOperator.Lab.Network;
using VipOperator.Lab.Processes;
using VipOperator.Lab.Tools;

namespace VipOperator.Bench.Failover.Outages;

/// <summary>One of a pair's two nodes: nginx and a speaker.</summary>
internal sealed class PairNode : IAsyncDisposable
{
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(20);

    private readonly ChildProcessSpec _nginxSpec;
    private readonly string _processFile;
    private ChildProcess? _nginx;

    /// <param name="number">0 or 1.</param>
    /// <param name="nginxName">Of its processes, unique on this machine: keepalived tells them by it from another node's.</param>
    public PairNode(OutagePlan plan, int number, NetworkSegment segment, string nginxName, string folder, string programs)
    {
        Host = NetworkHost.Nodes[number];
        Directory.CreateDirectory(folder);
        string nginx = Path.Combine(folder, nginxName);
        File.CreateSymbolicLink(nginx, Tool.Find("nginx") ?? throw new ToolException("nginx is not installed."));
        _processFile = Path.Combine(folder, "nginx", "nginx.pid");
        _nginxSpec = Nginx.Prepare(
            segment.NamespaceOf(Host), Host, Path.Combine(folder, "nginx"), Path.Combine(folder, "nginx.log")) with
        { Program = nginx };
        Speaker = Speaker.Prepare(
            plan.Contestant, segment, Host, plan.SpeakerOf(number, nginxName), Path.Combine(folder, "speaker"), programs);
    }

    public NetworkHost Host { get; }

    public Speaker Speaker { get; }

    /// <summary>nginx first: keepalived does not always notice one that starts at the same time.</summary>
    public async Task StartAsync(CancellationToken cancellation)
    {
        await StartNginxAsync(cancellation);
        Speaker.Start();
    }

    /// <summary>Starts nginx unless it runs, and waits until it serves.</summary>
    /// <exception cref="ToolException">It does not.</exception>
    public async Task StartNginxAsync(CancellationToken cancellation)
    {
        if (_nginx is { HasExited: false })
            return;
        File.Delete(_processFile);
        _nginx = ChildProcess.Start(_nginxSpec);
        if (!await Wait.UntilAsync(() => File.Exists(_processFile), Bound, cancellation))
            throw new ToolException($"{_nginxSpec.Name} does not start.");
    }

    public async Task KillNginxAsync()
    {
        await _nginx!.KillAsync();
        await _nginx.Exited;
    }

    /// <summary>STOP or CONT to all processes of nginx.</summary>
    public Task SignalNginxAsync(string signal) => _nginx!.SignalAsync(signal);

    public async ValueTask DisposeAsync()
    {
        await Speaker.DisposeAsync();
        if (_nginx is not null)
            await _nginx.DisposeAsync();
    }
}
