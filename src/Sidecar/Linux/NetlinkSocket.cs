using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace VipOperator.Sidecar.Linux;

/// <summary>An AF_NETLINK socket of NETLINK_ROUTE (netlink(7)).</summary>
internal sealed class NetlinkSocket : IDisposable
{
    private const int AddressFamily = 16; // AF_NETLINK
    private const int RawSocket = 3;
    private const int CloseOnExec = 0x80000;
    private const int NonBlocking = 0x800;
    private const int SolSocket = 1;
    private const int ReceiveTimeout = 20; // SO_RCVTIMEO
    private const int ReceiveBufferForce = 33; // SO_RCVBUFFORCE
    private const int AddressLength = 12; // struct sockaddr_nl: u16 family, u16 pad, u32 port id, u32 groups

    private NetlinkSocket(uint groups, int flags)
    {
        Descriptor = new Descriptor(LinuxException.Check(
            SystemCall.Result(LibC.socket(AddressFamily, RawSocket | CloseOnExec | flags, 0)), "socket", "netlink"));
        Span<byte> address = stackalloc byte[AddressLength];
        BinaryPrimitives.WriteUInt16LittleEndian(address, AddressFamily);
        BinaryPrimitives.WriteUInt32LittleEndian(address[8..], groups);
        LinuxException.Check(SystemCall.Bind(Descriptor, address), "bind", "netlink");
    }

    public Descriptor Descriptor { get; }

    /// <summary>A nonblocking socket that hears what <paramref name="groups"/> (RTMGRP_*) announce.</summary>
    public static NetlinkSocket OpenMonitor(uint groups, int receiveBufferBytes)
    {
        NetlinkSocket socket = new(groups, NonBlocking);
        // Best effort: without it the default buffer overflows sooner, which a full dump repairs.
        _ = SystemCall.SetOption(socket.Descriptor, SolSocket, ReceiveBufferForce, MemoryMarshal.AsBytes(new ReadOnlySpan<int>(in receiveBufferBytes)));
        return socket;
    }

    /// <summary>
    /// A socket for requests; an answer that does not come within <paramref name="timeout"/> is EAGAIN.
    /// </summary>
    public static NetlinkSocket OpenRequests(TimeSpan timeout)
    {
        NetlinkSocket socket = new(0, 0);
        Span<long> timeval = [(long)timeout.TotalSeconds, timeout.Milliseconds * 1000L + timeout.Microseconds];
        LinuxException.Check(SystemCall.SetOption(socket.Descriptor, SolSocket, ReceiveTimeout, MemoryMarshal.AsBytes(timeval)), "setsockopt", "netlink");
        return socket;
    }

    /// <returns>0 or more, or the error number negated.</returns>
    public int Send(ReadOnlySpan<byte> messages) => SystemCall.Send(Descriptor, messages);

    /// <summary>Receives one datagram; one that does not come from the kernel reads as empty.</summary>
    /// <returns>The number of bytes, or the error number negated.</returns>
    public int Receive(Span<byte> buffer)
    {
        Span<byte> sender = stackalloc byte[AddressLength];
        int received = SystemCall.ReceiveFrom(Descriptor, buffer, sender, out int length);
        bool fromKernel = length == AddressLength && BinaryPrimitives.ReadUInt32LittleEndian(sender[4..]) == 0;
        return received > 0 && !fromKernel ? 0 : received;
    }

    public void Dispose() => Descriptor.Dispose();
}
