namespace VipOperator.Vrrp;

/// <summary>What the shell has to do, in the order given.</summary>
public enum RouterEffectKind : byte
{
    /// <summary>Send one advertisement with the effect's priority and interval.</summary>
    SendAdvertisement,

    /// <summary>
    /// Make the link hold exactly the parameters' addresses: add what is missing, remove what is ours and not listed.
    /// If that fails, the effects after it in the same step are not carried out: what is not held is not advertised,
    /// announced or reported. In a group all bind before the first goes on, and if one fails none does.
    /// </summary>
    BindAddresses,

    /// <summary>Set the lifetime of all bound addresses anew.</summary>
    RenewAddresses,

    /// <summary>Remove all addresses of this router from the link; those already gone are no error.</summary>
    ReleaseAddresses,

    /// <summary>
    /// One gratuitous ARP (v4) or unsolicited Neighbor Advertisement (v6) per address (RFC 9568 §6.4.2).
    /// </summary>
    AnnounceAddresses,

    /// <summary>The state or its reason changed: log it and tell the agent.</summary>
    ReportTransition,
}

/// <summary>One effect; which members mean something depends on the kind.</summary>
public readonly record struct RouterEffect
{
    public RouterEffectKind Kind { get; private init; }

    /// <summary>With <see cref="RouterEffectKind.SendAdvertisement"/>: the priority to send, 0 to resign.</summary>
    public Priority Priority { get; private init; }

    /// <summary>
    /// With <see cref="RouterEffectKind.SendAdvertisement"/>: the interval to state. The configured one, but for a
    /// while after that was changed the one before is sent too (v2, whose receivers drop any but their own).
    /// </summary>
    public Centiseconds AdvertisementInterval { get; private init; }

    /// <summary>
    /// With <see cref="RouterEffectKind.SendAdvertisement"/>: the parameters whose authentication it carries. Those in
    /// force, but for a while after that was changed those before are used for another one too.
    /// </summary>
    public RouterParameters? AuthenticatedBy { get; private init; }

    /// <summary>With <see cref="RouterEffectKind.ReportTransition"/>.</summary>
    public RouterStateKind From { get; private init; }

    /// <summary>With <see cref="RouterEffectKind.ReportTransition"/>.</summary>
    public RouterStateKind To { get; private init; }

    /// <summary>With <see cref="RouterEffectKind.ReportTransition"/>.</summary>
    public TransitionReason Reason { get; private init; }

    public static RouterEffect Send(Priority priority, Centiseconds interval, RouterParameters authenticatedBy) => new()
    {
        Kind = RouterEffectKind.SendAdvertisement,
        Priority = priority,
        AdvertisementInterval = interval,
        AuthenticatedBy = authenticatedBy,
    };

    public static RouterEffect Bind() => new() { Kind = RouterEffectKind.BindAddresses };

    public static RouterEffect Renew() => new() { Kind = RouterEffectKind.RenewAddresses };

    public static RouterEffect Release() => new() { Kind = RouterEffectKind.ReleaseAddresses };

    public static RouterEffect Announce() => new() { Kind = RouterEffectKind.AnnounceAddresses };

    public static RouterEffect Report(RouterStateKind from, RouterStateKind to, TransitionReason reason) =>
        new() { Kind = RouterEffectKind.ReportTransition, From = from, To = to, Reason = reason };
}

/// <summary>The effects of one step, in order. The shell owns one and reuses it, so a step allocates nothing once it
/// has had the most effects.</summary>
public sealed class RouterEffects
{
    // No step yields more than 12; the longest: a stalled loop releases and reports, then the event itself makes the
    // router Active again (up to four advertisements while interval and key change, bind, announce, report).
    private const int Most = 16;

    // What a takeover yields fits: bind, advertise, announce, report. There is one of these for each of thousands of
    // routers.
    private RouterEffect[] _effects = new RouterEffect[4];

    public int Count { get; private set; }

    public RouterEffect this[int index] =>
        index < Count ? _effects[index] : throw new ArgumentOutOfRangeException(nameof(index));

    public ReadOnlySpan<RouterEffect> AsSpan() => _effects.AsSpan(0, Count);

    /// <summary>
    /// How many of the effects come before those that depend on a bind of the same step, that bind included.
    /// </summary>
    public int CountWithBind()
    {
        for (int i = 0; i < Count; i++)
        {
            if (_effects[i].Kind == RouterEffectKind.BindAddresses)
                return i + 1;
        }

        return Count;
    }

    public void Clear() => Count = 0;

    public void Add(RouterEffect effect)
    {
        if (Count == _effects.Length)
            Array.Resize(ref _effects, Most);
        _effects[Count++] = effect;
    }
}
