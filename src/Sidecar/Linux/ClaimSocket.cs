using System.Buffers.Binary;
using System.Runtime.InteropServices;
using VipOperator.Vrrp;

namespace VipOperator.Sidecar.Linux;

/// <summary>
/// An AF_PACKET socket that receives, of one link, the frames by which others claim certain addresses, and no other:
/// the kernel compares, so that the ARP traffic of a large network wakes nobody.
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

    // Kept: with hundreds of addresses it is long, and written anew for each that comes or goes.
    private readonly List<FilterInstruction> _program = [];

    /// <exception cref="LinuxException">The link is gone, or CAP_NET_RAW is missing.</exception>
    public ClaimSocket(int linkIndex, IpFamily family, ReadOnlySpan<IpAddress> addresses)
    {
        // Protocol 0: nothing comes in until the filter is there and bind names the protocol.
        Descriptor = new Descriptor(LinuxException.Check(
            SystemCall.Result(LibC.socket(AddressFamily, RawSocket | CloseOnExec | NonBlocking, 0)),
            "socket", "a packet socket"));
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
    public void SetAddresses(IpFamily family, ReadOnlySpan<IpAddress> addresses)
    {
        _program.Clear();
        if (family == IpFamily.V4)
            WriteArpFilter(addresses);
        else
            WriteAdvertisementFilter(addresses);
        LinuxException.Check(
            SystemCall.AttachFilter(Descriptor, AttachFilter, CollectionsMarshal.AsSpan(_program)),
            "setsockopt SO_ATTACH_FILTER",
            "a packet socket");
    }

    /// <returns>false when no frame is waiting.</returns>
    public bool TryReceive(out ReadOnlySpan<byte> frame)
    {
        int received = SystemCall.Read(Descriptor, _buffer);
        frame = received > 0 ? _buffer.AsSpan(0, received) : default;
        return received > 0;
    }

    public void Dispose() => Descriptor.Dispose();

    // The sender's address at 28 (AddressClaim) is one of these.
    private void WriteArpFilter(ReadOnlySpan<IpAddress> addresses)
    {
        _program.Add(new(LoadWord, 0, 0, 28));
        WriteAnyOf(addresses);
    }

    // ICMPv6 of type 136, and the last four bytes of its target are those of one of these; the rest is compared later.
    private void WriteAdvertisementFilter(ReadOnlySpan<IpAddress> addresses)
    {
        _program.Add(new(LoadByte, 0, 0, 20));
        _program.Add(new(JumpIfEqual, 1, 0, 58));
        _program.Add(new(Return, 0, 0, 0));
        _program.Add(new(LoadByte, 0, 0, 54));
        _program.Add(new(JumpIfEqual, 1, 0, 136));
        _program.Add(new(Return, 0, 0, 0));
        _program.Add(new(LoadWord, 0, 0, 74));
        WriteAnyOf(addresses);
    }

    private void WriteAnyOf(ReadOnlySpan<IpAddress> addresses)
    {
        foreach (IpAddress address in addresses)
        {
            _program.Add(new FilterInstruction(JumpIfEqual, 0, 1, (uint)address.Bits));
            _program.Add(new FilterInstruction(Return, 0, 0, WholeFrame));
        }

        _program.Add(new(Return, 0, 0, 0));
    }

    private void Set(int level, int name, int value) => LinuxException.Check(
        SystemCall.SetOption(Descriptor, level, name, MemoryMarshal.AsBytes(new ReadOnlySpan<int>(in value))),
        $"setsockopt {level}/{name}",
        "a packet socket");
}
