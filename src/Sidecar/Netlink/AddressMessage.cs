using System.Runtime.InteropServices;
using VipOperator.Vrrp;

namespace VipOperator.Sidecar.Netlink;

/// <summary>An address of a link: RTM_NEWADDR and RTM_DELADDR, both ways.</summary>
internal readonly record struct AddressMessage
{
    /// <summary>IFA_PROTO of the addresses that are ours: by it, left-overs of a killed sidecar are known.</summary>
    public const byte OwnershipTag = 0x56;

    /// <summary>The longest message that <see cref="WriteAdd"/> or <see cref="WriteRemove"/> writes.</summary>
    public const int LongestMessage = 128;

    /// <summary>struct ifaddrmsg: u8 family, u8 prefix length, u8 flags, u8 scope, u32 link index.</summary>
    private const int HeaderLength = 8;

    private const uint Forever = uint.MaxValue;

    public required int LinkIndex { get; init; }

    public required IpPrefix Prefix { get; init; }

    public required AddressFlags Flags { get; init; }

    /// <summary>0 global, 253 link, 254 host (linux/rtnetlink.h).</summary>
    public required byte Scope { get; init; }

    /// <summary>IFA_PROTO, 0 when unknown.</summary>
    public required byte Protocol { get; init; }

    public static bool TryRead(ReadOnlySpan<byte> payload, out AddressMessage message)
    {
        message = default;
        if (payload.Length < HeaderLength || payload[0] is not (NetlinkFamily.V4 or NetlinkFamily.V6))
            return false;
        int addressLength = payload[0] == NetlinkFamily.V4 ? 4 : 16;
        AddressFlags flags = (AddressFlags)payload[2];
        byte protocol = 0;
        IpAddress address = default;
        IpAddress local = default;
        AttributeReader attributes = new(payload[HeaderLength..]);
        while (attributes.TryRead(out ushort type, out ReadOnlySpan<byte> value))
        {
            if (type == AddressAttribute.Address && value.Length == addressLength)
                address = IpAddress.Read(value);
            else if (type == AddressAttribute.Local && value.Length == addressLength)
                local = IpAddress.Read(value);
            else if (type == AddressAttribute.Flags && value.Length == sizeof(uint))
                flags = (AddressFlags)MemoryMarshal.Read<uint>(value);
            else if (type == AddressAttribute.Protocol && value.Length == 1)
                protocol = value[0];
        }

        if (!IpPrefix.TryCreate(local.IsNone ? address : local, payload[1], out IpPrefix prefix))
            return false;
        message = new AddressMessage
        {
            LinkIndex = MemoryMarshal.Read<int>(payload[4..]),
            Prefix = prefix,
            Flags = flags,
            Scope = payload[3],
            Protocol = protocol,
        };
        return true;
    }

    /// <summary>Writes a request that binds an address, or sets its lifetime anew.</summary>
    /// <param name="lifetime">After it the kernel removes the address by itself; whole seconds, zero: never.</param>
    /// <param name="acknowledged">Whether success is answered too.</param>
    /// <remarks>
    /// The kernel makes no route for it: the node's own addresses do that, and a route of ours would end theirs when
    /// its lifetime does. An IPv6 address is deprecated from the start, so that the node's own connections do not use
    /// it.
    /// </remarks>
    public static void WriteAdd(
        ref NetlinkWriter writer, uint sequence, int linkIndex, IpPrefix prefix, TimeSpan lifetime,
        bool acknowledged = true)
    {
        NetlinkFlags flags = NetlinkFlags.Request | NetlinkFlags.Create | NetlinkFlags.Replace
            | (acknowledged ? NetlinkFlags.Acknowledge : 0);
        writer.BeginMessage(NetlinkMessageType.NewAddress, flags, sequence);
        WriteHeader(ref writer, linkIndex, prefix);
        WriteAddress(ref writer, prefix.Address);

        bool isV6 = prefix.Address.Family == IpFamily.V6;
        uint valid = lifetime == TimeSpan.Zero ? Forever : (uint)lifetime.TotalSeconds;
        // struct ifa_cacheinfo: u32 preferred, u32 valid, u32 created, u32 updated.
        Span<uint> cacheInformation = [isV6 ? 0 : valid, valid, 0, 0];
        writer.WriteAttribute(AddressAttribute.CacheInformation, MemoryMarshal.AsBytes(cacheInformation));

        uint addressFlags =
            (uint)(AddressFlags.NoPrefixRoute | (isV6 ? AddressFlags.NoDuplicateDetection : AddressFlags.None));
        writer.WriteAttribute(AddressAttribute.Flags, MemoryMarshal.AsBytes(new ReadOnlySpan<uint>(in addressFlags)));
        writer.WriteAttribute(AddressAttribute.Protocol, [OwnershipTag]);
        writer.EndMessage();
    }

    /// <summary>Writes a request that removes an address.</summary>
    public static void WriteRemove(ref NetlinkWriter writer, uint sequence, int linkIndex, IpPrefix prefix)
    {
        writer.BeginMessage(
            NetlinkMessageType.DeleteAddress, NetlinkFlags.Request | NetlinkFlags.Acknowledge, sequence);
        WriteHeader(ref writer, linkIndex, prefix);
        WriteAddress(ref writer, prefix.Address);
        writer.EndMessage();
    }

    private static void WriteHeader(ref NetlinkWriter writer, int linkIndex, IpPrefix prefix)
    {
        writer.WriteByte(prefix.Address.Family == IpFamily.V4 ? NetlinkFamily.V4 : NetlinkFamily.V6);
        writer.WriteByte((byte)prefix.Length);
        writer.WriteByte(0);
        writer.WriteByte(0);
        writer.WriteUInt32((uint)linkIndex);
    }

    private static void WriteAddress(ref NetlinkWriter writer, IpAddress address)
    {
        Span<byte> bytes = stackalloc byte[16];
        ReadOnlySpan<byte> written = bytes[..address.Write(bytes)];
        writer.WriteAttribute(AddressAttribute.Local, written);
        writer.WriteAttribute(AddressAttribute.Address, written);
    }
}
