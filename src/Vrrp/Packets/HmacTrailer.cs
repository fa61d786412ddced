using System.Buffers.Binary;
using System.Security.Cryptography;

namespace VipOperator.Vrrp;

/// <summary>
/// The authentication that keepalived (2.4.2 and later) and draft-cassen-vrrp-auth-hmac append to an advertisement of
/// either version and family. It is told by the length alone: the message is as long as its header says, and this.
/// </summary>
/// <remarks>
/// <code>
///  0                   1                   2                   3
///  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
/// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
/// |    Type 1     |    Key id     |          Reserved, 0          |
/// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
/// |                Seconds since 1970-01-01 UTC                   |  \
/// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+   the sequence number, 64 bits
/// |   Fraction in 1/65536 s       |           Counter             |  /
/// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
/// |        HMAC-SHA256, the first 16 of its 32 bytes              |
/// |                                                               |
/// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
/// </code>
/// The code covers, one after the other: a pseudo-header of 20 bytes (4 or 6, the version, the virtual router id, 0,
/// the source address padded with zeros to 16), the message with its checksum taken as zero, the trailer with its code
/// taken as zero. The destination is not in it: copies to several peers are alike.
/// </remarks>
internal static class HmacTrailer
{
    public const int Length = 28;
    public const int ShortestKey = 32;
    public const int LongestKey = 64;

    private const byte Type = 1;
    private const int KeyId = 1;
    private const int Reserved = 2;
    private const int Sequence = 4;
    private const int Code = 12;
    private const int CodeLength = 16;
    private const int PseudoHeaderLength = 20;

    public static byte ReadKeyId(ReadOnlySpan<byte> trailer) => trailer[KeyId];

    public static ulong ReadSequence(ReadOnlySpan<byte> trailer) =>
        BinaryPrimitives.ReadUInt64BigEndian(trailer[Sequence..]);

    /// <summary>Whether the trailer is of the type that is known here.</summary>
    public static bool IsWellFormed(ReadOnlySpan<byte> trailer) =>
        trailer[0] == Type && BinaryPrimitives.ReadUInt16BigEndian(trailer[Reserved..]) == 0;

    /// <summary>Writes the trailer behind a message.</summary>
    /// <param name="message">The message and <see cref="Length"/> bytes of room.</param>
    public static void Write(Span<byte> message, IpAddress source, ReadOnlySpan<byte> key, byte keyId, ulong sequence)
    {
        Span<byte> trailer = message[^Length..];
        trailer.Clear();
        trailer[0] = Type;
        trailer[KeyId] = keyId;
        BinaryPrimitives.WriteUInt64BigEndian(trailer[Sequence..], sequence);
        Span<byte> code = stackalloc byte[Sha256.DigestLength];
        Compute(message, source, key, code);
        code[..CodeLength].CopyTo(trailer[Code..]);
    }

    /// <summary>Whether the code is right; takes the same time wherever it is wrong.</summary>
    public static bool Matches(ReadOnlySpan<byte> message, IpAddress source, ReadOnlySpan<byte> key)
    {
        Span<byte> code = stackalloc byte[Sha256.DigestLength];
        Compute(message, source, key, code);
        return CryptographicOperations.FixedTimeEquals(code[..CodeLength], message[^CodeLength..]);
    }

    private static void Compute(ReadOnlySpan<byte> message, IpAddress source, ReadOnlySpan<byte> key, Span<byte> code)
    {
        Span<byte> pseudoHeader = stackalloc byte[PseudoHeaderLength];
        pseudoHeader.Clear();
        pseudoHeader[0] = (byte)source.Family;
        pseudoHeader[1] = (byte)(message[MessageLayout.VersionAndType] >> 4);
        pseudoHeader[2] = message[MessageLayout.RouterId];
        source.Write(pseudoHeader[4..]);
        ReadOnlySpan<byte> zeros = stackalloc byte[CodeLength];

        var hmac = new HmacSha256(key);
        hmac.Append(pseudoHeader);
        hmac.Append(message[..MessageLayout.Checksum]);
        hmac.Append(zeros[..MessageLayout.ChecksumLength]);
        hmac.Append(message[(MessageLayout.Checksum + MessageLayout.ChecksumLength)..^CodeLength]);
        hmac.Append(zeros);
        hmac.Finish(code);
    }
}
