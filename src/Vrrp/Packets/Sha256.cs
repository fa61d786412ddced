using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.CompilerServices;

namespace VipOperator.Vrrp;

/// <summary>
/// SHA-256 (FIPS 180-4) of bytes that come in pieces, on the stack. Ours, because the runtime's is OpenSSL's, which the
/// privileged process is to do without (docs/adr/0016-hmac.md).
/// </summary>
internal struct Sha256
{
    public const int DigestLength = 32;
    public const int BlockLength = 64;

    // FIPS 180-4 §4.2.2. Arrays: a span of constants other than bytes allocates where the compiler does not optimize.
    private static readonly uint[] RoundConstants =
    [
        0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
        0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
        0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
        0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
        0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
        0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
        0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
        0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2,
    ];

    // FIPS 180-4 §5.3.3.
    private static readonly uint[] InitialWords =
        [0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19];

    private Words _words;
    private Block _block;
    private long _length;

    public static Sha256 Begin()
    {
        var hash = default(Sha256);
        InitialWords.CopyTo((Span<uint>)hash._words);
        return hash;
    }

    public void Append(ReadOnlySpan<byte> bytes)
    {
        Span<byte> block = _block;
        while (!bytes.IsEmpty)
        {
            int filled = (int)(_length % BlockLength);
            int taken = Math.Min(BlockLength - filled, bytes.Length);
            bytes[..taken].CopyTo(block[filled..]);
            bytes = bytes[taken..];
            _length += taken;
            if (filled + taken == BlockLength)
                Compress(_words, block);
        }
    }

    /// <summary>Writes <see cref="DigestLength"/> bytes; nothing can be appended afterwards.</summary>
    public void Finish(Span<byte> digest)
    {
        // §5.1.1: a one bit, zeros, and the length in bits as 64 bits at the end of a block.
        long bits = _length * 8;
        int zeros = (int)((BlockLength + 55 - (_length % BlockLength)) % BlockLength);
        Span<byte> padding = stackalloc byte[1 + zeros + 8];
        padding.Clear();
        padding[0] = 0x80;
        BinaryPrimitives.WriteInt64BigEndian(padding[^8..], bits);
        Append(padding);
        for (int i = 0; i < 8; i++)
            BinaryPrimitives.WriteUInt32BigEndian(digest[(4 * i)..], _words[i]);
    }

    // §6.2.2; the names are the standard's.
    private static void Compress(Span<uint> words, ReadOnlySpan<byte> block)
    {
        Span<uint> w = stackalloc uint[64];
        for (int t = 0; t < 16; t++)
            w[t] = BinaryPrimitives.ReadUInt32BigEndian(block[(4 * t)..]);
        for (int t = 16; t < 64; t++)
        {
            uint s0 =
                BitOperations.RotateRight(w[t - 15], 7) ^ BitOperations.RotateRight(w[t - 15], 18) ^ (w[t - 15] >> 3);
            uint s1 =
                BitOperations.RotateRight(w[t - 2], 17) ^ BitOperations.RotateRight(w[t - 2], 19) ^ (w[t - 2] >> 10);
            w[t] = s1 + w[t - 7] + s0 + w[t - 16];
        }

        (uint a, uint b, uint c, uint d) = (words[0], words[1], words[2], words[3]);
        (uint e, uint f, uint g, uint h) = (words[4], words[5], words[6], words[7]);
        for (int t = 0; t < 64; t++)
        {
            uint sum1 =
                BitOperations.RotateRight(e, 6) ^ BitOperations.RotateRight(e, 11) ^ BitOperations.RotateRight(e, 25);
            uint t1 = h + sum1 + ((e & f) ^ (~e & g)) + RoundConstants[t] + w[t];
            uint sum0 =
                BitOperations.RotateRight(a, 2) ^ BitOperations.RotateRight(a, 13) ^ BitOperations.RotateRight(a, 22);
            uint t2 = sum0 + ((a & b) ^ (a & c) ^ (b & c));
            (h, g, f, e, d, c, b, a) = (g, f, e, d + t1, c, b, a, t1 + t2);
        }

        words[0] += a;
        words[1] += b;
        words[2] += c;
        words[3] += d;
        words[4] += e;
        words[5] += f;
        words[6] += g;
        words[7] += h;
    }

    [InlineArray(8)]
    private struct Words
    {
        private uint _first;
    }

    [InlineArray(BlockLength)]
    private struct Block
    {
        private byte _first;
    }
}
