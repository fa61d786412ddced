using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;

namespace VipOperator.Lab.Probing;

/// <summary>
/// Sends datagrams to an <see cref="EchoServer"/> and reports those that come back. What does not is told by nothing: a
/// datagram is sent with each request, so that the requests say when one was.
/// </summary>
internal sealed class EchoProbe : IDisposable
{
    private readonly Socket _socket = new(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
    private readonly SocketAddress _target;
    private readonly Action<ProbeSample> _report;

    /// <param name="report">Called on a thread of this probe.</param>
    public EchoProbe(IPEndPoint target, Action<ProbeSample> report)
    {
        _target = target.Serialize();
        _report = report;
        _socket.Bind(new IPEndPoint(IPAddress.Any, 0));
        new Thread(Receive) { IsBackground = true }.Start();
    }

    /// <summary>One datagram; one that cannot be sent is as good as lost.</summary>
    public void Send()
    {
        Span<byte> startedAt = stackalloc byte[sizeof(long)];
        BinaryPrimitives.WriteInt64BigEndian(startedAt, Clock.NowMicroseconds);
        try
        {
            _socket.SendTo(startedAt, SocketFlags.None, _target);
        }
        catch (SocketException)
        {
            // Nobody answers for the address, or there is no way to it.
        }
    }

    public void Dispose() => _socket.Dispose();

    private void Receive()
    {
        Span<byte> received = stackalloc byte[64];
        while (true)
        {
            try
            {
                if (_socket.Receive(received) == sizeof(long))
                    _report(new ProbeSample(BinaryPrimitives.ReadInt64BigEndian(received), Clock.NowMicroseconds, "",
                        null)
                    { IsEcho = true });
            }
            catch (SocketException e)
                when (e.SocketErrorCode is not (SocketError.OperationAborted or SocketError.Interrupted))
            {
                // The kernel's word on a datagram that was sent before.
            }
            catch (Exception e) when (e is SocketException or ObjectDisposedException)
            {
                return;
            }
        }
    }
}
