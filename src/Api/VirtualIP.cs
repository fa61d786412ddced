namespace VipOperator.Api;

/// <summary>What a person writes: addresses that exactly one of the selected pods' nodes answers.</summary>
public sealed record VirtualIP
{
    public const string KindName = "VirtualIP";
    public const string Plural = "virtualips";

    public string ApiVersion { get; set; } = GroupVersion.ApiVersion;

    public string Kind { get; set; } = KindName;

    public ObjectMetadata Metadata { get; set; } = new();

    public required VirtualIPSpec Spec { get; init; }

    public VirtualIPStatus? Status { get; init; }
}

/// <summary><c>VirtualIP.spec</c>.</summary>
public sealed record VirtualIPSpec
{
    /// <summary>1–64, IPv4 and IPv6 may be mixed; a bare address is /32 or /128.</summary>
    public required IReadOnlyList<string> Addresses { get; init; }

    /// <summary>The link; null: per node, the one whose subnet holds the address, else the default route's.</summary>
    public string? InterfaceName { get; init; }

    /// <summary>Host-network pods of the same namespace that carry the sidecar.</summary>
    public required LabelSelector Selector { get; init; }

    /// <summary>1–255; null: allocated.</summary>
    public int? VirtualRouterId { get; init; }

    public VrrpSpec Vrrp { get; set; } = new();

    public PrioritySpec Priority { get; set; } = new();

    /// <summary>null: nothing is probed, the node's being there is enough.</summary>
    public ProbeSpec? Probe { get; init; }
}

/// <summary>A Kubernetes label selector.</summary>
public sealed record LabelSelector
{
    public IReadOnlyDictionary<string, string>? MatchLabels { get; init; }

    public IReadOnlyList<LabelSelectorRequirement>? MatchExpressions { get; init; }
}

/// <summary>One requirement of a label selector.</summary>
public sealed record LabelSelectorRequirement
{
    public required string Key { get; init; }

    /// <summary>In, NotIn, Exists or DoesNotExist.</summary>
    public required string Operator { get; init; }

    public IReadOnlyList<string>? Values { get; init; }
}

/// <summary>How ranks become priorities (<c>spec.priority</c>).</summary>
public sealed record PrioritySpec
{
    /// <summary>The best member's priority; the others count down from here; 1–254, default 254.</summary>
    public int Highest { get; set; } = 254;

    public IReadOnlyList<NodePreference>? Preferences { get; init; }

    /// <summary>Whether the Actives of several VirtualIPs are shared out over the nodes; default true.</summary>
    public bool Spread { get; set; } = true;

    /// <summary>
    /// Whether members on nodes that are cordoned hand over and rank behind the others; default false: a cordon moves
    /// nothing.
    /// </summary>
    public bool DemoteCordoned { get; init; }
}

/// <summary>Nodes that are liked more (or less) than others.</summary>
public sealed record NodePreference
{
    public required LabelSelector NodeSelector { get; init; }

    /// <summary>−100 to 100; the sum over all matching preferences orders the nodes.</summary>
    public required int Weight { get; init; }
}
