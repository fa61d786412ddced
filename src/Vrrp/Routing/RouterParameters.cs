using System.Collections.Immutable;

namespace VipOperator.Vrrp;

/// <summary>
/// What a virtual router is configured with (RFC 9568 §6.1); immutable, replaced as a whole by
/// <see cref="RouterEventKind.ParametersChanged"/>.
/// </summary>
public sealed partial record RouterParameters
{
    public required VrrpVersion Version { get; init; }

    public required IpFamily Family { get; init; }

    public required VirtualRouterId VirtualRouterId { get; init; }

    /// <summary>
    /// The configured priority, 1–255; a failing probe with <see cref="FailurePolicy.Demote"/> lowers the one in force.
    /// </summary>
    public required Priority Priority { get; init; }

    /// <summary>Advertisement_Interval; v2 whole seconds, v3 1–4095 cs.</summary>
    public required Centiseconds AdvertisementInterval { get; init; }

    /// <summary>The virtual addresses, 1–64, all of <see cref="Family"/>.</summary>
    public required ImmutableArray<IpPrefix> Addresses { get; init; }

    /// <summary>Preempt_Mode; default true (RFC 9568 §6.1).</summary>
    public bool Preempt { get; init; } = true;

    /// <summary>
    /// How long a lower-priority Active router is left alone before it is preempted; zero: not at all.
    /// </summary>
    public TimeSpan PreemptDelay { get; init; }

    public FailurePolicy OnProbeFailure { get; init; }

    /// <summary>
    /// Subtracted from the priority while the probe fails, 1–253; used with <see cref="FailurePolicy.Demote"/> only.
    /// </summary>
    public int DemotionWeight { get; init; }

    public AuthenticationType Authentication { get; init; }

    /// <summary>
    /// The password (v2, at most 8 bytes) or HMAC key (32 to 64 bytes, see <see cref="HmacKey"/>). A change of it, or
    /// of the type, may reach the members within three minutes: see <see cref="VirtualRouter.PreviousAuthentication"/>.
    /// Never printed: <see cref="ToString"/> leaves it out.
    /// </summary>
    public ImmutableArray<byte> AuthenticationKey { get; init; } = [];

    /// <summary>HMAC: the number that advertisements name the key by, 1–255; peers must agree.</summary>
    public byte AuthenticationKeyId { get; init; } = 1;

    public Transport Transport { get; init; }

    /// <summary>Unicast only: the peers' addresses, ours not among them.</summary>
    public ImmutableArray<IpAddress> Peers { get; init; } = [];

    /// <summary>
    /// Unicast only: that there are no <see cref="Peers"/> is meant. Without it an empty list is taken for one that has
    /// not come yet, or got lost, and the router stays in Fault: with peers that it does not know it would be a second
    /// Active.
    /// </summary>
    public bool Alone { get; init; }

    /// <summary>
    /// Whether the addresses are answered from the virtual router MAC address (RFC 9568 §7.3) instead of the link's
    /// own; default false. Peers need not agree.
    /// </summary>
    public bool VirtualMac { get; init; }

    /// <summary>
    /// How long the kernel keeps the addresses after the last renewal (whole seconds, IFA_CACHEINFO); zero: for ever.
    /// <see cref="DefaultAddressLifetime(VrrpVersion, Priority, Centiseconds)"/> unless a person set it.
    /// </summary>
    public required TimeSpan AddressLifetime { get; init; }

    /// <summary>
    /// v3 over IPv4: whether the sent checksum covers a pseudo-header. RFC 9568 §5.2.8 says no, RFC 5798 readers
    /// (keepalived, FRR, tshark) say yes; both are accepted when received.
    /// </summary>
    public bool PseudoHeaderChecksum { get; init; } = true;

    /// <summary>
    /// How often an Active router announces its addresses again once the burst after takeover is over; zero: never.
    /// A minute by default: it reaches hosts behind a port that was still blocked during the burst (spanning tree
    /// holds one for 30 s), and costs one frame a minute for each address.
    /// </summary>
    public TimeSpan AnnounceRefresh { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>
    /// Three advertisement intervals, rounded up to whole seconds: about the time in which a peer takes over.
    /// </summary>
    public static TimeSpan DefaultAddressLifetime(Centiseconds advertisementInterval) =>
        TimeSpan.FromSeconds(((3L * advertisementInterval.Value) + 99) / 100);

    /// <summary>
    /// At least that, and Active_Down_Interval by our own priority, which is about a peer's: with a low one a peer
    /// takes over up to an interval later, and nobody would hold the addresses until then. Rounded up to whole seconds,
    /// but for a tenth, by which the kernel is late.
    /// </summary>
    public static TimeSpan DefaultAddressLifetime(
        VrrpVersion version, Priority priority, Centiseconds advertisementInterval)
    {
        const long tenth = 100_000_000;
        const long second = 1_000_000_000;
        long nanoseconds = RouterTiming.ActiveDownNanoseconds(version, priority, advertisementInterval) - tenth;
        TimeSpan rounded = TimeSpan.FromSeconds((nanoseconds + second - 1) / second);
        TimeSpan shortest = DefaultAddressLifetime(advertisementInterval);
        return rounded > shortest ? rounded : shortest;
    }

    /// <summary>Leaves the key out, so that no log can show it.</summary>
    public override string ToString() =>
        $"vrid {VirtualRouterId} {Family} priority {Priority} every {AdvertisementInterval}";

    /// <summary>
    /// By value: arrays are compared by their elements, so that an unchanged configuration is seen to be unchanged.
    /// </summary>
    public bool Equals(RouterParameters? other) =>
        other is not null
        && Version == other.Version
        && Family == other.Family
        && VirtualRouterId == other.VirtualRouterId
        && Priority == other.Priority
        && AdvertisementInterval == other.AdvertisementInterval
        && Addresses.AsSpan().SequenceEqual(other.Addresses.AsSpan())
        && Preempt == other.Preempt
        && PreemptDelay == other.PreemptDelay
        && OnProbeFailure == other.OnProbeFailure
        && DemotionWeight == other.DemotionWeight
        && AuthenticatesAs(other)
        && Transport == other.Transport
        && Peers.AsSpan().SequenceEqual(other.Peers.AsSpan())
        && Alone == other.Alone
        && VirtualMac == other.VirtualMac
        && AddressLifetime == other.AddressLifetime
        && PseudoHeaderChecksum == other.PseudoHeaderChecksum
        && AnnounceRefresh == other.AnnounceRefresh;

    /// <summary>Whether type, key and its number are the same.</summary>
    internal bool AuthenticatesAs(RouterParameters other) =>
        Authentication == other.Authentication
        && AuthenticationKey.AsSpan().SequenceEqual(other.AuthenticationKey.AsSpan())
        && AuthenticationKeyId == other.AuthenticationKeyId;

    public override int GetHashCode() =>
        HashCode.Combine(Version, Family, VirtualRouterId, Priority, AdvertisementInterval);
}
