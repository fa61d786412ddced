using System.Buffers.Binary;

namespace VipOperator.Vrrp;

/// <summary>
/// A question whether anybody else holds an address: an ARP probe (RFC 5227 §1.1) or a Neighbor Solicitation of
/// duplicate address detection (RFC 4862 §5.4.2). Neither tells anybody anything about the asker.
/// </summary>
/// <remarks>
/// <code>
/// ARP      0 destination ff:ff:ff:ff:ff:ff   6 source   12 type 0x0806   14 as in <see cref="GratuitousArp"/>, a
///          request with sender address 0, target MAC 0, target address the one asked for
/// ND       0 destination 33:33:ff:xx:xx:xx   6 source   12 type 0x86dd
/// IPv6    14 version 6   18 payload length 24   20 next header 58   21 hop limit 255   22 source ::   38
/// ff02::1:ffxx:xxxx
/// ICMPv6  54 type 135    55 code 0              56 checksum         62 target address
/// </code>
/// </remarks>
public static class AddressProbe
{
    public const int LongestFrame = 78;

    private const int ArpLength = 42;
    private const int Icmp = 54;
    private const byte IcmpProtocol = 58;

    /// <param name="sender">The MAC address that the answer is to come to.</param>
    /// <param name="buffer">At least <see cref="LongestFrame"/> bytes.</param>
    /// <returns>The number of bytes written.</returns>
    public static int Encode(MacAddress sender, IpAddress address, Span<byte> buffer) =>
        address.Family == IpFamily.V4
            ? EncodeV4(sender, address, buffer[..ArpLength])
            : EncodeV6(sender, address, buffer[..LongestFrame]);

    private static int EncodeV4(MacAddress sender, IpAddress address, Span<byte> frame)
    {
        GratuitousArp.Encode(sender, address, request: true, frame);
        frame.Slice(28, 10).Clear();
        return ArpLength;
    }

    private static int EncodeV6(MacAddress sender, IpAddress address, Span<byte> frame)
    {
        frame.Clear();
        UInt128 low = address.Bits & 0xff_ffff;
        // RFC 4291 §2.7.1; RFC 2464 §7.
        IpAddress group = IpAddress.V6(new UInt128(0xff02_0000_0000_0000, 0x1_ff00_0000) | low);
        new MacAddress(0x3333_ff00_0000UL | (ulong)low).Write(frame);
        sender.Write(frame[6..]);
        BinaryPrimitives.WriteUInt16BigEndian(frame[12..], 0x86dd);
        frame[14] = 6 << 4;
        BinaryPrimitives.WriteUInt16BigEndian(frame[18..], LongestFrame - Icmp);
        frame[20] = IcmpProtocol;
        frame[21] = 255;
        group.Write(frame[38..]);
        Span<byte> icmp = frame[Icmp..];
        icmp[0] = 135;
        address.Write(icmp[8..]);
        uint sum = InternetChecksum.PseudoHeader(IpAddress.V6(0), group, IcmpProtocol, icmp.Length);
        BinaryPrimitives.WriteUInt16BigEndian(icmp[2..], InternetChecksum.Fold(InternetChecksum.Add(sum, icmp)));
        return LongestFrame;
    }
}
