using VipOperator.Sidecar.Linux;
using VipOperator.Sidecar.Loop;
using VipOperator.Sidecar.Routers;
using VipOperator.Vrrp;

namespace VipOperator.Sidecar.Lifelines;

/// <summary>
/// A connection to a peer's process, held for its end: that ends when the process does, however that does. Connected
/// anew, if it is still wanted, after a pause that grows.
/// </summary>
internal sealed class Lifeline(LifelineTable table, IpAddress remote, int linkIndex, int port)
    : IEventSource, IDisposable
{
    private const long ShortestPause = 250_000_000;
    private const long LongestPause = 60_000_000_000;
    private const long LongestSilence = 20_000_000_000;

    private readonly byte[] _message = new byte[LifelineMessage.Length];
    private readonly byte[] _received = new byte[LifelineMessage.Length];
    private int _receivedLength;
    private bool _isConnecting;
    private long _pauseNanoseconds = ShortestPause;
    private MonotonicTime _retryAt;
    private MonotonicTime _silentUntil;

    /// <summary>Where the peer advertises from.</summary>
    public IpAddress Remote { get; } = remote;

    public int LinkIndex { get; } = linkIndex;

    public int Port { get; } = port;

    /// <summary>null between connections.</summary>
    public Descriptor? Socket { get; private set; }

    /// <summary>Whether the peer has said which routers live in its process.</summary>
    public bool IsHeld { get; private set; }

    /// <summary>Whether it is held, and leads to the process that a router follows.</summary>
    public bool Leads(RouterRunner router) => IsHeld && ToldOf(router);

    /// <summary>Whether the peer, when it was heard last, was the one that a router follows.</summary>
    public bool ToldOf(RouterRunner router) =>
        router.State.ActiveAddress == Remote
        && router.Channel?.LinkIndex == LinkIndex
        && LifelineMessage.Contains(_message, router.Parameters.VirtualRouterId);

    /// <summary>Connects if it is not connected and the pause is over.</summary>
    /// <returns>Whether it has still to show whose process it leads to.</returns>
    public bool TryBegin(MonotonicTime now)
    {
        // Whoever accepts and says nothing is no sidecar.
        if (Socket is not null && !IsHeld && now >= _silentUntil)
            Drop();
        if (Socket is null && now >= _retryAt)
            Connect(now);
        return Socket is not null && !IsHeld;
    }

    public void OnReady(Readiness readiness)
    {
        if (_isConnecting)
            FinishConnecting();
        else
            Receive();
    }

    public void Dispose() => Socket?.Dispose();

    private void Connect(MonotonicTime now)
    {
        _receivedLength = 0;
        _message.AsSpan().Clear();
        _silentUntil = now.PlusNanoseconds(LongestSilence);
        Socket = StreamSocket.TryConnect(Remote, LinkIndex, Port, out _);
        _isConnecting = Socket is not null;
        if (Socket is null)
            Pause();
        else
            table.Watch(this, Readiness.Writable);
    }

    private void FinishConnecting()
    {
        if (StreamSocket.TakeError(Socket!) != 0)
        {
            Drop();
            return;
        }

        _isConnecting = false;
        table.Change(this, Readiness.Readable);
    }

    private void Receive()
    {
        int length = SystemCall.Read(Socket!, _received.AsSpan(_receivedLength));
        if (length == -Errno.EAGAIN)
            return;
        if (length <= 0)
        {
            End(length == 0);
            return;
        }

        _receivedLength += length;
        if (_receivedLength < LifelineMessage.Length)
            return;
        _receivedLength = 0;
        if (!LifelineMessage.IsValid(_received))
        {
            // Something else listens there.
            Drop();
            return;
        }

        _received.CopyTo(_message, 0);
        IsHeld = true;
        _pauseNanoseconds = ShortestPause;
    }

    // Only a connection that was closed says that the process is gone: a host that went silent, or was started anew,
    // ends it with an error.
    private void End(bool isClosed)
    {
        bool says = isClosed && IsHeld;
        Drop();
        if (says)
            table.Ended(this);
    }

    private void Drop()
    {
        table.Unwatch(this);
        Socket!.Dispose();
        Socket = null;
        IsHeld = false;
        Pause();
    }

    private void Pause()
    {
        _retryAt = MonotonicClock.Now.PlusNanoseconds(_pauseNanoseconds);
        _pauseNanoseconds = Math.Min(2 * _pauseNanoseconds, LongestPause);
    }
}
