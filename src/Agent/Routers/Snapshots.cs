using System.Collections.Immutable;
using VipOperator.Agent.Probes;
using VipOperator.Api;
using VipOperator.Sidecar.Contract;
using VipOperator.Vrrp;

namespace VipOperator.Agent.Routers;

/// <summary>
/// A router at one moment. The parameters carry the key: take single values from them, never the whole.
/// </summary>
/// <param name="Report">null until the sidecar has reported.</param>
/// <param name="Since">When its state was entered.</param>
/// <param name="Refusal">Why the sidecar does not run it; null when it does.</param>
internal sealed record RouterSnapshot(
    RouterConfiguration Configuration, RouterReport? Report, DateTimeOffset Since, string? Refusal)
{
    public const string SilentText =
        "The sidecar does not answer: what it did last is not known to be so any more. Its container has to be "
        + "restarted, which its liveness probe does.";

    /// <summary>Whether the sidecar does not answer: what it has reported is old.</summary>
    public bool IsSilent { get; private init; }

    /// <summary>What goes wrong around it though it does its part.</summary>
    public ImmutableArray<RouterHint> Hints => Report?.Hints ?? [];

    /// <summary>What keeps the sidecar from running it; null when nothing does.</summary>
    public string? Obstacle => IsSilent
        ? SilentText
        : Refusal ?? (Report is { Problem.Length: > 0 } ? Report.Problem : null);

    public RouterParameters Parameters => Configuration.Parameters;

    /// <summary>
    /// As it is told of while the sidecar does not answer: it holds nothing, as far as anybody knows, for the kernel
    /// takes what is not renewed.
    /// </summary>
    public RouterSnapshot Silent(DateTimeOffset since) => this with
    {
        IsSilent = true,
        Since = since,
        Report = Report is null
            ? null
            : Report with { BoundAddresses = [], ActiveAddress = default, HasLifeline = false, Hints = [] },
    };
}

/// <summary>A member at one moment.</summary>
internal sealed record MemberSnapshot
{
    public required string Namespace { get; init; }

    public required string Name { get; init; }

    public string? Uid { get; init; }

    /// <summary>The spec that runs; null when none ever could.</summary>
    public VirtualIPMember? Running { get; init; }

    /// <summary>What was written for it last; null when that cannot be read.</summary>
    public VirtualIPMember? Asked { get; init; }

    /// <summary>The generation that the sidecar runs; null when none.</summary>
    public long? ObservedGeneration { get; init; }

    public MemberProblem? Problem { get; init; }

    public DateTimeOffset ProblemSince { get; init; }

    /// <summary>Since when it has been on standby, and the sidecar knows; null: it is not.</summary>
    public DateTimeOffset? StandbySince { get; init; }

    /// <summary>null: not probed.</summary>
    public ProbeSnapshot? Probe { get; init; }

    public DateTimeOffset ProbeSince { get; init; }

    /// <summary>Whether a probe has passed since the agent started, be it one of a spec before.</summary>
    public bool HasPassed { get; init; }

    public ImmutableArray<RouterSnapshot> Routers { get; init; } = [];

    public string Key => $"{Namespace}/{Name}";

    public MemberSnapshot Silent(DateTimeOffset since) => this with
    {
        Routers = [.. Routers.Select(r => r.Silent(since))],
    };
}

/// <summary>Everything at one moment.</summary>
internal sealed record AgentSnapshot
{
    public required string Source { get; init; }

    public required ulong Revision { get; init; }

    /// <summary>The revision that the sidecar runs; 0: none.</summary>
    public required ulong AppliedRevision { get; init; }

    public required ImmutableArray<MemberSnapshot> Members { get; init; }

    /// <summary>Heard within the last minutes, sorted.</summary>
    public required ImmutableArray<HeardReport> Heard { get; init; }

    public required ProcessReport? Process { get; init; }

    /// <summary>Whether the sidecar gives signs of life.</summary>
    public bool SidecarAnswers { get; init; } = true;
}

/// <summary>What became of a handover.</summary>
/// <param name="HandedOver">Routers that a peer has taken: "namespace/member IPv4".</param>
/// <param name="Pending">Routers that no peer took in time.</param>
internal sealed record HandoverResult(ImmutableArray<string> HandedOver, ImmutableArray<string> Pending);
