namespace VipOperator.Bench.Failover.Speakers;

/// <summary>Whose speaker it is.</summary>
internal enum Contestant
{
    Ours,
    Keepalived,
}
