using System.Buffers.Binary;

namespace VipOperator.Vrrp;

/// <summary>
/// An advertisement as a whole Ethernet frame: what a router sends that speaks from the virtual router MAC address (RFC
/// 9568 §7.2), which the kernel's own IP output cannot do on the parent link.
/// </summary>
/// <remarks>
/// <code>
/// Ethernet  0 destination, the group's (RFC 1112 §6.4, RFC 2464 §7)   6 source   12 type 0x0800 or 0x86dd
/// IPv4     14 version 4, 5 words   15 TOS   16 length   18 id 0   20 don't fragment   22 TTL 255   23 protocol 112
///          24 checksum             26 source            30 destination                34 message
/// IPv6     14 version 6, class     18 length            20 next header 112            21 hop limit 255
///          22 source               38 destination       54 message
/// </code>
/// </remarks>
public static class AdvertisementFrame
{
    /// <summary>The bytes before the message at the most.</summary>
    public const int LongestHeader = EthernetLength + V6Length;

    /// <summary>Of these, the bytes that count as part of the link's MTU.</summary>
    public const int LongestIpHeader = V6Length;

    private const int EthernetLength = 14;
    private const int V4Length = 20;
    private const int V6Length = 40;
    private const byte HopLimit = 255; // RFC 9568 §5.1.1.3, §5.1.2.3
    private const byte InternetControl = 0xc0; // DSCP CS6 (RFC 4594 §3.2)

    /// <summary>Writes a frame to the group of the family.</summary>
    /// <param name="sender">The MAC address to send from.</param>
    /// <param name="source">Our primary address.</param>
    /// <param name="message">As <see cref="AdvertisementCodec"/> encodes it for the group.</param>
    /// <param name="buffer">At least <see cref="LongestHeader"/> bytes and the message.</param>
    /// <returns>The number of bytes written.</returns>
    public static int Encode(MacAddress sender, IpAddress source, ReadOnlySpan<byte> message, Span<byte> buffer)
    {
        bool isV4 = source.Family == IpFamily.V4;
        int headerLength = isV4 ? V4Length : V6Length;
        Span<byte> frame = buffer[..(EthernetLength + headerLength + message.Length)];
        IpAddress group = MulticastGroup.Of(source.Family);
        GroupMac(group).Write(frame);
        sender.Write(frame[6..]);
        BinaryPrimitives.WriteUInt16BigEndian(frame[12..], (ushort)(isV4 ? 0x0800 : 0x86dd));
        Span<byte> header = frame.Slice(EthernetLength, headerLength);
        header.Clear();
        if (isV4)
            WriteV4(header, source, group, message.Length);
        else
            WriteV6(header, source, group, message.Length);
        message.CopyTo(frame[(EthernetLength + headerLength)..]);
        return frame.Length;
    }

    private static void WriteV4(Span<byte> header, IpAddress source, IpAddress group, int messageLength)
    {
        header[0] = 0x45;
        header[1] = InternetControl;
        BinaryPrimitives.WriteUInt16BigEndian(header[2..], (ushort)(V4Length + messageLength));
        // Atomic, so the id says nothing (RFC 6864 §4).
        header[6] = 0x40;
        header[8] = HopLimit;
        header[9] = MessageLayout.Protocol;
        source.Write(header[12..]);
        group.Write(header[16..]);
        BinaryPrimitives.WriteUInt16BigEndian(header[10..], InternetChecksum.Fold(InternetChecksum.Add(0, header)));
    }

    private static void WriteV6(Span<byte> header, IpAddress source, IpAddress group, int messageLength)
    {
        header[0] = 0x60 | (InternetControl >> 4);
        header[1] = (InternetControl & 0xf) << 4;
        BinaryPrimitives.WriteUInt16BigEndian(header[4..], (ushort)messageLength);
        header[6] = MessageLayout.Protocol;
        header[7] = HopLimit;
        source.Write(header[8..]);
        group.Write(header[24..]);
    }

    // IPv4: 01:00:5e and the low 23 bits (RFC 1112 §6.4). IPv6: 33:33 and the low 32 bits (RFC 2464 §7).
    private static MacAddress GroupMac(IpAddress group)
    {
        Span<byte> bytes = stackalloc byte[16];
        int length = group.Write(bytes);
        uint low = BinaryPrimitives.ReadUInt32BigEndian(bytes[(length - 4)..]);
        return group.Family == IpFamily.V4
            ? new(0x0100_5e00_0000UL | (low & 0x7f_ffff))
            : new(0x3333_0000_0000UL | low);
    }
}
