using System.Collections.Immutable;
using System.Globalization;
using System.Net.Sockets;
using VipOperator.Sidecar.Contract;
using VipOperator.Vrrp;

namespace VipOperator.Sidecar.Netns.Tests.Support;

/// <summary>
/// The other half of the contract. The sidecar starts <see cref="Executable"/>, a script that joins its descriptor to a
/// Unix socket, and the test answers there: every agent that is started is a new connection.
/// </summary>
internal sealed class FakeAgent : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("vips-agent-");
    private readonly Socket _listener = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
    private readonly Lock _gate = new();
    private readonly Dictionary<uint, RouterReport> _reports = [];
    private readonly Dictionary<(IpAddress Source, byte RouterId, DropReason Reason), HeardReport> _heard = [];
    private readonly List<RouterReport> _history = [];
    private readonly List<CapturedReport> _captured = [];
    private ConfigureMessage _configuration = new(0, []);
    private Socket? _connection;
    private int _requestsAnswered;

    public FakeAgent()
    {
        string path = Path.Combine(_folder.FullName, "agent.sock");
        _listener.Bind(new UnixDomainSocketEndPoint(path));
        _listener.Listen();
        Executable = Path.Combine(_folder.FullName, "agent");
        File.WriteAllText(Executable, $"#!/bin/sh\nexec socat FD:$VIP_SIDECAR_FD UNIX-CONNECT:{path}\n");
        File.SetUnixFileMode(Executable, UnixFileMode.UserRead | UnixFileMode.UserExecute);
        _ = Task.Run(AcceptAll);
    }

    public string Executable { get; }

    /// <summary>How many agents the sidecar has started.</summary>
    public int Connections { get; private set; }

    /// <summary>Whether it answers pings, as an agent that does not hang.</summary>
    public bool AnswersPings { get; set; } = true;

    public ConfigureResult? Result { get; private set; }

    public ProcessReport? Process { get; private set; }

    /// <summary>The reports of transitions and on request, in order.</summary>
    public ImmutableArray<RouterReport> History
    {
        get
        {
            lock (_gate)
                return [.. _history];
        }
    }

    public ImmutableArray<HeardReport> Heard
    {
        get
        {
            lock (_gate)
                return [.. _heard.Values];
        }
    }

    /// <summary>What was told during a capture, in order.</summary>
    public ImmutableArray<CapturedReport> Captured
    {
        get
        {
            lock (_gate)
                return [.. _captured];
        }
    }

    /// <summary>The last report of a router; null before the first.</summary>
    public RouterReport? Report(uint handle)
    {
        lock (_gate)
            return _reports.GetValueOrDefault(handle);
    }

    /// <summary>
    /// Sends the configuration now, if there is a connection, and to each agent that is started later.
    /// </summary>
    public void Configure(params RouterConfiguration[] routers)
    {
        lock (_gate)
        {
            _configuration = new ConfigureMessage(_configuration.Revision + 1, [.. routers]);
            Send(_configuration.Write);
        }
    }

    public ulong Revision => _configuration.Revision;

    public void Send(Action<WireWriter> write)
    {
        WireWriter writer = new();
        write(writer);
        lock (_gate)
        {
            try
            {
                _connection?.Send(writer.Written);
            }
            catch (SocketException)
            {
                // The agent was killed meanwhile; the next one gets the configuration anyway.
            }
        }
    }

    /// <summary>Asks for all reports and waits for them.</summary>
    public async Task Refresh()
    {
        await Eventually.True(() => Connections > 0, "an agent is started");
        int before = Volatile.Read(ref _requestsAnswered);
        Send(writer =>
        {
            writer.BeginFrame(MessageType.ReportRequest);
            writer.EndFrame();
        });
        await Eventually.True(() => Volatile.Read(ref _requestsAnswered) > before, "the sidecar reports");
    }

    public void Dispose()
    {
        _listener.Dispose();
        _connection?.Dispose();
        _folder.Delete(recursive: true);
    }

    private async Task AcceptAll()
    {
        while (true)
        {
            Socket connection;
            try
            {
                connection = await _listener.AcceptAsync();
            }
            catch (Exception e) when (e is SocketException or ObjectDisposedException)
            {
                return;
            }

            lock (_gate)
            {
                _connection = connection;
                Connections++;
                Send(new HelloMessage(ContractVersion.Current, Environment.ProcessId).Write);
                if (_configuration.Revision > 0)
                    Send(_configuration.Write);
            }

            _ = Task.Run(() => Read(connection));
        }
    }

    private async Task Read(Socket connection)
    {
        FrameBuffer frames = new();
        try
        {
            while (await connection.ReceiveAsync(frames.GetMemory()) is int received and > 0)
            {
                frames.Commit(received);
                while (frames.TryTake(out MessageType type, out ReadOnlySpan<byte> payload))
                    Take(type, payload);
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // The agent or the sidecar was killed.
        }
    }

    private void Take(MessageType type, ReadOnlySpan<byte> payload)
    {
        lock (_gate)
        {
            switch (type)
            {
                case MessageType.RouterReport:
                    RouterReport report = RouterReport.Read(payload);
                    _reports[report.Handle] = report;
                    _history.Add(report);
                    break;
                case MessageType.HeardReport:
                    HeardReport heard = HeardReport.Read(payload);
                    _heard[(heard.Source, heard.VirtualRouterId, heard.Reason)] = heard;
                    break;
                case MessageType.ProcessReport:
                    Process = ProcessReport.Read(payload);
                    break;
                case MessageType.CapturedReport:
                    _captured.Add(CapturedReport.Read(payload));
                    break;
                case MessageType.ConfigureResult:
                    Result = ConfigureResult.Read(payload);
                    break;
                case MessageType.ReportEnd:
                    Interlocked.Increment(ref _requestsAnswered);
                    break;
                case MessageType.Ping when AnswersPings:
                    Send(writer =>
                    {
                        writer.BeginFrame(MessageType.Pong);
                        writer.EndFrame();
                    });
                    break;
            }
        }
    }

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Connections} agents started");
}
