namespace VipOperator.Vrrp;

/// <summary>Encodes and decodes advertisements. Received bytes never throw and a drop allocates nothing.</summary>
public static class AdvertisementCodec
{
    /// <summary>The longest message: v3, 255 IPv6 addresses, and a keepalived HMAC trailer.</summary>
    public const int LongestMessage = 8 + (255 * 16) + 128;

    /// <summary>
    /// Decodes a message and checks what can be checked without knowing the router: TTL, version, type, id, length,
    /// count, interval, checksum (RFC 9568 §7.1, RFC 3768 §7.1).
    /// </summary>
    /// <param name="message">The bytes after the IP header.</param>
    /// <returns><see cref="DropReason.None"/> and the advertisement, or the reason.</returns>
    public static DropReason Decode(ReadOnlySpan<byte> message, in PacketContext context, out Advertisement advertisement) =>
        throw new NotImplementedException();

    /// <summary>
    /// Checks a decoded message against the router that it is for: version, authentication, interval (v2), addresses
    /// (v2), peer list and destination, ourselves as address owner, our own packet.
    /// </summary>
    public static DropReason Verify(
        ReadOnlySpan<byte> message, in Advertisement advertisement, in PacketContext context, RouterParameters parameters, IpAddress ownPrimaryAddress) =>
        throw new NotImplementedException();

    /// <summary>Writes the VRRP message (no IP header).</summary>
    /// <param name="priority">The priority to send, 0 to resign.</param>
    /// <param name="source">Our primary address: part of the pseudo-header.</param>
    /// <param name="destination">The group or the peer: part of the pseudo-header.</param>
    /// <param name="buffer">At least <see cref="LongestMessage"/> bytes.</param>
    /// <returns>The number of bytes written.</returns>
    public static int Encode(
        RouterParameters parameters, Priority priority, IpAddress source, IpAddress destination, Span<byte> buffer) =>
        throw new NotImplementedException();
}
