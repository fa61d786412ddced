using System.Collections.Immutable;
using VipOperator.Api;
using VipOperator.Documents;

namespace VipOperator.Agent.Configuration;

/// <summary>A VirtualIPMember as it was read, which may make no sense.</summary>
internal sealed record MemberEntry
{
    public required string Namespace { get; init; }

    public required string Name { get; init; }

    /// <summary>null in a configuration file.</summary>
    public string? Uid { get; init; }

    public long? Generation { get; init; }

    /// <summary>null when <see cref="Problems"/> has something.</summary>
    public VirtualIPMember? Member { get; init; }

    public ImmutableArray<SpecProblem> Problems { get; init; } = [];

    /// <summary>"namespace/name", by which the sidecar knows the member's routers.</summary>
    public string Key => $"{Namespace}/{Name}";
}

/// <summary>All members that are to run now.</summary>
/// <param name="Source">Where they come from, for a person.</param>
internal sealed record MemberSet(string Source, ImmutableArray<MemberEntry> Members);
