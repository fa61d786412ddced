using System.Buffers.Binary;
using System.Text;
using VipOperator.Vrrp;

namespace VipOperator.Sidecar.Contract;

/// <summary>
/// Writes one frame after another into a buffer that grows when needed and is reused, so that the sidecar's loop
/// allocates nothing in the steady state. Numbers are little-endian.
/// </summary>
/// <remarks>A frame: u32 length of what follows, u8 <see cref="MessageType"/>, payload.</remarks>
public sealed class WireWriter(int initialCapacity = 4096)
{
    private byte[] _buffer = new byte[initialCapacity];
    private int _frameStart = -1;

    /// <summary>The complete frames written since the last <see cref="Clear"/>.</summary>
    public ReadOnlySpan<byte> Written => _buffer.AsSpan(0, Length);

    public ReadOnlyMemory<byte> WrittenMemory => _buffer.AsMemory(0, Length);

    public int Length { get; private set; }

    public void Clear()
    {
        Length = 0;
        _frameStart = -1;
    }

    public void BeginFrame(MessageType type)
    {
        _frameStart = Length;
        WriteUInt32(0);
        WriteByte((byte)type);
    }

    public void EndFrame()
    {
        BinaryPrimitives.WriteUInt32LittleEndian(
            _buffer.AsSpan(_frameStart), (uint)(Length - _frameStart - sizeof(uint)));
        _frameStart = -1;
    }

    public void WriteByte(byte value) => Take(1)[0] = value;

    public void WriteBoolean(bool value) => WriteByte(value ? (byte)1 : (byte)0);

    public void WriteUInt16(ushort value) => BinaryPrimitives.WriteUInt16LittleEndian(Take(2), value);

    public void WriteInt32(int value) => BinaryPrimitives.WriteInt32LittleEndian(Take(4), value);

    public void WriteUInt32(uint value) => BinaryPrimitives.WriteUInt32LittleEndian(Take(4), value);

    public void WriteInt64(long value) => BinaryPrimitives.WriteInt64LittleEndian(Take(8), value);

    public void WriteUInt64(ulong value) => BinaryPrimitives.WriteUInt64LittleEndian(Take(8), value);

    /// <summary>u16 length and UTF-8.</summary>
    /// <exception cref="ArgumentException">Longer than 65,535 bytes.</exception>
    public void WriteString(string value)
    {
        int length = Encoding.UTF8.GetByteCount(value);
        if (length > ushort.MaxValue)
            throw new ArgumentException("A string of the contract has at most 65,535 bytes.", nameof(value));
        WriteUInt16((ushort)length);
        Encoding.UTF8.GetBytes(value, Take(length));
    }

    /// <summary>u16 length and the bytes.</summary>
    public void WriteBytes(ReadOnlySpan<byte> value)
    {
        WriteUInt16(checked((ushort)value.Length));
        value.CopyTo(Take(value.Length));
    }

    /// <summary>u8 family (0 for none), then 4 or 16 bytes.</summary>
    public void WriteAddress(IpAddress address)
    {
        WriteByte((byte)address.Family);
        if (!address.IsNone)
            address.Write(Take(address.Length));
    }

    public void WritePrefix(IpPrefix prefix)
    {
        WriteAddress(prefix.Address);
        WriteByte((byte)prefix.Length);
    }

    private Span<byte> Take(int count)
    {
        if (Length + count > _buffer.Length)
            Array.Resize(ref _buffer, Math.Max(_buffer.Length * 2, Length + count));
        Span<byte> taken = _buffer.AsSpan(Length, count);
        Length += count;
        return taken;
    }
}
