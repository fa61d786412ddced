namespace VipOperator.Vrrp;

/// <summary>
/// Why a received packet was not taken as an advertisement; <see cref="None"/> when it was. The names are the values
/// of the metric label <c>reason</c>, and the numbers cross the sidecar's contract: only append.
/// </summary>
public enum DropReason : byte
{
    /// <summary>Not dropped.</summary>
    None = 0,

    /// <summary>TTL or hop limit is not 255 (RFC 9568 §7.1).</summary>
    TimeToLive,

    /// <summary>The version is neither 2 nor 3, or it is 2 over IPv6.</summary>
    UnknownVersion,

    /// <summary>The version is not the one that the router is configured with.</summary>
    VersionMismatch,

    /// <summary>The type is not 1, ADVERTISEMENT (RFC 9568 §5.2.2).</summary>
    UnknownType,

    /// <summary>Shorter or longer than the header says.</summary>
    Length,

    /// <summary>The checksum does not verify (RFC 9568 §5.2.8).</summary>
    Checksum,

    /// <summary>Virtual router id 0.</summary>
    InvalidVirtualRouterId,

    /// <summary>No router with this id and family on this link.</summary>
    UnknownVirtualRouterId,

    /// <summary>No address in the message (RFC 9568 §5.2.5), or more than the protocol allows.</summary>
    AddressCount,

    /// <summary>An interval of 0, which would make every timer run out at once.</summary>
    InvalidInterval,

    /// <summary>
    /// v2: the interval differs from ours, and from ours until a moment ago (RFC 3768 §7.1). v3 learns it instead.
    /// </summary>
    IntervalMismatch,

    /// <summary>
    /// The authentication differs from ours in kind: another type, an HMAC that is missing or not expected.
    /// </summary>
    AuthenticationTypeMismatch,

    /// <summary>The password or the HMAC is wrong.</summary>
    AuthenticationFailed,

    /// <summary>We are the address owner ourselves (RFC 9568 §7.1).</summary>
    AddressOwner,

    /// <summary>Our own advertisement, looped back by the network.</summary>
    OwnPacket,

    /// <summary>Unicast: the sender is not in the peer list.</summary>
    UnknownPeer,

    /// <summary>Multicast on a unicast router, or unicast on a multicast router.</summary>
    WrongDestination,

    /// <summary>HMAC: a key with this number is not known.</summary>
    AuthenticationKeyUnknown,

    /// <summary>
    /// HMAC: made more than five minutes before or after now; a clock is wrong, or an old packet was sent again.
    /// </summary>
    AuthenticationStale,

    /// <summary>HMAC: a number that was used already; a packet was sent again.</summary>
    AuthenticationReplayed,
}
