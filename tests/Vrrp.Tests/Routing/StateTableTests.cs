namespace VipOperator.Vrrp.Tests;

/// <summary>
/// Every cell of the state table, each with at least one line that says what happens or that nothing does. Times and
/// deadlines are the matter of the scenario tests.
/// </summary>
public sealed class StateTableTests
{
    private const long Second = 1_000_000_000;

    public static TheoryData<string> Titles => [.. Table.Select(cell => cell.Title)];

    [Theory]
    [MemberData(nameof(Titles))]
    public void Cell(string title)
    {
        Cell cell = Table.Single(c => c.Title == title);
        TestRouter router = cell.Given();
        Assert.Equal(cell.State, router.State.Kind);
        RouterState before = router.State;

        string effects = router.Do(cell.When(router));

        Assert.Equal(cell.Effects, effects);
        Assert.Equal(cell.Next, router.State.Kind);
        if (cell.NothingChanges)
            Assert.Equal(before, router.State);
        RouterInvariants.Hold(router.State, router.Now);
    }

    [Fact]
    public void EveryStateAndEvent_HasARow()
    {
        var all = from state in Enum.GetValues<RouterStateKind>()
                  from @event in Enum.GetValues<RouterEventKind>()
                  select (state, @event);

        Assert.Equal(all, Table.Select(cell => (cell.State, cell.Event)).Distinct().Order());
    }

    // A failed effect is a cell of its own for each kind of effect.
    [Fact]
    public void EveryStateAndFailedEffect_HasARow()
    {
        var all = from state in Enum.GetValues<RouterStateKind>()
                  from effect in Enum.GetValues<RouterEffectKind>()
                  select (state, effect);

        Assert.Equal(
            all,
            Table.Where(cell => cell.Event == RouterEventKind.EffectFailed)
                .Select(cell => (cell.State, cell.When(cell.Given()).FailedEffect)).Distinct().Order());
    }

    private static List<Cell> Table =>
    [
        .. Initialize(),
        .. Backup(),
        .. Active(),
        .. Fault(),
        .. Enum.GetValues<RouterEffectKind>().Where(e => e != RouterEffectKind.ReleaseAddresses)
        .SelectMany(e => (Cell[])
        [
            Nothing(RouterStateKind.Initialize, $"{e} failed late", () => new(), _ => RouterEvent.EffectFailed(e)),
            Nothing(RouterStateKind.Backup, $"{e} failed late", () => TestRouter.Backup(),
                _ => RouterEvent.EffectFailed(e)),
            Nothing(
                RouterStateKind.Fault, $"{e} failed late", () => TestRouter.Fault(), _ => RouterEvent.EffectFailed(e)),
        ]),
    ];

