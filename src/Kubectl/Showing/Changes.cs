using VipOperator.Api;
using VipOperator.Kubectl.Cluster;

namespace VipOperator.Kubectl.Showing;

/// <summary>What differs between two looks, a line for each difference that a person wants to know of.</summary>
internal static class Changes
{
    public static IEnumerable<string> Between(ClusterSnapshot before, ClusterSnapshot after, bool withNamespace)
    {
        foreach (VirtualIP now in after.VirtualIPs)
        {
            string name = StatusPage.Name(now, withNamespace);
            VirtualIP? then = before.VirtualIPs.FirstOrDefault(v => KeyOf(v.Metadata) == KeyOf(now.Metadata));
            if (then is null)
                yield return $"{name}: made, {string.Join(' ', now.Spec.Addresses)}";
            foreach (string line in OfMembers(before, after, now))
                yield return $"{name}: {line}";
            foreach (string line in OfConditions(then, now))
                yield return $"{name}: {line}";
        }

        foreach (VirtualIP gone in before.VirtualIPs.Where(
            v => !after.VirtualIPs.Any(n => KeyOf(n.Metadata) == KeyOf(v.Metadata))))
            yield return $"{StatusPage.Name(gone, withNamespace)}: deleted";
    }

    private static IEnumerable<string> OfMembers(ClusterSnapshot before, ClusterSnapshot after, VirtualIP virtualIP)
    {
        Dictionary<string, VirtualIPMember> known = before.MembersOf(virtualIP).ToDictionary(m => m.Metadata.Name!);
        foreach (VirtualIPMember member in after.MembersOf(virtualIP))
        {
            string node = member.Spec.NodeName;
            if (!known.Remove(member.Metadata.Name!, out VirtualIPMember? then))
                yield return $"{node} takes part with priority {member.Spec.Priority}";
            else if (then.Spec.Priority != member.Spec.Priority)
                yield return $"{node} has priority {member.Spec.Priority}, had {then.Spec.Priority}";
            if (member.Status is { } status
                && (then?.Status?.State != status.State || then.Status.Since != status.Since))
                yield return $"{node} {then?.Status?.State.ToString() ?? "-"} → {status.State}: "
                    + $"{ReasonWords.Of(status.Reason)}";
            if (member.Status?.Probe is { } probe && then?.Status?.Probe.Result is { } result && result != probe.Result)
                yield return $"{node} probe {result} → "
                    + $"{probe.Result}{(probe.Message is null ? "" : $": {probe.Message}")}";
        }

        foreach (VirtualIPMember gone in known.Values)
            yield return $"{gone.Spec.NodeName} takes part no more";
    }

    private static IEnumerable<string> OfConditions(VirtualIP? then, VirtualIP now)
    {
        foreach (Condition condition in now.Status?.Conditions ?? [])
        {
            Condition? old = then?.Status?.Conditions?.FirstOrDefault(c => c.Type == condition.Type);
            if (old is null || (old.Status == condition.Status && old.Reason == condition.Reason))
                continue;
            yield return condition.Status == "True"
                ? $"{condition.Type}"
                : $"{(condition.Status == "False" ? "not " : "unknown whether ")}{condition.Type} "
                    + $"({condition.Reason}): {condition.Message}";
        }
    }

    private static (string?, string?) KeyOf(ObjectMetadata metadata) => (metadata.Namespace, metadata.Name);
}
