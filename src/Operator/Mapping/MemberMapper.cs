using System.Text.Json;
using VipOperator.Api;
using VipOperator.Planning;
using VipOperator.Vrrp;
using MemberSpec = VipOperator.Planning.MemberSpec;

namespace VipOperator.Operator.Mapping;

/// <summary>Between the API's VirtualIPMember and planning's.</summary>
internal static class MemberMapper
{
    /// <returns>null for a member that no VirtualIP owns: it is a person's, and left alone.</returns>
    public static MemberObject? Read(JsonElement item, ObjectMetadata metadata)
    {
        OwnerReference? owner = metadata.OwnerReferences?.FirstOrDefault(
            o => o.Kind == VirtualIP.KindName
                && o.ApiVersion.StartsWith(GroupVersion.Group + "/", StringComparison.Ordinal));
        if (owner is null)
            return null;

        string podUid = metadata.Labels?.GetValueOrDefault(WellKnown.PodUidLabel) ?? "";
        MemberSpec? spec = null;
        MemberReport? report = null;
        bool labelsIntact = false;
        try
        {
            VirtualIPMember member = item.Deserialize(ApiJsonContext.Default.VirtualIPMember)!;
            labelsIntact = podUid == member.Spec.PodUid
                && metadata.Labels?.GetValueOrDefault(WellKnown.VirtualIPLabel) == member.Spec.VirtualIPName;
            podUid = member.Spec.PodUid;
            report = member.Status is { } status ? ReportOf(status) : null;
            spec = SpecOf(member.Spec);
        }
        catch (Exception e) when (e is JsonException or SpecException)
        {
            // Written anew by the next plan; the label says for which pod.
        }

        return new MemberObject
        {
            Key = new ObjectKey(Shared.Of(metadata.Namespace ?? ""), metadata.Name ?? ""),
            Uid = metadata.Uid ?? "",
            Generation = metadata.Generation ?? 0,
            Deleting = metadata.DeletionTimestamp is not null,
            OwnerUid = Shared.Of(owner.Uid),
            PodUid = Shared.Of(podUid),
            LabelsIntact = labelsIntact,
            Spec = spec,
            Report = report,
        };
    }

    /// <summary>The whole object as the operator applies it.</summary>
    public static VirtualIPMember Write(ApplyMember step) => new()
    {
        Metadata = new ObjectMetadata
        {
            Namespace = step.VirtualIP.Namespace,
            Name = step.Name,
            Labels = new Dictionary<string, string>
            {
                [WellKnown.VirtualIPLabel] = step.VirtualIP.Name,
                [WellKnown.PodUidLabel] = step.Spec.PodUid,
            },
            OwnerReferences =
            [
                new OwnerReference
                {
                    ApiVersion = GroupVersion.ApiVersion,
                    Kind = VirtualIP.KindName,
                    Name = step.VirtualIP.Name,
                    Uid = step.OwnerUid,
                    Controller = true,
                    BlockOwnerDeletion = true,
                },
            ],
        },
        Spec = new VirtualIPMemberSpec
        {
            VirtualIPName = step.Spec.VirtualIPName,
            PodName = step.Spec.PodName,
            PodUid = step.Spec.PodUid,
            NodeName = step.Spec.NodeName,
            Addresses = [.. step.Spec.Addresses.Select(a => a.ToString())],
            InterfaceName = step.Spec.InterfaceName,
            VirtualRouterId = step.Spec.VirtualRouterId.Value,
            Priority = step.Spec.Priority.Value,
            Vrrp = SpecValues.Router(step.Spec.Router),
            Standby = step.Spec.Standby,
            Peers = step.Spec.Peers is { } peers ? [.. peers.Select(PeerOf)] : null,
            Probe = ProbeDocuments.Read(step.Spec.Probe),
            Explanation = step.Spec.Explanation,
            Inquiry = step.Spec.Inquiry,
            AwaitedSince = step.Spec.AwaitedSinceUnixS is { } since ? DateTimeOffset.FromUnixTimeSeconds(since) : null,
        },
    };

    private static MemberSpec SpecOf(VirtualIPMemberSpec spec)
    {
        ValueList<IpPrefix> addresses = SpecValues.Addresses(spec.Addresses);
        return new MemberSpec
        {
            VirtualIPName = Shared.Of(spec.VirtualIPName),
            PodName = Shared.Of(spec.PodName),
            PodUid = Shared.Of(spec.PodUid),
            NodeName = Shared.Of(spec.NodeName),
            Addresses = addresses,
            InterfaceName = Shared.Of(spec.InterfaceName),
            VirtualRouterId = SpecValues.RouterId(spec.VirtualRouterId),
            Priority = SpecValues.Priority(spec.Priority, "spec.priority"),
            Router = Shared.Of(SpecValues.Router(spec.Vrrp, addresses)),
            Standby = spec.Standby,
            Peers = spec.Peers is { } peers
                ? [.. peers.Select(p => new Peer(p.NodeName, [.. p.Addresses.Select(PeerAddress)]))] : null,
            Probe = ProbeDocuments.Write(spec.Probe),
            Explanation = Shared.Of(spec.Explanation ?? ""),
            Inquiry = spec.Inquiry,
            AwaitedSinceUnixS = spec.AwaitedSince?.ToUnixTimeSeconds(),
        };
    }

    private static MemberPeer PeerOf(Peer peer) =>
        new() { NodeName = peer.NodeName, Addresses = [.. peer.Addresses.Select(a => a.ToString())] };

    private static IpAddress PeerAddress(string text) => IpAddress.TryParse(text, out IpAddress address)
        ? address
        : throw new SpecException($"spec.peers: '{text}' is not an address.");

    private static MemberReport ReportOf(VirtualIPMemberStatus status) => new()
    {
        ObservedGeneration = status.ObservedGeneration,
        State = status.State switch
        {
            MemberState.Initialize => RouterCondition.Initialize,
            MemberState.Backup => RouterCondition.Backup,
            MemberState.Active => RouterCondition.Active,
            MemberState.Fault => RouterCondition.Fault,
        },
        SinceUnixMs = status.Since.ToUnixTimeMilliseconds(),
        Reason = Shared.Of(status.Reason),
        Message = Shared.Of(status.Message),
        ProbeFails = status.Probe.Result == ProbeResult.Failing,
        HeardIds =
        [
            .. (status.Heard ?? []).Select(HeardOf).OfType<HeardId>().Distinct(),
        ],
        Hints = [.. (status.Hints ?? []).Select(h => new Hint(h.Kind, h.Message)).Distinct()],
    };

    private static HeardId? HeardOf(HeardSpeaker heard) =>
        VirtualRouterId.TryCreate(heard.VirtualRouterId, out VirtualRouterId id)
        && IpAddress.TryParse(heard.Source, out IpAddress source)
            ? new HeardId(heard.InterfaceName, id, source.Family)
            : null;
}