    // RFC 9568 §6.4.1.
    private static Cell[] Initialize()
    {
        const RouterStateKind State = RouterStateKind.Initialize;
        return
        [
            Happens(State, "healthy with a link", Ready, _ => RouterEvent.Start(),
                "Initialize→Backup Startup", RouterStateKind.Backup),
            Happens(State, "as address owner", () => Ready(TestRouter.V3(255)), _ => RouterEvent.Start(),
                "bind, send 255, announce, Initialize→Active AddressOwner", RouterStateKind.Active),
            Happens(State, "without a link", () => Ready(linkIsUp: false), _ => RouterEvent.Start(),
                "Initialize→Fault LinkDown", RouterStateKind.Fault),
            Happens(State, "without a primary address", () => Ready(address: default(IpAddress)),
                _ => RouterEvent.Start(),
                "Initialize→Fault NoPrimaryAddress", RouterStateKind.Fault),
            Happens(State, "failing", () => Ready(health: Health.Failing), _ => RouterEvent.Start(),
                "Initialize→Fault ProbeFailed", RouterStateKind.Fault),
            Happens(State, "before the first verdict", () => Ready(health: Health.Unknown), _ => RouterEvent.Start(),
                "", RouterStateKind.Initialize),
            Happens(State, "while waiting for the verdict", Waiting, _ => RouterEvent.Stop(),
                "Initialize→Initialize Shutdown", RouterStateKind.Initialize),
            Nothing(State, "never started", Ready, _ => RouterEvent.Stop()),
            Nothing(State, "lower", Ready, r => r.Heard(1)),
            Nothing(State, "higher", Ready, r => r.Heard(200)),
            Nothing(State, "resigning, while waiting", Waiting, r => r.Heard(0)),
            Nothing(State, "", Ready, _ => RouterEvent.Deadline()),
            Happens(State, "a release is due again", () => ReleaseFailed(Ready()), _ => RouterEvent.Deadline(),
                "release", RouterStateKind.Initialize),
            Happens(State, "", Ready, _ => RouterEvent.ParametersChanged(), "", RouterStateKind.Initialize),
            Happens(
                State, "while waiting", Waiting, _ => RouterEvent.ParametersChanged(), "", RouterStateKind.Initialize),
            Happens(State, "", Ready, _ => RouterEvent.LinkDown(), "", RouterStateKind.Initialize),
            Happens(State, "while waiting", Waiting, _ => RouterEvent.LinkDown(), "", RouterStateKind.Initialize),
            Happens(State, "", () => new(), _ => RouterEvent.LinkUp(TestRouter.Own), "", RouterStateKind.Initialize),
            Happens(State, "not started", () => new(), _ => RouterEvent.HealthChanged(Health.Passing), "",
                RouterStateKind.Initialize),
            Happens(State, "passing, while waiting", Waiting, _ => RouterEvent.HealthChanged(Health.Passing),
                "Initialize→Backup Startup", RouterStateKind.Backup),
            Happens(State, "failing, while waiting", Waiting, _ => RouterEvent.HealthChanged(Health.Failing),
                "Initialize→Fault ProbeFailed", RouterStateKind.Fault),
            Nothing(State, "unknown, while waiting", Waiting, _ => RouterEvent.HealthChanged(Health.Unknown)),
            Nothing(State, "", Ready, _ => RouterEvent.AddressLost()),
            Nothing(State, "", Ready, _ => RouterEvent.AddressClaimed()),
            Nothing(State, "", Ready, _ => RouterEvent.HardwareAddressChanged()),
            Happens(State, "release", Ready, _ => RouterEvent.EffectFailed(RouterEffectKind.ReleaseAddresses),
                "", RouterStateKind.Initialize),
            Nothing(State, "", Ready, _ => RouterEvent.HandoverRequested()),
            Nothing(State, "", Ready, _ => RouterEvent.ActiveGone(TestRouter.HigherPeer)),
            Happens(State, "", Ready, _ => RouterEvent.PartnerFailed(), "", RouterStateKind.Initialize),
            Happens(State, "", () => PartnerFailed(Ready()), _ => RouterEvent.PartnersRecovered(), "",
                RouterStateKind.Initialize),
            Happens(State, "while a partner cannot serve", () => PartnerFailed(Ready()), _ => RouterEvent.Start(),
                "Initialize→Fault PartnerFailed", RouterStateKind.Fault),
            Nothing(State, "", Ready, _ => RouterEvent.PartnerReleased()),
            Nothing(State, "", Ready, _ => RouterEvent.PartnerHeardResignation()),
            Nothing(State, "", Ready, _ => RouterEvent.GroupTakesOver()),
        ];
    }

