using System.Net;
using System.Net.Sockets;

namespace VipOperator.Operator.Tests.Cluster;

/// <summary>
/// A way to the API server through which bytes can stop to flow while its connections stay: what a dead node, a
/// firewall that forgot or a suspended load balancer look like.
/// </summary>
public sealed class FrozenPath : IAsyncDisposable
{
    private readonly CancellationTokenSource _end = new();
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly IPEndPoint _server;
    private readonly Task _accepting;
    private int _generation;
    private volatile int _frozenBelow;
    private volatile bool _isClosed;

    public FrozenPath(Uri server)
    {
        _server = new IPEndPoint(IPAddress.Parse(server.Host), server.Port);
        _listener.Start();
        _accepting = AcceptAsync();
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    /// <summary>No byte of the connections that there are passes any more; new ones are as they should be.</summary>
    public void FreezeConnections() => _frozenBelow = Interlocked.Increment(ref _generation);

    /// <summary>Nothing passes any more, and new connections are accepted and lead nowhere.</summary>
    public void FreezeAll()
    {
        _isClosed = true;
        FreezeConnections();
    }

    public void Open() => _isClosed = false;

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        _listener.Stop();
        await _accepting;
        _end.Dispose();
    }

    private async Task AcceptAsync()
    {
        List<Task> connections = [];
        try
        {
            while (true)
            {
                Socket client = await _listener.AcceptSocketAsync(_end.Token);
                connections.Add(RelayAsync(client, _isClosed ? -1 : Volatile.Read(ref _generation)));
            }
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException)
        {
            // The end.
        }

        await Task.WhenAll(connections);
    }

    private async Task RelayAsync(Socket client, int generation)
    {
        using (client)
        using (Socket server = new(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true })
        {
            try
            {
                await server.ConnectAsync(_server, _end.Token);
                await Task.WhenAll(CopyAsync(client, server, generation), CopyAsync(server, client, generation));
            }
            catch (Exception e) when (e is OperationCanceledException or SocketException)
            {
                // One end is gone.
            }
        }
    }

    private async Task CopyAsync(Socket from, Socket to, int generation)
    {
        byte[] buffer = new byte[16 * 1024];
        while (await from.ReceiveAsync(buffer, _end.Token) is > 0 and int read)
        {
            // Swallowed; the sender's kernel takes that for delivered.
            if (generation >= _frozenBelow)
                await to.SendAsync(buffer.AsMemory(0, read), _end.Token);
        }

        to.Shutdown(SocketShutdown.Send);
    }
}
