using System.Buffers.Binary;

namespace VipOperator.Vrrp;

/// <summary>
/// A frame by which somebody says that it holds an address: an ARP request or reply from that address, or a Neighbor
/// Advertisement for it.
/// </summary>
/// <param name="Address">The address that is claimed.</param>
/// <param name="Holder">The MAC address that it is said to be at.</param>
/// <param name="RepliesTo">Whom an ARP reply answers; zero for the other frames.</param>
public readonly record struct AddressClaim(IpAddress Address, MacAddress Holder, MacAddress RepliesTo)
{
    private const int Arp = 14;
    private const int ArpLength = 42;
    private const int Icmp = 54;
    private const int AdvertisementLength = Icmp + 24;
    private const byte IcmpProtocol = 58;
    private const byte AdvertisementType = 136;
    private const byte TargetAddressOption = 2;

    /// <param name="frame">An Ethernet frame, of any length.</param>
    /// <returns>false if it is no such frame; of IPv6, with extension headers neither.</returns>
    public static bool TryDecode(ReadOnlySpan<byte> frame, out AddressClaim claim)
    {
        claim = default;
        if (frame.Length < Arp)
            return false;
        return BinaryPrimitives.ReadUInt16BigEndian(frame[12..]) switch
        {
            0x0806 => TryDecodeArp(frame, out claim),
            0x86dd => TryDecodeAdvertisement(frame, out claim),
            _ => false,
        };
    }

    private static bool TryDecodeArp(ReadOnlySpan<byte> frame, out AddressClaim claim)
    {
        claim = default;
        // Hardware 1, protocol 0x0800, lengths 6 and 4 (RFC 826).
        if (frame.Length < ArpLength || BinaryPrimitives.ReadUInt64BigEndian(frame[Arp..]) >> 16 != 0x0001_0800_0604)
            return false;
        ushort operation = BinaryPrimitives.ReadUInt16BigEndian(frame[20..]);
        IpAddress sender = IpAddress.Read(frame.Slice(28, 4));
        // From address 0: a probe, which claims nothing yet (RFC 5227 §1.1).
        if (operation is not (1 or 2) || sender.IsUnspecified)
            return false;
        MacAddress repliesTo = operation == 2 ? MacAddress.Read(frame.Slice(32, MacAddress.Length)) : default;
        claim = new AddressClaim(sender, MacAddress.Read(frame.Slice(22, MacAddress.Length)), repliesTo);
        return true;
    }

    private static bool TryDecodeAdvertisement(ReadOnlySpan<byte> frame, out AddressClaim claim)
    {
        claim = default;
        // From elsewhere than the link, a hop limit below 255 shows (RFC 4861 §7.1.2).
        if (frame.Length < AdvertisementLength || frame[20] != IcmpProtocol || frame[21] != 255
            || frame[Icmp] != AdvertisementType)
            return false;
        MacAddress holder = MacAddress.Read(frame.Slice(6, MacAddress.Length));
        ReadOnlySpan<byte> options = frame[AdvertisementLength..];
        if (options.Length >= 8 && options[0] == TargetAddressOption && options[1] == 1)
            holder = MacAddress.Read(options.Slice(2, MacAddress.Length));
        claim = new AddressClaim(IpAddress.Read(frame.Slice(Icmp + 8, 16)), holder, default);
        return true;
    }
}