    // RFC 9568 §6.4.2.
    private static Cell[] Backup()
    {
        const RouterStateKind State = RouterStateKind.Backup;
        return
        [
            Nothing(State, "", Router, _ => RouterEvent.Start()),
            Happens(
                State, "", Router, _ => RouterEvent.Stop(), "Backup→Initialize Shutdown", RouterStateKind.Initialize),
            Happens(State, "lower", Router, r => r.Heard(99), "", RouterStateKind.Backup),
            Happens(State, "equal", Router, r => r.Heard(100), "", RouterStateKind.Backup),
            Happens(State, "higher", Router, r => r.Heard(101), "", RouterStateKind.Backup),
            Happens(State, "resigning", Router, r => r.Heard(0), "", RouterStateKind.Backup),
            Nothing(State, "early", Router, _ => RouterEvent.Deadline()),
            Happens(State, "Active_Down_Timer", () => At(Router(), 3_609_375_000), _ => RouterEvent.Deadline(),
                "bind, send 100, announce, Backup→Active ActiveDownTimerExpired", RouterStateKind.Active),
            Happens(State, "a release is due again", () => ReleaseFailed(Router()), _ => RouterEvent.Deadline(),
                "release", RouterStateKind.Backup),
            Nothing(State, "the same", Router, _ => RouterEvent.ParametersChanged()),
            Happens(State, "now address owner", () => Changed(Router(), p => p with { Priority = new(255) }),
                _ => RouterEvent.ParametersChanged(),
                "bind, send 255, announce, Backup→Active AddressOwner", RouterStateKind.Active),
            Happens(State, "another router", () => Changed(
                Router(), p => p with { VirtualRouterId = VirtualRouterId.Create(52) }),
                _ => RouterEvent.ParametersChanged(), "Backup→Backup ParametersChanged", RouterStateKind.Backup),
            Happens(State, "", Router, _ => RouterEvent.LinkDown(), "Backup→Fault LinkDown", RouterStateKind.Fault),
            Happens(State, "another address", Router, _ => RouterEvent.LinkUp(TestRouter.LowerPeer),
                "", RouterStateKind.Backup),
            Happens(State, "no address", Router, _ => RouterEvent.LinkUp(default),
                "Backup→Fault NoPrimaryAddress", RouterStateKind.Fault),
            Happens(State, "failing", Router, _ => RouterEvent.HealthChanged(Health.Failing),
                "Backup→Fault ProbeFailed", RouterStateKind.Fault),
            Happens(State, "failing, demoting", () => TestRouter.Backup(Demoting()),
                _ => RouterEvent.HealthChanged(Health.Failing),
                "", RouterStateKind.Backup),
            Nothing(State, "passing as before", Router, _ => RouterEvent.HealthChanged(Health.Passing)),
            Nothing(State, "unknown", Router, _ => RouterEvent.HealthChanged(Health.Unknown)),
            Nothing(State, "", Router, _ => RouterEvent.AddressLost()),
            Nothing(State, "", Router, _ => RouterEvent.AddressClaimed()),
            Nothing(State, "", Router, _ => RouterEvent.HardwareAddressChanged()),
            Happens(State, "release", Router, _ => RouterEvent.EffectFailed(RouterEffectKind.ReleaseAddresses),
                "", RouterStateKind.Backup),
            Happens(State, "", Router, _ => RouterEvent.HandoverRequested(), "", RouterStateKind.Backup),
            Happens(State, "the one followed", () => Following(Router()),
                _ => RouterEvent.ActiveGone(TestRouter.HigherPeer),
                "", RouterStateKind.Backup),
            Nothing(State, "another", () => Following(Router()), _ => RouterEvent.ActiveGone(TestRouter.LowerPeer)),
            Nothing(State, "nobody is followed", Router, _ => RouterEvent.ActiveGone(TestRouter.HigherPeer)),
            Happens(State, "", Router, _ => RouterEvent.PartnerFailed(),
                "Backup→Fault PartnerFailed", RouterStateKind.Fault),
            Nothing(State, "", Router, _ => RouterEvent.PartnersRecovered()),
            Nothing(State, "", Router, _ => RouterEvent.PartnerReleased()),
            Happens(State, "", Router, _ => RouterEvent.PartnerHeardResignation(), "", RouterStateKind.Backup),
            Happens(State, "", () => At(Router(), 3_609_375_000), _ => RouterEvent.GroupTakesOver(),
                "bind, send 100, announce, Backup→Active ActiveDownTimerExpired", RouterStateKind.Active),
        ];

        static TestRouter Router() => TestRouter.Backup();
    }

