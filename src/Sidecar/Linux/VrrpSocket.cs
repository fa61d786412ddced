using System.Buffers.Binary;
using System.Runtime.InteropServices;
using VipOperator.Vrrp;

namespace VipOperator.Sidecar.Linux;

/// <summary>
/// A raw socket of IP protocol 112 on one link, for one family, member of the VRRP group there.
/// </summary>
/// <remarks>
/// It is bound to the link by number, so that it hears and reaches that link alone and a rename changes nothing. No
/// packet filter by virtual router id: speakers with other ids are to be heard, and whoever floods the link can use our
/// id as well.
/// </remarks>
internal sealed class VrrpSocket : IDisposable
{
    private const int ProtocolNumber = 112;
    private const int RawSocket = 3;
    private const int CloseOnExec = 0x80000;
    private const int NonBlocking = 0x800;
    private const int InterNetwork = 2;
    private const int InterNetworkV6 = 10;
    private const int HopLimit = 255; // RFC 9568 §5.1.1.3, §5.1.2.3
    private const int InternetControl = 0xc0; // DSCP CS6, as routing protocols use (RFC 4594 §3.2)

    private const int SolSocket = 1;
    private const int SolIp = 0;
    private const int SolIpV6 = 41;
    private const int BindToIndex = 62; // SO_BINDTOIFINDEX
    private const int MemoryInformation = 55; // SO_MEMINFO
    private const int MemoryInformationDrops = 8; // SK_MEMINFO_DROPS
    private const int ReceiveBuffer = 8; // SO_RCVBUF

    private const int PacketInformation = 8; // IP_PKTINFO
    private const int PacketInformationV6 = 50; // IPV6_PKTINFO
    private const int ReceiveHopLimitV6 = 51; // IPV6_RECVHOPLIMIT
    private const int HopLimitV6 = 52; // IPV6_HOPLIMIT
    private const int AddMembership = 35; // IP_ADD_MEMBERSHIP
    private const int DropMembership = 36; // IP_DROP_MEMBERSHIP
    private const int AddMembershipV6 = 20; // IPV6_ADD_MEMBERSHIP
    private const int DropMembershipV6 = 21; // IPV6_DROP_MEMBERSHIP

    private const int MessageHeaderLength = 16; // struct cmsghdr: u64 length, i32 level, i32 type
    private const int ShortestIpHeader = 20;

    // 60: the longest IPv4 header. One more byte, so that a message longer than any allowed one shows.
    private readonly byte[] _received = new byte[60 + AdvertisementCodec.LongestMessage + 1];
    private readonly byte[] _control = new byte[128];
    private readonly byte[] _sender = new byte[28]; // struct sockaddr_in6
    private readonly int _linkIndex;
    private readonly IpFamily _family;

    /// <exception cref="LinuxException">The link is gone, the family is disabled, or CAP_NET_RAW is
    /// missing.</exception>
    public VrrpSocket(int linkIndex, string linkName, IpFamily family)
    {
        _linkIndex = linkIndex;
        _family = family;
        int domain = family == IpFamily.V4 ? InterNetwork : InterNetworkV6;
        Descriptor = new Descriptor(LinuxException.Check(
            SystemCall.Result(LibC.socket(domain, RawSocket | CloseOnExec | NonBlocking, ProtocolNumber)),
            "socket", $"raw {family}"));
        try
        {
            // First of all: from here on nothing of another link gets in.
            Set(SolSocket, BindToIndex, linkIndex, linkName);
            Set(SolSocket, ReceiveBuffer, 512 * 1024, linkName);
            if (family == IpFamily.V4)
                ConfigureV4(linkName);
            else
                ConfigureV6(linkName);
            Join(linkName);
        }
        catch
        {
            Descriptor.Dispose();
            throw;
        }
    }

    public Descriptor Descriptor { get; }

    /// <summary>Packets that the kernel dropped because this socket's buffer was full.</summary>
    public uint KernelDrops
    {
        get
        {
            Span<uint> values = stackalloc uint[16];
            int length = SystemCall.GetOption(Descriptor, SolSocket, MemoryInformation, MemoryMarshal.AsBytes(values));
            return length >= (MemoryInformationDrops + 1) * sizeof(uint) ? values[MemoryInformationDrops] : 0;
        }
    }

    /// <summary>Adds a message to a batch, to be sent by <see cref="SendBatch.Flush"/>.</summary>
    public void Add(SendBatch batch, int messageLength, IpAddress source, IpAddress destination)
    {
        batch.Begin(messageLength, out Span<byte> address, out Span<byte> control);
        int addressLength = WriteSocketAddress(address, destination);
        int controlLength = _family == IpFamily.V4
            ? WritePacketInformationV4(control, source)
            : WritePacketInformationV6(control, source);
        batch.End(addressLength, controlLength);
    }

