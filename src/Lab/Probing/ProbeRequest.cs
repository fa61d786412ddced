using System.Net;
using System.Net.Sockets;
using System.Text;

namespace VipOperator.Lab.Probing;

/// <summary>
/// One request in flight, driven by the socket engine's callbacks. It ends once: with an answer, an error, or by
/// <see cref="Dispose"/>.
/// </summary>
internal sealed class ProbeRequest : IDisposable
{
    private const int MaximumAnswer = 4096;
    private const int Running = 0;
    private const int Ended = 1;

    private readonly Socket _socket;
    private readonly SocketAsyncEventArgs _operation = new();
    private readonly byte[] _answer = new byte[MaximumAnswer];
    private readonly byte[] _request;
    private readonly Action<ProbeSample> _report;
    private long? _connectedAt;
    private int _received;
    private int _state = Running;

    private ProbeRequest(IPEndPoint target, byte[] request, Action<ProbeSample> report)
    {
        _request = request;
        _report = report;
        // Closing resets the connection: thousands of them must not pile up in TIME_WAIT.
        _socket = new Socket(target.AddressFamily, SocketType.Stream, ProtocolType.Tcp)
        {
            NoDelay = true,
            LingerState = new LingerOption(true, 0),
        };
        _operation.RemoteEndPoint = target;
        _operation.Completed += (_, _) => Advance();
    }

    public long StartedAt { get; private init; }

    /// <param name="report">Called once, on any thread.</param>
    public static ProbeRequest Start(IPEndPoint target, byte[] request, Action<ProbeSample> report)
    {
        ProbeRequest probe = new(target, request, report) { StartedAt = Clock.NowMicroseconds };
        if (!probe._socket.ConnectAsync(probe._operation))
            probe.Advance();
        return probe;
    }

    /// <summary>Ends it as timed out, unless it has ended.</summary>
    public void Dispose() => End(null, "timeout");

    public static byte[] Get(string host) =>
        Encoding.ASCII.GetBytes($"GET / HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n");

    private void Advance()
    {
        try
        {
            while (Volatile.Read(ref _state) == Running && Step())
            {
            }
        }
        catch (ObjectDisposedException)
        {
            // Given up meanwhile.
        }
    }

    /// <returns>false: an operation is under way, or all is over.</returns>
    private bool Step()
    {
        if (_operation.SocketError != SocketError.Success)
            return Fail(_operation.SocketError);
        if (_operation.LastOperation == SocketAsyncOperation.Connect)
        {
            _connectedAt = Clock.NowMicroseconds;
            _socket.Send(_request, SocketFlags.None, out SocketError error);
            if (error != SocketError.Success)
                return Fail(error);
        }
        else
        {
            _received += _operation.BytesTransferred;
            if (ResponderOf(_answer.AsSpan(0, _received)) is { } responder)
                return End(responder, null);
            if (_operation.BytesTransferred == 0 || _received == MaximumAnswer)
                return End(null, "not an answer of 200 with a short body");
        }

        _operation.SetBuffer(_answer, _received, MaximumAnswer - _received);
        return !_socket.ReceiveAsync(_operation);
    }

    /// <returns>The body of a complete 200 answer; null: not complete, or another answer.</returns>
    private static string? ResponderOf(ReadOnlySpan<byte> answer)
    {
        int bodyAt = answer.IndexOf("\r\n\r\n"u8);
        if (bodyAt < 0 || !answer.StartsWith("HTTP/1.1 200 "u8))
            return null;
        // The lab's nginx ends the one line that it answers with; so a whole line is a whole answer.
        ReadOnlySpan<byte> body = answer[(bodyAt + 4)..];
        return body.EndsWith("\n"u8) ? Encoding.ASCII.GetString(body).Trim() : null;
    }

    private bool Fail(SocketError error) => End(null, error switch
    {
        SocketError.ConnectionRefused => "refused",
        SocketError.ConnectionReset => "reset",
        SocketError.HostUnreachable => "host unreachable",
        SocketError.NetworkUnreachable => "network unreachable",
        SocketError.TimedOut => "timeout",
        _ => error.ToString(),
    });

    private bool End(string? responder, string? error)
    {
        if (Interlocked.Exchange(ref _state, Ended) == Ended)
            return false;
        long now = Clock.NowMicroseconds;
        _socket.Dispose();
        _operation.Dispose();
        _report(new ProbeSample(StartedAt, now, responder, error) { ConnectedAt = _connectedAt });
        return false;
    }
}
