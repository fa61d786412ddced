using VipOperator.Lab.Cluster;
using VipOperator.Lab.Network;
using VipOperator.Lab.Processes;

namespace VipOperator.Bench.Failover.Speakers;

/// <summary>A speaker of VRRP on a node, ours or keepalived, with all its processes in one group.</summary>
internal sealed class Speaker : IAsyncDisposable
{
    private readonly string _configuration;
    private readonly Func<SpeakerPlan, string> _write;
    private readonly ChildProcessSpec _spec;
    private ChildProcess? _process;

    private Speaker(string configuration, Func<SpeakerPlan, string> write, ChildProcessSpec spec)
    {
        _configuration = configuration;
        _write = write;
        _spec = spec;
    }

    /// <summary>The group of its processes; it must have been started.</summary>
    public ProcessGroup Processes => new(_process!.Id);

    public bool IsRunning => _process is { HasExited: false };

    /// <param name="folder">For its files; made when absent.</param>
    /// <param name="programs">The folder of ours.</param>
    public static Speaker Prepare(
        Contestant contestant, NetworkSegment segment, NetworkHost host, SpeakerPlan plan,
        string folder, string programs)
    {
        Directory.CreateDirectory(folder);
        string ns = segment.NamespaceOf(host);
        Speaker speaker = contestant switch
        {
            Contestant.Ours => Ours(ns, host, plan, folder, programs),
            Contestant.Keepalived => Keepalived(ns, host, folder),
        };
        speaker.Configure(plan);
        return speaker;
    }

    /// <summary>Starts it unless it runs.</summary>
    public void Start()
    {
        if (!IsRunning)
            _process = ChildProcess.Start(_spec);
    }

    /// <summary>SIGTERM, and its end.</summary>
    public async Task StopAsync()
    {
        if (_process is { } process)
            await process.StopAsync();
    }

    /// <summary>SIGKILL to all its processes at once.</summary>
    public async Task KillAsync()
    {
        if (_process is not { } process)
            return;
        await process.KillAsync();
        await process.Exited;
    }

    /// <summary>STOP or CONT to all its processes.</summary>
    public Task SignalAsync(string signal) => _process!.SignalAsync(signal);

    /// <summary>Another configuration, and SIGHUP.</summary>
    public Task ReconfigureAsync(SpeakerPlan plan)
    {
        Configure(plan);
        return _process!.SignalAsync("HUP", wholeGroup: false);
    }

    public async ValueTask DisposeAsync()
    {
        if (_process is not null)
            await _process.DisposeAsync();
    }

    private static Speaker Ours(string ns, NetworkHost host, SpeakerPlan plan, string folder, string programs)
    {
        string configuration = Path.Combine(folder, "member.yaml");
        string state = Path.Combine(folder, "state");
        Directory.CreateDirectory(state);
        ChildProcessSpec spec = FileSidecar.Prepare(
            ns, host, programs, configuration, state, Path.Combine(folder, "sidecar.log"));
        if (plan.Realtime)
            spec = spec with { Capabilities = [.. spec.Capabilities!, "sys_nice", "ipc_lock"] };
        return new Speaker(configuration, OurConfiguration.Write, spec);
    }

    // In the machine's own namespace, and told to go to the node's by itself: the kernel tells of processes there
    // alone.
    private static Speaker Keepalived(string ns, NetworkHost host, string folder)
    {
        string configuration = Path.Combine(folder, "keepalived.conf");
        string initialState = host == NetworkHost.Node1 ? "MASTER" : "BACKUP";
        return new Speaker(
            configuration, plan => KeepalivedConfiguration.Write(plan, initialState), new ChildProcessSpec
            {
                Name = $"keepalived of {host.Name}",
                Program = "keepalived",
                Arguments =
            [
                "--dont-fork", "--log-console", "--vrrp", "--namespace", ns, "--use-file", configuration,
                "--pid", Path.Combine(folder, "main.pid"), "--vrrp_pid", Path.Combine(folder, "vrrp.pid"),
            ],
                LogFile = Path.Combine(folder, "keepalived.log"),
            });
    }

    // Renamed into its place: a program that watches the file shall not read half of it.
    private void Configure(SpeakerPlan plan)
    {
        string fresh = _configuration + ".new";
        File.WriteAllText(fresh, _write(plan));
        File.Move(fresh, _configuration, overwrite: true);
    }
}
