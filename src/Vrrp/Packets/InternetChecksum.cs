using System.Buffers.Binary;

namespace VipOperator.Vrrp;

/// <summary>
/// The 16-bit one's complement of the one's complement sum (RFC 1071). Usage: start with 0 or a pseudo-header's sum,
/// add the bytes, then fold. Bytes that carry their own correct checksum fold to 0.
/// </summary>
internal static class InternetChecksum
{
    /// <summary>
    /// The pseudo-header: for IPv6 of RFC 8200 §8.1, for IPv4 of RFC 9293 §3.1, which sum alike because the fields
    /// that differ are zeros.
    /// </summary>
    /// <param name="length">The length of the message that follows, in bytes.</param>
    public static uint PseudoHeader(IpAddress source, IpAddress destination, byte protocol, int length)
    {
        Span<byte> addresses = stackalloc byte[32];
        int written = source.Write(addresses);
        written += destination.Write(addresses[written..]);
        return Add(protocol + (uint)length, addresses[..written]);
    }

    /// <summary>Adds bytes to a sum; an odd last byte counts as if a zero followed.</summary>
    /// <param name="bytes">At most 64 KiB, so that the sum cannot overflow.</param>
    public static uint Add(uint sum, ReadOnlySpan<byte> bytes)
    {
        while (bytes.Length >= 2)
        {
            sum += BinaryPrimitives.ReadUInt16BigEndian(bytes);
            bytes = bytes[2..];
        }

        return bytes.IsEmpty ? sum : sum + ((uint)bytes[0] << 8);
    }

    public static ushort Fold(uint sum)
    {
        sum = (sum & 0xffff) + (sum >> 16);
        sum = (sum & 0xffff) + (sum >> 16);
        return (ushort)~sum;
    }
}
