using System.Buffers.Binary;
using System.Runtime.InteropServices;
using VipOperator.Vrrp;

namespace VipOperator.Sidecar.Linux;

/// <summary>
/// TCP sockets of the loop: nonblocking, not inherited by the agent, and with keepalives, so that none stays for ever.
/// </summary>
internal static class StreamSocket
{
    private const int Stream = 1;
    private const int CloseOnExec = 0x80000;
    private const int NonBlocking = 0x800;
    private const int InterNetwork = 2;
    private const int InterNetworkV6 = 10;
    private const int SolSocket = 1;
    private const int ReuseAddress = 2; // SO_REUSEADDR: past connections of the port are no obstacle, a listener is
    private const int PendingError = 4; // SO_ERROR
    private const int KeepAlive = 9; // SO_KEEPALIVE
    private const int SolTcp = 6;
    private const int KeepIdle = 4; // TCP_KEEPIDLE, seconds
    private const int KeepInterval = 5; // TCP_KEEPINTVL, seconds
    private const int KeepCount = 6; // TCP_KEEPCNT
    private const int SynCount = 7; // TCP_SYNCNT
    private const int SolIpV6 = 41;
    private const int OnlyV6 = 26; // IPV6_V6ONLY
    private const int Backlog = 64;
    private const int LongestAddress = 28; // struct sockaddr_in6

    /// <returns>null with an error, not negated, such as EADDRINUSE.</returns>
    public static Descriptor? TryListen(IpFamily family, int port, out int error)
    {
        Descriptor? socket = TryOpen(family, out error);
        if (socket is null)
            return null;
        Set(socket, SolSocket, ReuseAddress, 1);
        if (family == IpFamily.V6)
            Set(socket, SolIpV6, OnlyV6, 1);
        Span<byte> address = stackalloc byte[LongestAddress];
        IpAddress any = family == IpFamily.V4 ? IpAddress.V4(0) : IpAddress.V6(0);
        int length = Write(address, any, 0, port);
        error = -SystemCall.Bind(socket, address[..length]);
        if (error == 0)
            error = -SystemCall.Result(LibC.listen(socket.Number, Backlog));
        if (error == 0)
            return socket;
        socket.Dispose();
        return null;
    }

    /// <summary>
    /// Begins to connect; the socket becomes writable when that has come to an end, see <see cref="TakeError"/>.
    /// </summary>
    /// <param name="linkIndex">Where a link-local address is.</param>
    /// <returns>null with an error, not negated.</returns>
    public static Descriptor? TryConnect(IpAddress remote, int linkIndex, int port, out int error)
    {
        Descriptor? socket = TryOpen(remote.Family, out error);
        if (socket is null)
            return null;
        // SYN again after 1 s, 3 s and 7 s, then given up.
        Set(socket, SolTcp, SynCount, 3);
        Span<byte> address = stackalloc byte[LongestAddress];
        int length = Write(address, remote, linkIndex, port);
        error = -SystemCall.Connect(socket, address[..length]);
        if (error is 0 or Errno.EINPROGRESS)
            return socket;
        socket.Dispose();
        return null;
    }

    /// <returns>null with an error, not negated: EAGAIN when nobody waits.</returns>
    public static Descriptor? TryAccept(Descriptor listener, out IpAddress remote, out int error)
    {
        Span<byte> address = stackalloc byte[LongestAddress];
        address.Clear();
        int result = SystemCall.Accept(listener, address, CloseOnExec | NonBlocking);
        remote = Read(address);
        error = Math.Max(0, -result);
        if (result < 0)
            return null;
        Descriptor socket = new(result);
        KeepAlives(socket);
        return socket;
    }

    /// <summary>The address of our end; none when the socket has failed.</summary>
    public static IpAddress LocalAddress(Descriptor socket)
    {
        Span<byte> address = stackalloc byte[LongestAddress];
        address.Clear();
        return SystemCall.LocalAddress(socket, address) < 0 ? default : Read(address);
    }

    /// <summary>How connecting ended, or what ended the connection: 0, or the error, not negated.</summary>
    public static int TakeError(Descriptor socket)
    {
        int error = 0;
        int length = SystemCall.GetOption(
            socket, SolSocket, PendingError, MemoryMarshal.AsBytes(new Span<int>(ref error)));
        return length < 0 ? -length : error;
    }

    private static Descriptor? TryOpen(IpFamily family, out int error)
    {
        int domain = family == IpFamily.V4 ? InterNetwork : InterNetworkV6;
        int result = SystemCall.Result(LibC.socket(domain, Stream | CloseOnExec | NonBlocking, 0));
        error = Math.Max(0, -result);
        if (result < 0)
            return null;
        Descriptor socket = new(result);
        KeepAlives(socket);
        return socket;
    }

    // A host that vanished is forgotten after a minute.
    private static void KeepAlives(Descriptor socket)
    {
        Set(socket, SolSocket, KeepAlive, 1);
        Set(socket, SolTcp, KeepIdle, 30);
        Set(socket, SolTcp, KeepInterval, 10);
        Set(socket, SolTcp, KeepCount, 3);
    }

    // Best effort: none of these changes what the socket is for.
    private static void Set(Descriptor socket, int level, int name, int value) =>
        _ = SystemCall.SetOption(socket, level, name, MemoryMarshal.AsBytes(new ReadOnlySpan<int>(in value)));

    // struct sockaddr_in: u16 family, u16 port (network order), address. sockaddr_in6: …, u32 flow, address, u32 scope.
    private static int Write(Span<byte> buffer, IpAddress address, int linkIndex, int port)
    {
        buffer.Clear();
        BinaryPrimitives.WriteUInt16BigEndian(buffer[2..], (ushort)port);
        if (address.Family == IpFamily.V4)
        {
            BinaryPrimitives.WriteUInt16LittleEndian(buffer, InterNetwork);
            address.Write(buffer[4..]);
            return 16;
        }

        BinaryPrimitives.WriteUInt16LittleEndian(buffer, InterNetworkV6);
        address.Write(buffer[8..]);
        if (address.IsLinkLocal)
            BinaryPrimitives.WriteInt32LittleEndian(buffer[24..], linkIndex);
        return LongestAddress;
    }

    private static IpAddress Read(ReadOnlySpan<byte> buffer) => BinaryPrimitives.ReadUInt16LittleEndian(buffer) switch
    {
        InterNetwork => IpAddress.Read(buffer.Slice(4, 4)),
        InterNetworkV6 => IpAddress.Read(buffer.Slice(8, 16)),
        _ => default,
    };
}
