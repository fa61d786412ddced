using VipOperator.Sidecar.Linux;
using VipOperator.Sidecar.Logging;
using VipOperator.Sidecar.Loop;
using VipOperator.Vrrp;

namespace VipOperator.Sidecar.Agent;

/// <summary>Keeps one agent running until told to stop; routers do not notice when it comes and goes.</summary>
internal sealed class AgentSupervisor : IEventSource, IDisposable
{
    // An agent that closed its connection is ending. One that found the end of ours may be writing a last status; the
    // signals are for one that does not end by itself.
    private static readonly TimeSpan ClosedPatience = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan StopPatience = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan TerminatePatience = TimeSpan.FromSeconds(2);

    // An agent that hangs is given up after some of these. Where the loop wakes up for others meanwhile, that will do.
    private static readonly TimeSpan PingInterval = TimeSpan.FromSeconds(2);
    private const long PingSlackNanoseconds = 1_000_000_000;

    private readonly EventLoop _loop;
    private readonly AgentLauncher _launcher;
    private readonly IAgentRequests _requests;
    private readonly Log _log;
    private readonly RestartBackoff _backoff = new();
    private readonly Deadline _restart;
    private readonly Deadline _terminate;
    private readonly Deadline _kill;
    private readonly Deadline _ping;
    // Children that ended while an agent was being started: one of them may be the agent, which nobody here knows yet.
    private readonly Dictionary<int, int> _endedEarly = [];
    private bool _launching;
    private ChildProcess? _process;
    private AgentConnection? _connection;
    private MonotonicTime _startedAt;
    private bool _hasClosed;
    private bool _stopping;

    public AgentSupervisor(
        EventLoop loop, string path, IReadOnlyList<string> arguments, IAgentRequests requests, Log log)
    {
        _loop = loop;
        _requests = requests;
        _log = log;
        _launcher = new AgentLauncher(path, arguments, loop.Wake);
        _restart = new Deadline(Launch);
        _terminate = new Deadline(Terminate);
        _kill = new Deadline(() => _process?.Signal(ChildProcess.Kill));
        _ping = new Deadline(Ping);
        loop.Woken += TakeLaunched;
    }

    /// <summary>Raised when an agent ended by itself with this exit code, before it is started again.</summary>
    public event Action<int>? Ended;

    /// <summary>Raised when there is no agent any more after <see cref="Stop"/>.</summary>
    public event Action? Stopped;

    /// <summary>How often an agent was started.</summary>
    public uint Starts { get; private set; }

    /// <summary>The stream to the agent; null while there is none.</summary>
    public AgentConnection? Connection => _connection;

    public void Launch()
    {
        if (_stopping)
            return;
        _launching = true;
        _launcher.Launch();
    }

    /// <summary>Passes a signal on.</summary>
    public void Signal(int signal) => _process?.Signal(signal);

    /// <summary>
    /// Asks the agent to end, once it has read what was sent to it, and kills it if it takes too long.
    /// </summary>
    public void Stop()
    {
        _stopping = true;
        _loop.Schedule(_restart, MonotonicTime.Never);
        if (_process is null)
        {
            Stopped?.Invoke();
            return;
        }

        _loop.Schedule(_ping, MonotonicTime.Never);
        _connection?.EndSending();
        _loop.Schedule(_terminate, MonotonicClock.Now.Plus(StopPatience));
    }

    /// <summary>Says that <see cref="SystemCall.Reap"/> was told of a child's end.</summary>
    public void Reaped(int processId, int status)
    {
        if (_launching)
            _endedEarly[processId] = status;
        if (_process?.ProcessId != processId)
            return;
        TimeSpan lived = TimeSpan.FromTicks((MonotonicClock.Now.Nanoseconds - _startedAt.Nanoseconds) / 100);
        _loop.Schedule(_terminate, MonotonicTime.Never);
        _loop.Schedule(_kill, MonotonicTime.Never);
        _loop.Unregister(_process.Exit);
        _process.Dispose();
        _process = null;
        _hasClosed = false;
        CloseConnection();
        int exitCode = ChildProcess.ExitCode(status);
        if (!_stopping)
            Ended?.Invoke(exitCode);
        if (_stopping)
        {
            Stopped?.Invoke();
            return;
        }

        TimeSpan delay = _backoff.Next(lived);
        _log.AgentEnded(exitCode, delay);
        _loop.Schedule(_restart, MonotonicClock.Now.Plus(delay));
    }

    /// <summary>The pidfd is readable: the agent has ended.</summary>
    public void OnReady(Readiness readiness)
    {
        // That it is no child of ours any more is an end as well: the descriptor would stay readable for ever.
        if (SystemCall.Reap(_process!.ProcessId, out int status) != 0)
            Reaped(_process.ProcessId, status);
    }

    public void Dispose()
    {
        CloseConnection();
        _process?.Dispose();
    }

    private void TakeLaunched()
    {
        if (!_launcher.TryTake(out LaunchedAgent? launched, out string? problem))
            return;
        _launching = false;
        if (launched is null)
        {
            _endedEarly.Clear();
            TimeSpan delay = _backoff.Next(TimeSpan.Zero);
            _log.AgentNotStarted(problem!, delay);
            _loop.Schedule(_restart, MonotonicClock.Now.Plus(delay));
            return;
        }

        Starts++;
        _process = launched.Process;
        _startedAt = MonotonicClock.Now;
        _loop.Register(_process.Exit, this);
        _log.AgentStarted(_process.ProcessId);
        _connection = new AgentConnection(_loop, launched.Stream, _requests, ConnectionClosed, ConnectionFailed);
        SchedulePing();
        bool hasEnded = _endedEarly.TryGetValue(_process.ProcessId, out int status);
        _endedEarly.Clear();
        if (_stopping)
            Stop();
        if (hasEnded)
            Reaped(_process.ProcessId, status);
    }

    private void SchedulePing() =>
        _loop.Schedule(_ping, MonotonicClock.Now.Plus(PingInterval), PingSlackNanoseconds);

    private void Ping()
    {
        SchedulePing();
        _connection?.Ping();
    }

    private void Terminate()
    {
        if (_hasClosed)
            _log.AgentDropped("it has closed the connection and does not end");
        _process?.Signal(ChildProcess.Terminate);
        _loop.Schedule(_kill, MonotonicClock.Now.Plus(TerminatePatience));
    }

    // It is ending, as a rule: then its exit code says more.
    private void ConnectionClosed()
    {
        bool closed = _connection is not null;
        CloseConnection();
        if (!closed || _stopping)
            return;
        _hasClosed = true;
        _loop.Schedule(_terminate, MonotonicClock.Now.Plus(ClosedPatience));
    }

    private void ConnectionFailed(string reason)
    {
        bool closed = _connection is not null;
        CloseConnection();
        if (!closed || _stopping)
            return;
        _log.AgentDropped(reason);
        _loop.Schedule(_terminate, MonotonicClock.Now.Plus(ClosedPatience));
    }

    private void CloseConnection()
    {
        _loop.Schedule(_ping, MonotonicTime.Never);
        _connection?.Dispose();
        _connection = null;
    }
}
