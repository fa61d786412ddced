namespace VipOperator.Planning;

/// <summary>Why a pod ranks behind all that have no flaw, and does not join.</summary>
/// <param name="Text">For a person; goes behind "because".</param>
/// <param name="Leaving">
/// It works but is to go: the addresses are handed over as a planned move, also where members are told not to preempt.
/// Of those that do not, nothing is known to work, and the members decide for themselves.
/// </param>
internal sealed record Flaw(string Text, bool Leaving = false)
{
    /// <param name="settings">null when they cannot be read: then they ask for nothing.</param>
    public static Flaw? Of(PodObject pod, NodeObject? node, VirtualIPSettings? settings) => pod switch
    {
        { HostNetwork: false } => new Flaw("it does not run in the host network"),
        { HasSidecar: false } => new Flaw("it has no container named vip-sidecar"),
        { NodeName: null } => new Flaw("it is not scheduled to a node"),
        { Terminating: true } => new Flaw("its pod is being deleted", Leaving: true),
        { Phase: not PodPhase.Running } => new Flaw($"its pod is {pod.Phase}, not Running"),
        _ when node is null => new Flaw($"its node {pod.NodeName} does not exist"),
        _ when !node.Ready => new Flaw($"its node {node.Name} is not Ready"),
        _ when node.Evacuating => new Flaw($"its node {node.Name} is being evacuated", Leaving: true),
        _ when TaintThatEvicts(pod, node) is { } taint =>
            new Flaw($"its node {node.Name} has the taint {taint.Key}:{taint.Effect}", Leaving: true),
        _ when node.Cordoned && settings is { DemoteCordoned: true } =>
            new Flaw($"its node {node.Name} is cordoned", Leaving: true),
        _ => null,
    };

    /// <summary>Of a member whose pod the selector matches no more.</summary>
    public static Flaw Deselected { get; } = new("the selector does not match its pod any more", Leaving: true);

    // Out of service, a node is taken for dead whatever its pods put up with.
    private static Taint? TaintThatEvicts(PodObject pod, NodeObject node) => node.Taints
        .Where(t => t.Evicts && (t.Key == Taint.OutOfService || !pod.Tolerations.Any(o => o.Covers(t))))
        .OrderBy(t => t.Key, StringComparer.Ordinal).ThenBy(t => t.Effect, StringComparer.Ordinal)
        .FirstOrDefault();
}
