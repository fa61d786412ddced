using VipOperator.Api;
using VipOperator.Lab.Processes;
using VipOperator.Lab.Tools;

namespace VipOperator.Lab.Cluster;

/// <summary>
/// A container of a pod, as a kubelet keeps it: a process group that is started, restarted when it ends by itself, and
/// stopped. Calls come from one caller at a time.
/// </summary>
internal sealed class Container(string name, ChildProcessSpec spec, Action changed) : IAsyncDisposable
{
    public const string NginxName = "nginx";
    public const string SidecarName = WellKnown.SidecarContainerName;

    private ChildProcess? _process;
    private Task _watching = Task.CompletedTask;
    private CancellationTokenSource _restarting = new();

    public string Name => name;

    public ChildProcessSpec Spec => spec;

    /// <summary>
    /// How long a kubelet waits before it starts an ended container again; infinite: until it is told to.
    /// </summary>
    public TimeSpan RestartDelay { get; set; } = Timeout.InfiniteTimeSpan;

    public bool IsRunning => _process is { HasExited: false };

    public int? ProcessId => _process is { HasExited: false } running ? running.Id : null;

    public int Restarts { get; private set; }

    public int LastExitCode { get; private set; }

    /// <summary>When it was started or has ended.</summary>
    public DateTimeOffset Since { get; private set; } = DateTimeOffset.UtcNow;

    /// <summary>Starts it unless it runs.</summary>
    /// <exception cref="ToolException">The program is missing.</exception>
    public async Task StartAsync()
    {
        await CancelRestartAsync();
        if (!IsRunning)
            Launch();
    }

    /// <summary>SIGKILL to all of it, and no restart until <see cref="StartAsync"/>.</summary>
    public async Task KillAsync()
    {
        await CancelRestartAsync();
        if (_process is { } process)
        {
            await process.KillAsync();
            await process.Exited;
            Ended(process);
        }
    }

    /// <summary>A signal, a grace, then SIGKILL; no restart until <see cref="StartAsync"/>.</summary>
    /// <returns>Whether it ended by itself within the grace.</returns>
    public async Task<bool> StopAsync(string signal = "TERM")
    {
        await CancelRestartAsync();
        if (_process is not { } process)
            return true;
        bool graceful = await process.StopAsync(signal: signal);
        Ended(process);
        return graceful;
    }

    /// <summary>SIGSTOP to all of it.</summary>
    public Task FreezeAsync() => _process?.SignalAsync("STOP") ?? Task.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        await CancelRestartAsync();
        if (_process is { } process)
            await process.DisposeAsync();
        _restarting.Dispose();
    }

    private void Launch()
    {
        if (_process is not null)
            Restarts++;
        _process = ChildProcess.Start(spec);
        Since = DateTimeOffset.UtcNow;
        _watching = WatchAsync(_process, _restarting.Token);
        changed();
    }

    private async Task WatchAsync(ChildProcess process, CancellationToken cancellation)
    {
        try
        {
            await process.Exited.WaitAsync(cancellation);
            // What the dead process left in its group would be gone with the container.
            await process.KillAsync();
            Ended(process);
            await Task.Delay(RestartDelay, cancellation);
            Launch();
        }
        catch (OperationCanceledException)
        {
            // Somebody else decides now.
        }
    }

    private void Ended(ChildProcess process)
    {
        LastExitCode = process.ExitCode;
        Since = DateTimeOffset.UtcNow;
        changed();
    }

    private async Task CancelRestartAsync()
    {
        await _restarting.CancelAsync();
        await _watching;
        _restarting.Dispose();
        _restarting = new CancellationTokenSource();
    }
}
