using System.Globalization;
using System.Text;
using VipOperator.Api;
using VipOperator.Kubectl.Cluster;

namespace VipOperator.Kubectl.Showing;

/// <summary>What <c>status</c> prints: a paragraph for each VirtualIP.</summary>
internal static class StatusPage
{
    public static string Render(ClusterSnapshot snapshot, bool withNamespace, DateTimeOffset now)
    {
        StringBuilder text = new();
        foreach (VirtualIP virtualIP in snapshot.VirtualIPs)
        {
            if (text.Length > 0)
                text.Append('\n');
            Append(text, snapshot, virtualIP, withNamespace, now);
        }

        return text.ToString();
    }

    /// <summary>"web", or "default/web".</summary>
    public static string Name(VirtualIP virtualIP, bool withNamespace) =>
        withNamespace ? $"{virtualIP.Metadata.Namespace}/{virtualIP.Metadata.Name}" : virtualIP.Metadata.Name!;

    private static void Append(
        StringBuilder text, ClusterSnapshot snapshot, VirtualIP virtualIP, bool withNamespace, DateTimeOffset now)
    {
        VirtualIPMember[] members = [.. snapshot.MembersOf(virtualIP)];
        int? id = virtualIP.Status?.VirtualRouterId ?? virtualIP.Spec.VirtualRouterId;
        text.Append(CultureInfo.InvariantCulture,
            $"{Name(virtualIP, withNamespace)}  {string.Join(' ', virtualIP.Spec.Addresses)}");
        if (id is not null)
            text.Append(CultureInfo.InvariantCulture, $"  virtual router id {id}");
        text.Append("  ").Append(Headline(snapshot, members, now)).Append('\n');

        if (members.Length > 0)
        {
            List<string[]> rows = [["NODE", "STATE", "SINCE", "PRIORITY", "PROBE", "RANK"]];
            rows.AddRange(members.Select(m => Row(m, snapshot.SummaryOf(m), now)));
            TextTable.Append(text, "  ", rows);
        }

        List<string> notes = [.. Problems(virtualIP)];
        foreach (VirtualIPMember member in members)
        {
            foreach (string note in Notes(snapshot, member))
            {
                // The conditions repeat what the members say.
                if (!notes.Any(n => n.Contains(note, StringComparison.Ordinal)))
                    notes.Add($"{member.Spec.NodeName}: {note}");
            }
        }

        foreach (string note in notes)
            text.Append("  ! ").Append(note.Replace("\n", "\n    ", StringComparison.Ordinal)).Append('\n');
    }

    private static string Headline(ClusterSnapshot snapshot, IReadOnlyList<VirtualIPMember> members, DateTimeOffset now)
    {
        VirtualIPMember[] active = [.. members.Where(snapshot.IsActive)];
        return active switch
        {
            [] => "nobody is Active",
            [var one] =>
                $"{one.Spec.NodeName} is Active since {Age.Of(now - one.Status!.Since)}: "
                + $"{ReasonWords.Of(one.Status.Reason)}",
            _ => $"{string.Join(" and ", active.Select(m => m.Spec.NodeName))} all say that they are Active",
        };
    }

    private static string[] Row(VirtualIPMember member, VirtualIPMemberSummary? summary, DateTimeOffset now)
    {
        VirtualIPMemberStatus? status = member.Status;
        bool isSilent = summary?.State == ReportedState.Unknown;
        string priority = status is not null && status.EffectivePriority != member.Spec.Priority
            && status.State != MemberState.Fault
            ? string.Create(CultureInfo.InvariantCulture, $"{status.EffectivePriority} ({member.Spec.Priority})")
            : member.Spec.Priority.ToString(CultureInfo.InvariantCulture);
        return
        [
            member.Spec.NodeName,
            status is null ? "-" : isSilent ? $"Unknown ({status.State})" : status.State.ToString(),
            status is null ? "-" : Age.Of(now - status.Since),
            priority,
            status?.Probe.Result.ToString() ?? "-",
            summary?.Explanation ?? member.Spec.Explanation ?? "",
        ];
    }

    // Conditions that are not as they should be; the summary only where no part of it says why.
    private static IEnumerable<string> Problems(VirtualIP virtualIP)
    {
        if (virtualIP.Status?.Conditions is not { Count: > 0 } conditions)
        {
            yield return "The operator has not looked at it yet. If that lasts, see whether it runs:\n"
                + "kubectl get pods -A -l app.kubernetes.io/name=vip-operator";
            yield break;
        }

        if (virtualIP.Status.ObservedGeneration < virtualIP.Metadata.Generation)
            yield return "The operator has not looked at the last change yet; what stands here is of before it.";
        Condition[] wrong = [.. conditions.Where(c => c.Status != "True")];
        bool onlySummary = wrong.All(c => c.Type == ConditionTypes.Ready);
        foreach (Condition condition in wrong.Where(c => onlySummary || c.Type != ConditionTypes.Ready))
        {
            string status = condition.Status == "False" ? "not " : "unknown whether ";
            string advice = Advice.For(virtualIP, condition) is { } command ? "\n" + command : "";
            yield return $"{status}{condition.Type} ({condition.Reason}): {condition.Message}{advice}";
        }
    }

    // What only the members say.
    private static IEnumerable<string> Notes(ClusterSnapshot snapshot, VirtualIPMember member)
    {
        if (member.Status is not { } status)
            yield break;
        bool isSilent = snapshot.SummaryOf(member)?.State == ReportedState.Unknown;
        if (isSilent && snapshot.SummaryOf(member)?.Message is { } silence)
            yield return silence;
        if (!isSilent && status.State is MemberState.Fault or MemberState.Initialize)
            yield return $"{status.State}: {ReasonWords.Of(status.Reason)}{(status.Message is null ? "" : $": {status.Message}")}";
        foreach (MemberHint hint in status.Hints ?? [])
            yield return hint.Message;
        if (status.Probe is { Result: ProbeResult.Failing or ProbeResult.Unknown, Message: { } probe })
            yield return $"probe: {probe}";
    }
}
