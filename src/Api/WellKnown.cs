namespace VipOperator.Api;

/// <summary>Label and annotation keys, and the values of those that have fixed ones.</summary>
public static class WellKnown
{
    /// <summary>Label of a member: the name of its VirtualIP, where it is at most 63 characters.</summary>
    public const string VirtualIPLabel = GroupVersion.Group + "/virtualip";

    /// <summary>Label of a member: the uid of its pod. A sidecar lists and watches by it.</summary>
    public const string PodUidLabel = GroupVersion.Group + "/pod-uid";

    /// <summary>Label of a pod: active or backup; active where it is Active for at least one VirtualIP.</summary>
    public const string RoleLabel = GroupVersion.Group + "/role";

    /// <summary>
    /// Annotation of a node: its members hand their addresses over and take none while another can. Any value but
    /// "false".
    /// </summary>
    public const string EvacuateAnnotation = GroupVersion.Group + "/evacuate";

    /// <summary>
    /// Annotation of a VirtualIP: the node that is to have the addresses, before all preferences, for as long as it is
    /// there.
    /// </summary>
    public const string ActiveNodeAnnotation = GroupVersion.Group + "/active-node";

    /// <summary>
    /// Label of a pod: "true" has the sidecar put into it as it is created, where the cluster was told to do that.
    /// </summary>
    public const string InjectLabel = GroupVersion.Group + "/inject";

    /// <summary>
    /// Annotation of such a pod: the names of Secrets that its sidecar is to have mounted, divided by commas.
    /// </summary>
    public const string InjectSecretsAnnotation = GroupVersion.Group + "/inject-secrets";

    /// <summary>The name under which the operator applies what it owns (server-side apply).</summary>
    public const string OperatorFieldManager = "vip-operator";

    /// <summary>The name under which a sidecar writes member status.</summary>
    public const string AgentFieldManager = "vip-agent";

    /// <summary>
    /// The name of the sidecar's container in a pod, by which the operator knows a pod that carries it.
    /// </summary>
    public const string SidecarContainerName = "vip-sidecar";
}

/// <summary>The condition types of a VirtualIP.</summary>
public static class ConditionTypes
{
    /// <summary>The spec makes sense and conflicts with no other VirtualIP.</summary>
    public const string Accepted = "Accepted";

    /// <summary>At least one pod takes part, and every member's spec is written.</summary>
    public const string Assigned = "Assigned";

    /// <summary>Every member's sidecar runs the spec that was written for it.</summary>
    public const string Programmed = "Programmed";

    /// <summary>Exactly one member is Active.</summary>
    public const string Available = "Available";

    /// <summary>The summary: all of the above.</summary>
    public const string Ready = "Ready";

    /// <summary>
    /// The addresses are where they may stay: on no member that is to leave, and on the node that an annotation asks
    /// for. False while a planned move is under way or impossible; the addresses are served all the same.
    /// </summary>
    public const string Placed = "Placed";

    /// <summary>No member notices anything that disturbs its routers.</summary>
    public const string Undisturbed = "Undisturbed";
}

/// <summary>The reasons of a VirtualIP's conditions.</summary>
public static class ConditionReasons
{
    public const string Accepted = "Accepted";
    public const string InvalidSpec = "InvalidSpec";
    public const string VirtualRouterIdConflict = "VirtualRouterIdConflict";
    public const string VirtualRouterIdsExhausted = "VirtualRouterIdsExhausted";
    public const string AddressConflict = "AddressConflict";

    /// <summary>Members of another VirtualIP have not given up yet what this one is to have.</summary>
    public const string StillInUse = "StillInUse";

    public const string Assigned = "Assigned";
    public const string NoEligiblePods = "NoEligiblePods";
    public const string Programmed = "Programmed";
    public const string WaitingForSidecars = "WaitingForSidecars";

    /// <summary>Some members wait while others change what all must change one after the other.</summary>
    public const string RollingOut = "RollingOut";
    public const string OneActive = "OneActive";
    public const string NoActive = "NoActive";
    public const string MultipleActive = "MultipleActive";

    /// <summary>The node that was Active is not Ready, and no other says that it is Active.</summary>
    public const string ActiveNotHeard = "ActiveNotHeard";

    public const string Ready = "Ready";
    public const string NotAccepted = "NotAccepted";
    public const string NotAssigned = "NotAssigned";
    public const string NotProgrammed = "NotProgrammed";
    public const string NotAvailable = "NotAvailable";

    public const string Placed = "Placed";

    /// <summary>The Active member is to leave, or another is asked for, and the move is under way.</summary>
    public const string HandingOver = "HandingOver";

    /// <summary>The Active member is to leave, and no other can take the addresses.</summary>
    public const string NoOtherMember = "NoOtherMember";

    /// <summary>The node that an annotation asks for cannot have the addresses.</summary>
    public const string ActiveNodeUnavailable = "ActiveNodeUnavailable";

    public const string Undisturbed = "Undisturbed";

    // The kinds of members' hints; AddressConflict, above, is one of them.
    public const string TwoActives = "TwoActives";
    public const string HeldElsewhere = "HeldElsewhere";
    public const string AdvertisementsLost = "AdvertisementsLost";
    public const string ForeignSpeaker = "ForeignSpeaker";
    public const string NoPeers = "NoPeers";
    public const string AddressesRemoved = "AddressesRemoved";
    public const string VirtualMacRefused = "VirtualMacRefused";
    public const string OtherAddresses = "OtherAddresses";
    public const string OtherInterval = "OtherInterval";
    public const string LoopLate = "LoopLate";

    /// <summary>A kind of hint that this version has no word for.</summary>
    public const string Disturbed = "Disturbed";
}
