using System.Reflection;
using VipOperator.Sidecar.Agent;
using VipOperator.Sidecar.Contract;
using VipOperator.Sidecar.Linux;
using VipOperator.Sidecar.Logging;

namespace VipOperator.Sidecar;

/// <summary>The life of the process: start, signals, graceful end.</summary>
internal sealed class SidecarProcess : IDisposable
{
    private readonly Log _log;
    private readonly SidecarParts _parts;
    private readonly AgentSession _session;
    private readonly StopSignals _signals;
    private int _exitCode;
    private bool _stopping;

    private SidecarProcess(SidecarSettings settings, IReadOnlyList<string> arguments, Log log)
    {
        _log = log;
        _parts = new SidecarParts(settings.LifelinePorts, log);
        bool memoryLocked = settings.LockMemory && TryLockMemory();
        _session = new AgentSession(_parts, settings.AgentPath, arguments, memoryLocked, log)
        { SweepsLeftovers = settings.Sweep };
        _session.Supervisor.Ended += AgentEnded;
        _session.Supervisor.Stopped += () => _parts.Loop.Stop(_exitCode);
        _signals = new StopSignals(_parts.Loop);
        _parts.Loop.Woken += TakeSignals;
        // Once all threads have been started: the runtime keeps whoever starts one busy until it runs, and a busy
        // real-time thread may be what it waits for.
        int realtimePriority = TryRealtime(settings);
        _session.RealtimePriority = (byte)realtimePriority;
        log.Started(Version, realtimePriority, memoryLocked);
        if (settings.Sweep)
            _parts.Routers.SweepLeftovers();
    }

    public static string Version { get; } =
        typeof(SidecarProcess)
        .Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "unknown";

    /// <summary>Runs until a signal or the agent ends it.</summary>
    /// <param name="arguments">The whole command line, which the agent gets too.</param>
    /// <returns>The exit code.</returns>
    /// <exception cref="LinuxException">The kernel refuses what nothing goes without.</exception>
    public static int Run(SidecarSettings settings, IReadOnlyList<string> arguments)
    {
        Log log = new(new LogWriter(), TimeProvider.System, settings.LowestLogLevel, settings.LogsText);
        using SidecarProcess process = new(settings, arguments, log);
        return RunToTheEnd(
            () =>
            {
                process._session.Supervisor.Launch();
                return process._parts.Loop.Run();
            },
            refused =>
            {
                log.Stopping(refused.Message);
                process._parts.Routers.StopAll();
            });
    }

    /// <summary>Runs, and if the kernel refuses what nothing goes without, first says goodbye.</summary>
    /// <param name="stopAll">
    /// Sends priority 0 and gives the addresses up, as far as that is still possible; told what was refused.
    /// </param>
    /// <returns>What <paramref name="run"/> returns.</returns>
    internal static int RunToTheEnd(Func<int> run, Action<LinuxException> stopAll)
    {
        try
        {
            return run();
        }
        catch (LinuxException refused)
        {
            try
            {
                stopAll(refused);
            }
            catch (LinuxException)
            {
                // The first one tells why.
            }

            throw;
        }
    }

    public void Dispose()
    {
        _signals.Dispose();
        _session.Dispose();
        _parts.Dispose();
    }

    private int TryRealtime(SidecarSettings settings)
    {
        if (settings.RealtimePriority == 0)
        {
            _ = Scheduling.ShortenTurnsOfThisThread(favoured: false);
            return 0;
        }

        int result = Scheduling.MakeThisThreadRealtime(settings.RealtimePriority);
        if (result >= 0)
            return settings.RealtimePriority;
        // A kernel with budgets for real-time groups refuses it to most containers, whatever their capabilities.
        _ = Scheduling.ShortenTurnsOfThisThread(favoured: true);
        _log.NotGranted($"Real-time priority {settings.RealtimePriority}", "CAP_SYS_NICE or RLIMIT_RTPRIO is missing",
            settings.RealtimePriorityIsSet);
        return 0;
    }

    private bool TryLockMemory()
    {
        if (Scheduling.LockMemory() >= 0)
            return true;
        _log.NotGranted("Locking the memory", "CAP_IPC_LOCK is missing and RLIMIT_MEMLOCK is low", asked: false);
        return false;
    }

    private void TakeSignals()
    {
        (int stops, int reloads, int childEnds) = _signals.Take();
        if (childEnds > 0)
            ReapChildren();
        if (reloads > 0)
            _session.Supervisor.Signal(ChildProcess.HangUp);
        if (stops == 0)
            return;
        if (_stopping || stops > 1)
            _parts.Loop.Stop(ExitCode.Failure);
        Stop("a signal asked for it", ExitCode.Success);
    }

    // As the first process of a container we inherit whoever loses its parent.
    private void ReapChildren()
    {
        int processId;
        while ((processId = SystemCall.Reap(-1, out int status)) > 0)
            _session.Supervisor.Reaped(processId, status);
    }

    // What is wrong with the command line or the file, the agent has said; with a configuration in force we go on.
    private void AgentEnded(int exitCode)
    {
        if (exitCode == ContractVersion.ExitCodeUsage && !_session.Configured)
            Stop("the agent refuses its command line or configuration", ExitCode.Usage);
    }

    private void Stop(string why, int exitCode)
    {
        if (_stopping)
            return;
        _stopping = true;
        _exitCode = exitCode;
        _log.Stopping(why);
        // First what others wait for; when this returns, priority 0 is sent and the addresses are gone.
        _parts.Routers.StopAll();
        _session.Supervisor.Stop();
    }
}
