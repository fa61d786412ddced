namespace VipOperator.Planning;

/// <summary>A pod that the selector matches and that does not take part.</summary>
internal sealed record TurnedAway(PodObject Pod, string Reason);
