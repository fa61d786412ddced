namespace VipOperator.Planning;

/// <summary>FNV-1a, 64 bits: the same on each run and machine, unlike <see cref="string.GetHashCode()"/>.</summary>
internal static class StableHash
{
    private const ulong OffsetBasis = 14695981039346656037;
    private const ulong Prime = 1099511628211;

    public static ulong Of(string text)
    {
        ulong hash = OffsetBasis;
        foreach (char c in text)
        {
            hash = (hash ^ (byte)c) * Prime;
            hash = (hash ^ (byte)(c >> 8)) * Prime;
        }

        // The last characters hardly reach the low bits; names often differ only there.
        hash ^= hash >> 32;
        hash *= 0xd6e8feb86659fd93;
        return hash ^ (hash >> 32);
    }

    public static ulong Of(string first, string second) => Of($"{first}\n{second}");
}
