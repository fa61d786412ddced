using VipOperator.Sidecar.Contract;
using VipOperator.Sidecar.Links;
using VipOperator.Sidecar.Logging;
using VipOperator.Sidecar.Loop;
using VipOperator.Sidecar.Routers;

namespace VipOperator.Sidecar.Agent;

/// <summary>Answers the agent, and tells it what it is not asked for: transitions and new speakers.</summary>
internal sealed class AgentSession : IAgentRequests, IDisposable
{
    private const int MostUnsentCaptured = 64 * 1024;

    private readonly EventLoop _loop;
    private readonly RouterTable _routers;
    private readonly LinkMonitor _monitor;
    private readonly ChannelTable _channels;
    private readonly PacketReceiver _receiver;
    private readonly SpeakerTable _speakers;
    private readonly AdvertisementTap _tap;
    private readonly AgentSupervisor _supervisor;
    private readonly MemoryRelease _memory;
    private readonly bool _memoryLocked;
    private readonly AgentTime _time = new();

    public AgentSession(
        SidecarParts parts, string agentPath, IReadOnlyList<string> arguments, bool memoryLocked, Log log)
    {
        _loop = parts.Loop;
        _routers = parts.Routers;
        _monitor = parts.Monitor;
        _channels = parts.Channels;
        _receiver = parts.Receiver;
        _speakers = parts.Speakers;
        _tap = parts.Tap;
        _memory = new MemoryRelease(_loop);
        _memoryLocked = memoryLocked;
        _supervisor = new AgentSupervisor(_loop, agentPath, arguments, this, log);
        parts.Executor.Reported += Report;
        _speakers.Appeared += ReportSpeaker;
        _tap.Tapped = ReportCaptured;
    }

    public AgentSupervisor Supervisor => _supervisor;

    /// <summary>The SCHED_FIFO priority that the loop has got, 0 for none; agents are told.</summary>
    public byte RealtimePriority { get; set; }

    /// <summary>Whether any agent has sent a configuration yet.</summary>
    public bool Configured { get; private set; }

    public void Configure(ConfigureMessage message)
    {
        ConfigureResult result = _routers.Configure(message);
        if (!Configured && SweepsLeftovers)
            _routers.SweepLeftovers();
        Configured = true;
        _memory.Schedule();
        if (_supervisor.Connection is not { } connection)
            return;
        result.Write(connection.Outgoing);
        connection.Flush();
    }

    /// <summary>Whether left-over addresses are removed.</summary>
    public bool SweepsLeftovers { get; init; } = true;

    public void SetHealth(HealthMessage message) => _routers.SetHealth(message.Handle, message.Health);

    public void HandOver(HandoverMessage message) => _routers.HandOver(message.Handle);

    public void ReportAll()
    {
        if (_supervisor.Connection is not { } connection)
            return;
        WireWriter writer = connection.Outgoing;
        // By index: an enumerator of the interface would be an allocation.
        for (int i = 0; i < _routers.Routers.Count; i++)
            Write(writer, _routers.Routers[i]);
        for (int i = 0; i < _speakers.Count; i++)
            WriteSpeaker(writer, i);
        ProcessReport.Write(
            writer,
            _supervisor.Starts,
            _loop.Iterations,
            _loop.AllocatedBytes,
            _receiver.UnroutedDrops,
            _channels.KernelDrops + _monitor.Overflows,
            RealtimePriority,
            _memoryLocked);
        writer.BeginFrame(MessageType.ReportEnd);
        writer.EndFrame();
        connection.Flush();
    }

    public void Capture(CaptureMessage message) => _tap.Open(TimeSpan.FromMilliseconds(message.Milliseconds));

    public void Dispose() => _supervisor.Dispose();

    private void Report(RouterRunner router)
    {
        if (_supervisor.Connection is not { } connection)
            return;
        Write(connection.Outgoing, router);
        connection.Flush();
    }

    private void ReportSpeaker(int index)
    {
        if (_supervisor.Connection is not { } connection)
            return;
        WriteSpeaker(connection.Outgoing, index);
        connection.Flush();
    }

    // An agent that reads slowly costs lines of the capture, not the connection.
    private bool ReportCaptured(in TappedAdvertisement tapped, ulong missed)
    {
        if (_supervisor.Connection is not { } connection || connection.Outgoing.Length > MostUnsentCaptured)
            return false;
        string link = _monitor.Table.ByIndex(tapped.LinkIndex)?.Name ?? "";
        tapped.Write(connection.Outgoing, _time.Of(tapped.At), link, missed);
        connection.Flush();
        return true;
    }

    private void Write(WireWriter writer, RouterRunner router)
    {
        router.LookForHints();
        WriteReport(writer, router);
    }

    private void WriteReport(WireWriter writer, RouterRunner router) => RouterReport.Write(
        writer,
        router.Configuration.Handle,
        router.State.Kind,
        router.State.Reason,
        _time.Of(router.State.Since),
        router.State.EffectivePriority,
        router.Link?.Name ?? "",
        router.State.PrimaryAddress,
        router.State.ActiveAddress,
        router.State.ActivePriority,
        router.Lifeline?.Leads(router) == true,
        router.State.ActiveAdvertisementInterval,
        router.Bound,
        router.Problem,
        router.Counters,
        router.Drops,
        router.Hints.Told(_time));

    private void WriteSpeaker(WireWriter writer, int index)
    {
        ref readonly Speaker speaker = ref _speakers[index];
        HeardReport.Write(
            writer,
            _monitor.Table.ByIndex(speaker.LinkIndex)?.Name ?? "",
            speaker.RouterId,
            speaker.Version,
            speaker.Priority,
            speaker.Source,
            speaker.Reason,
            _time.Of(speaker.LastHeard),
            speaker.Count);
    }
}
