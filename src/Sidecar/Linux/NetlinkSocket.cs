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
    private const int AttachFilter = 26; // SO_ATTACH_FILTER
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
        _ = SystemCall.SetOption(socket.Descriptor, SolSocket, ReceiveBufferForce,
            MemoryMarshal.AsBytes(new ReadOnlySpan<int>(in receiveBufferBytes)));
        return socket;
    }

    /// <summary>
    /// A socket for requests; an answer that does not come within <paramref name="timeout"/> is EAGAIN.
    /// </summary>
    public static NetlinkSocket OpenRequests(TimeSpan timeout)
    {
        NetlinkSocket socket = new(0, 0);
        Span<long> timeval = [(long)timeout.TotalSeconds, timeout.Milliseconds * 1000L + timeout.Microseconds];
        LinuxException.Check(SystemCall.SetOption(socket.Descriptor, SolSocket, ReceiveTimeout,
            MemoryMarshal.AsBytes(timeval)), "setsockopt", "netlink");
        return socket;
    }

    /// <summary>A nonblocking socket for requests whose answers, if any, are there as soon as they are sent.</summary>
    public static NetlinkSocket OpenQuick() => new(0, NonBlocking);

    /// <summary>The kernel's name of this socket; messages about what it asked for bear it.</summary>
    public uint PortId
    {
        get
        {
            Span<byte> address = stackalloc byte[AddressLength];
            LinuxException.Check(SystemCall.LocalAddress(Descriptor, address), "getsockname", "netlink");
            return BinaryPrimitives.ReadUInt32LittleEndian(address[4..]);
        }
    }

    /// <summary>Hears nothing more of what another socket asked for.</summary>
    public void Ignore(uint portId)
    {
        const ushort loadWord = 0x20; // BPF_LD | BPF_W | BPF_ABS
        const ushort jumpIfEqual = 0x15; // BPF_JMP | BPF_JEQ | BPF_K
        const ushort @return = 0x06; // BPF_RET | BPF_K
        const uint portIdOffset = 12; // struct nlmsghdr
        // The filter reads numbers as the network writes them, netlink writes them as the machine does.
        FilterInstruction[] program =
        [
            new(loadWord, 0, 0, portIdOffset),
            new(jumpIfEqual, 0, 1, BinaryPrimitives.ReverseEndianness(portId)),
            new(@return, 0, 0, 0),
            new(@return, 0, 0, uint.MaxValue),
        ];
        LinuxException.Check(SystemCall.AttachFilter(Descriptor, AttachFilter, program), "setsockopt", "netlink");
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
