using VipOperator.Bench.Failover.Speakers;
using VipOperator.Lab.Cluster;
using VipOperator.Lab.Network;
using VipOperator.Lab.Processes;
using VipOperator.Lab.Tools;

namespace VipOperator.Bench.Failover.Outages;

/// <summary>One of a pair's two nodes: nginx and a speaker.</summary>
internal sealed class PairNode : IAsyncDisposable
{
    private readonly ChildProcessSpec _nginxSpec;
    private ChildProcess? _nginx;

    /// <param name="number">0 or 1.</param>
    /// <param name="nginxName">Of its processes, unique on this machine: keepalived tells them by it from another node's.</param>
    public PairNode(OutagePlan plan, int number, NetworkSegment segment, string nginxName, string folder, string programs)
    {
        Host = NetworkHost.Nodes[number];
        Directory.CreateDirectory(folder);
        string nginx = Path.Combine(folder, nginxName);
        File.CreateSymbolicLink(nginx, Tool.Find("nginx") ?? throw new ToolException("nginx is not installed."));
        _nginxSpec = Nginx.Prepare(
            segment.NamespaceOf(Host), Host, Path.Combine(folder, "nginx"), Path.Combine(folder, "nginx.log")) with { Program = nginx };
        Speaker = Speaker.Prepare(
            plan.Contestant, segment, Host, plan.SpeakerOf(number, nginxName), Path.Combine(folder, "speaker"), programs);
    }

    public NetworkHost Host { get; }

    public Speaker Speaker { get; }

    public void Start()
    {
        StartNginx();
        Speaker.Start();
    }

    /// <summary>Starts nginx unless it runs.</summary>
    public void StartNginx()
    {
        if (_nginx is not { HasExited: false })
            _nginx = ChildProcess.Start(_nginxSpec);
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
