using System.Buffers.Binary;

namespace VipOperator.Sidecar.Linux;

/// <summary>An AF_PACKET socket that sends whole Ethernet frames and receives nothing (packet(7)).</summary>
internal sealed class PacketSocket : IDisposable
{
    private const int AddressFamily = 17; // AF_PACKET
    private const int RawSocket = 3;
    private const int CloseOnExec = 0x80000;
    private const int EthernetHeaderLength = 14;

    private readonly Descriptor _descriptor;

    public PacketSocket()
    {
        // Protocol 0: no packet is ever handed to this socket.
        _descriptor = new Descriptor(
            LinuxException.Check(SystemCall.Result(LibC.socket(AddressFamily, RawSocket | CloseOnExec, 0)),
                "socket", "a packet socket"));
    }

    /// <returns>0 or more, or the error number negated.</returns>
    public int Send(ReadOnlySpan<byte> frame, int linkIndex)
    {
        // struct sockaddr_ll: u16 family, u16 protocol (network order), i32 ifindex, u16 hatype, u8 pkttype, u8 halen,
        // u8 addr[8].
        Span<byte> address = stackalloc byte[20];
        address.Clear();
        BinaryPrimitives.WriteUInt16LittleEndian(address, AddressFamily);
        frame.Slice(EthernetHeaderLength - 2, 2).CopyTo(address[2..]);
        BinaryPrimitives.WriteInt32LittleEndian(address[4..], linkIndex);
        address[11] = 6;
        frame[..6].CopyTo(address[12..]);
        return SystemCall.SendTo(_descriptor, frame, address);
    }

    public void Dispose() => _descriptor.Dispose();
}
