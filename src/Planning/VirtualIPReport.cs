using VipOperator.Vrrp;

namespace VipOperator.Planning;

/// <summary>The status of a VirtualIP without its times: those are set when it is written.</summary>
public sealed record VirtualIPReport
{
    public static VirtualIPReport None { get; } = new();

    public long? ObservedGeneration { get; init; }

    /// <summary>
    /// One of each type, in the order of <see cref="ConditionType"/>; fewer in a status that somebody else wrote.
    /// </summary>
    public ValueList<ConditionReport> Conditions { get; init; } = [];

    public VirtualRouterId? VirtualRouterId { get; init; }

    public string? ActiveNode { get; init; }

    public string? ActivePod { get; init; }

    /// <summary>"2/2"; null before the first plan.</summary>
    public string? ReadyMembers { get; init; }

    /// <summary>The best first.</summary>
    public ValueList<MemberSummary> Members { get; init; } = [];

    public ConditionReport? Find(ConditionType type) => Conditions.FirstOrDefault(c => c.Type == type);
}

/// <summary>The names are those of the API.</summary>
public enum ConditionType
{
    Accepted,
    Assigned,
    Programmed,
    Available,
    Ready,
    Placed,
    Undisturbed,
}

public enum ConditionStatus
{
    False,
    True,
    Unknown,
}

/// <summary>Why a condition is as it is; the names are those of the API.</summary>
public enum ConditionReason
{
    /// <summary>A word of another version of this program, found in a status.</summary>
    Other,
    Accepted,
    InvalidSpec,
    VirtualRouterIdConflict,
    VirtualRouterIdsExhausted,
    AddressConflict,
    StillInUse,
    Assigned,
    NoEligiblePods,
    Programmed,
    WaitingForSidecars,
    RollingOut,
    OneActive,
    NoActive,
    MultipleActive,
    ActiveNotHeard,
    Ready,
    NotAccepted,
    NotAssigned,
    NotProgrammed,
    NotAvailable,
    Placed,
    HandingOver,
    NoOtherMember,
    ActiveNodeUnavailable,
    Undisturbed,

    // What sidecars notice, the gravest first; AddressConflict, which is also a refusal, is among them.
    TwoActives,
    HeldElsewhere,
    AdvertisementsLost,
    ForeignSpeaker,
    NoPeers,
    AddressesRemoved,
    VirtualMacRefused,
    OtherAddresses,
    OtherInterval,
    LoopLate,
    Disturbed,
}

public sealed record ConditionReport(
    ConditionType Type,
    ConditionStatus Status,
    ConditionReason Reason,
    string Message,
    long? ObservedGeneration);

public sealed record MemberSummary
{
    public required string Name { get; init; }

    public required string PodName { get; init; }

    public required string NodeName { get; init; }

    public required Priority Priority { get; init; }

    /// <summary>null until its sidecar has reported.</summary>
    public RouterCondition? State { get; init; }

    /// <summary>Why it has this place.</summary>
    public string? Explanation { get; init; }

    /// <summary>What is wrong with it; null when nothing is.</summary>
    public string? Message { get; init; }
}
