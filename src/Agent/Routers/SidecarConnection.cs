using System.Net.Sockets;
using VipOperator.Sidecar.Contract;

namespace VipOperator.Agent.Routers;

/// <summary>A message of the sidecar; the payload is valid during the call only.</summary>
internal delegate void SidecarMessageHandler(MessageType type, ReadOnlySpan<byte> payload);

/// <summary>The socket to the sidecar.</summary>
internal sealed class SidecarConnection(Socket socket) : ISidecar, IDisposable
{
    /// <summary>Bytes; a larger message, a configuration of many routers, comes seldom, and its room is given
    /// back.</summary>
    private const int MostKept = 16 * 1024;

    private readonly Lock _gate = new();
    private WireWriter _writer = new();
    private readonly FrameBuffer _frames = new();

    /// <summary>Takes over the descriptor that the sidecar left open for us.</summary>
    /// <exception cref="SocketException">It is no socket.</exception>
    public static SidecarConnection FromDescriptor(int descriptor) =>
        new(new Socket(new SafeSocketHandle(descriptor, ownsHandle: true)));

    public int? SidecarProcessId { get; private set; }

    public void Send(Action<WireWriter> write)
    {
        lock (_gate)
        {
            _writer.Clear();
            write(_writer);
            try
            {
                for (ReadOnlySpan<byte> rest = _writer.Written; !rest.IsEmpty;)
                    rest = rest[socket.Send(rest)..];
            }
            catch (Exception e) when (e is SocketException or ObjectDisposedException)
            {
                // ReceiveAsync sees the same end and the agent stops.
            }

            if (_writer.Length > MostKept)
                _writer = new WireWriter();
        }
    }

    /// <summary>
    /// Says hello, waits for the sidecar's, then hands on message after message until the sidecar is gone.
    /// </summary>
    /// <exception cref="ContractException">The sidecar speaks another version, or no sense.</exception>
    public async Task ReceiveAsync(SidecarMessageHandler handle, CancellationToken cancellationToken)
    {
        Send(writer => new HelloMessage(ContractVersion.Current, Environment.ProcessId).Write(writer));
        while (true)
        {
            int received;
            try
            {
                received = await socket.ReceiveAsync(_frames.GetMemory(), cancellationToken).ConfigureAwait(false);
            }
            catch (SocketException)
            {
                return;
            }

            if (received == 0)
                return;
            _frames.Commit(received);
            while (_frames.TryTake(out MessageType type, out ReadOnlySpan<byte> payload))
            {
                if (SidecarProcessId is null)
                    Greet(type, payload);
                else
                    handle(type, payload);
            }
        }
    }

    public void Dispose() => socket.Dispose();

    private void Greet(MessageType type, ReadOnlySpan<byte> payload)
    {
        if (type != MessageType.Hello)
            throw new ContractException($"The sidecar's first message is {type}, not {MessageType.Hello}.");
        HelloMessage hello = HelloMessage.Read(payload);
        if (hello.Version != ContractVersion.Current)
            throw new ContractException(
                $"The sidecar speaks version {hello.Version} of the contract, this agent {ContractVersion.Current}.");
        SidecarProcessId = hello.ProcessId;
    }
}
