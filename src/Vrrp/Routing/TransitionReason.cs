namespace VipOperator.Vrrp;

/// <summary>
/// Why a router is in its state. The names appear in logs, status and metrics; the numbers cross the sidecar's
/// contract: only append.
/// </summary>
public enum TransitionReason : byte
{
    /// <summary>Never started.</summary>
    None = 0,

    /// <summary>Started as a Backup (RFC 9568 §6.4.1).</summary>
    Startup,

    /// <summary>Started with priority 255 (RFC 9568 §6.4.1).</summary>
    AddressOwner,

    /// <summary>Stopped by configuration or by the end of the process.</summary>
    Shutdown,

    /// <summary>No advertisement for the Active_Down_Interval (RFC 9568 §6.4.2).</summary>
    ActiveDownTimerExpired,

    /// <summary>The Active router sent priority 0 and the Skew_Time passed (RFC 9568 §6.4.2).</summary>
    ActiveRouterResigned,

    /// <summary>A peer advertised a higher priority (RFC 9568 §6.4.3).</summary>
    HigherPriorityHeard,

    /// <summary>A peer advertised the same priority from a higher address (RFC 9568 §6.4.3).</summary>
    HigherAddressHeard,

    /// <summary>The preempt delay ran out while a lower-priority router was Active.</summary>
    PreemptDelayExpired,

    LinkDown,

    LinkUp,

    /// <summary>The link has no address to advertise from.</summary>
    NoPrimaryAddress,

    ProbeFailed,

    ProbeRecovered,

    /// <summary>Binding or sending failed; tried again after a while.</summary>
    EffectFailed,

    /// <summary>The effect that had failed is tried again.</summary>
    Retry,

    /// <summary>
    /// The loop did not run until the addresses' lifetime had passed, so a peer may hold them by now.
    /// </summary>
    LoopStalled,

    /// <summary>The router's parameters changed in a way that it cannot carry over.</summary>
    ParametersChanged,

    /// <summary>The addresses were handed over on request.</summary>
    HandedOver,

    /// <summary>Unicast without peers, and not said to be alone: see <see cref="RouterParameters.Alone"/>.</summary>
    NoPeers,

    /// <summary>A router of the same group cannot serve.</summary>
    PartnerFailed,

    /// <summary>The routers of the same group can serve again.</summary>
    PartnersRecovered,

    /// <summary>A router of the same group let go of its addresses, or heard a better one.</summary>
    PartnerReleased,

    /// <summary>The Active router's process ended without sending priority 0, and the Skew_Time passed.</summary>
    ActiveRouterGone,
}
