namespace VipOperator.Bench.Failover.Wire;

/// <summary>An advertisement on the wire.</summary>
/// <param name="At">Microseconds since 1970, by the kernel that captured it.</param>
/// <param name="From">The sender's address.</param>
internal sealed record Advert(long At, string From, int Priority);
