using System.Globalization;
using System.Security.Cryptography;

namespace VipOperator.Operator.Notifying;

/// <summary>
/// Proves to a receiver that we sent a body, and when: HMAC-SHA256 over the time, a full stop and the body. The time is
/// part of it so that what somebody recorded is worth nothing later.
/// </summary>
internal static class WebhookSignature
{
    public const string Header = "VipOperator-Signature";

    /// <returns>
    /// "t=1763904000,v1=0a1b…": the time in s since the Unix epoch, and the code in lower-case hexadecimal.
    /// </returns>
    public static string Of(ReadOnlySpan<byte> key, DateTimeOffset time, ReadOnlySpan<byte> body)
    {
        string seconds = time.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);
        byte[] signed = [.. System.Text.Encoding.ASCII.GetBytes(seconds), (byte)'.', .. body];
        return $"t={seconds},v1={Convert.ToHexStringLower(HMACSHA256.HashData(key, signed))}";
    }
}
