using System.Globalization;
using VipOperator.Bench.Failover.Speakers;
using VipOperator.Lab.Cluster;
using VipOperator.Lab.Network;
using VipOperator.Lab.Probing;
using VipOperator.Lab.Processes;
using VipOperator.Lab.Tools;

namespace VipOperator.Bench.Failover.Outages;

/// <summary>One of a pair's two nodes: nginx and a speaker.</summary>
internal sealed class PairNode : IAsyncDisposable
{
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(20);

    private readonly ChildProcessSpec _nginxSpec;
    private readonly ChildProcessSpec _echoSpec;
    private readonly string _processFile;
    private readonly string _checkLog;
    private ChildProcess? _nginx;
    private ChildProcess? _echo;

    /// <param name="number">0 or 1.</param>
    /// <param name="nginxName">Of its processes, unique on this machine: keepalived tells them by it from another
    /// node's.</param>
    public PairNode(
        OutagePlan plan, int number, NetworkSegment segment, string nginxName, string folder, string programs)
    {
        Host = NetworkHost.Nodes[number];
        Directory.CreateDirectory(folder);
        string nginx = Path.Combine(folder, nginxName);
        File.CreateSymbolicLink(nginx, Tool.Find("nginx") ?? throw new ToolException("nginx is not installed."));
        _processFile = Path.Combine(folder, "nginx", "nginx.pid");
        _checkLog = Path.Combine(folder, "checks.log");
        _nginxSpec = Nginx.Prepare(
            segment.NamespaceOf(Host), Host, Path.Combine(folder, "nginx"),
            Path.Combine(folder, "nginx.log"), _checkLog) with
        { Program = nginx };
        _echoSpec = new ChildProcessSpec
        {
            Name = $"echo of {Host.Name}",
            Program = Self.Program,
            Arguments = ["echo"],
            Namespace = segment.NamespaceOf(Host),
            LogFile = Path.Combine(folder, "echo.log"),
            Niceness = -20,
        };
        Speaker = Speaker.Prepare(
            plan.Contestant, segment, Host, plan.SpeakerOf(number, nginxName),
            Path.Combine(folder, "speaker"), programs);
    }

    public NetworkHost Host { get; }

    public Speaker Speaker { get; }

    /// <summary>When the speaker asked nginx last, as <see cref="Clock.NowMicroseconds"/>; null: it has not asked
    /// yet.</summary>
    public long? LastCheck => File.Exists(_checkLog)
        && File.ReadLines(_checkLog).LastOrDefault() is { Length: > 0 } seconds
        ? (long)(decimal.Parse(seconds, CultureInfo.InvariantCulture) * 1_000_000)
        : null;

    /// <summary>nginx first: keepalived does not always notice one that starts at the same time.</summary>
    public async Task StartAsync(CancellationToken cancellation)
    {
        _echo ??= ChildProcess.Start(_echoSpec);
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
        if (_echo is not null)
            await _echo.DisposeAsync();
    }
}
