namespace VipOperator.Vrrp;

/// <summary>What the probe says of the service behind the addresses.</summary>
public enum Health : byte
{
    /// <summary>Not probed yet: the router stays in Initialize.</summary>
    Unknown = 0,

    Passing = 1,

    Failing = 2,
}
