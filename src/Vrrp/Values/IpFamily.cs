namespace VipOperator.Vrrp;

/// <summary>The address family of a virtual router; a router has exactly one (RFC 9568 §5.2.9).</summary>
public enum IpFamily : byte
{
    V4 = 4,
    V6 = 6,
}
