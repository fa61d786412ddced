using System.Net;
using System.Net.Sockets;
using VipOperator.Lab.Cluster;

namespace VipOperator.Lab.Tests.Cluster;

public sealed class SocketRelayTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("relay-").FullName;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task Bytes_GoBothWays_AndTheEndOfAStreamIsPassedOn()
    {
        using TcpListener server = new(IPAddress.Loopback, 0);
        server.Start();
        await using SocketRelay relay = new(Address, server.LocalEndpoint);
        using Socket client = await ConnectAsync();

        await client.SendAsync("question"u8.ToArray(), Cancellation);
        client.Shutdown(SocketShutdown.Send);
        using Socket accepted = await server.AcceptSocketAsync(Cancellation);
        Assert.Equal("question"u8.ToArray(), await ReadToEndAsync(accepted));
        await accepted.SendAsync("answer"u8.ToArray(), Cancellation);
        accepted.Shutdown(SocketShutdown.Send);

        Assert.Equal("answer"u8.ToArray(), await ReadToEndAsync(client));
    }

    [Fact]
    public async Task TargetGone_ConnectionEnds()
    {
        using TcpListener server = new(IPAddress.Loopback, 0);
        server.Start();
        EndPoint target = server.LocalEndpoint;
        server.Stop();
        await using SocketRelay relay = new(Address, target);
        using Socket client = await ConnectAsync();

        Assert.Empty(await ReadToEndAsync(client));
    }

    [Fact]
    public async Task Relay_EndsWithConnectionsOpen()
    {
        using TcpListener server = new(IPAddress.Loopback, 0);
        server.Start();
        SocketRelay relay = new(Address, server.LocalEndpoint);
        using Socket client = await ConnectAsync();
        using Socket accepted = await server.AcceptSocketAsync(Cancellation);

        await relay.DisposeAsync();

        Assert.Empty(await ReadToEndAsync(client));
    }

    private UnixDomainSocketEndPoint Address => new(Path.Combine(_folder, "relay.sock"));

    private async Task<Socket> ConnectAsync()
    {
        Socket client = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        await client.ConnectAsync(Address, Cancellation);
        return client;
    }

    private static async Task<byte[]> ReadToEndAsync(Socket socket)
    {
        using MemoryStream all = new();
        byte[] buffer = new byte[64];
        int count;
        while ((count = await socket.ReceiveAsync(buffer, Cancellation)) > 0)
            all.Write(buffer, 0, count);
        return all.ToArray();
    }
}
