namespace VipOperator.Vrrp;

/// <summary>The unsolicited Neighbor Advertisement that announces an IPv6 address (RFC 9568 §6.4.2, RFC 4861 §7.2.6).</summary>
public static class UnsolicitedNeighborAdvertisement
{
    public const int Length = 86;

    /// <summary>Writes an Ethernet frame to ff02::1 with Override set and the target link-layer address option.</summary>
    /// <param name="isRouter">The Router flag (RFC 4861 §4.4): whether the node forwards IPv6 on the link.</param>
    /// <returns>The number of bytes written, <see cref="Length"/>.</returns>
    public static int Encode(MacAddress sender, IpAddress address, bool isRouter, Span<byte> buffer) => throw new NotImplementedException();
}
