namespace VipOperator.Vrrp;

/// <summary>
/// The whole state of one virtual router, deadlines included; a value, so that stepping allocates nothing and a state
/// can be kept, compared and replayed.
/// </summary>
public readonly record struct RouterState
{
    /// <summary>The state of a router that was never started: link down, health unknown, no deadline.</summary>
    public static RouterState Initial => new()
    {
        AdvertisementDeadline = MonotonicTime.Never,
        ActiveDownDeadline = MonotonicTime.Never,
        PreemptDeadline = MonotonicTime.Never,
        RenewDeadline = MonotonicTime.Never,
        AnnounceDeadline = MonotonicTime.Never,
        RetryDeadline = MonotonicTime.Never,
        LeaseEnd = MonotonicTime.Never,
        ReleaseDeadline = MonotonicTime.Never,
        HandoverEnd = MonotonicTime.Never,
    };

    /// <summary>The parameters that Start or ParametersChanged brought last: what a change is told by.</summary>
    public RouterParameters? Parameters { get; init; }

    public RouterStateKind Kind { get; init; }

    /// <summary>Why <see cref="Kind"/> was entered.</summary>
    public TransitionReason Reason { get; init; }

    /// <summary>When <see cref="Kind"/> was entered.</summary>
    public MonotonicTime Since { get; init; }

    /// <summary>
    /// What the router was before the step that has just made it Active; null otherwise. If the addresses cannot be
    /// bound, nobody has heard of that step: the router falls back to it, and has nothing to resign from.
    /// </summary>
    public RouterStateKind? TakesOverFrom { get; init; }

    /// <summary>Whether Start was received and no Stop since.</summary>
    public bool Started { get; init; }

    public bool LinkIsUp { get; init; }

    public Health Health { get; init; }

    /// <summary>Whether a router of the same group cannot serve, so that this one must not.</summary>
    public bool PartnerIsOut { get; init; }

    /// <summary>The address that we advertise from, none while the link has none.</summary>
    public IpAddress PrimaryAddress { get; init; }

    /// <summary>The priority in force: the configured one, less the demotion while the probe fails.</summary>
    public Priority EffectivePriority { get; init; }

    /// <summary>
    /// Active_Adver_Interval: the Active router's, learned from its advertisements (RFC 9568 §6.1); ours until then.
    /// </summary>
    public Centiseconds ActiveAdvertisementInterval { get; init; }

    /// <summary>The router heard last as Active, none before the first and while we are Active ourselves.</summary>
    public IpAddress ActiveAddress { get; init; }

    /// <summary>The priority that <see cref="ActiveAddress"/> advertised last.</summary>
    public Priority ActivePriority { get; init; }

    /// <summary>Adver_Timer: Active only.</summary>
    public MonotonicTime AdvertisementDeadline { get; init; }

    /// <summary>Active_Down_Timer: Backup only.</summary>
    public MonotonicTime ActiveDownDeadline { get; init; }

    /// <summary>When a lower-priority Active may be preempted: Backup with a preempt delay only.</summary>
    public MonotonicTime PreemptDeadline { get; init; }

    /// <summary>When the addresses' lifetime is set anew: Active with a finite lifetime only.</summary>
    public MonotonicTime RenewDeadline { get; init; }

    /// <summary>
    /// From when on the addresses must be taken for lost unless renewed, by the kernel's hand or by a peer's takeover:
    /// Active only. See <see cref="RouterTiming.StallLimitNanoseconds"/>.
    /// </summary>
    public MonotonicTime LeaseEnd { get; init; }

    /// <summary>When the addresses are announced again: Active only.</summary>
    public MonotonicTime AnnounceDeadline { get; init; }

    /// <summary>How often the current burst is still to be repeated.</summary>
    public int AnnouncementsLeft { get; init; }

    /// <summary>When a router that an effect failed for takes part again: Fault only.</summary>
    public MonotonicTime RetryDeadline { get; init; }

    /// <summary>How often in a row being Active ended by a failed effect.</summary>
    public int Failures { get; init; }

    /// <summary>Set once the Active router resigned: the Active_Down_Timer now runs for the Skew_Time.</summary>
    public bool ActiveResigned { get; init; }

    /// <summary>
    /// Beside <see cref="ActiveResigned"/>: it did so by ending, and may have left the addresses behind.
    /// </summary>
    public bool ActiveIsGone { get; init; }

    /// <summary>
    /// Until when the addresses may be held by one that ended without giving them up, by the lifetime that it gave
    /// them: Active only.
    /// </summary>
    public MonotonicTime LeftBehindUntil { get; init; }

    /// <summary>
    /// Until when a peer may take the addresses on request, or since one has, until when we hold them beside it: Active
    /// only.
    /// </summary>
    public MonotonicTime HandoverEnd { get; init; }

    /// <summary>Whether we hold the addresses, and resign all the while, for a peer to take them.</summary>
    public bool IsHandingOver => !HandoverEnd.IsNever;

    /// <summary>Whether a peer has taken the addresses that we hand over: then we say nothing more.</summary>
    public bool IsTaken { get; init; }

    /// <summary>
    /// Set when a handover was asked for: the router does not preempt, so that the peer keeps the addresses. Ends with
    /// Start, Stop, with a change of the configured priority or preemption, and when the router becomes Active by the
    /// timer.
    /// </summary>
    public bool HandedOver { get; init; }

    /// <summary>When removing the addresses, which failed, is tried again; in any state but Active.</summary>
    public MonotonicTime ReleaseDeadline { get; init; }

    /// <summary>The interval before the last change, valid until <see cref="PreviousIntervalEnd"/>.</summary>
    public Centiseconds PreviousAdvertisementInterval { get; init; }

    /// <summary>Until when peers may still be configured with <see cref="PreviousAdvertisementInterval"/>.</summary>
    public MonotonicTime PreviousIntervalEnd { get; init; }

    /// <summary>
    /// The parameters before the authentication changed last, whose authentication counts until
    /// <see cref="PreviousAuthenticationEnd"/>.
    /// </summary>
    public RouterParameters? PreviousAuthentication { get; init; }

    /// <summary>Until when peers may still authenticate as <see cref="PreviousAuthentication"/> says.</summary>
    public MonotonicTime PreviousAuthenticationEnd { get; init; }

    /// <summary>
    /// Until when lower-priority advertisements need no answer, the last being on its way: Active only.
    /// </summary>
    public MonotonicTime ReassertedUntil { get; init; }

    /// <summary>
    /// Until when lower-priority advertisements are answered without announcing the addresses again: Active only.
    /// </summary>
    public MonotonicTime ReannouncedUntil { get; init; }

    /// <summary>
    /// Until when another one's claim of the addresses needs no announcement, the last being new enough: Active only.
    /// </summary>
    public MonotonicTime DefendedUntil { get; init; }

    /// <summary>
    /// When the current row of equal priorities heard began; meaningful until <see cref="TieUntil"/>. Active only.
    /// </summary>
    public MonotonicTime TieSince { get; init; }

    /// <summary>An equal priority heard after this instant begins a new row.</summary>
    public MonotonicTime TieUntil { get; init; }

    /// <summary>
    /// How often the addresses were lost in the window that ends at <see cref="LossWindowEnd"/>: Active only.
    /// </summary>
    public int LossCount { get; init; }

    public MonotonicTime LossWindowEnd { get; init; }

    /// <summary>
    /// Until when further losses belong to the one counted last: several addresses are lost at a time.
    /// </summary>
    public MonotonicTime LossCountedUntil { get; init; }

    /// <summary>
    /// When the current row of failed advertisements began; meaningful until <see cref="SendFailingUntil"/>.
    /// </summary>
    public MonotonicTime SendFailingSince { get; init; }

    /// <summary>A failure after this instant begins a new row: an advertisement in between was sent.</summary>
    public MonotonicTime SendFailingUntil { get; init; }
}
