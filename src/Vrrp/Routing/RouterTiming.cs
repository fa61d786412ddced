namespace VipOperator.Vrrp;

/// <summary>The times of the protocol and of the house, in nanoseconds; integer arithmetic, divided last.</summary>
public static class RouterTiming
{
    private const long Second = 1_000_000_000;
    private const long Millisecond = 1_000_000;

    // Long enough not to flap, short enough to heal unseen; doubled for failures in a row up to 320 s.
    private const long FirstRetryAfter = 5 * Second;
    private const int MostDoublings = 6;

    /// <summary>
    /// An Active router that failed later than this after takeover worked: its failure is not one in a row.
    /// </summary>
    internal const long SoundAfter = 60 * Second;

    /// <summary>How soon a failed release is tried again; until it succeeds the network may have two holders.</summary>
    internal const long ReleaseAgainAfter = 1 * Second;

    /// <summary>
    /// More losses of our addresses than this within <see cref="LossWindow"/>: another program fights for them.
    /// </summary>
    internal const int MostLosses = 5;

    internal const long LossWindow = 10 * Second;

    /// <summary>Losses within this span are one: whoever flushes a link takes all its addresses away at once.</summary>
    internal const long LossIncident = 100 * Millisecond;

    /// <summary>
    /// No two answers to lower-priority advertisements within this span: the first still is on its way to all senders,
    /// and two routers that each take the other for the lower one must not answer each other at the speed of the wire.
    /// </summary>
    internal const long ReassertAgainAfter = 1 * Millisecond;

    /// <summary>
    /// How long members of a group may differ in their key after it was changed: the kubelet brings a changed Secret to
    /// the last node after its sync period and its cache's, a minute each, and the agent has to notice.
    /// </summary>
    internal const long AuthenticationTransition = 180 * Second;

    /// <summary>
    /// For how long who has handed over holds the addresses beside the new holder. Requests that were begun are
    /// answered in it. Its end comes just after the new holder's second announcement, 100 ms after its first: whoever
    /// asked in between where the addresses are, and heard of us, is put right at once.
    /// </summary>
    internal const long HandoverOverlap = 120 * Millisecond;

    /// <summary>
    /// How often the addresses are announced while one that ended may still hold them: a host that asks for one then
    /// gets two answers.
    /// </summary>
    internal const long AnnounceAgainstLeftBehind = 250 * Millisecond;

    /// <summary>
    /// For how long after a takeover another one may claim the addresses without being at fault: it has to hear of us,
    /// or its lifetime has to end.
    /// </summary>
    public const long YieldingGrace = 2 * Second;

    /// <summary>How often the addresses are defended against claims in the <see cref="YieldingGrace"/>.</summary>
    internal const long DefendAgainstYielding = 250 * Millisecond;

    /// <summary>How often they are defended later (RFC 5227 §1.1, DEFEND_INTERVAL).</summary>
    internal const long DefendInterval = 10 * Second;

    // Routers that became Active together have their deadlines within milliseconds of each other, at any interval.
    private const long LongestSlackInterval = 1 * Second;
    private const int SlackShare = 32;
    private const long LongestBurstSlack = 5 * Millisecond;

    // Where the lifetime is none, somebody has to come and remove what was left behind; we do not announce for ever.
    private const long LongestLeftBehind = 60 * Second;

    // Renewing is a netlink call for each address: not more often than needed, but three tries within a lifetime.
    private const long ShortestRenewPeriod = 250 * Millisecond;

    // Shorter stalls are settled by the protocol within an interval; stepping down for them would itself be an outage.
    private const long ShortestStallLimit = 1 * Second;

    // Configuration normally reaches all members within a second; the rest is for one whose connection is being remade.
    private const long ShortestIntervalTransition = 10 * Second;

    /// <summary>
    /// Skew_Time: v3 ((256 − priority) × Active_Adver_Interval) / 256 (RFC 9568 §6.1), v2 (256 − priority) / 256
    /// seconds whatever the interval (RFC 3768 §6.1).
    /// </summary>
    public static long SkewNanoseconds(VrrpVersion version, Priority priority, Centiseconds activeInterval) =>
        (256 - priority.Value) * (version == VrrpVersion.V2 ? Second : activeInterval.Nanoseconds) / 256;

    /// <summary>Active_Down_Interval: 3 × Active_Adver_Interval + Skew_Time (RFC 9568 §6.1, RFC 3768 §6.1).</summary>
    public static long ActiveDownNanoseconds(VrrpVersion version, Priority priority, Centiseconds activeInterval) =>
        (3 * activeInterval.Nanoseconds) + SkewNanoseconds(version, priority, activeInterval);

    /// <summary>
    /// How long after its last renewal an Active router must take the addresses for lost: when their lifetime is over,
    /// or when a peer has taken over because our advertisements stayed away, but not before a second has passed.
    /// </summary>
    public static long StallLimitNanoseconds(RouterParameters parameters, Priority priority)
    {
        ArgumentNullException.ThrowIfNull(parameters);
        long patience = Math.Max(
            ShortestStallLimit, ActiveDownNanoseconds(parameters.Version, priority, parameters.AdvertisementInterval));
        long lifetime = Lifetime(parameters);
        return lifetime == 0 ? patience : Math.Min(lifetime, patience);
    }

    /// <summary>
    /// How long one that ended without giving the addresses up may hold them, if it is configured as we are.
    /// </summary>
    internal static long LeftBehindNanoseconds(RouterParameters parameters) =>
        Lifetime(parameters) is > 0 and < LongestLeftBehind and var lifetime ? lifetime : LongestLeftBehind;

    /// <summary>How long a router that an effect failed for stays out.</summary>
    /// <param name="failures">How often in a row, from 1.</param>
    internal static long RetryAfter(int failures) => FirstRetryAfter << Math.Min(failures - 1, MostDoublings);

    /// <summary>
    /// How often a finite lifetime is renewed: with each advertisement, at least three times within the lifetime.
    /// </summary>
    internal static long RenewPeriod(RouterParameters parameters) =>
        Math.Max(ShortestRenewPeriod, Math.Min(parameters.AdvertisementInterval.Nanoseconds, Lifetime(parameters) / 3));

    /// <summary>
    /// How long an advertisement, a renewal or a refresh of announcements may wait, so that what many routers have due
    /// together leaves together: 31 ms, or less with an interval below a second (docs/adr/0025-batches.md).
    /// </summary>
    internal static long SlackNanoseconds(Centiseconds interval) =>
        Math.Min(interval.Nanoseconds, LongestSlackInterval) / SlackShare;

    /// <summary>The same of the announcements after a takeover, which neighbours wait for.</summary>
    internal static long BurstSlackNanoseconds(Centiseconds interval) =>
        Math.Min(SlackNanoseconds(interval), LongestBurstSlack);

    /// <summary>How long members of a group may differ in the interval after it was changed.</summary>
    internal static long IntervalTransition(Centiseconds before, Centiseconds after) =>
        Math.Max(ShortestIntervalTransition, (3 * Math.Max(before.Nanoseconds, after.Nanoseconds)) + Second);

    private static long Lifetime(RouterParameters parameters) => parameters.AddressLifetime.Ticks * 100;
}
