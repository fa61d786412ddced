using System.Buffers.Binary;
using VipOperator.Vrrp;

namespace VipOperator.Sidecar.Lifelines;

/// <summary>
/// All that is said on a lifeline, by the side that was connected to: which virtual routers of the connection's family
/// live in its process and advertise from the address that was connected to. The newest one counts.
/// </summary>
/// <remarks>
/// <code>
///  0                   1                   2                   3
///  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
/// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
/// |      'V'      |      'I'      |      'P'      |   Version 1   |
/// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
/// |   256 bits, the first byte's lowest is virtual router id 0 …  |
/// |                          (32 bytes)                           |
/// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
/// </code>
/// </remarks>
internal static class LifelineMessage
{
    public const int Length = 4 + (256 / 8);

    private const uint Header = 0x56495001; // "VIP", 1

    /// <param name="destination">Of <see cref="Length"/>.</param>
    public static void Begin(Span<byte> destination)
    {
        destination.Clear();
        BinaryPrimitives.WriteUInt32BigEndian(destination, Header);
    }

    public static void Add(Span<byte> message, VirtualRouterId id) =>
        message[4 + (id.Value / 8)] |= (byte)(1 << (id.Value % 8));

    public static bool Contains(ReadOnlySpan<byte> message, VirtualRouterId id) =>
        (message[4 + (id.Value / 8)] & (1 << (id.Value % 8))) != 0;

    /// <summary>Whether it is of a kind that we understand.</summary>
    public static bool IsValid(ReadOnlySpan<byte> message) =>
        message.Length == Length && BinaryPrimitives.ReadUInt32BigEndian(message) == Header;
}
