using System.Buffers.Binary;

namespace VipOperator.Vrrp;

/// <summary>The gratuitous ARP frame that announces an IPv4 address (RFC 9568 §8.1.2, RFC 5227 §3).</summary>
/// <remarks>
/// <code>
/// Ethernet  0 destination ff:ff:ff:ff:ff:ff   6 source              12 type 0x0806
/// ARP      14 hardware 1                     16 protocol 0x0800     18 lengths 6, 4    20 operation 1 or 2
/// (RFC 826) 22 sender MAC                    28 sender address      32 target MAC      38 target address
/// </code>
/// </remarks>
public static class GratuitousArp
{
    public const int Length = 42;

    /// <summary>Writes an Ethernet frame to the broadcast address.</summary>
    /// <param name="address">An IPv4 address.</param>
    /// <param name="request">true: an ARP request, the form most stacks accept; false: a reply.</param>
    /// <param name="buffer">At least <see cref="Length"/> bytes; the kernel pads the frame to 60.</param>
    /// <returns>The number of bytes written, <see cref="Length"/>.</returns>
    /// <exception cref="ArgumentException"><paramref name="address"/> is not IPv4.</exception>
    public static int Encode(MacAddress sender, IpAddress address, bool request, Span<byte> buffer)
    {
        if (address.Family != IpFamily.V4)
            throw new ArgumentException("ARP announces IPv4 addresses only.", nameof(address));
        Span<byte> frame = buffer[..Length];
        MacAddress.Broadcast.Write(frame);
        sender.Write(frame[6..]);
        BinaryPrimitives.WriteUInt16BigEndian(frame[12..], 0x0806);
        BinaryPrimitives.WriteUInt16BigEndian(frame[14..], 1);
        BinaryPrimitives.WriteUInt16BigEndian(frame[16..], 0x0800);
        frame[18] = MacAddress.Length;
        frame[19] = 4;
        BinaryPrimitives.WriteUInt16BigEndian(frame[20..], (ushort)(request ? 1 : 2));
        sender.Write(frame[22..]);
        address.Write(frame[28..]);
        // RFC 9568 §6.4.2: the target link-layer address is the announced one too.
        sender.Write(frame[32..]);
        address.Write(frame[38..]);
        return Length;
    }
}
