using VipOperator.Vrrp;

namespace VipOperator.Planning;

/// <summary>A VirtualIPMember as it stands in the cluster.</summary>
public sealed record MemberObject
{
    public required ObjectKey Key { get; init; }

    public required string Uid { get; init; }

    public required long Generation { get; init; }

    public bool Deleting { get; init; }

    /// <summary>The VirtualIP that owns it.</summary>
    public required string OwnerUid { get; init; }

    /// <summary>The pod that it is for; known even where <see cref="Spec"/> is not readable.</summary>
    public required string PodUid { get; init; }

    /// <summary>Whether the labels by which sidecars and people find it are as they must be.</summary>
    public bool LabelsIntact { get; init; } = true;

    /// <summary>null when it cannot be read; it is then written anew.</summary>
    public MemberSpec? Spec { get; init; }

    /// <summary>null until its sidecar has reported.</summary>
    public MemberReport? Report { get; init; }

    /// <summary>Whether its sidecar has taken over what was written last.</summary>
    public bool HasAnswered => Report is not null && Report.ObservedGeneration == Generation;
}

/// <summary>What the operator writes into a member.</summary>
public sealed record MemberSpec
{
    public required string VirtualIPName { get; init; }

    public required string PodName { get; init; }

    public required string PodUid { get; init; }

    public required string NodeName { get; init; }

    public required ValueList<IpPrefix> Addresses { get; init; }

    public string? InterfaceName { get; init; }

    public required VirtualRouterId VirtualRouterId { get; init; }

    public required Priority Priority { get; init; }

    public required RouterSettings Router { get; init; }

    /// <summary>It is to run no router for the time being, whatever else is said here.</summary>
    public bool Standby { get; init; }

    /// <summary>
    /// With the unicast transport: all other members; empty: the member is alone, and may serve without hearing
    /// anybody. null with the multicast transport.
    /// </summary>
    public ValueList<Peer>? Peers { get; init; }

    public ProbeDocument? Probe { get; init; }

    public required string Explanation { get; init; }

    /// <summary>
    /// What was asked of its sidecar last, for a person; null: nothing yet. The sidecar answers by taking the spec
    /// over.
    /// </summary>
    public string? Inquiry { get; init; }

    /// <summary>
    /// Since when its sidecar has not taken over what was written for it, if it has not: in s since the Unix epoch;
    /// null: another version wrote it.
    /// </summary>
    public long? AwaitedSinceUnixS { get; init; }
}

/// <summary>Another member's node, with at most one address of each family.</summary>
public sealed record Peer(string NodeName, ValueList<IpAddress> Addresses);

public enum RouterCondition
{
    /// <summary>In summaries alone: what was reported last is too old to be taken for what is.</summary>
    Unknown,
    Initialize,
    Backup,
    Active,
    Fault,
}

/// <summary>What a member's sidecar says.</summary>
public sealed record MemberReport
{
    /// <summary>The generation of the spec that it runs; null when it has not said.</summary>
    public long? ObservedGeneration { get; init; }

    public required RouterCondition State { get; init; }

    /// <summary>When the state was entered, by the clock of the member's node, in ms since the Unix epoch.</summary>
    public required long SinceUnixMs { get; init; }

    public string Reason { get; init; } = "";

    public string? Message { get; init; }

    public bool ProbeFails { get; init; }

    /// <summary>Ids that speakers other than its peers use on its links.</summary>
    public ValueList<HeardId> HeardIds { get; init; } = [];

    /// <summary>What goes wrong around its routers though they do their part.</summary>
    public ValueList<Hint> Hints { get; init; } = [];
}

/// <summary>A virtual router id that a foreign speaker uses.</summary>
public sealed record HeardId(string InterfaceName, VirtualRouterId Id, IpFamily Family);

/// <summary>What a sidecar notices.</summary>
/// <param name="Kind">In one word for programs, as the sidecar named it: TwoActives, ForeignSpeaker, …</param>
/// <param name="Message">What is seen and what to do.</param>
public sealed record Hint(string Kind, string Message);
