using VipOperator.Operator.Mapping;
using VipOperator.Planning;

namespace VipOperator.Operator.Notifying;

/// <summary>How much it matters, the least first; a setting compares by it.</summary>
internal enum Severity
{
    /// <summary>Nothing is wrong: a move, or the end of what was wrong.</summary>
    Normal,

    /// <summary>The address is answered, but something needs a look; or nobody knows.</summary>
    Warning,

    /// <summary>The address is answered by nobody, or by two.</summary>
    Critical,
}

/// <summary>One event of a VirtualIP, with what its status said when it was recorded.</summary>
internal sealed record Notification
{
    /// <summary>
    /// Never the same twice, so that a receiver can tell a repetition of a message from a second event.
    /// </summary>
    public Guid Id { get; init; } = Guid.CreateVersion7();

    public required DateTimeOffset Time { get; init; }

    public required Severity Severity { get; init; }

    /// <summary>The reason of the Kubernetes event.</summary>
    public required string Reason { get; init; }

    public required string Message { get; init; }

    public required ObjectKey VirtualIP { get; init; }

    public required string Uid { get; init; }

    /// <summary>As in the spec; empty when it makes no sense.</summary>
    public ValueList<string> Addresses { get; init; } = [];

    public byte? VirtualRouterId { get; init; }

    public string? ActiveNode { get; init; }

    public string? ActivePod { get; init; }

    /// <param name="entry">The VirtualIP as it is known now; null when it is gone already.</param>
    public static Notification Of(RecordEvent record, VirtualIPEntry? entry, DateTimeOffset time)
    {
        VirtualIPObject? virtualIP = entry?.Object.Uid == record.Uid ? entry.Object : null;
        return new Notification
        {
            Time = time,
            Severity = SeverityOf(record.Reason),
            Reason = record.Reason.ToString(),
            Message = record.Message,
            VirtualIP = record.VirtualIP,
            Uid = record.Uid,
            Addresses = [.. virtualIP?.Settings?.Addresses.Select(a => a.Address.ToString()) ?? []],
            VirtualRouterId = virtualIP?.Report.VirtualRouterId?.Value,
            ActiveNode = virtualIP?.Report.ActiveNode,
            ActivePod = virtualIP?.Report.ActivePod,
        };
    }

    public static Severity SeverityOf(EventReason reason) => reason switch
    {
        EventReason.NoActive or EventReason.MultipleActive => Severity.Critical,
        EventReason.Assigned or EventReason.ActiveChanged or EventReason.Accepted or EventReason.VirtualRouterIdChanged
            or EventReason.HandingOver or EventReason.HandedOver or EventReason.Undisturbed => Severity.Normal,
        EventReason.InvalidSpec or EventReason.AddressConflict or EventReason.VirtualRouterIdConflict
            or EventReason.VirtualRouterIdsExhausted or EventReason.NoEligiblePods or EventReason.ActiveNotHeard
            or EventReason.HandoverBlocked or EventReason.ActiveNodeUnavailable or EventReason.Disturbed =>
                Severity.Warning,
    };
}
