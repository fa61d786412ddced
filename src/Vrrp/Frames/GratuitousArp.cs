namespace VipOperator.Vrrp;

/// <summary>The gratuitous ARP frame that announces an IPv4 address (RFC 9568 §8.1.2, RFC 5227 §3).</summary>
public static class GratuitousArp
{
    public const int Length = 42;

    /// <summary>Writes an Ethernet frame to the broadcast address.</summary>
    /// <param name="request">true: an ARP request, the form most stacks accept; false: a reply.</param>
    /// <returns>The number of bytes written, <see cref="Length"/>.</returns>
    public static int Encode(MacAddress sender, IpAddress address, bool request, Span<byte> buffer) => throw new NotImplementedException();
}
