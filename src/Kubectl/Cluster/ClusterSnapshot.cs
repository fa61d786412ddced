using VipOperator.Api;

namespace VipOperator.Kubectl.Cluster;

/// <summary>The VirtualIPs and members that are looked at, at one moment.</summary>
internal sealed record ClusterSnapshot(IReadOnlyList<VirtualIP> VirtualIPs, IReadOnlyList<VirtualIPMember> Members)
{
    /// <summary>As the operator ranks them, the best first.</summary>
    public IEnumerable<VirtualIPMember> MembersOf(VirtualIP virtualIP)
    {
        Dictionary<string, int> places = [];
        foreach (VirtualIPMemberSummary summary in virtualIP.Status?.Members ?? [])
            places.TryAdd(summary.Name, places.Count);
        return Members
            .Where(m => m.Metadata.Namespace == virtualIP.Metadata.Namespace
                && m.Spec.VirtualIPName == virtualIP.Metadata.Name)
            .OrderBy(m => places.GetValueOrDefault(m.Metadata.Name!, int.MaxValue))
            .ThenByDescending(m => m.Spec.Priority)
            .ThenBy(m => m.Spec.NodeName, StringComparer.Ordinal);
    }

    public VirtualIP? Of(VirtualIPMember member) => VirtualIPs.FirstOrDefault(
        v => v.Metadata.Namespace == member.Metadata.Namespace && v.Metadata.Name == member.Spec.VirtualIPName);

    /// <summary>
    /// Whether the member has the addresses, as far as anybody knows: its sidecar said so, and the operator hears of
    /// it. One that it does not hear of may be dead, or have lost its way to the API server alone.
    /// </summary>
    public bool IsActive(VirtualIPMember member) =>
        member.Status?.State == MemberState.Active && SummaryOf(member)?.State != ReportedState.Unknown;

    /// <summary>Whether it was Active when the operator heard of it last, and is not heard of any more.</summary>
    public bool WasActive(VirtualIPMember member) =>
        member.Status?.State == MemberState.Active && SummaryOf(member)?.State == ReportedState.Unknown;

    public VirtualIPMemberSummary? SummaryOf(VirtualIPMember member) =>
        Of(member)?.Status?.Members?.FirstOrDefault(s => s.Name == member.Metadata.Name);
}
