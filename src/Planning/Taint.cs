namespace VipOperator.Planning;

/// <summary>A taint of a node.</summary>
/// <param name="Effect">NoSchedule, PreferNoSchedule or NoExecute.</param>
public sealed record Taint(string Key, string Value, string Effect)
{
    public const string NoExecute = "NoExecute";

    /// <summary>Set by a person on a node that is down for good, so that its pods are deleted by force.</summary>
    public const string OutOfService = "node.kubernetes.io/out-of-service";

    /// <summary>
    /// Set by Kubernetes when the node's condition Ready is not True. They come and go with that condition, which is
    /// looked at itself.
    /// </summary>
    private const string NotReady = "node.kubernetes.io/not-ready";
    private const string Unreachable = "node.kubernetes.io/unreachable";

    /// <summary>Whether a pod without a toleration for good will be evicted because of it.</summary>
    public bool Evicts => Key == OutOfService || (Effect == NoExecute && Key is not (NotReady or Unreachable));
}

/// <summary>A taint that a pod puts up with.</summary>
/// <param name="Key">null: any.</param>
/// <param name="AnyValue">The operator is Exists.</param>
/// <param name="Effect">null: any.</param>
/// <param name="ForGood">It has no tolerationSeconds, after which the pod is evicted all the same.</param>
public sealed record Toleration(string? Key, bool AnyValue, string Value, string? Effect, bool ForGood)
{
    public bool Covers(Taint taint) =>
        ForGood
        && (Effect is null || Effect == taint.Effect)
        && (Key is null ? AnyValue : Key == taint.Key && (AnyValue || Value == taint.Value));
}
