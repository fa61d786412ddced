using VipOperator.Vrrp;

namespace VipOperator.Planning;

/// <summary>Everything that a plan is made from, as it was at one instant. The lists may be in any order.</summary>
public sealed record ClusterSnapshot
{
    /// <summary>
    /// Wall-clock time in ms since the Unix epoch; members' reports carry the same kind of time, from their nodes'
    /// clocks.
    /// </summary>
    public required long NowUnixMs { get; init; }

    public required IReadOnlyList<VirtualIPObject> VirtualIPs { get; init; }

    public required IReadOnlyList<PodObject> Pods { get; init; }

    public required IReadOnlyList<NodeObject> Nodes { get; init; }

    /// <summary>Those that some VirtualIP owns or owned; a person's own documents are not among them.</summary>
    public required IReadOnlyList<MemberObject> Members { get; init; }

    /// <summary>Ids that were in use a moment ago.</summary>
    public IReadOnlyList<RestingId> RestingIds { get; init; } = [];
}

/// <summary>
/// A virtual router id that was freed, and is not given out again before the last sidecar has heard that it is not its
/// own any more.
/// </summary>
/// <param name="InterfaceName">null: any link.</param>
public sealed record RestingId(VirtualRouterId Id, IpFamily Family, string? InterfaceName, long UntilUnixMs);

/// <summary>Which object of a kind.</summary>
public readonly record struct ObjectKey(string Namespace, string Name) : IComparable<ObjectKey>
{
    public int CompareTo(ObjectKey other)
    {
        int byNamespace = string.CompareOrdinal(Namespace, other.Namespace);
        return byNamespace != 0 ? byNamespace : string.CompareOrdinal(Name, other.Name);
    }

    public static bool operator <(ObjectKey left, ObjectKey right) => left.CompareTo(right) < 0;

    public static bool operator >(ObjectKey left, ObjectKey right) => left.CompareTo(right) > 0;

    public static bool operator <=(ObjectKey left, ObjectKey right) => left.CompareTo(right) <= 0;

    public static bool operator >=(ObjectKey left, ObjectKey right) => left.CompareTo(right) >= 0;

    public override string ToString() => $"{Namespace}/{Name}";
}
