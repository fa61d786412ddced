namespace VipOperator.Vrrp;

/// <summary>HMAC-SHA256 (RFC 2104, RFC 4868) of bytes that come in pieces, on the stack.</summary>
internal struct HmacSha256
{
    private const byte InnerPad = 0x36;
    private const byte OuterPad = 0x5c;

    private Sha256 _inner;
    private Sha256 _outer;

    /// <param name="key">At most one block of 64 bytes; a longer one would have to be hashed first.</param>
    public HmacSha256(ReadOnlySpan<byte> key)
    {
        Span<byte> block = stackalloc byte[Sha256.BlockLength];
        _inner = Begin(key, InnerPad, block);
        _outer = Begin(key, OuterPad, block);
        block.Clear();
    }

    public void Append(ReadOnlySpan<byte> bytes) => _inner.Append(bytes);

    /// <summary>Writes 32 bytes; nothing can be appended afterwards.</summary>
    public void Finish(Span<byte> code)
    {
        _inner.Finish(code);
        _outer.Append(code[..Sha256.DigestLength]);
        _outer.Finish(code);
    }

    private static Sha256 Begin(ReadOnlySpan<byte> key, byte pad, Span<byte> block)
    {
        block.Clear();
        key.CopyTo(block);
        foreach (ref byte b in block)
            b ^= pad;
        Sha256 hash = Sha256.Begin();
        hash.Append(block);
        return hash;
    }
}
