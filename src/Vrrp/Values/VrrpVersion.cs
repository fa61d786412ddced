namespace VipOperator.Vrrp;

/// <summary>
/// The protocol version on the wire. V2 (RFC 3768) carries IPv4 only; V3 (RFC 9568) carries IPv4 and IPv6.
/// </summary>
public enum VrrpVersion : byte
{
    V2 = 2,
    V3 = 3,
}
