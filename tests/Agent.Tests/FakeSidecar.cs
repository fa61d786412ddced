using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Diagnostics;
using System.Net.Sockets;
using VipOperator.Sidecar.Contract;
using VipOperator.Vrrp;

namespace VipOperator.Agent.Tests;

/// <summary>
/// The other half, at the other end of a real socket: takes every configuration, reports every router as Backup until a
/// test says otherwise, and notes what it was told.
/// </summary>
internal sealed class FakeSidecar : IDisposable
{
    private static readonly TimeSpan PingInterval = TimeSpan.FromSeconds(2);

    private readonly Socket _socket;
    private readonly Lock _gate = new();
    private readonly WireWriter _writer = new();
    private readonly Dictionary<uint, RouterReport> _reports = [];
    private readonly SemaphoreSlim _told = new(0);
    private readonly Task _receiving;
    private readonly Timer _pulse;
    private ImmutableArray<RouterConfiguration> _routers = [];

    public FakeSidecar()
    {
        string path = Path.Combine(Path.GetTempPath(), $"fake-sidecar-{Guid.NewGuid():N}");
        using Socket listener = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        listener.Bind(new UnixDomainSocketEndPoint(path));
        listener.Listen();
        AgentEnd = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        AgentEnd.Connect(new UnixDomainSocketEndPoint(path));
        _socket = listener.Accept();
        File.Delete(path);
        _receiving = Task.Run(ReceiveAsync);
        _pulse = new Timer(_ => TryPing(), null, PingInterval, PingInterval);
    }

    /// <summary>The agent's end of the connection.</summary>
    public Socket AgentEnd { get; }

    public ConcurrentQueue<ConfigureMessage> Configurations { get; } = new();

    public ConcurrentQueue<(HealthMessage Message, long Timestamp)> Verdicts { get; } = new();

    public ConcurrentQueue<uint> Handovers { get; } = new();

    public ConcurrentQueue<CaptureMessage> Captures { get; } = new();

    /// <summary>Answers to <see cref="Ping"/>.</summary>
    public int Pongs { get; private set; }

    /// <summary>What a configuration is answered with; by default there is no problem.</summary>
    public Func<ConfigureMessage, ImmutableArray<ConfigureProblem>> Problems { get; set; } = _ => [];

    /// <summary>Called with the handle of each handover.</summary>
    public Action<uint> HandingOver { get; set; } = _ => { };

    public ImmutableArray<RouterConfiguration> Routers
    {
        get
        {
            lock (_gate)
                return _routers;
        }
    }

    public void Report(uint handle, RouterStateKind state, TransitionReason reason,
        string? activeAddress = null, params string[] bound)
    {
        lock (_gate)
        {
            _reports[handle] = NewReport(handle) with
            {
                State = state,
                Reason = reason,
                ActiveAddress = activeAddress is null ? default : IpAddress.Parse(activeAddress),
                BoundAddresses = [.. bound.Select(IpPrefix.Parse)],
            };
            Send(_reports[handle].Write);
        }
    }

    /// <summary>Reports what goes wrong around a router; nothing else of it changes.</summary>
    public void Hint(uint handle, params RouterHint[] hints)
    {
        lock (_gate)
        {
            _reports[handle] = _reports[handle] with { Hints = [.. hints] };
            Send(_reports[handle].Write);
        }
    }

    /// <summary>Reports what keeps a router from running, empty: nothing; nothing else of it changes.</summary>
    public void Obstruct(uint handle, string problem)
    {
        lock (_gate)
        {
            _reports[handle] = _reports[handle] with { Problem = problem };
            Send(_reports[handle].Write);
        }
    }

    public void Hear(string source, byte id) => Send(new HeardReport(
        "eth0", id, 3, new Priority(200), IpAddress.Parse(source), DropReason.UnknownVirtualRouterId, Now, 1).Write);

    public void Send(Action<WireWriter> write)
    {
        lock (_gate)
        {
            _writer.Clear();
            write(_writer);
            _socket.Send(_writer.Written);
        }
    }

