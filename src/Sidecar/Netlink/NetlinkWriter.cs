using System.Runtime.InteropServices;

namespace VipOperator.Sidecar.Netlink;

/// <summary>Writes messages one after another into a buffer, which must be long enough.</summary>
internal ref struct NetlinkWriter(Span<byte> buffer)
{
    private readonly Span<byte> _buffer = buffer;
    private int _messageStart;

    public int Length { get; private set; }

    public void BeginMessage(NetlinkMessageType type, NetlinkFlags flags, uint sequence)
    {
        _messageStart = Length;
        WriteUInt32(0);
        WriteUInt16((ushort)type);
        WriteUInt16((ushort)flags);
        WriteUInt32(sequence);
        WriteUInt32(0);
    }

    public readonly void EndMessage() => MemoryMarshal.Write(_buffer[_messageStart..], (uint)(Length - _messageStart));

    public void WriteByte(byte value) => _buffer[Length++] = value;

    public void WriteUInt16(ushort value)
    {
        MemoryMarshal.Write(_buffer[Length..], value);
        Length += sizeof(ushort);
    }

    public void WriteUInt32(uint value)
    {
        MemoryMarshal.Write(_buffer[Length..], value);
        Length += sizeof(uint);
    }

    /// <summary>Writes an attribute and pads it to 4 bytes.</summary>
    public void WriteAttribute(ushort type, scoped ReadOnlySpan<byte> value)
    {
        WriteUInt16((ushort)(4 + value.Length));
        WriteUInt16(type);
        value.CopyTo(_buffer[Length..]);
        Length += value.Length;
        while (Length % 4 != 0)
            WriteByte(0);
    }

    public void WriteAttribute(ushort type, uint value) =>
        WriteAttribute(type, MemoryMarshal.AsBytes(new ReadOnlySpan<uint>(in value)));

    /// <summary>Begins an attribute whose value is attributes.</summary>
    /// <returns>What <see cref="EndNested"/> wants.</returns>
    public int BeginNested(ushort type)
    {
        const ushort nested = 0x8000; // NLA_F_NESTED
        int start = Length;
        WriteUInt16(0);
        WriteUInt16((ushort)(type | nested));
        return start;
    }

    public readonly void EndNested(int start) => MemoryMarshal.Write(_buffer[start..], (ushort)(Length - start));
}