    // RFC 9568 §6.4.3.
    private static Cell[] Active()
    {
        const RouterStateKind State = RouterStateKind.Active;
        return
        [
            Nothing(State, "", Router, _ => RouterEvent.Start()),
            Happens(State, "", Router, _ => RouterEvent.Stop(),
                "send 0, release, Active→Initialize Shutdown", RouterStateKind.Initialize),
            Happens(State, "lower", Router, r => r.Heard(99), "send 100, announce", RouterStateKind.Active),
            Happens(State, "equal from a lower address", Router, r => r.Heard(100, TestRouter.LowerPeer),
                "send 100, announce", RouterStateKind.Active),
            Happens(State, "equal from a higher address", Router, r => r.Heard(100, TestRouter.HigherPeer),
                "send 100, release, Active→Backup HigherAddressHeard", RouterStateKind.Backup),
            Happens(State, "higher", Router, r => r.Heard(101, TestRouter.LowerPeer),
                "send 100, release, Active→Backup HigherPriorityHeard", RouterStateKind.Backup),
            Happens(State, "resigning", Router, r => r.Heard(0), "send 100", RouterStateKind.Active),
            Nothing(State, "from our own address", Router, r => r.Heard(100, TestRouter.Own)),
            Nothing(State, "early", Router, _ => RouterEvent.Deadline()),
            Happens(State, "Adver_Timer", () => At(Settled(), 11 * Second), _ => RouterEvent.Deadline(),
                "send 100, renew", RouterStateKind.Active),
            Happens(State, "stalled", () => At(Settled(), 13 * Second), _ => RouterEvent.Deadline(),
                "release, Active→Backup LoopStalled", RouterStateKind.Backup),
            Nothing(State, "the same", Router, _ => RouterEvent.ParametersChanged()),
            Happens(State, "priority", () => Changed(Router(), p => p with { Priority = new(90) }),
                _ => RouterEvent.ParametersChanged(),
                "send 90", RouterStateKind.Active),
            Happens(State, "another router", () => Changed(
                Router(), p => p with { VirtualRouterId = VirtualRouterId.Create(52) }),
                _ => RouterEvent.ParametersChanged(),
                "release, Active→Backup ParametersChanged", RouterStateKind.Backup),
            Happens(State, "", Router, _ => RouterEvent.LinkDown(),
                "release, Active→Fault LinkDown", RouterStateKind.Fault),
            Nothing(State, "the same address", Router, _ => RouterEvent.LinkUp(TestRouter.Own)),
            Happens(State, "another address", Router, _ => RouterEvent.LinkUp(TestRouter.LowerPeer),
                "send 100", RouterStateKind.Active),
            Happens(State, "no address", Router, _ => RouterEvent.LinkUp(default),
                "release, Active→Fault NoPrimaryAddress", RouterStateKind.Fault),
            Happens(State, "failing", Router, _ => RouterEvent.HealthChanged(Health.Failing),
                "send 0, release, Active→Fault ProbeFailed", RouterStateKind.Fault),
            Happens(State, "failing, demoting", () => TestRouter.Active(Demoting()),
                _ => RouterEvent.HealthChanged(Health.Failing),
                "send 50", RouterStateKind.Active),
            Nothing(State, "unknown", Router, _ => RouterEvent.HealthChanged(Health.Unknown)),
            Happens(State, "", Router, _ => RouterEvent.AddressLost(), "bind, announce", RouterStateKind.Active),
            Happens(State, "", Router, _ => RouterEvent.AddressClaimed(), "announce", RouterStateKind.Active),
            Nothing(State, "while handing over", HandingOver, _ => RouterEvent.AddressClaimed()),
            Nothing(State, "a peer has taken over", Taken, _ => RouterEvent.AddressClaimed()),
            Happens(State, "", Router, _ => RouterEvent.HardwareAddressChanged(), "announce", RouterStateKind.Active),
            Happens(State, "while handing over", HandingOver, _ => RouterEvent.HardwareAddressChanged(),
                "announce", RouterStateKind.Active),
            Nothing(State, "a peer has taken over", Taken, _ => RouterEvent.HardwareAddressChanged()),
            Happens(State, "send", Router, _ => RouterEvent.EffectFailed(RouterEffectKind.SendAdvertisement),
                "", RouterStateKind.Active),
            Happens(State, "bind", Router, _ => RouterEvent.EffectFailed(RouterEffectKind.BindAddresses),
                "send 0, release, Active→Fault EffectFailed", RouterStateKind.Fault),
            Happens(State, "renew", Router, _ => RouterEvent.EffectFailed(RouterEffectKind.RenewAddresses),
                "bind", RouterStateKind.Active),
            Nothing(State, "release", Router, _ => RouterEvent.EffectFailed(RouterEffectKind.ReleaseAddresses)),
            Happens(State, "announce", Settled, _ => RouterEvent.EffectFailed(RouterEffectKind.AnnounceAddresses),
                "", RouterStateKind.Active),
            Nothing(State, "report", Router, _ => RouterEvent.EffectFailed(RouterEffectKind.ReportTransition)),
            Happens(State, "", Router, _ => RouterEvent.HandoverRequested(), "send 0", RouterStateKind.Active),
            Happens(State, "address owner", () => TestRouter.Active(TestRouter.V3(255)),
                _ => RouterEvent.HandoverRequested(),
                "send 0, release, Active→Backup HandedOver", RouterStateKind.Backup),
            Nothing(State, "", Router, _ => RouterEvent.ActiveGone(TestRouter.HigherPeer)),
            Nothing(State, "handing over", HandingOver, _ => RouterEvent.HandoverRequested()),
            Happens(State, "lower, handing over", HandingOver, r => r.Heard(99), "", RouterStateKind.Active),
            Happens(State, "higher, handing over", HandingOver, r => r.Heard(101), "", RouterStateKind.Active),
            Nothing(State, "resigning, handing over", HandingOver, r => r.Heard(0)),
            Happens(State, "resigning, that has taken over", Taken, r => r.Heard(0),
                "send 100, announce", RouterStateKind.Active),
            Happens(State, "the peer that has taken over", Taken, _ => RouterEvent.ActiveGone(TestRouter.HigherPeer),
                "send 100, announce", RouterStateKind.Active),
            Happens(State, "a peer has taken over", Taken, _ => RouterEvent.AddressLost(),
                "release, Active→Backup HandedOver", RouterStateKind.Backup),
            Happens(State, "a peer has taken over", Taken, _ => RouterEvent.PartnerReleased(),
                "release, Active→Backup PartnerReleased", RouterStateKind.Backup),
            Happens(State, "", Router, _ => RouterEvent.PartnerFailed(),
                "send 0, release, Active→Fault PartnerFailed", RouterStateKind.Fault),
            Nothing(State, "", Router, _ => RouterEvent.PartnersRecovered()),
            Happens(State, "", Router, _ => RouterEvent.PartnerReleased(),
                "release, Active→Backup PartnerReleased", RouterStateKind.Backup),
            Nothing(State, "", Router, _ => RouterEvent.PartnerHeardResignation()),
            Nothing(State, "", Router, _ => RouterEvent.GroupTakesOver()),
        ];

        static TestRouter Router() => TestRouter.Active();

        static TestRouter HandingOver()
        {
            TestRouter router = Router();
            router.Do(RouterEvent.HandoverRequested());
            return router;
        }

        static TestRouter Taken()
        {
            TestRouter router = HandingOver();
            router.Do(router.Heard(99));
            return router;
        }
    }

