namespace VipOperator.Vrrp;

/// <summary>
/// The states of RFC 9568 §6.4, and Fault. The numbers are the values of the metric <c>vipoperator_state</c>.
/// </summary>
public enum RouterStateKind : byte
{
    /// <summary>Not started, stopped, or waiting for the first probe verdict (RFC 9568 §6.4.1).</summary>
    Initialize = 0,

    /// <summary>Listening for the Active router's advertisements (RFC 9568 §6.4.2).</summary>
    Backup = 1,

    /// <summary>Holding the addresses and advertising (RFC 9568 §6.4.3).</summary>
    Active = 2,

    /// <summary>
    /// Not in the RFC: started, but unable to serve: link down, probe failed, address refused. Neither sends nor holds.
    /// </summary>
    Fault = 3,
}
