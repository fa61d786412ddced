using System.Buffers.Binary;

namespace VipOperator.Vrrp;

/// <summary>The unsolicited Neighbor Advertisement that announces an IPv6 address (RFC 9568 §6.4.2, RFC 4861
/// §7.2.6).</summary>
/// <remarks>
/// <code>
/// Ethernet  0 destination 33:33:00:00:00:01 (RFC 2464 §7)   6 source   12 type 0x86dd
/// IPv6     14 version 6   18 payload length 32   20 next header 58   21 hop limit 255   22 source   38 ff02::1
/// ICMPv6   54 type 136    55 code 0              56 checksum         58 R S O flags     62 target address
/// option   78 type 2      79 length 1 (8 bytes)  80 MAC address
/// </code>
/// </remarks>
public static class UnsolicitedNeighborAdvertisement
{
    public const int Length = 86;

    private const byte IcmpProtocol = 58;
    private const byte RouterFlag = 0x80;
    private const byte OverrideFlag = 0x20;
    private const int Icmp = 54;

    // 33:33 and the last four bytes of ff02::1 (RFC 2464 §7).
    private static MacAddress AllNodesMac => new(0x3333_0000_0001);

    private static IpAddress AllNodes => IpAddress.V6(new UInt128(0xff02_0000_0000_0000, 1));

    /// <summary>
    /// Writes an Ethernet frame to ff02::1 with Override set and the target link-layer address option.
    /// </summary>
    /// <param name="address">An IPv6 address; also the source of the packet.</param>
    /// <param name="isRouter">
    /// The Router flag (RFC 4861 §4.4): whether the node forwards IPv6 on the link. DEVIATION: RFC 9568 §6.4.2 always
    /// sets it (docs/adr/0034-router-flag.md).
    /// </param>
    /// <param name="buffer">At least <see cref="Length"/> bytes.</param>
    /// <returns>The number of bytes written, <see cref="Length"/>.</returns>
    /// <exception cref="ArgumentException"><paramref name="address"/> is not IPv6.</exception>
    public static int Encode(MacAddress sender, IpAddress address, bool isRouter, Span<byte> buffer)
    {
        if (address.Family != IpFamily.V6)
            throw new ArgumentException("Neighbor Advertisements announce IPv6 addresses only.", nameof(address));
        Span<byte> frame = buffer[..Length];
        frame.Clear();
        AllNodesMac.Write(frame);
        sender.Write(frame[6..]);
        BinaryPrimitives.WriteUInt16BigEndian(frame[12..], 0x86dd);

        frame[14] = 6 << 4;
        BinaryPrimitives.WriteUInt16BigEndian(frame[18..], Length - Icmp);
        frame[20] = IcmpProtocol;
        // Receivers drop anything but 255 (RFC 4861 §7.1.2).
        frame[21] = 255;
        address.Write(frame[22..]);
        AllNodes.Write(frame[38..]);

        Span<byte> icmp = frame[Icmp..];
        icmp[0] = 136;
        icmp[4] = (byte)(OverrideFlag | (isRouter ? RouterFlag : 0));
        address.Write(icmp[8..]);
        icmp[24] = 2;
        icmp[25] = 1;
        sender.Write(icmp[26..]);
        uint pseudoHeader = InternetChecksum.PseudoHeader(address, AllNodes, IcmpProtocol, icmp.Length);
        BinaryPrimitives.WriteUInt16BigEndian(
            icmp[2..], InternetChecksum.Fold(InternetChecksum.Add(pseudoHeader, icmp)));
        return Length;
    }
}
