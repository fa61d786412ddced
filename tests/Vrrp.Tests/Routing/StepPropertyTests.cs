using System.Collections.Immutable;
using CsCheck;

namespace VipOperator.Vrrp.Tests;

/// <summary>Any events in any order at any pace, as no scenario would have them.</summary>
public sealed class StepPropertyTests
{
    private static readonly Gen<RouterEvent> Event = Gen.OneOf(
        Gen.Const(RouterEvent.Start()),
        Gen.Const(RouterEvent.Stop()),
        Gen.Select(Gen.OneOf<byte>(0, 1, 99, 100, 101, 254, 255), Gen.UInt[0xc0a8_0101, 0xc0a8_0104],
            Gen.Int[1, 4095]).Select(Heard),
        Gen.Const(RouterEvent.Deadline()),
        Gen.Const(RouterEvent.ParametersChanged()),
        Gen.Const(RouterEvent.LinkDown()),
        Gen.OneOf(default(IpAddress), TestRouter.Own, TestRouter.LowerPeer).Select(RouterEvent.LinkUp),
        Gen.Enum<Health>().Select(RouterEvent.HealthChanged),
        Gen.Const(RouterEvent.AddressLost()),
        Gen.Const(RouterEvent.HardwareAddressChanged()),
        Gen.Enum<RouterEffectKind>().Select(RouterEvent.EffectFailed),
        Gen.Const(RouterEvent.HandoverRequested()),
        Gen.OneOf(TestRouter.HigherPeer, TestRouter.LowerPeer).Select(RouterEvent.ActiveGone),
        Gen.Const(RouterEvent.PartnerFailed()),
        Gen.Const(RouterEvent.PartnersRecovered()),
        Gen.Const(RouterEvent.PartnerReleased()),
        Gen.Const(RouterEvent.PartnerHeardResignation()));

    // Bursts, the pace of the protocol, and long sleeps.
    private static readonly Gen<long> Pause = Gen.OneOf(
        Gen.Long[0, 1_000_000], Gen.Long[0, 2_000_000_000], Gen.Long[0, 100_000_000_000]);

    private static readonly Gen<RouterParameters> Parameters = Gen.Select(
        Gen.OneOf<byte>(1, 100, 254, 255), Gen.OneOf(1, 100, 200, 4000), Gen.Bool, Gen.Bool,
        Gen.OneOf(0, 5), Gen.OneOf(0, 1, 3),
        (priority, centiseconds, preempts, demotes, delay, lifetime) => TestRouter.V3(priority, centiseconds) with
        {
            Version = centiseconds >= 100 && demotes ? VrrpVersion.V2 : VrrpVersion.V3,
            Preempt = preempts,
            OnProbeFailure = demotes ? FailurePolicy.Demote : FailurePolicy.Release,
            DemotionWeight = 50,
            PreemptDelay = TimeSpan.FromSeconds(delay),
            AddressLifetime = TimeSpan.FromSeconds(lifetime),
        });

    private static readonly Gen<ImmutableArray<(RouterEvent Event, long Pause, bool ToDeadline, RouterParameters Change)>> History =
        Gen.Select(Event, Pause, Gen.Bool, Parameters).Array[1, 60].Select(steps => steps.ToImmutableArray());

    [Fact]
    public void AnyHistory_KeepsTheInvariantsAndNeverSpins() =>
        Gen.Select(Parameters, History).Sample((start, history) =>
    {
        var effects = new RouterEffects();
        RouterParameters parameters = start;
        RouterState state = RouterState.Initial;
        MonotonicTime now = MonotonicTime.Zero;
        foreach ((RouterEvent @event, long pause, bool toDeadline, RouterParameters change) in history)
        {
            MonotonicTime due = VirtualRouter.NextDeadline(state);
            if (toDeadline && !due.IsNever)
            {
                now = due > now ? due : now;
                state = RunDeadlines(parameters, state, now, effects);
            }

            now = now.PlusNanoseconds(pause);
            if (@event.Kind == RouterEventKind.ParametersChanged)
                parameters = change;
            state = Step(parameters, state, @event, now, effects);
        }
    }, iter: 3_000);

    // The loop calls with the deadline until it is in the future; that must come soon, or it would spin.
    private static RouterState RunDeadlines(
        RouterParameters parameters, RouterState state, MonotonicTime now, RouterEffects effects)
    {
        for (int rounds = 0; VirtualRouter.NextDeadline(state) <= now; rounds++)
        {
            Assert.InRange(rounds, 0, 3);
            state = Step(parameters, state, RouterEvent.Deadline(), now, effects);
        }

        return state;
    }

    private static RouterState Step(
        RouterParameters parameters, RouterState state, RouterEvent @event, MonotonicTime now, RouterEffects effects)
    {
        effects.Clear();
        bool isEarly = @event.Kind == RouterEventKind.DeadlineReached
            && now < VirtualRouter.NextDeadline(state)
            && now < state.LeaseEnd;
        RouterState next = VirtualRouter.Step(parameters, state, @event, now, effects);
        RouterInvariants.Hold(next, now);
        Assert.InRange(effects.Count, 0, 8);
        AssertEffectsFit(state, next, effects);
        if (isEarly)
            // But that what was just taken over is taken over.
            Assert.Equal(state with { TakesOverFrom = null }, next);
        return next;
    }

    // Who ceases to be Active lets go; who becomes Active binds; nobody else touches addresses or sends.
    private static void AssertEffectsFit(in RouterState before, in RouterState after, RouterEffects effects)
    {
        RouterEffectKind[] kinds = [.. effects.AsSpan().ToArray().Select(effect => effect.Kind)];
        bool wasActive = before.Kind == RouterStateKind.Active;
        bool isActive = after.Kind == RouterStateKind.Active;
        if (wasActive && !isActive)
            Assert.Contains(RouterEffectKind.ReleaseAddresses, kinds);
        if (!wasActive && isActive)
            Assert.Contains(RouterEffectKind.BindAddresses, kinds);
        if (!wasActive && !isActive)
            Assert.All(kinds, kind => Assert.True(
                kind is RouterEffectKind.ReleaseAddresses or RouterEffectKind.ReportTransition));
        if (before.Kind != after.Kind)
            Assert.Contains(RouterEffectKind.ReportTransition, kinds);
        int released = Array.LastIndexOf(kinds, RouterEffectKind.ReleaseAddresses);
        int bound = Array.LastIndexOf(kinds, RouterEffectKind.BindAddresses);
        Assert.True(!isActive || released <= bound, "what is Active holds at the end of the step");
    }

    private static RouterEvent Heard((byte Priority, uint Source, int Centiseconds) heard) => RouterEvent.Received(new()
    {
        Version = VrrpVersion.V3,
        Family = IpFamily.V4,
        VirtualRouterId = VirtualRouterId.Create(51),
        Priority = new(heard.Priority),
        AdvertisementInterval = new(heard.Centiseconds),
        AddressCount = 1,
        RawAuthenticationType = 0,
        Source = IpAddress.V4(heard.Source),
    });
}
