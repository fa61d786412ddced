using VipOperator.Lab.Probing;

namespace VipOperator.Lab.Measuring;

/// <summary>One fault and what came of it.</summary>
/// <param name="OldWithout">From the fault until the old node was without the address; null: it held on to it.</param>
/// <param name="Shared">For how long both held it.</param>
internal sealed record FaultSample(Fault Fault, Gap Gap, TimeSpan? OldWithout, TimeSpan Shared);
