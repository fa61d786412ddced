namespace VipOperator.Vrrp;

/// <summary>What a failing probe does (API: <c>probe.onFailure</c>).</summary>
public enum FailurePolicy : byte
{
    /// <summary>The router gives the addresses up and goes to Fault.</summary>
    Release = 0,

    /// <summary>The router goes on with a priority lowered by a weight, never below 1.</summary>
    Demote = 1,
}
