using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Microsoft.Extensions.Logging;
using VipOperator.Agent.Logging;

namespace VipOperator.Agent.Endpoints;

/// <summary>
/// A small HTTP/1.1 server: one request a connection, no bodies, everything bounded. Kestrel would cost more memory
/// than the rest of the agent together. Whoever opens connections and keeps silent keeps nobody else from an answer:
/// kubelet restarts a container that does not answer it.
/// </summary>
internal sealed class HttpListenerSocket(
    EndPoint address, Func<HttpRequest, CancellationToken, Task<HttpReply>> answer, TimeProvider time, ILogger log)
{
    private const int LongestHead = 8 * 1024;
    private const int MostConnections = 32;

    /// <summary>For the head of a request to arrive.</summary>
    private static readonly TimeSpan ReadTimeout = TimeSpan.FromSeconds(5);

    /// <summary>For a reader to take the answer.</summary>
    private static readonly TimeSpan WriteTimeout = TimeSpan.FromSeconds(10);

    private static readonly TimeSpan FirstRetry = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestRetry = TimeSpan.FromSeconds(30);

    private readonly ConnectionSlots _slots = new(MostConnections);

    /// <summary>Whether the kernel has IPv6 at all; it has none with ipv6.disable=1 on its command line.</summary>
    public bool HasIPv6 { private get; init; } = Socket.OSSupportsIPv6;

    /// <summary>
    /// Listens until it is cancelled. Where the address is taken it tries again: another agent may just be going.
    /// </summary>
    /// <param name="bound">Called with the address once it listens.</param>
    public async Task RunAsync(Action<EndPoint>? bound, CancellationToken cancellationToken)
    {
        EndPoint own = OwnAddress();
        TimeSpan retry = FirstRetry;
        while (true)
        {
            try
            {
                using Socket listener = Listen(own);
                bound?.Invoke(listener.LocalEndPoint!);
                retry = FirstRetry;
                await AcceptAsync(listener, cancellationToken).ConfigureAwait(false);
            }
            catch (Exception e) when (e is SocketException or IOException or UnauthorizedAccessException)
            {
                Log.NotListening(log, own.ToString()!, e.Message);
                await Task.Delay(retry, time, cancellationToken).ConfigureAwait(false);
                retry = retry * 2 < LongestRetry ? retry * 2 : LongestRetry;
            }
        }
    }

    // All addresses are meant by the IPv6 wildcard; without IPv6 the IPv4 ones are all.
    private EndPoint OwnAddress()
    {
        if (HasIPv6 || address is not IPEndPoint { Port: int port } wildcard
            || !wildcard.Address.Equals(IPAddress.IPv6Any))
            return address;
        IPEndPoint instead = new(IPAddress.Any, port);
        Log.NoIPv6(log, instead.ToString(), address.ToString()!);
        return instead;
    }

    private static Socket Listen(EndPoint address)
    {
        // Named as TCP it gets SO_REUSEADDR: an agent that is started again must not wait for its predecessor's
        // connections.
        ProtocolType protocol = address is IPEndPoint ? ProtocolType.Tcp : ProtocolType.Unspecified;
        Socket listener = new(address.AddressFamily, SocketType.Stream, protocol);
        try
        {
            if (address is IPEndPoint { Address: { } ip } && ip.Equals(IPAddress.IPv6Any))
                listener.DualMode = true;
            if (address is UnixDomainSocketEndPoint)
                BindPrivately(listener, address.ToString()!);
            else
                listener.Bind(address);
            listener.Listen(backlog: MostConnections);
            return listener;
        }
        catch
        {
            listener.Dispose();
            throw;
        }
    }

    // Only the agent's own user may connect. The mode is set before anyone can: nobody listens yet.
    private static void BindPrivately(Socket listener, string path)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        // Left behind by an agent that was killed: beside one that answers, none gets as far as this.
        File.Delete(path);
        listener.Bind(new UnixDomainSocketEndPoint(path));
        File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite);
    }

    private async Task AcceptAsync(Socket listener, CancellationToken cancellationToken)
    {
        while (true)
        {
            Socket connection = await listener.AcceptAsync(cancellationToken).ConfigureAwait(false);
            ConnectionSlots.Slot slot;
            try
            {
                slot = await _slots.TakeAsync(cancellationToken).ConfigureAwait(false);
            }
            catch
            {
                connection.Dispose();
                throw;
            }

            _ = ServeAsync(connection, slot);
        }
    }

    private async Task ServeAsync(Socket connection, ConnectionSlots.Slot slot)
    {
        try
        {
            using (slot)
            using (connection)
            {
                HttpReply reply = HttpReply.Text(400, "This is no HTTP request.");
                if (await ReadAsync(connection, slot.Dropped).ConfigureAwait(false) is { } request)
                {
                    slot.Answer();
                    reply = await AnswerAsync(request, slot.Dropped).ConfigureAwait(false);
                    slot.Wait();
                }

                await SendAsync(connection, reply, slot.Dropped).ConfigureAwait(false);
            }
        }
        catch (Exception e) when (e is SocketException or OperationCanceledException or IOException)
        {
            // The reader went away, was too slow, or had to make room.
        }
    }

    // Whoever asks hears what is wrong here, instead of a connection that ends.
    private async Task<HttpReply> AnswerAsync(HttpRequest request, CancellationToken cancellationToken)
    {
        try
        {
            return await answer(request, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            Log.AnswerFailed(log, request.Path, e);
            return HttpReply.Text(500, $"{request.Path} cannot be answered: {e.Message}");
        }
    }

    /// <returns>null for anything that is no request or too long.</returns>
    private async Task<HttpRequest?> ReadAsync(Socket connection, CancellationToken cancellationToken)
    {
        using CancellationTokenSource late = new(ReadTimeout, time);
        using CancellationTokenSource limit = CancellationTokenSource.CreateLinkedTokenSource(
            cancellationToken, late.Token);
        byte[] head = new byte[LongestHead];
        int length = 0;
        while (length < LongestHead)
        {
            int received = await connection.ReceiveAsync(head.AsMemory(length), limit.Token).ConfigureAwait(false);
            if (received == 0)
                return null;
            length += received;
            if (head.AsSpan(0, length).IndexOf("\r\n\r\n"u8) >= 0 || head.AsSpan(0, length).IndexOf("\n\n"u8) >= 0)
                return Parse(head.AsSpan(0, length));
        }

        return null;
    }

    // "GET /path?query HTTP/1.1" (RFC 9112 §3); nothing of the header fields matters here.
    private static HttpRequest? Parse(ReadOnlySpan<byte> head)
    {
        ReadOnlySpan<byte> line = head[..head.IndexOf((byte)'\n')].TrimEnd((byte)'\r');
        string[] parts = Encoding.ASCII.GetString(line).Split(' ');
        if (parts.Length != 3 || !parts[2].StartsWith("HTTP/1.", StringComparison.Ordinal) || !parts[1].StartsWith('/'))
            return null;
        int question = parts[1].IndexOf('?', StringComparison.Ordinal);
        return question < 0
            ? new HttpRequest(parts[0], parts[1], "")
            : new HttpRequest(parts[0], parts[1][..question], parts[1][(question + 1)..]);
    }

    private async Task SendAsync(Socket connection, HttpReply reply, CancellationToken cancellationToken)
    {
        using CancellationTokenSource late = new(WriteTimeout, time);
        using CancellationTokenSource limit = CancellationTokenSource.CreateLinkedTokenSource(
            cancellationToken, late.Token);
        string head = string.Create(
            CultureInfo.InvariantCulture,
            $"HTTP/1.1 {reply.Status} {ReasonOf(reply.Status)}\r\nContent-Type: {reply.ContentType}\r\nContent-Length: "
            + $"{reply.Body.Length}\r\nConnection: close\r\nCache-Control: no-store\r\n\r\n");
        byte[] bytes = new byte[head.Length + reply.Body.Length];
        Encoding.ASCII.GetBytes(head, bytes);
        reply.Body.CopyTo(bytes.AsMemory(head.Length));
        for (ReadOnlyMemory<byte> rest = bytes; !rest.IsEmpty;)
            rest = rest[await connection.SendAsync(rest, limit.Token).ConfigureAwait(false)..];
        connection.Shutdown(SocketShutdown.Send);
        // What the client still sends would turn our end into a reset that can cost it the answer.
        byte[] ignored = new byte[512];
        while (await connection.ReceiveAsync(ignored, limit.Token).ConfigureAwait(false) > 0)
        {
        }
    }

    private static string ReasonOf(int status) => status switch
    {
        200 => "OK",
        400 => "Bad Request",
        404 => "Not Found",
        405 => "Method Not Allowed",
        500 => "Internal Server Error",
        503 => "Service Unavailable",
        504 => "Gateway Timeout",
        _ => "Error",
    };
}
