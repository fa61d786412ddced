using System.Buffers.Binary;
using System.Text;
using VipOperator.Vrrp;

namespace VipOperator.Sidecar.Contract;

/// <summary>
/// Reads the payload of one frame. Whatever the bytes, it ends in a value or a <see cref="ContractException"/>.
/// </summary>
public ref struct WireReader(ReadOnlySpan<byte> payload)
{
    private ReadOnlySpan<byte> _rest = payload;

    public readonly bool AtEnd => _rest.IsEmpty;

    public byte ReadByte() => Take(1)[0];

    public bool ReadBoolean() => ReadByte() switch
    {
        0 => false,
        1 => true,
        byte other => throw new ContractException($"A flag is 0 or 1, not {other}."),
    };

    public ushort ReadUInt16() => BinaryPrimitives.ReadUInt16LittleEndian(Take(2));

    public int ReadInt32() => BinaryPrimitives.ReadInt32LittleEndian(Take(4));

    public uint ReadUInt32() => BinaryPrimitives.ReadUInt32LittleEndian(Take(4));

    public long ReadInt64() => BinaryPrimitives.ReadInt64LittleEndian(Take(8));

    public ulong ReadUInt64() => BinaryPrimitives.ReadUInt64LittleEndian(Take(8));

    public string ReadString() => Encoding.UTF8.GetString(Take(ReadUInt16()));

    public ReadOnlySpan<byte> ReadBytes() => Take(ReadUInt16());

    public IpAddress ReadAddress() => ReadByte() switch
    {
        0 => default,
        (byte)IpFamily.V4 => IpAddress.Read(Take(4)),
        (byte)IpFamily.V6 => IpAddress.Read(Take(16)),
        byte other => throw new ContractException($"An address family is 0, 4 or 6, not {other}."),
    };

    public IpPrefix ReadPrefix()
    {
        IpAddress address = ReadAddress();
        byte length = ReadByte();
        return IpPrefix.TryCreate(address, length, out IpPrefix prefix)
            ? prefix
            : throw new ContractException($"/{length} does not fit {address}.");
    }

    /// <summary>Reads a byte that must name a value of <typeparamref name="T"/>.</summary>
    public T ReadEnum<T>()
        where T : struct, Enum
    {
        byte value = ReadByte();
        T member = (T)Enum.ToObject(typeof(T), value);
        return Enum.IsDefined(member) ? member : throw new ContractException($"{value} is no {typeof(T).Name}.");
    }

    /// <exception cref="ContractException">Bytes are left over: the two halves disagree on the layout.</exception>
    public readonly void ExpectEnd()
    {
        if (!_rest.IsEmpty)
            throw new ContractException($"{_rest.Length} bytes are left over at the end of a message.");
    }

    private ReadOnlySpan<byte> Take(int count)
    {
        if (count > _rest.Length)
            throw new ContractException($"The message ends {count - _rest.Length} bytes too early.");
        ReadOnlySpan<byte> taken = _rest[..count];
        _rest = _rest[count..];
        return taken;
    }
}
