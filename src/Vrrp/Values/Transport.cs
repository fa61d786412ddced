namespace VipOperator.Vrrp;

/// <summary>How advertisements reach the peers.</summary>
public enum Transport : byte
{
    /// <summary>224.0.0.18 or ff02::12, TTL or hop limit 255 (RFC 9568 §5.1.1).</summary>
    Multicast = 0,

    /// <summary>
    /// To each peer's own address, for links without multicast. Not in the RFC; as keepalived's unicast_peer, but with
    /// a TTL or hop limit of 255 demanded: the peers are on one link (docs/adr/0035-unicast.md).
    /// </summary>
    Unicast = 1,
}
