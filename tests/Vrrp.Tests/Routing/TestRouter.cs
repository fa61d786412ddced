using System.Globalization;

namespace VipOperator.Vrrp.Tests;

/// <summary>
/// One router on virtual time: feeds events, keeps the state, and writes each step's effects down as one short line,
/// so that a test reads as a transcript.
/// </summary>
internal sealed class TestRouter
{
    private readonly RouterEffects _effects = new();
    private RouterState _state = RouterState.Initial;

    public TestRouter(RouterParameters? parameters = null) => Parameters = parameters ?? V3();

    public static IpAddress Own => IpAddress.Parse("192.168.1.103");

    public static IpAddress LowerPeer => IpAddress.Parse("192.168.1.102");

    public static IpAddress HigherPeer => IpAddress.Parse("192.168.1.104");

    public RouterParameters Parameters { get; set; }

    public ref readonly RouterState State => ref _state;

    public MonotonicTime Now { get; private set; }

    public long NextDeadline => VirtualRouter.NextDeadline(_state).Nanoseconds;

    /// <summary>Priority 100, 1 s, v3, 192.168.1.108/32, lifetime 3 s, no refresh of announcements.</summary>
    public static RouterParameters V3(byte priority = 100, int centiseconds = 100) => new()
    {
        Version = VrrpVersion.V3,
        Family = IpFamily.V4,
        VirtualRouterId = VirtualRouterId.Create(51),
        Priority = new(priority),
        AdvertisementInterval = new(centiseconds),
        Addresses = [IpPrefix.Parse("192.168.1.108/32")],
        AddressLifetime = RouterParameters.DefaultAddressLifetime(new(centiseconds)),
        AnnounceRefresh = TimeSpan.Zero,
    };

    public static RouterParameters V2(byte priority = 100, int seconds = 1) =>
        V3(priority, seconds * 100) with { Version = VrrpVersion.V2 };

    /// <summary>Started, healthy, link up: a Backup at 0 s, or Active with priority 255.</summary>
    public static TestRouter Backup(RouterParameters? parameters = null)
    {
        var router = new TestRouter(parameters);
        router.Do(RouterEvent.LinkUp(Own));
        router.Do(RouterEvent.HealthChanged(Health.Passing));
        router.Do(RouterEvent.Start());
        return router;
    }

    /// <summary>Active since its Active_Down_Timer ran out; its addresses are bound.</summary>
    public static TestRouter Active(RouterParameters? parameters = null)
    {
        TestRouter router = Backup(parameters);
        router.DoAt(router.NextDeadline, RouterEvent.Deadline());
        Assert.Equal(RouterStateKind.Active, router.State.Kind);
        // No news of a bind that failed.
        Assert.Equal("", router.Do(RouterEvent.Deadline()));
        return router;
    }

    public static TestRouter Fault(RouterParameters? parameters = null)
    {
        TestRouter router = Backup(parameters);
        router.Do(RouterEvent.HealthChanged(Health.Failing));
        Assert.Equal(RouterStateKind.Fault, router.State.Kind);
        return router;
    }

    /// <summary>Feeds an event now.</summary>
    /// <returns>The effects, as "bind, send 100, announce, Backup→Active ActiveDownTimerExpired".</returns>
    public string Do(RouterEvent @event)
    {
        _effects.Clear();
        _state = VirtualRouter.Step(Parameters, _state, @event, Now, _effects);
        return Transcript(_effects, Parameters);
    }

    public string DoAt(long nanoseconds, RouterEvent @event)
    {
        Assert.True(nanoseconds >= Now.Nanoseconds, "time never goes back");
        Now = new(nanoseconds);
        return Do(@event);
    }

    public string DoAfter(long nanoseconds, RouterEvent @event) => DoAt(Now.Nanoseconds + nanoseconds, @event);

    /// <summary>The same router at the same time, going its own way from here.</summary>
    public TestRouter Copy() => new(Parameters) { _state = _state, Now = Now };

    /// <summary>Lets time pass in which the loop does not run.</summary>
    public void AdvanceTo(long nanoseconds) => Now = new(nanoseconds);

    /// <summary>Goes to the next deadline and feeds it.</summary>
    public string RunToDeadline() => DoAt(NextDeadline, RouterEvent.Deadline());

    /// <summary>Feeds every deadline up to and including an instant.</summary>
    public void RunUntil(long nanoseconds)
    {
        while (NextDeadline <= nanoseconds)
            RunToDeadline();
        Now = new(nanoseconds);
    }

    public string Change(RouterParameters parameters)
    {
        Parameters = parameters;
        return Do(RouterEvent.ParametersChanged());
    }

    public string Hear(byte priority, IpAddress? from = null, int centiseconds = 100) =>
        Do(Heard(priority, from, centiseconds));

    public RouterEvent Heard(byte priority, IpAddress? from = null, int centiseconds = 100) =>
        RouterEvent.Received(new()
        {
            Version = Parameters.Version,
            Family = Parameters.Family,
            VirtualRouterId = Parameters.VirtualRouterId,
            Priority = new(priority),
            AdvertisementInterval = new(centiseconds),
            AddressCount = 1,
            RawAuthenticationType = 0,
            Source = from ?? HigherPeer,
        });

    internal static string Transcript(RouterEffects effects, RouterParameters own)
    {
        var words = new List<string>();
        foreach (RouterEffect effect in effects.AsSpan())
            words.Add(Word(effect, own));
        return string.Join(", ", words);
    }

    private static string Word(RouterEffect effect, RouterParameters own) => effect.Kind switch
    {
        RouterEffectKind.SendAdvertisement => string.Create(
            CultureInfo.InvariantCulture,
            $"send {effect.Priority}{Interval(effect, own)}{(own.AuthenticatesAs(effect.AuthenticatedBy!) ? "" : " with the old key")}"),
        RouterEffectKind.BindAddresses => "bind",
        RouterEffectKind.RenewAddresses => "renew",
        RouterEffectKind.ReleaseAddresses => "release",
        RouterEffectKind.AnnounceAddresses => "announce",
        RouterEffectKind.ReportTransition => $"{effect.From}→{effect.To} {effect.Reason}",
    };

    private static string Interval(RouterEffect effect, RouterParameters own) =>
        effect.AdvertisementInterval == own.AdvertisementInterval ? "" : $" every {effect.AdvertisementInterval}";
}
