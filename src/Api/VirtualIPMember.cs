using System.Text.Json.Serialization;

namespace VipOperator.Api;

/// <summary>
/// One pod's part in one VirtualIP. <c>spec</c> is written by the operator, <c>status</c> by that pod's sidecar alone.
/// The same document is the configuration file of a sidecar without Kubernetes.
/// </summary>
public sealed record VirtualIPMember
{
    public const string KindName = "VirtualIPMember";
    public const string Plural = "virtualipmembers";

    public string ApiVersion { get; set; } = GroupVersion.ApiVersion;

    public string Kind { get; set; } = KindName;

    public ObjectMetadata Metadata { get; set; } = new();

    public required VirtualIPMemberSpec Spec { get; init; }

    public VirtualIPMemberStatus? Status { get; init; }
}

/// <summary>
/// <c>VirtualIPMember.spec</c>: everything resolved, nothing left to decide for the sidecar but the link.
/// </summary>
public sealed record VirtualIPMemberSpec
{
    /// <summary>Empty in a configuration file.</summary>
    public string VirtualIPName { get; set; } = "";

    public string PodName { get; set; } = "";

    public string PodUid { get; set; } = "";

    public string NodeName { get; set; } = "";

    /// <summary>1–64, as in the VirtualIP.</summary>
    public required IReadOnlyList<string> Addresses { get; init; }

    /// <summary>null: the link whose subnet holds the address, else the default route's.</summary>
    public string? InterfaceName { get; init; }

    /// <summary>1–255.</summary>
    public required int VirtualRouterId { get; init; }

    /// <summary>1–254.</summary>
    public required int Priority { get; init; }

    public VrrpSpec Vrrp { get; set; } = new();

    /// <summary>Whether the member runs no router for the time being; default false.</summary>
    public bool Standby { get; init; }

    /// <summary>
    /// With the unicast transport: the other members; empty: there are none. While it is absent the member does not
    /// serve.
    /// </summary>
    public IReadOnlyList<MemberPeer>? Peers { get; init; }

    public ProbeSpec? Probe { get; init; }

    /// <summary>Why the member has this priority, for a person.</summary>
    public string? Explanation { get; init; }

    /// <summary>What was asked of the sidecar last, for a person; it answers by taking the spec over.</summary>
    public string? Inquiry { get; init; }

    /// <summary>
    /// When the first spec was written that the sidecar has not taken over, if there is one. After 10 s it is taken for
    /// one that is not heard of.
    /// </summary>
    public DateTimeOffset? AwaitedSince { get; init; }
}

/// <summary>Another member, as a unicast peer.</summary>
public sealed record MemberPeer
{
    public string NodeName { get; set; } = "";

    /// <summary>Its node's addresses, at most one of each family.</summary>
    public required IReadOnlyList<string> Addresses { get; init; }
}

/// <summary>The state of a member: that of its routers, the worst of them where they differ.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<MemberState>))]
public enum MemberState
{
    Initialize,
    Backup,
    Active,
    Fault,
}

[JsonConverter(typeof(JsonStringEnumConverter<ProbeResult>))]
public enum ProbeResult
{
    /// <summary>Not probed yet.</summary>
    Unknown,
    Passing,
    Failing,

    /// <summary>The member has no probe.</summary>
    Disabled,
}

/// <summary><c>VirtualIPMember.status</c>, written by the pod's sidecar.</summary>
public sealed record VirtualIPMemberStatus
{
    /// <summary>The generation of the spec that the sidecar runs.</summary>
    public long? ObservedGeneration { get; init; }

    public required MemberState State { get; init; }

    /// <summary>When <see cref="State"/> was entered.</summary>
    public required DateTimeOffset Since { get; init; }

    /// <summary>CamelCase: the name of a transition reason, or of a problem.</summary>
    public required string Reason { get; init; }

    /// <summary>What is wrong and what to do, for a person; null when nothing is.</summary>
    public string? Message { get; init; }

    /// <summary>The priority in force: lower than the assigned one while a failing probe demotes it.</summary>
    public required int EffectivePriority { get; init; }

    public required MemberProbeStatus Probe { get; init; }

    /// <summary>The addresses that are on the link at this moment.</summary>
    public IReadOnlyList<string>? BoundAddresses { get; init; }

    /// <summary>One router per family of addresses.</summary>
    public IReadOnlyList<MemberRouterStatus>? Routers { get; init; }

    /// <summary>What goes wrong around its routers though they do their part; null when nothing does.</summary>
    public IReadOnlyList<MemberHint>? Hints { get; init; }

    /// <summary>Other speakers heard on the link, at most 32.</summary>
    public IReadOnlyList<HeardSpeaker>? Heard { get; init; }
}

/// <summary>What the probe says.</summary>
public sealed record MemberProbeStatus
{
    public required ProbeResult Result { get; init; }

    /// <summary>When the result last changed.</summary>
    public DateTimeOffset? Since { get; init; }

    /// <summary>Why it fails, for a person; null while it passes.</summary>
    public string? Message { get; init; }
}

/// <summary>One virtual router of a member.</summary>
public sealed record MemberRouterStatus
{
    /// <summary>IPv4 or IPv6.</summary>
    public required string Family { get; init; }

    public required MemberState State { get; init; }

    public required DateTimeOffset Since { get; init; }

    public required string Reason { get; init; }

    /// <summary>The link in use; null while there is none.</summary>
    public string? InterfaceName { get; init; }

    /// <summary>The address that it advertises from.</summary>
    public string? PrimaryAddress { get; init; }

    /// <summary>The Active router that it hears; null while it is Active itself.</summary>
    public string? ActiveAddress { get; init; }

    public int? ActivePriority { get; init; }
}

/// <summary>Something that a person should know of, and what to do about it.</summary>
public sealed record MemberHint
{
    /// <summary>IPv4 or IPv6: the router's.</summary>
    public required string Family { get; init; }

    /// <summary>CamelCase, in one word for programs: TwoActives, ForeignSpeaker, HeldElsewhere, …</summary>
    public required string Kind { get; init; }

    /// <summary>What is seen and what to do.</summary>
    public required string Message { get; init; }
}

/// <summary>A speaker that is none of our peers.</summary>
public sealed record HeardSpeaker
{
    public required string InterfaceName { get; init; }

    public required int VirtualRouterId { get; init; }

    public required int Version { get; init; }

    public required int Priority { get; init; }

    public required string Source { get; init; }

    /// <summary>CamelCase: why its advertisements are not taken.</summary>
    public required string Reason { get; init; }
}
