using VipOperator.Sidecar.Linux;
using VipOperator.Sidecar.Loop;
using VipOperator.Vrrp;

namespace VipOperator.Sidecar.Lifelines;

/// <summary>
/// A peer's lifeline to us: told which routers live here, and otherwise held until one of the two ends.
/// </summary>
internal sealed class LifelineHolder(LifelineListener listener, Descriptor socket, IpAddress remote)
    : IEventSource, IDisposable
{
    private readonly byte[] _told = new byte[LifelineMessage.Length];

    public Descriptor Socket { get; } = socket;

    public IpAddress Remote { get; } = remote;

    /// <summary>The address of ours that the peer has heard advertisements from.</summary>
    public IpAddress Local { get; } = StreamSocket.LocalAddress(socket);

    /// <summary>Tells it if it is not what was told last. One that does not read what it is told is let go.</summary>
    public bool TryTell(ReadOnlySpan<byte> message)
    {
        if (message.SequenceEqual(_told))
            return true;
        message.CopyTo(_told);
        return SystemCall.Send(Socket, message) == message.Length;
    }

    // It has nothing to say: whatever comes is the end, or a stranger.
    public void OnReady(Readiness readiness) => listener.Close(this);

    public void Dispose() => Socket.Dispose();
}
