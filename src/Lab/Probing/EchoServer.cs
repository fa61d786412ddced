using System.Net;
using System.Net.Sockets;

namespace VipOperator.Lab.Probing;

/// <summary>Sends datagrams back to where they come from, as long as this process lives.</summary>
internal static class EchoServer
{
    /// <summary>RFC 862.</summary>
    public const int Port = 7;

    /// <exception cref="SocketException">The port is taken.</exception>
    public static void Run()
    {
        using Socket socket = new(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        socket.Bind(new IPEndPoint(IPAddress.Any, Port));
        SocketAddress sender = new(AddressFamily.InterNetwork);
        Span<byte> datagram = stackalloc byte[64];
        while (true)
        {
            try
            {
                int length = socket.ReceiveFrom(datagram, SocketFlags.None, sender);
                socket.SendTo(datagram[..length], SocketFlags.None, sender);
            }
            catch (SocketException)
            {
                // Too long for an echo, or its sender cannot be reached any more: the next one will do.
            }
        }
    }
}
