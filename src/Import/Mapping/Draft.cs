using VipOperator.Api;

namespace VipOperator.Import;

/// <summary>A VirtualIP before it is written.</summary>
internal sealed record Draft
{
    public required string Name { get; init; }

    /// <summary>What it comes from, a line each.</summary>
    public required IReadOnlyList<string> Origins { get; init; }

    public required VirtualIPSpec Spec { get; init; }

    /// <summary>null: nothing is signed.</summary>
    public Credential? Credential { get; init; }
}
