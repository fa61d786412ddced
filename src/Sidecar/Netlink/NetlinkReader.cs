using System.Runtime.InteropServices;

namespace VipOperator.Sidecar.Netlink;

/// <summary>One message of a netlink datagram.</summary>
internal readonly ref struct NetlinkMessage(
    NetlinkMessageType type, NetlinkFlags flags, uint sequence, ReadOnlySpan<byte> payload)
{
    public NetlinkMessageType Type { get; } = type;

    public NetlinkFlags Flags { get; } = flags;

    public uint Sequence { get; } = sequence;

    /// <summary>The bytes after the header.</summary>
    public ReadOnlySpan<byte> Payload { get; } = payload;

    /// <summary>Of an <see cref="NetlinkMessageType.Error"/> message: 0, or the error number, positive.</summary>
    public int Error => Payload.Length >= sizeof(int) ? -MemoryMarshal.Read<int>(Payload) : 0;
}

/// <summary>
/// Walks over the messages of a datagram. Whatever the bytes: it ends, and it reads nothing outside them.
/// </summary>
/// <remarks>
/// struct nlmsghdr (linux/netlink.h), host byte order, messages aligned to 4 bytes:
/// <code>
///  0                   1                   2                   3
///  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
/// +---------------------------------------------------------------+
/// |                     length, header included                   |
/// +-------------------------------+-------------------------------+
/// |              type             |             flags             |
/// +-------------------------------+-------------------------------+
/// |                            sequence                           |
/// +---------------------------------------------------------------+
/// |                            port id                            |
/// +---------------------------------------------------------------+
/// </code>
/// </remarks>
internal ref struct NetlinkReader(ReadOnlySpan<byte> datagram)
{
    public const int HeaderLength = 16;

    private ReadOnlySpan<byte> _rest = datagram;

    /// <returns>false at the end, or where the bytes stop making sense.</returns>
    public bool TryRead(out NetlinkMessage message)
    {
        message = default;
        if (_rest.Length < HeaderLength)
            return false;
        uint length = MemoryMarshal.Read<uint>(_rest);
        if (length < HeaderLength || length > (uint)_rest.Length)
            return false;
        message = new NetlinkMessage(
            (NetlinkMessageType)MemoryMarshal.Read<ushort>(_rest[4..]),
            (NetlinkFlags)MemoryMarshal.Read<ushort>(_rest[6..]),
            MemoryMarshal.Read<uint>(_rest[8..]),
            _rest[HeaderLength..(int)length]);
        int aligned = ((int)length + 3) & ~3;
        _rest = aligned < _rest.Length ? _rest[aligned..] : [];
        return true;
    }
}

/// <summary>
/// Walks over the attributes of a message: u16 length (header included), u16 type, value, aligned to 4 bytes.
/// </summary>
internal ref struct AttributeReader(ReadOnlySpan<byte> attributes)
{
    private const int HeaderLength = 4;
    private const ushort TypeMask = 0x3fff; // without NLA_F_NESTED and NLA_F_NET_BYTEORDER

    private ReadOnlySpan<byte> _rest = attributes;

    /// <returns>false at the end, or where the bytes stop making sense.</returns>
    public bool TryRead(out ushort type, out ReadOnlySpan<byte> value)
    {
        type = 0;
        value = default;
        if (_rest.Length < HeaderLength)
            return false;
        ushort length = MemoryMarshal.Read<ushort>(_rest);
        if (length < HeaderLength || length > _rest.Length)
            return false;
        type = (ushort)(MemoryMarshal.Read<ushort>(_rest[2..]) & TypeMask);
        value = _rest[HeaderLength..length];
        int aligned = (length + 3) & ~3;
        _rest = aligned < _rest.Length ? _rest[aligned..] : [];
        return true;
    }
}
