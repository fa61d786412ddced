using System.Text.Json;
using System.Text.Json.Serialization;
using VipOperator.Api;

namespace VipOperator.Agent.Endpoints;

/// <summary>What <c>/state</c> shows. Made of single fields: nothing that holds a key can slip in.</summary>
internal sealed record StateDocument
{
    public required string Version { get; init; }

    public required DateTimeOffset Now { get; init; }

    public required StateIdentity Identity { get; init; }

    public required StateConfiguration Configuration { get; init; }

    /// <summary>null without Kubernetes.</summary>
    public StateApi? Api { get; init; }

    public StateSidecar? Sidecar { get; init; }

    public required IReadOnlyList<StateMember> Members { get; init; }

    public required IReadOnlyList<StateHeard> Heard { get; init; }
}

internal sealed record StateIdentity(
    string PodName, string PodNamespace, string PodUid, string NodeName, int AgentProcessId, int? SidecarProcessId);

/// <param name="Revision">The last that the agent sent.</param>
/// <param name="AppliedRevision">The last that the sidecar took.</param>
internal sealed record StateConfiguration(string Source, ulong Revision, ulong AppliedRevision);

internal sealed record StateApi(
    string Server, bool Connected, DateTimeOffset Since, string? Message, string? ResourceVersion,
    long Lists, long Watches, long Errors, long StatusWrites, long StatusWriteErrors);

internal sealed record StateSidecar(
    uint AgentStarts, ulong LoopIterations, ulong LoopAllocatedBytes, ulong UnroutedDrops, ulong KernelDrops,
    int RealtimePriority, bool MemoryLocked, bool Answers);

internal sealed record StateMember
{
    public required string Namespace { get; init; }

    public required string Name { get; init; }

    public required string VirtualIP { get; init; }

    public long? ObservedGeneration { get; init; }

    public string? ProblemReason { get; init; }

    public string? Problem { get; init; }

    public StateProbe? Probe { get; init; }

    public required IReadOnlyList<StateRouter> Routers { get; init; }
}

internal sealed record StateProbe
{
    public required string Description { get; init; }

    public required ProbeResult Result { get; init; }

    public required DateTimeOffset Since { get; init; }

    public string? Message { get; init; }

    public required int ConsecutiveFailures { get; init; }

    public required bool RestartGraceRunning { get; init; }

    public required bool ConnectionHeld { get; init; }

    public required long Successes { get; init; }

    public required long Failures { get; init; }
}

internal sealed record StateRouter
{
    public required string Family { get; init; }

    public required int VirtualRouterId { get; init; }

    public required int Version { get; init; }

    public required IReadOnlyList<string> Addresses { get; init; }

    /// <summary>null until the sidecar has reported.</summary>
    public MemberState? State { get; init; }

    public string? Reason { get; init; }

    public DateTimeOffset? Since { get; init; }

    public string? Problem { get; init; }

    public required int Priority { get; init; }

    public int? EffectivePriority { get; init; }

    public string? InterfaceName { get; init; }

    public string? PrimaryAddress { get; init; }

    public string? ActiveAddress { get; init; }

    public int? ActivePriority { get; init; }

    /// <summary>Whether the end of the process that is followed would be noticed at once.</summary>
    public bool Lifeline { get; init; }

    public required string AdvertisementInterval { get; init; }

    /// <summary>The interval in force: with version 3 it may have been learned from the Active router.</summary>
    public string? ActiveAdvertisementInterval { get; init; }

    /// <summary>Seconds; 0: the kernel keeps the addresses for ever.</summary>
    public required int AddressLifetimeSeconds { get; init; }

    public required string Authentication { get; init; }

    public required string Transport { get; init; }

    public required IReadOnlyList<string> BoundAddresses { get; init; }

    /// <summary>What goes wrong around it.</summary>
    public required IReadOnlyList<StateHint> Hints { get; init; }

    public required IReadOnlyDictionary<string, ulong> Counters { get; init; }

    /// <summary>Dropped packets by reason; reasons that never occurred are left out.</summary>
    public required IReadOnlyDictionary<string, ulong> Drops { get; init; }
}

/// <param name="Message">What is seen and what to do.</param>
internal sealed record StateHint(
    string Kind, DateTimeOffset LastSeen, string? Source, string? HardwareAddress, string Message);

internal sealed record StateHeard(
    string InterfaceName, int VirtualRouterId, int Version, int Priority, string Source, string Reason,
    DateTimeOffset LastHeard, ulong Count);

[JsonSourceGenerationOptions(
    JsonSerializerDefaults.Web, WriteIndented = true, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(StateDocument))]
[JsonSerializable(typeof(HandoverDocument))]
internal sealed partial class StateJsonContext : JsonSerializerContext;

/// <summary>The answer to a handover.</summary>
internal sealed record HandoverDocument(IReadOnlyList<string> HandedOver, IReadOnlyList<string> Pending);
