using VipOperator.Sidecar.Contract;
using VipOperator.Sidecar.Linux;
using VipOperator.Sidecar.Loop;

namespace VipOperator.Sidecar.Agent;

/// <summary>The stream to one agent: takes its messages, sends ours, and waits for it in neither direction.</summary>
internal sealed class AgentConnection : IEventSource, IDisposable
{
    /// <summary>An agent that lets this much pile up is not reading any more.</summary>
    private const int MostUnsent = 4 * 1024 * 1024;

    /// <summary>Of an agent that runs.</summary>
    private const int MostUnansweredPings = 4;

    /// <summary>Of one that is starting: it may have to wait for one before it to end.</summary>
    private const int MostPingsBeforeHello = 15;

    private readonly EventLoop _loop;
    private readonly Descriptor _stream;
    private readonly IAgentRequests _requests;
    private readonly Action _closed;
    private readonly Action<string> _failed;
    private readonly FrameBuffer _received = new();
    private readonly WireWriter _outgoing = new();
    private int _sent;
    private bool _awaitsSpace;
    private bool _ending;
    private bool _greeted;
    private int _unansweredPings;

    /// <param name="closed">Called when the agent has closed the connection; it is to be disposed of then.</param>
    /// <param name="failed">Called with the reason when it cannot go on otherwise; likewise.</param>
    public AgentConnection(
        EventLoop loop, Descriptor stream, IAgentRequests requests, Action closed, Action<string> failed)
    {
        _loop = loop;
        _stream = stream;
        _requests = requests;
        _closed = closed;
        _failed = failed;
        loop.Register(stream, this);
        new HelloMessage(ContractVersion.Current, Environment.ProcessId).Write(_outgoing);
        Flush();
    }

    /// <summary>Write messages here, then <see cref="Flush"/>.</summary>
    public WireWriter Outgoing => _outgoing;

    public void OnReady(Readiness readiness)
    {
        if ((readiness & Readiness.Writable) != 0)
            Flush();
        if ((readiness & ~Readiness.Writable) != 0)
            Receive();
    }

    /// <summary>
    /// Asks for a sign of life, or gives the agent up that gave none since several such calls. Calls count, not time:
    /// an agent that was paused together with us, or suspended with the machine, has its turn to answer first.
    /// </summary>
    public void Ping()
    {
        if (_unansweredPings >= (_greeted ? MostUnansweredPings : MostPingsBeforeHello))
        {
            _failed("it does not answer");
            return;
        }

        _unansweredPings++;
        _outgoing.BeginFrame(MessageType.Ping);
        _outgoing.EndFrame();
        Flush();
    }

    /// <summary>Sends what the stream takes now and the rest when it takes more.</summary>
    public void Flush()
    {
        while (_sent < _outgoing.Length)
        {
            int sent = SystemCall.Send(_stream, _outgoing.Written[_sent..]);
            if (sent == -Errno.EAGAIN)
                break;
            if (sent < 0)
            {
                // The agent is gone; reading says so in a moment.
                _sent = _outgoing.Length;
                break;
            }

            _sent += sent;
        }

        bool done = _sent == _outgoing.Length;
        if (done)
        {
            _outgoing.Clear();
            _sent = 0;
            if (_ending)
                StreamPair.EndSending(_stream);
        }
        else if (_outgoing.Length - _sent > MostUnsent)
        {
            _failed("it does not read its messages");
            return;
        }

        AwaitSpace(!done);
    }

    /// <summary>
    /// Nothing more will be sent after what was written so far; the agent then finds the end of the stream.
    /// </summary>
    public void EndSending()
    {
        _ending = true;
        Flush();
    }

    public void Dispose()
    {
        _loop.Unregister(_stream);
        _stream.Dispose();
    }

    private void AwaitSpace(bool awaits)
    {
        if (awaits == _awaitsSpace)
            return;
        _awaitsSpace = awaits;
        _loop.Change(_stream, awaits ? Readiness.Readable | Readiness.Writable : Readiness.Readable);
    }

    private void Receive()
    {
        Memory<byte> space = _received.GetMemory();
        int received = StreamPair.Receive(_stream, space.Span);
        if (received == -Errno.EAGAIN)
            return;
        if (received <= 0)
        {
            _closed();
            return;
        }

        _received.Commit(received);
        _unansweredPings = 0;
        try
        {
            while (!_stream.IsClosed && _received.TryTake(out MessageType type, out ReadOnlySpan<byte> payload))
                Dispatch(type, payload);
        }
        catch (ContractException e)
        {
            _failed(e.Message);
        }
    }

    private void Dispatch(MessageType type, ReadOnlySpan<byte> payload)
    {
        if (_greeted != (type != MessageType.Hello))
            throw new ContractException($"Hello comes first and once, not {type}.");
        switch (type)
        {
            case MessageType.Hello:
                ushort version = HelloMessage.Read(payload).Version;
                if (version != ContractVersion.Current)
                    throw new ContractException(
                        $"The agent speaks version {version} of the contract, not {ContractVersion.Current}.");
                _greeted = true;
                break;
            case MessageType.Configure:
                _requests.Configure(ConfigureMessage.Read(payload));
                break;
            case MessageType.Health:
                _requests.SetHealth(HealthMessage.Read(payload));
                break;
            case MessageType.Handover:
                _requests.HandOver(HandoverMessage.Read(payload));
                break;
            case MessageType.ReportRequest:
                _requests.ReportAll();
                break;
            case MessageType.Capture:
                _requests.Capture(CaptureMessage.Read(payload));
                break;
            case MessageType.Pong:
                break;
            default:
                throw new ContractException($"{type} goes from the sidecar to the agent only.");
        }
    }
}
