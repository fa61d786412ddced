namespace VipOperator.Bench.Failover.Outages;

/// <summary>One event and what came of it. All times in ms.</summary>
/// <param name="Gap">The longest time without an answer by HTTP to the client.</param>
/// <param name="Takeover">From the event until the node that is to have the address got it; null: it had it
/// already.</param>
/// <param name="Shared">For how long two nodes that can be reached held the address; null: they could not both
/// be.</param>
/// <param name="SharedToTheEnd">Whether they did all the time that was watched after it was over.</param>
/// <param name="IsOver">Whether all was as it should be when it was last looked; else the gap was longer than
/// that.</param>
internal sealed record Outage(double Gap, double? Takeover, double? Shared, bool SharedToTheEnd, bool IsOver)
{
    /// <summary>As <see cref="Gap"/>, but the longest time without a new TCP connection; null: not measured.</summary>
    public double? TcpGap { get; init; }

    /// <summary>As <see cref="Gap"/>, but the longest time without an echo of a UDP datagram; null: not
    /// measured.</summary>
    public double? UdpGap { get; init; }
}
