using System.Buffers.Binary;
using System.Runtime.InteropServices;
using VipOperator.Vrrp;

namespace VipOperator.Sidecar.Linux;

/// <summary>
/// An AF_PACKET socket that receives, of one link, the frames by which others claim certain addresses, and no other: the
/// kernel compares, so that the ARP traffic of a large network wakes nobody.
/// </summary>
internal sealed class ClaimSocket : IDisposable
{
    private const int AddressFamily = 17; // AF_PACKET
    private const int RawSocket = 3;
    private const int CloseOnExec = 0x80000;
    private const int NonBlocking = 0x800;
    private const int SolSocket = 1;
    private const int ReceiveBuffer = 8; // SO_RCVBUF
    private const int AttachFilter = 26; // SO_ATTACH_FILTER
    private const int SolPacket = 263;
    private const int IgnoreOutgoing = 23; // PACKET_IGNORE_OUTGOING, since 4.20
    private const ushort EthernetArp = 0x0806;
    private const ushort EthernetV6 = 0x86dd;

    private const ushort LoadWord = 0x20; // BPF_LD | BPF_W | BPF_ABS
    private const ushort LoadByte = 0x30; // BPF_LD | BPF_B | BPF_ABS
    private const ushort JumpIfEqual = 0x15; // BPF_JMP | BPF_JEQ | BPF_K
    private const ushort Return = 0x06; // BPF_RET | BPF_K
    private const uint WholeFrame = 0xffff;

    private readonly byte[] _buffer = new byte[128];

    /// <exception cref="LinuxException">The link is gone, or CAP_NET_RAW is missing.</exception>
    public ClaimSocket(int linkIndex, IpFamily family, ReadOnlySpan<IpAddress> addresses)
    {
        // Protocol 0: nothing comes in until the filter is there and bind names the protocol.
        Descriptor = new Descriptor(LinuxException.Check(
            SystemCall.Result(LibC.socket(AddressFamily, RawSocket | CloseOnExec | NonBlocking, 0)), "socket", "a packet socket"));
        try
        {
            SetAddresses(family, addresses);
            Set(SolSocket, ReceiveBuffer, 64 * 1024);
            // Best effort: on older kernels our own frames come in too and are told by their sender.
            _ = SystemCall.SetOption(Descriptor, SolPacket, IgnoreOutgoing, [1, 0, 0, 0]);
            // struct sockaddr_ll: u16 family, u16 protocol (network order), i32 ifindex, …
            Span<byte> address = stackalloc byte[20];
            address.Clear();
            BinaryPrimitives.WriteUInt16LittleEndian(address, AddressFamily);
            BinaryPrimitives.WriteUInt16BigEndian(address[2..], family == IpFamily.V4 ? EthernetArp : EthernetV6);
            BinaryPrimitives.WriteInt32LittleEndian(address[4..], linkIndex);
            LinuxException.Check(SystemCall.Bind(Descriptor, address), "bind", "a packet socket");
        }
        catch
        {
            Descriptor.Dispose();
            throw;
        }
    }

    public Descriptor Descriptor { get; }

    /// <summary>Receives claims of these addresses from now on.</summary>
    public void SetAddresses(IpFamily family, ReadOnlySpan<IpAddress> addresses) => LinuxException.Check(
        SystemCall.AttachFilter(Descriptor, AttachFilter, family == IpFamily.V4 ? ArpFilter(addresses) : AdvertisementFilter(addresses)),
        "setsockopt SO_ATTACH_FILTER",
        "a packet socket");

    /// <returns>false when no frame is waiting.</returns>
    public bool TryReceive(out ReadOnlySpan<byte> frame)
    {
        int received = SystemCall.Read(Descriptor, _buffer);
        frame = received > 0 ? _buffer.AsSpan(0, received) : default;
        return received > 0;
    }

    public void Dispose() => Descriptor.Dispose();

    // The sender's address at 28 (AddressClaim) is one of these.
    private static FilterInstruction[] ArpFilter(ReadOnlySpan<IpAddress> addresses) =>
        [new(LoadWord, 0, 0, 28), .. AnyOf(addresses), new(Return, 0, 0, 0)];

    // ICMPv6 of type 136, and the last four bytes of its target are those of one of these; the rest is compared later.
    private static FilterInstruction[] AdvertisementFilter(ReadOnlySpan<IpAddress> addresses) =>
    [
        new(LoadByte, 0, 0, 20),
        new(JumpIfEqual, 1, 0, 58),
        new(Return, 0, 0, 0),
        new(LoadByte, 0, 0, 54),
        new(JumpIfEqual, 1, 0, 136),
        new(Return, 0, 0, 0),
        new(LoadWord, 0, 0, 74),
        .. AnyOf(addresses),
        new(Return, 0, 0, 0),
    ];

    private static FilterInstruction[] AnyOf(ReadOnlySpan<IpAddress> addresses)
    {
        FilterInstruction[] program = new FilterInstruction[2 * addresses.Length];
        for (int i = 0; i < addresses.Length; i++)
        {
            program[2 * i] = new FilterInstruction(JumpIfEqual, 0, 1, (uint)addresses[i].Bits);
            program[(2 * i) + 1] = new FilterInstruction(Return, 0, 0, WholeFrame);
        }

        return program;
    }

    private void Set(int level, int name, int value) => LinuxException.Check(
        SystemCall.SetOption(Descriptor, level, name, MemoryMarshal.AsBytes(new ReadOnlySpan<int>(in value))),
        $"setsockopt {level}/{name}",
        "a packet socket");
}
