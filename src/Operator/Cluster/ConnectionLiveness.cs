using System.Net.Sockets;

namespace VipOperator.Operator.Cluster;

/// <summary>
/// Has a connection whose other end has vanished noticed within half a minute, be it HTTP/2 (pings) or HTTP/1.1 (TCP
/// keep-alive).
/// </summary>
internal static class ConnectionLiveness
{
    // Of TCP, in s.
    private const int FirstProbe = 15, NextProbe = 5, Probes = 3;

    public static void Watch(SocketsHttpHandler handler, ApiPatience patience)
    {
        handler.ConnectTimeout = patience.Connect;
        handler.KeepAlivePingPolicy = HttpKeepAlivePingPolicy.Always;
        handler.KeepAlivePingDelay = patience.PingDelay;
        handler.KeepAlivePingTimeout = patience.PingAnswer;
        handler.PooledConnectionIdleTimeout = TimeSpan.FromMinutes(2);
        handler.ConnectCallback = ConnectAsync;
    }

    private static async ValueTask<Stream> ConnectAsync(
        SocketsHttpConnectionContext context, CancellationToken cancellation)
    {
        Socket socket = new(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.KeepAlive, true);
            socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveTime, FirstProbe);
            socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveInterval, NextProbe);
            socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveRetryCount, Probes);
            await socket.ConnectAsync(context.DnsEndPoint, cancellation);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}
