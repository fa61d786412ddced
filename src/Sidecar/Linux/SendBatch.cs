using VipOperator.Vrrp;

namespace VipOperator.Sidecar.Linux;

/// <summary>
/// Messages to several destinations that leave by one system call. Their bytes are in memory that the garbage collector
/// does not move, which the entries point to.
/// </summary>
internal sealed unsafe class SendBatch
{
    /// <summary>Messages at a time; for more, flush in between.</summary>
    public const int Capacity = 16;

    private const int AddressLength = 28; // struct sockaddr_in6
    private const int ControlLength = 40; // struct cmsghdr and struct in6_pktinfo

    private readonly byte[] _messages = GC.AllocateArray<byte>(
        Capacity * AdvertisementCodec.LongestMessage, pinned: true);
    private readonly byte[] _addresses = GC.AllocateArray<byte>(Capacity * AddressLength, pinned: true);
    private readonly byte[] _controls = GC.AllocateArray<byte>(Capacity * ControlLength, pinned: true);
    private readonly IoVector[] _vectors = GC.AllocateArray<IoVector>(Capacity, pinned: true);
    private readonly int[] _errors = new int[Capacity];
    private readonly BatchEntry[] _entries = GC.AllocateArray<BatchEntry>(Capacity, pinned: true);

    public int Count { get; private set; }

    /// <summary>Where the next message is to be written, before it is added.</summary>
    public Span<byte> Next => Slice(_messages, Count, AdvertisementCodec.LongestMessage);

    /// <summary>Of the messages of the last <see cref="Flush"/>: 0, or the error number, positive.</summary>
    public ReadOnlySpan<int> Errors => _errors;

    /// <summary>
    /// Sends what was added and empties the batch; a message that is refused keeps none of the others.
    /// </summary>
    /// <param name="error">0, or the last error number, positive.</param>
    /// <returns>How many were sent.</returns>
    public int Flush(Descriptor descriptor, out int error)
    {
        error = 0;
        int sent = 0;
        for (int at = 0; at < Count;)
        {
            int result = SystemCall.SendMessages(descriptor, _entries.AsSpan(at, Count - at));
            if (result > 0)
            {
                _errors.AsSpan(at, result).Clear();
                sent += result;
                at += result;
                continue;
            }

            error = result < 0 ? -result : Errno.EAGAIN;
            _errors[at++] = error;
        }

        Count = 0;
        return sent;
    }

    internal void Begin(int messageLength, out Span<byte> address, out Span<byte> control)
    {
        ArgumentOutOfRangeException.ThrowIfEqual(Count, Capacity);
        _vectors[Count].Length = (nuint)messageLength;
        address = Slice(_addresses, Count, AddressLength);
        control = Slice(_controls, Count, ControlLength);
        address.Clear();
        control.Clear();
    }

    internal void End(int addressLength, int controlLength)
    {
        int at = Count++;
        // Pinned for good, so these addresses hold.
        fixed (byte* messages = _messages, addresses = _addresses, controls = _controls)
        fixed (IoVector* vectors = _vectors)
        {
            vectors[at].Base = messages + (at * AdvertisementCodec.LongestMessage);
            _entries[at].Header = new MessageHeader
            {
                Name = addresses + (at * AddressLength),
                NameLength = (uint)addressLength,
                Vectors = vectors + at,
                VectorCount = 1,
                Control = controls + (at * ControlLength),
                ControlLength = (nuint)controlLength,
            };
        }
    }

    private static Span<byte> Slice(byte[] bytes, int index, int length) => bytes.AsSpan(index * length, length);
}
