using System.Collections.Immutable;
using VipOperator.Agent.Configuration;
using VipOperator.Agent.Probes;
using VipOperator.Api;
using VipOperator.Sidecar.Contract;
using VipOperator.Vrrp;

namespace VipOperator.Agent.Routers;

/// <summary>A member that is being run, or that cannot be; guarded by the <see cref="Coordinator"/>.</summary>
internal sealed class MemberRun
{
    public required MemberEntry Entry { get; set; }

    /// <summary>The last spec that made sense: it stays in force when a later one does not.</summary>
    public VirtualIPMember? Running { get; set; }

    public ImmutableArray<RouterRun> Routers { get; set; } = [];

    /// <summary>By which the pool knows <see cref="Prober"/>.</summary>
    public string? ProbeKey { get; set; }

    public Prober? Prober { get; set; }

    /// <summary>When the probe's verdict was reached, by both clocks.</summary>
    public (MonotonicTime Instant, DateTimeOffset WallClock) ProbeSince { get; set; }

    /// <summary>Whether a probe has passed since the agent started; it outlives a change of the probe.</summary>
    public bool HasPassed { get; set; }

    public MemberProblem? Problem { get; set; }

    public DateTimeOffset ProblemSince { get; set; }

    /// <summary>Since when <see cref="Running"/> has been on standby; null: it is not.</summary>
    public DateTimeOffset? StandbySince { get; set; }

    /// <summary>The generation of <see cref="Running"/>.</summary>
    public long? RunningGeneration { get; set; }

    /// <summary>The configuration that carried <see cref="Running"/> to the sidecar first.</summary>
    public ulong Revision { get; set; }

    public long? AppliedGeneration { get; set; }
}

/// <summary>A router that the sidecar runs for a member.</summary>
internal sealed class RouterRun
{
    public required RouterConfiguration Configuration { get; set; }

    public RouterReport? Report { get; set; }

    /// <summary>"namespace/member IPv4".</summary>
    public string DisplayName =>
        $"{Configuration.Name} {MemberStatusBuilder.FamilyName(Configuration.Parameters.Family)}";

    /// <summary>When the reported state was entered, by the wall clock.</summary>
    public DateTimeOffset Since { get; set; }

    public string? Refusal { get; set; }

    /// <summary>The last verdict that the sidecar was told; it outlives a change of the probe.</summary>
    public Health Told { get; set; }
}
