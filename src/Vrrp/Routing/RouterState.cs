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
    };

    public RouterStateKind Kind { get; init; }

    /// <summary>Why <see cref="Kind"/> was entered.</summary>
    public TransitionReason Reason { get; init; }

    /// <summary>When <see cref="Kind"/> was entered.</summary>
    public MonotonicTime Since { get; init; }

    /// <summary>Whether Start was received and no Stop since.</summary>
    public bool Started { get; init; }

    public bool LinkIsUp { get; init; }

    public Health Health { get; init; }

    /// <summary>The address that we advertise from, none while the link has none.</summary>
    public IpAddress PrimaryAddress { get; init; }

    /// <summary>The priority in force: the configured one, less the demotion while the probe fails.</summary>
    public Priority EffectivePriority { get; init; }

    /// <summary>Active_Adver_Interval: the Active router's, learned from its advertisements (RFC 9568 §6.1); ours until then.</summary>
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

    /// <summary>When the kernel takes the addresses away unless renewed: Active with a finite lifetime only.</summary>
    public MonotonicTime LeaseEnd { get; init; }

    /// <summary>When the addresses are announced again: Active only.</summary>
    public MonotonicTime AnnounceDeadline { get; init; }

    /// <summary>How often the current burst is still to be repeated.</summary>
    public int AnnouncementsLeft { get; init; }

    /// <summary>When a failed effect is tried again: Fault only.</summary>
    public MonotonicTime RetryDeadline { get; init; }

    /// <summary>Set once the Active router resigned: the Active_Down_Timer now runs for the Skew_Time.</summary>
    public bool ActiveResigned { get; init; }
}
