namespace VipOperator.Vrrp;

/// <summary>The groups that advertisements are sent to (RFC 9568 §5.1.1.2, §5.1.2.2).</summary>
public static class MulticastGroup
{
    /// <summary>224.0.0.18.</summary>
    public static IpAddress V4 => IpAddress.V4(0xe000_0012);

    /// <summary>ff02::12.</summary>
    public static IpAddress V6 => IpAddress.V6(new UInt128(0xff02_0000_0000_0000, 0x12));

    public static IpAddress Of(IpFamily family) => family switch { IpFamily.V4 => V4, IpFamily.V6 => V6 };
}