    /// <summary>Sends one message from <paramref name="source"/>.</summary>
    /// <returns>0 or more, or the error number negated.</returns>
    public int Send(ReadOnlySpan<byte> message, IpAddress source, IpAddress destination)
    {
        Span<byte> address = stackalloc byte[28];
        Span<byte> control = stackalloc byte[40];
        address.Clear();
        control.Clear();
        int addressLength = WriteSocketAddress(address, destination);
        int controlLength = _family == IpFamily.V4
            ? WritePacketInformationV4(control, source)
            : WritePacketInformationV6(control, source);
        return SystemCall.SendMessage(Descriptor, message, address[..addressLength], control[..controlLength]);
    }

    /// <summary>Takes the next packet.</summary>
    /// <param name="message">The bytes after the IP header, valid until the next call.</param>
    /// <returns>false when none is waiting. An error of the link (it went down) also reads as "none".</returns>
    public bool TryReceive(out PacketContext context, out ReadOnlySpan<byte> message)
    {
        int received = SystemCall.ReceiveMessage(Descriptor, _received, _sender, _control, out int controlLength);
        message = default;
        context = default;
        if (received < 0)
            return false;
        ReadOnlySpan<byte> packet = _received.AsSpan(0, received);
        return _family == IpFamily.V4
            ? ReadV4(packet, out context, out message)
            : ReadV6(packet, controlLength, out context, out message);
    }

    /// <summary>
    /// Joins the group again: the kernel may have forgotten it on the link (<see cref="Links.Link.ResetsOf"/>), while
    /// the socket goes on believing that it is a member.
    /// </summary>
    /// <exception cref="LinuxException">The link is gone, or the family is disabled.</exception>
    public void JoinAgain(string linkName)
    {
        Span<byte> request = stackalloc byte[20];
        // A drop that finds nothing is none.
        _ = _family == IpFamily.V4
            ? SystemCall.SetOption(Descriptor, SolIp, DropMembership, MembershipV4(request))
            : SystemCall.SetOption(Descriptor, SolIpV6, DropMembershipV6, MembershipV6(request));
        Join(linkName);
    }

    public void Dispose() => Descriptor.Dispose();

    private void Join(string linkName)
    {
        Span<byte> request = stackalloc byte[20];
        if (_family == IpFamily.V4)
            Set(SolIp, AddMembership, MembershipV4(request), linkName);
        else
            Set(SolIpV6, AddMembershipV6, MembershipV6(request), linkName);
    }

    // struct ip_mreqn: group, local address (unused with an index), i32 ifindex.
    private Span<byte> MembershipV4(Span<byte> request)
    {
        request.Clear();
        MulticastGroup.V4.Write(request);
        BinaryPrimitives.WriteInt32LittleEndian(request[8..], _linkIndex);
        return request[..12];
    }

    // struct ipv6_mreq: group, i32 ifindex.
    private Span<byte> MembershipV6(Span<byte> request)
    {
        MulticastGroup.V6.Write(request);
        BinaryPrimitives.WriteInt32LittleEndian(request[16..], _linkIndex);
        return request[..20];
    }

    private void ConfigureV4(string linkName)
    {
        Set(SolIp, 2, HopLimit, linkName); // IP_TTL: unicast
        Set(SolIp, 33, HopLimit, linkName); // IP_MULTICAST_TTL
        Set(SolIp, 34, 0, linkName); // IP_MULTICAST_LOOP
        Set(SolIp, 49, 0, linkName); // IP_MULTICAST_ALL: only groups that this socket joined
        Set(SolIp, 1, InternetControl, linkName); // IP_TOS
        Span<byte> request = stackalloc byte[20];
        Set(SolIp, 32, MembershipV4(request), linkName); // IP_MULTICAST_IF takes the same
    }

    private void ConfigureV6(string linkName)
    {
        Set(SolIpV6, 16, HopLimit, linkName); // IPV6_UNICAST_HOPS
        Set(SolIpV6, 17, _linkIndex, linkName); // IPV6_MULTICAST_IF
        Set(SolIpV6, 18, HopLimit, linkName); // IPV6_MULTICAST_HOPS
        Set(SolIpV6, 19, 0, linkName); // IPV6_MULTICAST_LOOP
        Set(SolIpV6, 29, 0, linkName); // IPV6_MULTICAST_ALL
        Set(SolIpV6, 67, InternetControl, linkName); // IPV6_TCLASS
        Set(SolIpV6, 49, 1, linkName); // IPV6_RECVPKTINFO
        Set(SolIpV6, ReceiveHopLimitV6, 1, linkName);
    }

