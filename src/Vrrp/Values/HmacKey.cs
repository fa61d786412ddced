using System.Buffers;
using System.Collections.Immutable;
using System.Globalization;
using System.Text;

namespace VipOperator.Vrrp;

/// <summary>An HMAC key and the number that advertisements name it by, from the text that people keep it in.</summary>
/// <param name="Id">1–255; peers must give the key the same.</param>
/// <param name="Bytes">The key; 32 to 64 bytes if valid, see <see cref="RouterParameters.TryValidate"/>.</param>
public readonly record struct HmacKey(byte Id, ImmutableArray<byte> Bytes)
{
    private const string HexPrefix = "hex:";
    private const string KeyWord = "key ";

    /// <summary>
    /// Reads what keepalived reads: the key as it is, or <c>hex:</c> and its bytes; either alone, with the id 1, or as
    /// in its configuration after <c>key</c> and the id. White space around it is none of it.
    /// </summary>
    /// <param name="reason">What is wrong, as a clause; never the key itself.</param>
    public static bool TryParse(ReadOnlySpan<byte> secret, out HmacKey key, out string reason)
    {
        key = default;
        reason = "";
        string text = Encoding.Latin1.GetString(secret).Trim();
        byte id = 1;
        if (text.StartsWith(KeyWord, StringComparison.Ordinal) && text.Split(' ', 3) is [_, var number, var value])
        {
            if (!byte.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out id) || id == 0)
            {
                reason = "the key's id is 1 to 255";
                return false;
            }

            text = value.Trim();
        }

        bool isHex = text.StartsWith(HexPrefix, StringComparison.Ordinal);
        if (isHex && (text.Length % 2 != 0 || text.AsSpan(HexPrefix.Length).ContainsAnyExcept(HexDigits)))
        {
            reason = "after hex: two hexadecimal digits for each byte are needed";
            return false;
        }

        key = new(id,
            [.. isHex ? Convert.FromHexString(text.AsSpan(HexPrefix.Length)) : Encoding.Latin1.GetBytes(text)]);
        return true;
    }

    /// <summary>Leaves the key out, so that no log can show it.</summary>
    public override string ToString() => $"key {Id}";

    private static SearchValues<char> HexDigits { get; } =
        SearchValues.Create("0123456789abcdefABCDEF");
}
