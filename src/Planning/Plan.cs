namespace VipOperator.Planning;

/// <summary>What is to be done, in this order. Empty when everything is as it should be.</summary>
/// <param name="RecheckAfter">When to plan again although nothing has changed; null: never.</param>
public sealed record Plan(ValueList<PlanStep> Steps, TimeSpan? RecheckAfter);

/// <summary>One write, on behalf of one VirtualIP.</summary>
/// <param name="VirtualIP">
/// Which steps belong together. Steps of different VirtualIPs are independent; of one, each needs those before it to
/// have succeeded.
/// </param>
public abstract record PlanStep(ObjectKey VirtualIP);

/// <summary>Write this spec, creating the member if need be.</summary>
/// <param name="OwnerUid">The uid of the VirtualIP.</param>
public sealed record ApplyMember(ObjectKey VirtualIP, string OwnerUid, string Name, MemberSpec Spec)
    : PlanStep(VirtualIP);

/// <param name="Uid">Only the object with this uid is meant.</param>
public sealed record DeleteMember(ObjectKey VirtualIP, string Name, string Uid, DeletionReason Reason)
    : PlanStep(VirtualIP);

/// <summary>Why a member has no ground any more.</summary>
public enum DeletionReason
{
    /// <summary>
    /// The snapshot has no VirtualIP with its owner's uid. One that is newer than the snapshot would look the same:
    /// look again before deleting.
    /// </summary>
    OwnerGone,

    /// <summary>Its pod is gone, has ended, or is not selected any more.</summary>
    PodGone,

    /// <summary>Another pod on the same node takes part, or it is a second member of one pod.</summary>
    Redundant,

    /// <summary>What it holds has become another VirtualIP's.</summary>
    NotAccepted,
}

public sealed record SetStatus(ObjectKey VirtualIP, string Uid, VirtualIPReport Report) : PlanStep(VirtualIP);

/// <summary>
/// Label a pod with its role. Pods have members of several VirtualIPs, so each is a group of steps of its own.
/// </summary>
/// <param name="Uid">Only the pod with this uid is meant.</param>
/// <param name="Role">null: take the label away.</param>
public sealed record LabelPod(ObjectKey Pod, string Uid, string? Role) : PlanStep(
    new ObjectKey(Pod.Namespace, "pods/" + Pod.Name));

public sealed record RecordEvent(ObjectKey VirtualIP, string Uid, EventReason Reason, string Message)
    : PlanStep(VirtualIP)
{
    public bool IsWarning => Reason switch
    {
        EventReason.Assigned or EventReason.ActiveChanged or EventReason.Accepted or EventReason.VirtualRouterIdChanged
            or EventReason.HandingOver or EventReason.HandedOver or EventReason.Undisturbed => false,
        EventReason.InvalidSpec or EventReason.AddressConflict or EventReason.VirtualRouterIdConflict
            or EventReason.VirtualRouterIdsExhausted or EventReason.NoEligiblePods or EventReason.NoActive
            or EventReason.MultipleActive or EventReason.ActiveNotHeard or EventReason.HandoverBlocked
            or EventReason.ActiveNodeUnavailable or EventReason.Disturbed => true,
    };
}

/// <summary>The reason of a Kubernetes event.</summary>
public enum EventReason
{
    Accepted,
    InvalidSpec,
    AddressConflict,
    VirtualRouterIdConflict,
    VirtualRouterIdsExhausted,
    VirtualRouterIdChanged,
    Assigned,
    NoEligiblePods,
    ActiveChanged,
    NoActive,
    MultipleActive,
    ActiveNotHeard,
    HandingOver,
    HandedOver,
    HandoverBlocked,
    ActiveNodeUnavailable,
    Disturbed,
    Undisturbed,
}