    private static Cell[] Fault()
    {
        const RouterStateKind State = RouterStateKind.Fault;
        return
        [
            Nothing(State, "", Router, _ => RouterEvent.Start()),
            Happens(
                State, "", Router, _ => RouterEvent.Stop(), "Fault→Initialize Shutdown", RouterStateKind.Initialize),
            Happens(State, "lower", Router, r => r.Heard(1), "", RouterStateKind.Fault),
            Happens(State, "higher", Router, r => r.Heard(200), "", RouterStateKind.Fault),
            Happens(State, "resigning", Router, r => r.Heard(0), "", RouterStateKind.Fault),
            Nothing(State, "nothing is due", Router, _ => RouterEvent.Deadline()),
            Happens(State, "the retry is due", () => At(BindFailed(), 3_609_375_000 + (5 * Second)),
                _ => RouterEvent.Deadline(),
                "Fault→Backup Retry", RouterStateKind.Backup),
            Happens(State, "a release is due again", () => ReleaseFailed(Router()), _ => RouterEvent.Deadline(),
                "release", RouterStateKind.Fault),
            Nothing(State, "the same", Router, _ => RouterEvent.ParametersChanged()),
            Happens(State, "a failing probe now demotes", () => Changed(Router(), _ => Demoting()),
                _ => RouterEvent.ParametersChanged(),
                "Fault→Backup ParametersChanged", RouterStateKind.Backup),
            Happens(State, "probe failed before", Router, _ => RouterEvent.LinkDown(),
                "Fault→Fault LinkDown", RouterStateKind.Fault),
            Nothing(State, "again", LinkDown, _ => RouterEvent.LinkDown()),
            Happens(State, "", LinkDown, _ => RouterEvent.LinkUp(TestRouter.Own),
                "Fault→Backup LinkUp", RouterStateKind.Backup),
            Happens(State, "without an address", LinkDown, _ => RouterEvent.LinkUp(default),
                "Fault→Fault NoPrimaryAddress", RouterStateKind.Fault),
            Happens(State, "passing", Router, _ => RouterEvent.HealthChanged(Health.Passing),
                "Fault→Backup ProbeRecovered", RouterStateKind.Backup),
            Happens(State, "passing, link down", LinkDown, _ => RouterEvent.HealthChanged(Health.Passing),
                "", RouterStateKind.Fault),
            Nothing(State, "unknown", Router, _ => RouterEvent.HealthChanged(Health.Unknown)),
            Nothing(State, "", Router, _ => RouterEvent.AddressLost()),
            Nothing(State, "", Router, _ => RouterEvent.AddressClaimed()),
            Nothing(State, "", Router, _ => RouterEvent.HardwareAddressChanged()),
            Happens(State, "release", Router, _ => RouterEvent.EffectFailed(RouterEffectKind.ReleaseAddresses),
                "", RouterStateKind.Fault),
            Happens(State, "", Router, _ => RouterEvent.HandoverRequested(), "", RouterStateKind.Fault),
            Nothing(State, "", Router, _ => RouterEvent.ActiveGone(TestRouter.HigherPeer)),
            Happens(State, "beside its own fault", Router, _ => RouterEvent.PartnerFailed(), "", RouterStateKind.Fault),
            Happens(State, "", () => PartnerFailed(TestRouter.Backup()), _ => RouterEvent.PartnersRecovered(),
                "Fault→Backup PartnersRecovered", RouterStateKind.Backup),
            Happens(State, "beside its own fault", () => PartnerFailed(Router()), _ => RouterEvent.PartnersRecovered(),
                "", RouterStateKind.Fault),
            Happens(State, "passing, while a partner cannot serve", () => PartnerFailed(Router()),
                _ => RouterEvent.HealthChanged(Health.Passing),
                "Fault→Fault PartnerFailed", RouterStateKind.Fault),
            Nothing(State, "", Router, _ => RouterEvent.PartnerReleased()),
            Nothing(State, "", Router, _ => RouterEvent.PartnerHeardResignation()),
            Nothing(State, "", Router, _ => RouterEvent.GroupTakesOver()),
        ];

        static TestRouter Router() => TestRouter.Fault();
    }

