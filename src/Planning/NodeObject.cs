using VipOperator.Vrrp;

namespace VipOperator.Planning;

/// <summary>A node, as far as it matters here.</summary>
public sealed record NodeObject
{
    public required string Name { get; init; }

    public required LabelSet Labels { get; init; }

    /// <summary>Its condition Ready is True.</summary>
    public bool Ready { get; init; } = true;

    /// <summary>A person wants its members to hand their addresses over and to take none.</summary>
    public bool Evacuating { get; init; }

    /// <summary>New pods are kept away from it (kubectl cordon).</summary>
    public bool Cordoned { get; init; }

    public ValueList<Taint> Taints { get; init; } = [];

    /// <summary>Its InternalIP addresses.</summary>
    public ValueList<IpAddress> Addresses { get; init; } = [];
}
