namespace VipOperator.Bench.Failover.Speakers;

/// <summary>One virtual router with one address.</summary>
/// <param name="Link">The kernel's name of the link.</param>
/// <param name="Id">1–255, once on each link.</param>
/// <param name="Address">With its prefix length.</param>
internal sealed record RouterPart(string Link, int Id, string Address);

/// <summary>What a speaker is to run; each program gets it in its own words.</summary>
internal sealed record SpeakerPlan
{
    public required Timing Timing { get; init; }

    public required int Priority { get; init; }

    public required IReadOnlyList<RouterPart> Routers { get; init; }

    public NginxCheck Check { get; init; } = NginxCheck.None;

    /// <summary>The name of nginx's processes on this node, for <see cref="NginxCheck.Process"/>.</summary>
    public string NginxName { get; init; } = "";

    /// <summary>Checks in a row that must fail, and pass, for a verdict.</summary>
    public (int Fall, int Rise) Threshold { get; init; } = (1, 1);

    /// <summary>
    /// Whether the speaker may run before ordinary processes and keeps its memory from being swapped out.
    /// </summary>
    public bool Realtime { get; init; }
}
