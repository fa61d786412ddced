using VipOperator.Vrrp;

namespace VipOperator.Planning;

/// <summary>A node, as far as it matters here.</summary>
public sealed record NodeObject
{
    public required string Name { get; init; }

    public required LabelSet Labels { get; init; }

    /// <summary>Its condition Ready is True.</summary>
    public bool Ready { get; init; } = true;

    /// <summary>Its InternalIP addresses.</summary>
    public ValueList<IpAddress> Addresses { get; init; } = [];
}