    public void Ping() => Send(writer =>
    {
        writer.BeginFrame(MessageType.Ping);
        writer.EndFrame();
    });

    /// <summary>Waits until the agent has told something that makes this true.</summary>
    public async Task UntilAsync(Func<bool> condition, CancellationToken cancellationToken)
    {
        while (!condition())
            await _told.WaitAsync(cancellationToken);
    }

    public Task UntilVerdictAsync(Health verdict, CancellationToken cancellationToken) =>
        UntilAsync(() => Verdicts.LastOrDefault().Message.Health == verdict, cancellationToken);

    /// <summary>As when the sidecar ends: the agent sees the end of the stream.</summary>
    public void Close() => _socket.Shutdown(SocketShutdown.Send);

    public void Dispose()
    {
        _pulse.Dispose();
        _socket.Dispose();
        _receiving.Wait(TimeSpan.FromSeconds(5));
        AgentEnd.Dispose();
        _told.Dispose();
    }

    public static MonotonicTime Now => new(Stopwatch.GetTimestamp());

    private void TryPing()
    {
        try
        {
            Ping();
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // The test is over.
        }
    }

    private static RouterReport NewReport(uint handle) => new()
    {
        Handle = handle,
        State = RouterStateKind.Backup,
        Reason = TransitionReason.Startup,
        Since = Now,
        EffectivePriority = new Priority(100),
        InterfaceName = "eth0",
        PrimaryAddress = IpAddress.Parse("127.0.0.1"),
        ActiveAddress = default,
        ActivePriority = new Priority(254),
        ActiveAdvertisementInterval = Centiseconds.FromSeconds(1),
        BoundAddresses = [],
        Problem = "",
        Counters = [.. Enumerable.Range(0, Enum.GetValues<RouterCounter>().Length).Select(i => (ulong)i)],
        Drops = [.. Enumerable.Range(0, Enum.GetValues<DropReason>().Length).Select(i => (ulong)i)],
    };

    private async Task ReceiveAsync()
    {
        FrameBuffer frames = new();
        try
        {
            Send(new HelloMessage(ContractVersion.Current, 4711).Write);
            while (await _socket.ReceiveAsync(frames.GetMemory()) is > 0 and int received)
            {
                frames.Commit(received);
                while (frames.TryTake(out MessageType type, out ReadOnlySpan<byte> payload))
                    Take(type, payload);
                _told.Release();
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // The test is over.
        }
    }

    private void Take(MessageType type, ReadOnlySpan<byte> payload)
    {
        switch (type)
        {
            case MessageType.Configure:
                ConfigureMessage configuration = ConfigureMessage.Read(payload);
                lock (_gate)
                {
                    _routers = configuration.Routers;
                    foreach (RouterConfiguration router in configuration.Routers)
                        _reports.TryAdd(router.Handle, NewReport(router.Handle));
                }

                Configurations.Enqueue(configuration);
                Send(new ConfigureResult(configuration.Revision, Problems(configuration)).Write);
                break;
            case MessageType.Health:
                Verdicts.Enqueue((HealthMessage.Read(payload), Stopwatch.GetTimestamp()));
                break;
            case MessageType.Handover:
                uint handle = HandoverMessage.Read(payload).Handle;
                Handovers.Enqueue(handle);
                HandingOver(handle);
                break;
            case MessageType.Pong:
                Pongs++;
                break;
            case MessageType.Capture:
                Captures.Enqueue(CaptureMessage.Read(payload));
                break;
            case MessageType.ReportRequest:
                lock (_gate)
                {
                    foreach (RouterConfiguration router in _routers)
                        Send(_reports[router.Handle].Write);
                    Send(new ProcessReport(1, 10, 0, 2, 3, 50, true).Write);
                    Send(writer =>
                    {
                        writer.BeginFrame(MessageType.ReportEnd);
                        writer.EndFrame();
                    });
                }

                break;
        }
    }
}
