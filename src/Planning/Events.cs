using System.Globalization;

namespace VipOperator.Planning;

/// <summary>What is worth an event, by comparing two statuses of a VirtualIP.</summary>
internal static class Events
{
    private const int MostNamed = 8;

    public static IEnumerable<RecordEvent> Between(VirtualIPObject virtualIP, VirtualIPReport after)
    {
        VirtualIPReport before = virtualIP.Report;
        return Acceptance(before, after)
            .Concat(Identity(before, after))
            .Concat(Assignment(before, after))
            .Concat(Availability(before, after))
            .Concat(Placement(before, after))
            .Concat(Disturbance(before, after))
            .Select(e => new RecordEvent(virtualIP.Key, virtualIP.Uid, e.Reason, e.Message));
    }

    private static IEnumerable<(EventReason Reason, string Message)> Acceptance(
        VirtualIPReport before, VirtualIPReport after)
    {
        ConditionReport? was = before.Find(ConditionType.Accepted);
        ConditionReport now = after.Find(ConditionType.Accepted)!;
        if (now.Status == ConditionStatus.True)
        {
            if (was?.Status == ConditionStatus.False)
                yield return (EventReason.Accepted, now.Message);
        }
        // A wait that ends by itself, most often within a moment, is nothing to warn of.
        else if (now.Reason != ConditionReason.StillInUse
            && (was?.Reason != now.Reason || was.Message != now.Message))
        {
            yield return (RefusalOf(now.Reason), now.Message);
        }
    }

    private static IEnumerable<(EventReason Reason, string Message)> Identity(
        VirtualIPReport before, VirtualIPReport after)
    {
        if (before.VirtualRouterId is { } was && after.VirtualRouterId is { } now && was != now)
        {
            yield return (
                EventReason.VirtualRouterIdChanged,
                string.Create(CultureInfo.InvariantCulture, $"The virtual router id is now {now}; it was {was}."));
        }
    }

    private static IEnumerable<(EventReason Reason, string Message)> Assignment(
        VirtualIPReport before, VirtualIPReport after)
    {
        if (after.Members.Count > 0)
        {
            if (!Places(before).SequenceEqual(Places(after)))
                yield return (EventReason.Assigned, DescribePlaces(after));
            yield break;
        }

        ConditionReport now = after.Find(ConditionType.Assigned)!;
        if (now.Reason == ConditionReason.NoEligiblePods && before.Find(ConditionType.Assigned)?.Reason != now.Reason)
            yield return (EventReason.NoEligiblePods, now.Message);
    }

    private static IEnumerable<(EventReason Reason, string Message)> Availability(
        VirtualIPReport before, VirtualIPReport after)
    {
        ConditionReport? was = before.Find(ConditionType.Available);
        ConditionReport now = after.Find(ConditionType.Available)!;
        if (after.ActiveNode is { } node)
        {
            if (before.ActiveNode != node || before.ActivePod != after.ActivePod)
            {
                string from = before.ActiveNode is { } old && old != node ? $", before it {old}" : "";
                yield return (EventReason.ActiveChanged, $"The pod {after.ActivePod} on {node} is Active{from}.");
            }
        }
        else if (now.Reason != was?.Reason)
        {
            // A VirtualIP that has never had an Active starts without one; that is nothing to warn of.
            if (now.Reason == ConditionReason.NoActive && was is { Reason: not ConditionReason.NoActive })
                yield return (EventReason.NoActive, now.Message);
            else if (now.Reason == ConditionReason.MultipleActive)
                yield return (EventReason.MultipleActive, now.Message);
            else if (now.Reason == ConditionReason.ActiveNotHeard)
                yield return (EventReason.ActiveNotHeard, now.Message);
        }
    }

    private static IEnumerable<(EventReason Reason, string Message)> Placement(
        VirtualIPReport before, VirtualIPReport after)
    {
        ConditionReport? was = before.Find(ConditionType.Placed);
        ConditionReport now = after.Find(ConditionType.Placed)!;
        if (was?.Reason == now.Reason && was.Message == now.Message)
            yield break;
        if (now.Reason == ConditionReason.HandingOver)
            yield return (EventReason.HandingOver, now.Message);
        else if (now.Reason == ConditionReason.NoOtherMember)
            yield return (EventReason.HandoverBlocked, now.Message);
        else if (now.Reason == ConditionReason.ActiveNodeUnavailable)
            yield return (EventReason.ActiveNodeUnavailable, now.Message);
        else if (now.Reason == ConditionReason.Placed && was?.Status == ConditionStatus.False
            && was.Reason != ConditionReason.NotAssigned)
            yield return (EventReason.HandedOver, now.Message);
    }

    // Once for each reason: the messages change with whom is heard.
    private static IEnumerable<(EventReason Reason, string Message)> Disturbance(
        VirtualIPReport before, VirtualIPReport after)
    {
        ConditionReport? was = before.Find(ConditionType.Undisturbed);
        ConditionReport now = after.Find(ConditionType.Undisturbed)!;
        if (now.Status == ConditionStatus.False && was?.Reason != now.Reason)
            yield return (EventReason.Disturbed, $"{now.Reason}: {now.Message}");
        else if (now.Status == ConditionStatus.True && was?.Status == ConditionStatus.False)
            yield return (EventReason.Undisturbed, $"{was.Reason} is over. {now.Message}");
    }

    private static IEnumerable<(string, byte)> Places(VirtualIPReport report) =>
        report.Members.Select(m => (m.Name, m.Priority.Value));

    private static string DescribePlaces(VirtualIPReport report)
    {
        string named = string.Join(", ", report.Members.Take(MostNamed).Select(m =>
            string.Create(CultureInfo.InvariantCulture, $"{m.NodeName} {m.Priority}")));
        string more = report.Members.Count > MostNamed
            ? string.Create(CultureInfo.InvariantCulture, $" and {report.Members.Count - MostNamed} more")
            : "";
        return string.Create(
            CultureInfo.InvariantCulture, $"Virtual router id {report.VirtualRouterId}; priorities: {named}{more}.");
    }

    // What else stands in a refusal is for the condition; an event has one of these.
    private static EventReason RefusalOf(ConditionReason reason) => reason switch
    {
        ConditionReason.AddressConflict => EventReason.AddressConflict,
        ConditionReason.VirtualRouterIdConflict => EventReason.VirtualRouterIdConflict,
        ConditionReason.VirtualRouterIdsExhausted => EventReason.VirtualRouterIdsExhausted,
        _ => EventReason.InvalidSpec,
    };
}