    // A raw IPv4 socket receives the IP header too (raw(7)); fragments are reassembled already.
    private static bool ReadV4(ReadOnlySpan<byte> packet, out PacketContext context, out ReadOnlySpan<byte> message)
    {
        int headerLength = packet.IsEmpty ? 0 : (packet[0] & 0xf) * 4;
        if (headerLength < ShortestIpHeader || packet.Length < headerLength)
        {
            // The kernel checks the header before; without one there is nothing to judge the packet by.
            context = default;
            message = default;
            return true;
        }

        context = new PacketContext
        {
            Source = IpAddress.Read(packet.Slice(12, 4)),
            Destination = IpAddress.Read(packet.Slice(16, 4)),
            TimeToLive = packet[8],
        };
        message = packet[headerLength..];
        return true;
    }

    private bool ReadV6(
        ReadOnlySpan<byte> packet, int controlLength, out PacketContext context, out ReadOnlySpan<byte> message)
    {
        IpAddress destination = default;
        byte hopLimit = 0;
        ReadOnlySpan<byte> control = _control.AsSpan(0, controlLength);
        while (control.Length >= MessageHeaderLength)
        {
            ulong length = BinaryPrimitives.ReadUInt64LittleEndian(control);
            int level = BinaryPrimitives.ReadInt32LittleEndian(control[8..]);
            int type = BinaryPrimitives.ReadInt32LittleEndian(control[12..]);
            if (length < MessageHeaderLength || length > (ulong)control.Length)
                break;
            ReadOnlySpan<byte> data = control[MessageHeaderLength..(int)length];
            if (level == SolIpV6 && type == PacketInformationV6 && data.Length >= 16)
                destination = IpAddress.Read(data[..16]);
            if (level == SolIpV6 && type == HopLimitV6 && data.Length >= 4)
                hopLimit = (byte)BinaryPrimitives.ReadInt32LittleEndian(data);
            int aligned = ((int)length + 7) & ~7;
            control = aligned < control.Length ? control[aligned..] : [];
        }

        // struct sockaddr_in6: u16 family, u16 port, u32 flow, address, u32 scope.
        context = new PacketContext
        {
            Source = IpAddress.Read(_sender.AsSpan(8, 16)),
            Destination = destination,
            TimeToLive = hopLimit,
        };
        message = packet;
        return true;
    }

    private int WriteSocketAddress(Span<byte> buffer, IpAddress destination)
    {
        if (_family == IpFamily.V4)
        {
            BinaryPrimitives.WriteUInt16LittleEndian(buffer, InterNetwork);
            destination.Write(buffer[4..]);
            return 16;
        }

        BinaryPrimitives.WriteUInt16LittleEndian(buffer, InterNetworkV6);
        destination.Write(buffer[8..]);
        if (destination.IsLinkLocal || destination.IsMulticast)
            BinaryPrimitives.WriteInt32LittleEndian(buffer[24..], _linkIndex);
        return 28;
    }

    // struct in_pktinfo: i32 ifindex, local address to send from, destination (unused when sending).
    private int WritePacketInformationV4(Span<byte> control, IpAddress source)
    {
        WriteMessageHeader(control, MessageHeaderLength + 12, SolIp, PacketInformation);
        BinaryPrimitives.WriteInt32LittleEndian(control[MessageHeaderLength..], _linkIndex);
        source.Write(control[(MessageHeaderLength + 4)..]);
        return 32;
    }

    // struct in6_pktinfo: address to send from, i32 ifindex.
    private int WritePacketInformationV6(Span<byte> control, IpAddress source)
    {
        WriteMessageHeader(control, MessageHeaderLength + 20, SolIpV6, PacketInformationV6);
        source.Write(control[MessageHeaderLength..]);
        BinaryPrimitives.WriteInt32LittleEndian(control[(MessageHeaderLength + 16)..], _linkIndex);
        return 40;
    }

    private static void WriteMessageHeader(Span<byte> control, int length, int level, int type)
    {
        BinaryPrimitives.WriteUInt64LittleEndian(control, (ulong)length);
        BinaryPrimitives.WriteInt32LittleEndian(control[8..], level);
        BinaryPrimitives.WriteInt32LittleEndian(control[12..], type);
    }

    private void Set(int level, int name, int value, string linkName) =>
        Set(level, name, MemoryMarshal.AsBytes(new ReadOnlySpan<int>(in value)), linkName);

    private void Set(int level, int name, ReadOnlySpan<byte> value, string linkName) =>
        LinuxException.Check(
            SystemCall.SetOption(Descriptor, level, name, value), $"setsockopt {level}/{name}", linkName);
}
