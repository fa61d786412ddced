using VipOperator.Vrrp;

namespace VipOperator.Bench.Micro;

/// <summary>A virtual router as the tutorial has it, with version 3.</summary>
internal static class Routers
{
    public static readonly IpAddress Own = IpAddress.Parse("192.168.1.103");
    public static readonly IpAddress Peer = IpAddress.Parse("192.168.1.104");

    public static RouterParameters Parameters { get; } = new()
    {
        Version = VrrpVersion.V3,
        Family = IpFamily.V4,
        VirtualRouterId = VirtualRouterId.Create(51),
        Priority = Create(254),
        AdvertisementInterval = new Centiseconds(100),
        Addresses = [IpPrefix.Parse("192.168.1.108/32")],
        AddressLifetime = TimeSpan.FromSeconds(3),
    };

    /// <summary>The state of one that has waited for its peers and heard none.</summary>
    public static RouterState Active(RouterParameters parameters, RouterEffects effects, out MonotonicTime now)
    {
        RouterState state = Backup(parameters, effects, out now);
        while (state.Kind != RouterStateKind.Active)
        {
            now = VirtualRouter.NextDeadline(state);
            effects.Clear();
            state = VirtualRouter.Step(parameters, state, RouterEvent.Deadline(), now, effects);
        }

        return state;
    }

    public static RouterState Backup(RouterParameters parameters, RouterEffects effects, out MonotonicTime now)
    {
        now = new MonotonicTime(1);
        RouterState state = RouterState.Initial;
        foreach (RouterEvent next in (RouterEvent[])[RouterEvent.LinkUp(Own),
            RouterEvent.HealthChanged(Health.Passing), RouterEvent.Start()])
        {
            effects.Clear();
            state = VirtualRouter.Step(parameters, state, next, now, effects);
        }

        return state;
    }

    private static Priority Create(int value) =>
        Priority.TryCreateAssignable(value, out Priority priority)
            ? priority
            : throw new ArgumentOutOfRangeException(nameof(value));
}
