using System.Text.Json.Serialization;

namespace VipOperator.Api;

/// <summary><c>VirtualIP.status</c>, written by the operator.</summary>
public sealed record VirtualIPStatus
{
    public long? ObservedGeneration { get; init; }

    /// <summary>By type: <see cref="ConditionTypes"/>.</summary>
    public IReadOnlyList<Condition>? Conditions { get; init; }

    /// <summary>The id in force, given or allocated; kept for life.</summary>
    public int? VirtualRouterId { get; init; }

    /// <summary>The node that answers; null while there is none or more than one.</summary>
    public string? ActiveNode { get; init; }

    public string? ActivePod { get; init; }

    /// <summary>Members that could take the addresses, of all: "2/2".</summary>
    public string? ReadyMembers { get; init; }

    public IReadOnlyList<VirtualIPMemberSummary>? Members { get; init; }
}

/// <summary>One member in the status of its VirtualIP.</summary>
public sealed record VirtualIPMemberSummary
{
    /// <summary>The VirtualIPMember.</summary>
    public required string Name { get; init; }

    public required string PodName { get; init; }

    public required string NodeName { get; init; }

    public required int Priority { get; init; }

    /// <summary>null until the sidecar has reported.</summary>
    public ReportedState? State { get; init; }

    /// <summary>Why it has its place among the members, for a person.</summary>
    public string? Explanation { get; init; }

    /// <summary>What is wrong with it, for a person; null when nothing is.</summary>
    public string? Message { get; init; }
}

/// <summary>What the operator believes of a member's state.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<ReportedState>))]
public enum ReportedState
{
    /// <summary>It reported once, but nothing is heard of it any more.</summary>
    Unknown,
    Initialize,
    Backup,
    Active,
    Fault,
}

/// <summary>A condition as metav1.Condition defines it.</summary>
public sealed record Condition
{
    public required string Type { get; init; }

    /// <summary>True, False or Unknown.</summary>
    public required string Status { get; init; }

    public long? ObservedGeneration { get; init; }

    public required DateTimeOffset LastTransitionTime { get; init; }

    /// <summary>CamelCase, from <see cref="ConditionReasons"/>.</summary>
    public required string Reason { get; init; }

    /// <summary>For a person: what is so, why, and what can be done.</summary>
    public required string Message { get; init; }
}
