namespace VipOperator.Vrrp;

/// <summary>
/// What an advertisement carries beside the protocol. RFC 3768 and RFC 9568 know only <see cref="None"/>.
/// </summary>
public enum AuthenticationType : byte
{
    None = 0,

    /// <summary>
    /// v2 only: a password of up to 8 bytes in clear (RFC 2338 §5.3.6, type 1), as keepalived's auth_type PASS.
    /// </summary>
    Simple = 1,

    /// <summary>keepalived's HMAC (2.4.2 and later).</summary>
    Hmac = 2,
}