    private static Cell Happens(
        RouterStateKind state, string situation, Func<TestRouter> given, Func<TestRouter, RouterEvent> when,
        string effects, RouterStateKind next) =>
        new(state, when(given()).Kind, situation, given, when, effects, next, NothingChanges: false);

    private static Cell Nothing(
        RouterStateKind state, string situation, Func<TestRouter> given, Func<TestRouter, RouterEvent> when) =>
        new(state, when(given()).Kind, situation, given, when, "", state, NothingChanges: true);

    private static TestRouter Following(TestRouter router)
    {
        router.Hear(101);
        return router;
    }

    private static RouterParameters Demoting() =>
        TestRouter.V3() with { OnProbeFailure = FailurePolicy.Demote, DemotionWeight = 50 };

    private static TestRouter Ready() => Ready(TestRouter.V3());

    private static TestRouter Ready(
        RouterParameters? parameters = null, bool linkIsUp = true, IpAddress? address = null,
        Health health = Health.Passing)
    {
        var router = new TestRouter(parameters);
        if (linkIsUp)
            router.Do(RouterEvent.LinkUp(address ?? TestRouter.Own));
        router.Do(RouterEvent.HealthChanged(health));
        return router;
    }

    private static TestRouter Waiting()
    {
        TestRouter router = Ready(health: Health.Unknown);
        router.Do(RouterEvent.Start());
        return router;
    }

    private static TestRouter PartnerFailed(TestRouter router)
    {
        router.Do(RouterEvent.PartnerFailed());
        return router;
    }

    private static TestRouter LinkDown()
    {
        TestRouter router = TestRouter.Backup();
        router.Do(RouterEvent.LinkDown());
        return router;
    }

    private static TestRouter BindFailed()
    {
        TestRouter router = TestRouter.Active();
        router.Do(RouterEvent.EffectFailed(RouterEffectKind.BindAddresses));
        return router;
    }

    // At 10 s, its burst of announcements over, with a fresh Adver_Timer and lease.
    private static TestRouter Settled()
    {
        TestRouter router = TestRouter.Active();
        router.RunUntil(10 * Second);
        router.Hear(0);
        return router;
    }

    private static TestRouter ReleaseFailed(TestRouter router)
    {
        router.Do(RouterEvent.EffectFailed(RouterEffectKind.ReleaseAddresses));
        return At(router, router.Now.Nanoseconds + Second);
    }

    private static TestRouter At(TestRouter router, long nanoseconds)
    {
        router.AdvanceTo(nanoseconds);
        return router;
    }

    private static TestRouter Changed(TestRouter router, Func<RouterParameters, RouterParameters> change)
    {
        router.Parameters = change(router.Parameters);
        return router;
    }
}

internal sealed record Cell(
    RouterStateKind State,
    RouterEventKind Event,
    string Situation,
    Func<TestRouter> Given,
    Func<TestRouter, RouterEvent> When,
    string Effects,
    RouterStateKind Next,
    bool NothingChanges)
{
    public string Title => Situation.Length == 0 ? $"{State} × {Event}" : $"{State} × {Event}: {Situation}";
}
