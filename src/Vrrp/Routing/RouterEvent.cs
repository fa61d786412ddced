namespace VipOperator.Vrrp;

/// <summary>Everything that can happen to a virtual router.</summary>
public enum RouterEventKind : byte
{
    /// <summary>
    /// The router is configured and may take part (RFC 9568 §6.4.1 Startup). It waits in Initialize until the first
    /// verdict of its probe; one without a probe is sent HealthChanged with <see cref="Health.Passing"/>. What the link
    /// is like is told by LinkUp or LinkDown, before or after; until then it is taken for down.
    /// </summary>
    Start,

    /// <summary>The router is to give its addresses up and end (RFC 9568 §6.4 Shutdown).</summary>
    Stop,

    /// <summary>A verified advertisement of a peer for this router.</summary>
    AdvertisementReceived,

    /// <summary>
    /// The time is at or past <see cref="VirtualRouter.NextDeadline"/>; earlier, the event changes nothing.
    /// </summary>
    DeadlineReached,

    /// <summary>The parameters passed to this step differ from those of the step before.</summary>
    ParametersChanged,

    /// <summary>The link is down, gone or without carrier.</summary>
    LinkDown,

    /// <summary>
    /// The link is up, or its primary address changed; carries the primary address, none if there is none.
    /// </summary>
    LinkUp,

    /// <summary>
    /// The probe's verdict changed or became known. Unknown after a verdict changes nothing: the last one stands.
    /// </summary>
    HealthChanged,

    /// <summary>Somebody else removed an address that we hold.</summary>
    AddressLost,

    /// <summary>
    /// Somebody else told the link that it holds an address of ours. Such a frame is signed by nobody: it takes nothing
    /// away from us, but neighbours may believe it.
    /// </summary>
    AddressClaimed,

    /// <summary>The addresses are answered from another MAC address than was announced.</summary>
    HardwareAddressChanged,

    /// <summary>
    /// An effect could not be carried out; carries its kind. Sending failed when it failed to every peer. The other
    /// effects of that step are carried out all the same, but for those after a failed bind. A failed bind is told
    /// before anything else.
    /// </summary>
    EffectFailed,

    /// <summary>The router is asked to let a peer have the addresses, and goes on as a Backup.</summary>
    HandoverRequested,

    /// <summary>
    /// The process that advertised from an address has ended without a goodbye: its lifeline came to an end. It stands
    /// in for the advertisement of priority 0 that it could not send, and has no vote of its own.
    /// </summary>
    ActiveGone,

    /// <summary>A partner cannot serve, so the group cannot (<see cref="RouterGroup"/>).</summary>
    PartnerFailed,

    /// <summary>No partner is in the way any more.</summary>
    PartnersRecovered,

    /// <summary>A partner let go of its addresses, or heard a better router.</summary>
    PartnerReleased,

    /// <summary>A partner heard that the Active router resigned.</summary>
    PartnerHeardResignation,

    /// <summary>All routers of the group may take over.</summary>
    GroupTakesOver,
}

/// <summary>One event. The factory methods are the only way to make one, so each kind carries what it needs.</summary>
public readonly record struct RouterEvent
{
    public RouterEventKind Kind { get; private init; }

    /// <summary>
    /// With <see cref="RouterEventKind.AdvertisementReceived"/>; with <see cref="RouterEventKind.PartnerReleased"/> the
    /// one that a partner yields to, if any.
    /// </summary>
    public Advertisement Advertisement { get; private init; }

    /// <summary>
    /// With <see cref="RouterEventKind.LinkUp"/>: the address to advertise from; none when the link has none.
    /// </summary>
    public IpAddress PrimaryAddress { get; private init; }

    /// <summary>With <see cref="RouterEventKind.ActiveGone"/>: where the process advertised from.</summary>
    public IpAddress GoneAddress { get; private init; }

    /// <summary>With <see cref="RouterEventKind.HealthChanged"/>.</summary>
    public Health Health { get; private init; }

    /// <summary>With <see cref="RouterEventKind.EffectFailed"/>.</summary>
    public RouterEffectKind FailedEffect { get; private init; }

    public static RouterEvent Start() => new() { Kind = RouterEventKind.Start };

    public static RouterEvent Stop() => new() { Kind = RouterEventKind.Stop };

    public static RouterEvent Received(in Advertisement advertisement) =>
        new() { Kind = RouterEventKind.AdvertisementReceived, Advertisement = advertisement };

    public static RouterEvent Deadline() => new() { Kind = RouterEventKind.DeadlineReached };

    public static RouterEvent ParametersChanged() => new() { Kind = RouterEventKind.ParametersChanged };

    public static RouterEvent LinkDown() => new() { Kind = RouterEventKind.LinkDown };

    public static RouterEvent LinkUp(IpAddress primaryAddress) =>
        new() { Kind = RouterEventKind.LinkUp, PrimaryAddress = primaryAddress };

    public static RouterEvent HealthChanged(Health health) =>
        new() { Kind = RouterEventKind.HealthChanged, Health = health };

    public static RouterEvent AddressLost() => new() { Kind = RouterEventKind.AddressLost };

    public static RouterEvent AddressClaimed() => new() { Kind = RouterEventKind.AddressClaimed };

    public static RouterEvent HardwareAddressChanged() => new() { Kind = RouterEventKind.HardwareAddressChanged };

    public static RouterEvent EffectFailed(RouterEffectKind effect) =>
        new() { Kind = RouterEventKind.EffectFailed, FailedEffect = effect };

    public static RouterEvent HandoverRequested() => new() { Kind = RouterEventKind.HandoverRequested };

    public static RouterEvent ActiveGone(IpAddress address) =>
        new() { Kind = RouterEventKind.ActiveGone, GoneAddress = address };

    // What the routers of a group tell each other is RouterGroup's to say.
    internal static RouterEvent PartnerFailed() => new() { Kind = RouterEventKind.PartnerFailed };

    internal static RouterEvent PartnersRecovered() => new() { Kind = RouterEventKind.PartnersRecovered };

    /// <param name="heard">
    /// The better router's advertisement that the partner yields to; default when it let go for another reason.
    /// </param>
    internal static RouterEvent PartnerReleased(in Advertisement heard = default) =>
        new() { Kind = RouterEventKind.PartnerReleased, Advertisement = heard };

    internal static RouterEvent PartnerHeardResignation() => new() { Kind = RouterEventKind.PartnerHeardResignation };

    internal static RouterEvent GroupTakesOver() => new() { Kind = RouterEventKind.GroupTakesOver };
}
