namespace VipOperator.Vrrp.Tests;

/// <summary>
/// A dual-stack group on virtual time, 192.168.1.103 and fe80::103: feeds events and writes the effects down as
/// "v4: release; v6: send 0, release".
/// </summary>
internal sealed class TestGroup
{
    public const int V4 = 0;
    public const int V6 = 1;

    private const long Second = 1_000_000_000;

    private readonly RouterEffects[] _effects = [new(), new()];
    private readonly RouterState[] _states = [RouterState.Initial, RouterState.Initial];

    public TestGroup(Func<RouterParameters, RouterParameters>? change = null)
    {
        RouterParameters v4 = TestRouter.V3();
        RouterParameters v6 = v4 with { Family = IpFamily.V6, Addresses = [IpPrefix.Parse("2001:db8::108/128")] };
        Parameters = change is null ? [v4, v6] : [change(v4), change(v6)];
    }

    /// <summary>Begins with a v4 router that was alone until now.</summary>
    public TestGroup(in RouterState v4, long now)
        : this()
    {
        _states[V4] = v4;
        Now = new(now);
    }

    public static IpAddress[] Own { get; } = [TestRouter.Own, IpAddress.Parse("fe80::103")];

    public RouterParameters[] Parameters { get; }

    public MonotonicTime Now { get; private set; }

    public long NextDeadline => RouterGroup.NextDeadline(_states).Nanoseconds;

    public string Kinds => $"{_states[V4].Kind} {_states[V6].Kind}";

    public ref readonly RouterState this[int router] => ref _states[router];

    /// <summary>Started at 0 s, healthy, links up.</summary>
    public static TestGroup Backup(Func<RouterParameters, RouterParameters>? change = null)
    {
        var group = new TestGroup(change);
        group.Do(V4, RouterEvent.LinkUp(Own[V4]));
        group.Do(V6, RouterEvent.LinkUp(Own[V6]));
        group.DoAll(RouterEvent.HealthChanged(Health.Passing));
        group.DoAll(RouterEvent.Start());
        return group;
    }

    /// <summary>Active since both Active_Down_Timers ran out, at 3.609375 s; all addresses are bound.</summary>
    public static TestGroup Active(Func<RouterParameters, RouterParameters>? change = null)
    {
        TestGroup group = Backup(change);
        group.DoAt(group.NextDeadline, V4, RouterEvent.Deadline());
        Assert.Equal("Active Active", group.Kinds);
        // No news of a bind that failed.
        Assert.Equal("", group.DoAll(RouterEvent.Deadline()));
        return group;
    }

    public string Do(int router, RouterEvent @event) => Take(() =>
        RouterGroup.Step(Parameters, _states, router, @event, Now, _effects));

    public string DoAll(RouterEvent @event) =>
        Take(() => RouterGroup.StepAll(Parameters, _states, @event, Now, _effects));

    public string DoAt(long nanoseconds, int router, RouterEvent @event)
    {
        AdvanceTo(nanoseconds);
        return Do(router, @event);
    }

    public string DeadlineAt(long nanoseconds) => DoAt(nanoseconds, V4, RouterEvent.Deadline());

    public void AdvanceTo(long nanoseconds)
    {
        Assert.True(nanoseconds >= Now.Nanoseconds, "time never goes back");
        Now = new(nanoseconds);
    }

    /// <summary>Feeds every deadline up to and including an instant.</summary>
    public void RunUntil(long nanoseconds)
    {
        while (NextDeadline <= nanoseconds)
            DeadlineAt(NextDeadline);
        AdvanceTo(nanoseconds);
    }

    /// <summary>
    /// An advertisement at 1 s intervals from .104 or fe80::104, or another host of the same network.
    /// </summary>
    public string Hear(int router, byte priority, byte host = 104) => Do(router, RouterEvent.Received(new()
    {
        Version = VrrpVersion.V3,
        Family = Parameters[router].Family,
        VirtualRouterId = Parameters[router].VirtualRouterId,
        Priority = new(priority),
        AdvertisementInterval = Centiseconds.FromSeconds(1),
        AddressCount = 1,
        RawAuthenticationType = 0,
        Source = IpAddress.Parse(router == V4 ? $"192.168.1.{host}" : $"fe80::{host}"),
    }));

    /// <summary>Each second from now on until an instant, both families or one.</summary>
    public void HearUntil(long end, byte priority, params int[] routers)
    {
        for (long time = Now.Nanoseconds; time <= end; time += Second)
        {
            RunUntil(time);
            foreach (int router in routers)
                Hear(router, priority);
        }
    }

    private string Take(Action step)
    {
        foreach (RouterEffects effects in _effects)
            effects.Clear();
        step();
        foreach (RouterState state in _states)
            RouterInvariants.Hold(state, Now);
        string v4 = TestRouter.Transcript(_effects[V4], Parameters[V4]);
        string v6 = TestRouter.Transcript(_effects[V6], Parameters[V6]);
        return string.Join(
            "; ", new[] { ("v4", v4), ("v6", v6) }.Where(f => f.Item2 != "").Select(f => $"{f.Item1}: {f.Item2}"));
    }
}
