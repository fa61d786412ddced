using System.Net.Sockets;

namespace VipOperator.Lab.Processes;

/// <summary>
/// The right to be the lab of a name: a Unix socket without a file, bound to that name. The kernel takes it back when
/// its holder dies, however it dies.
/// </summary>
internal sealed class LabLock : IDisposable
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(50);

    private readonly Socket _socket;

    private LabLock(Socket socket) => _socket = socket;

    /// <param name="patience">How long to wait for another holder, who may just be cleaning up.</param>
    /// <returns>null: somebody else holds it.</returns>
    public static async Task<LabLock?> TryTakeAsync(string lab, TimeSpan patience, CancellationToken cancellation)
    {
        DateTime deadline = DateTime.UtcNow + patience;
        while (true)
        {
            if (TryBind(lab) is { } socket)
                return new LabLock(socket);
            if (DateTime.UtcNow > deadline)
                return null;
            await Task.Delay(Pause, cancellation);
        }
    }

    public void Dispose() => _socket.Dispose();

    private static Socket? TryBind(string lab)
    {
        Socket socket = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            socket.Bind(new UnixDomainSocketEndPoint($"\0vip-lab/{lab}"));
            return socket;
        }
        catch (SocketException e) when (e.SocketErrorCode == SocketError.AddressAlreadyInUse)
        {
            socket.Dispose();
            return null;
        }
    }
}
