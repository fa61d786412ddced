using System.Buffers.Binary;

namespace VipOperator.Sidecar.Contract;

/// <summary>Collects the bytes of a stream and yields the frames in them.</summary>
public sealed class FrameBuffer
{
    /// <summary>The longest frame that is accepted: a configuration of some ten thousand routers.</summary>
    public const int LongestFrame = 16 * 1024 * 1024;

    private const int Usual = 4096;

    /// <summary>More than that is given back once it is read: a large configuration comes once.</summary>
    private const int MostKept = 64 * 1024;

    private byte[] _buffer = new byte[Usual];
    private int _start;
    private int _end;

    /// <summary>Free space to receive into; call <see cref="Commit"/> with the number of bytes received.</summary>
    public Memory<byte> GetMemory()
    {
        if (_start == _end)
        {
            _start = _end = 0;
            if (_buffer.Length > MostKept)
                _buffer = new byte[Usual];
        }

        if (_end == _buffer.Length)
        {
            if (_start > 0)
            {
                _buffer.AsSpan(_start, _end - _start).CopyTo(_buffer);
                _end -= _start;
                _start = 0;
            }
            else
            {
                Array.Resize(ref _buffer, _buffer.Length * 2);
            }
        }

        return _buffer.AsMemory(_end);
    }

    public void Commit(int received) => _end += received;

    /// <summary>
    /// Takes the next complete frame, if there is one. The payload is valid until the next <see cref="GetMemory"/>.
    /// </summary>
    /// <exception cref="ContractException">The frame is empty or longer than <see cref="LongestFrame"/>, or its type is
    /// unknown.</exception>
    public bool TryTake(out MessageType type, out ReadOnlySpan<byte> payload)
    {
        type = default;
        payload = default;
        ReadOnlySpan<byte> available = _buffer.AsSpan(_start, _end - _start);
        if (available.Length < sizeof(uint))
            return false;
        uint length = BinaryPrimitives.ReadUInt32LittleEndian(available);
        if (length is 0 or > LongestFrame)
            throw new ContractException($"A frame has 1 to {LongestFrame} bytes, not {length}.");
        if (available.Length - sizeof(uint) < length)
            return false;
        type = (MessageType)available[sizeof(uint)];
        if (!Enum.IsDefined(type))
            throw new ContractException($"{(byte)type} is no message type.");
        payload = available.Slice(sizeof(uint) + 1, (int)length - 1);
        _start += sizeof(uint) + (int)length;
        return true;
    }
}
