namespace VipOperator.Vrrp;

/// <summary>
/// The simple text password of RFC 2338 §5.3.6 (type 1): the password, padded with zeros to 8 bytes. A longer one is
/// cut after 8, as keepalived does, though <see cref="RouterParameters.TryValidate"/> refuses it. Being sent in clear,
/// it keeps accidents away and nobody else.
/// </summary>
internal static class SimplePassword
{
    public const int LongestLength = MessageLayout.V2AuthenticationLength;

    /// <summary>Writes all 8 bytes.</summary>
    public static void Write(ReadOnlySpan<byte> password, Span<byte> authenticationData)
    {
        authenticationData[..LongestLength].Clear();
        password[..Math.Min(password.Length, LongestLength)].CopyTo(authenticationData);
    }

    public static bool Matches(ReadOnlySpan<byte> password, ReadOnlySpan<byte> authenticationData)
    {
        Span<byte> expected = stackalloc byte[LongestLength];
        Write(password, expected);
        return authenticationData.SequenceEqual(expected);
    }
}
