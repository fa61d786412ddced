namespace VipOperator.Vrrp;

/// <summary>
/// What the receiver knows of a packet from outside its VRRP message: the IP header and where it came in.
/// </summary>
public readonly record struct PacketContext
{
    /// <summary>The source address in the IP header.</summary>
    public required IpAddress Source { get; init; }

    /// <summary>The destination address in the IP header: the group (multicast) or one of our own (unicast).</summary>
    public required IpAddress Destination { get; init; }

    /// <summary>IPv4 TTL or IPv6 hop limit; anything but 255 is dropped (RFC 9568 §7.1).</summary>
    public required byte TimeToLive { get; init; }

    /// <summary>When the packet is judged.</summary>
    public MonotonicTime ReceivedAt { get; init; }

    /// <summary>The same instant on the wall clock; matters with HMAC only.</summary>
    public UtcTime ReceivedAtUtc { get; init; }
}
