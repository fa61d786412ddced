using VipOperator.Sidecar.Linux;
using VipOperator.Vrrp;

namespace VipOperator.Sidecar.Agent;

/// <summary>
/// Instants as the agent has them: on CLOCK_MONOTONIC, which stands still while the machine is suspended. So what was
/// before a suspension is further back there by how long it took.
/// </summary>
internal sealed class AgentTime
{
    // Two looks at two clocks are not at the same time; what is told of one instant is always the same.
    private const long Tolerance = 100_000_000;

    private long _ahead;

    public MonotonicTime Of(MonotonicTime instant)
    {
        long ahead = MonotonicClock.AheadNanoseconds;
        if (Math.Abs(ahead - _ahead) > Tolerance)
            _ahead = ahead;
        return instant.PlusNanoseconds(-_ahead);
    }
}
