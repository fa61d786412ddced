using VipOperator.Vrrp;

namespace VipOperator.Sidecar.Contract;

/// <summary>
/// What goes wrong around a router though it does its part. The names appear in status and metrics, and the numbers
/// cross the contract: only append.
/// </summary>
public enum RouterHintKind : byte
{
    None = 0,

    /// <summary>We are Active and hear another Active of a lower priority; <see cref="RouterHint.Source"/>.</summary>
    TwoActives = 1,

    /// <summary>
    /// Somebody advertises our virtual router id, but <see cref="RouterHint.Drop"/> is in the way; <see
    /// cref="RouterHint.Source"/>.
    /// </summary>
    ForeignSpeaker = 2,

    /// <summary>A peer advertises other addresses than ours; <see cref="RouterHint.Source"/>.</summary>
    OtherAddresses = 3,

    /// <summary>
    /// v3: the Active router advertises at another interval than ours; <see cref="RouterHint.Source"/>.
    /// </summary>
    OtherInterval = 4,

    /// <summary>
    /// We are Active, another Active is heard as well, and neighbours are told of its MAC address for an address of
    /// ours: <see cref="RouterHint.Source"/> is that address.
    /// </summary>
    AddressConflict = 5,

    /// <summary>
    /// We are Active because no advertisement comes in, yet somebody else answers for an address of ours: <see
    /// cref="RouterHint.Source"/> is that address.
    /// </summary>
    HeldElsewhere = 6,

    /// <summary>The loop ran later than an advertisement interval; if it was worse, the router stepped down.</summary>
    LoopLate = 7,

    /// <summary>Another program keeps removing the addresses.</summary>
    AddressesRemoved = 8,

    /// <summary>Unicast, no peers, and not said to be alone.</summary>
    NoPeers = 9,

    /// <summary>The link for the virtual MAC address cannot be made or not be set up as it must be.</summary>
    VirtualMacRefused = 10,

    /// <summary>
    /// A Backup hears no advertisement in its family, while its dual-stack partner hears the Active router.
    /// </summary>
    AdvertisementsLost = 11,
}

/// <summary>One thing that is wrong now or was a moment ago.</summary>
/// <param name="Kind">What.</param>
/// <param name="LastSeen">On CLOCK_MONOTONIC.</param>
/// <param name="Source">Who or which address, as the kind says; none if it says nothing.</param>
/// <param name="HardwareAddress">Whose MAC address answers for the address; zero for the other kinds.</param>
/// <param name="Drop">Of a <see cref="RouterHintKind.ForeignSpeaker"/>: why it was not taken.</param>
public readonly record struct RouterHint(
    RouterHintKind Kind, MonotonicTime LastSeen, IpAddress Source, MacAddress HardwareAddress, DropReason Drop)
{
    /// <summary>How long after <see cref="LastSeen"/> a hint is told.</summary>
    public static readonly TimeSpan ToldFor = TimeSpan.FromMinutes(2);

    /// <summary>What a person can do about it, as sentences; the same words in logs, state and status.</summary>
    public string Advice => Kind switch
    {
        RouterHintKind.None => "",
        RouterHintKind.TwoActives =>
            "It does not hear us, or ignores us: let IP protocol 112 to 224.0.0.18 (ff02::12) or between the peers "
            + "pass in both directions, and give both sides the same version, authentication and (v2) interval.",
        RouterHintKind.ForeignSpeaker => ForeignSpeakerAdvice(Drop),
        RouterHintKind.OtherAddresses =>
            "Give all members of the virtual router the same addresses, or this group another virtual router id.",
        RouterHintKind.OtherInterval => "Give all members of the virtual router the same advertisement interval.",
        RouterHintKind.AddressConflict =>
            "Two hosts answer for the address: see which of them should, and stop the other.",
        RouterHintKind.HeldElsewhere =>
            "If it is a peer, its advertisements do not arrive: let IP protocol 112 to 224.0.0.18 (ff02::12) or "
            + "between the peers pass, here, there and on the way (firewalls, multicast snooping). Otherwise another "
            + "host is configured with the address: take it away there.",
        RouterHintKind.LoopLate =>
            "The machine is short of processor time or was paused: grant CAP_SYS_NICE for real-time priority, or use a "
            + "longer advertisement interval.",
        RouterHintKind.AddressesRemoved =>
            "Find the program that manages the link (NetworkManager, systemd-networkd, dhcpcd) and have it leave "
            + "addresses alone that are not its own.",
        RouterHintKind.NoPeers => "List the peers, or say by an empty list that there are none.",
        RouterHintKind.VirtualMacRefused =>
            "The kernel needs macvlan and the link an Ethernet that is no port of a bridge or bond; or use the link's "
            + "own MAC address (virtualMac: false).",
        RouterHintKind.AdvertisementsLost =>
            "The Active router is heard in the other family: let IP protocol 112 to 224.0.0.18 (ff02::12) or between "
            + "the peers pass in this one too.",
    };

    internal void Write(WireWriter writer)
    {
        writer.WriteByte((byte)Kind);
        writer.WriteInt64(LastSeen.Nanoseconds);
        writer.WriteAddress(Source);
        writer.WriteUInt64(HardwareAddress.Value);
        writer.WriteByte((byte)Drop);
    }

    internal static RouterHint Read(ref WireReader reader) => new(
        reader.ReadEnum<RouterHintKind>(),
        new MonotonicTime(reader.ReadInt64()),
        reader.ReadAddress(),
        new MacAddress(reader.ReadUInt64()),
        reader.ReadEnum<DropReason>());

    private static string ForeignSpeakerAdvice(DropReason drop)
    {
        string what = drop switch
        {
            DropReason.VersionMismatch => "Another VRRP version",
            DropReason.AuthenticationTypeMismatch => "Another authentication type",
            DropReason.AuthenticationFailed => "Another password or key",
            DropReason.IntervalMismatch => "Another advertisement interval",
            DropReason.UnknownPeer => "A sender that is not among the peers",
            DropReason.WrongDestination => "Multicast where we use unicast, or the other way round",
            DropReason.TimeToLive => "A packet that crossed a router, or a speaker that does not send TTL 255",
            DropReason.AuthenticationKeyUnknown => "A key with a number that we do not have",
            DropReason.AuthenticationStale => "Another time: a clock is wrong, or somebody sends old packets again",
            DropReason.AuthenticationReplayed => "A packet that was sent before: somebody sends it again",
            _ => "A malformed packet",
        };
        string remedy = drop == DropReason.TimeToLive
            ? "have both on one link, with unicast too (what is between them must bridge, not route), and give a "
                + "keepalived unicast_ttl 255"
            : "configure both sides alike";
        return $"{what}: if it is to be a peer, {remedy}; otherwise use another virtual router id.";
    }
}
