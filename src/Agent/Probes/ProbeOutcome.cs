namespace VipOperator.Agent.Probes;

/// <summary>What one probe found.</summary>
internal enum ProbeOutcomeKind
{
    Success,

    /// <summary>
    /// Nobody is there: the connection was refused, or there is no such process. The one failure that leaves no doubt.
    /// </summary>
    Gone,

    /// <summary>The connection ended before there was an answer: the service may be going down this moment.</summary>
    Broken,

    /// <summary>No answer in time, or the wrong one.</summary>
    Failure,
}

/// <param name="Message">What was found, for a person; never bytes of the answer.</param>
internal readonly record struct ProbeOutcome(ProbeOutcomeKind Kind, string Message)
{
    public static ProbeOutcome Success => new(ProbeOutcomeKind.Success, "");
}
