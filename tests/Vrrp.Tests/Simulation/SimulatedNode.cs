namespace VipOperator.Vrrp.Tests;

/// <summary>
/// A machine with one group of routers: a process that may crash or be stopped, a kernel that keeps addresses until
/// their lifetime is over, a link, and a clock that drifts. It does what the sidecar's loop does with events and
/// effects.
/// </summary>
internal sealed class SimulatedNode
{
    private const int SocketBuffer = 200;
    private const int MostFailures = 8;
    private const long Million = 1_000_000;

    private readonly Simulation _simulation;
    private readonly long _driftPerMillion;
    private readonly RouterParameters[] _parameters;
    private readonly RouterState[] _states;
    private readonly RouterEffects[] _effects;
    private readonly long[] _boundUntil;
    private readonly ReplayGuard[] _replays;
    private readonly AdvertisementSequence _sequence = new();
    private readonly byte[] _buffer = new byte[256];
    private readonly Queue<Packet> _received = new();
    private readonly Queue<(int Router, RouterEffectKind Effect)> _failures = new();
    private RouterEffectKind? _failing;

    public SimulatedNode(int index, Scenario scenario, Simulation simulation, long driftPerMillion)
    {
        Index = index;
        _simulation = simulation;
        _driftPerMillion = driftPerMillion;
        _parameters = [.. scenario.Nodes[index]];
        _states = [.. _parameters.Select(_ => RouterState.Initial)];
        _effects = [.. _parameters.Select(_ => new RouterEffects())];
        _boundUntil = new long[_parameters.Length];
        _replays = [.. _parameters.Select(_ => new ReplayGuard())];
    }

    public int Index { get; }

    public bool IsRunning { get; private set; }

    public bool IsPaused { get; private set; }

    public bool LinkIsUp { get; private set; } = true;

    public int Transitions { get; private set; }

    /// <summary>The router whose addresses the kernel never takes; none as a rule.</summary>
    public int? CannotBind { get; set; }

    public ReadOnlySpan<RouterState> States => _states;

    public ReadOnlySpan<RouterParameters> Parameters => _parameters;

    /// <summary>
    /// When the loop wakes by itself, up to 300 µs after the deadline as on a real machine;
    /// <see cref="long.MaxValue"/>: never.
    /// </summary>
    public long NextWake { get; private set; } = long.MaxValue;

    // The machine's own time: faster or slower than the network's by some ppm.
    private MonotonicTime Now => new(_simulation.Now + (_simulation.Now / Million * _driftPerMillion));

    /// <summary>Whether a client on the network would be answered from here.</summary>
    public bool Holds(int router) => LinkIsUp && _simulation.Now < _boundUntil[router];

    public long BoundUntil(int router) => _boundUntil[router];

    /// <summary>Starts the process: left-over addresses are swept, then the routers start.</summary>
    public void Boot()
    {
        if (IsRunning)
            return;
        IsRunning = true;
        IsPaused = false;
        Array.Fill(_states, RouterState.Initial);
        Array.Clear(_boundUntil);
        for (int i = 0; i < _replays.Length; i++)
            _replays[i] = new ReplayGuard();
        TellLink();
        Do(RouterEvent.HealthChanged(Health.Passing));
        Do(RouterEvent.Start());
    }

    /// <summary>SIGKILL: the state is gone, the addresses stay for their lifetime.</summary>
    public void Crash()
    {
        IsRunning = false;
        IsPaused = false;
        NextWake = long.MaxValue;
        _received.Clear();
    }

    /// <summary>SIGSTOP: packets wait in the socket, deadlines pass.</summary>
    public void Pause()
    {
        IsPaused = IsRunning;
        NextWake = long.MaxValue;
    }

    public void Resume()
    {
        if (!IsPaused)
            return;
        IsPaused = false;
        // As the sidecar does: what waits to be read comes before the deadline.
        while (_received.TryDequeue(out Packet? packet))
            Take(packet);
        if (Now >= RouterGroup.NextDeadline(_states))
            Do(RouterEvent.Deadline());
        SetWake();
    }

    public void SetLink(bool isUp)
    {
        if (LinkIsUp == isUp)
            return;
        LinkIsUp = isUp;
        TellLink();
    }

    /// <summary>The lifeline to another node's process has ended.</summary>
    public void LearnOfEnd(int other)
    {
        if (LinkIsUp)
            Do(0, RouterEvent.ActiveGone(Scenario.AddressOf(other, _parameters[0].Family)));
    }

    public void LoseAddress(int router)
    {
        if (!Holds(router))
            return;
        _boundUntil[router] = 0;
        Do(router, RouterEvent.AddressLost());
    }

    /// <summary>The next effect of this kind fails; null: none does.</summary>
    public void FailNext(RouterEffectKind? kind) => _failing = kind;

    public void Change(Func<RouterParameters, RouterParameters> change)
    {
        for (int i = 0; i < _parameters.Length; i++)
            _parameters[i] = change(_parameters[i]);
        Do(RouterEvent.ParametersChanged());
    }

    /// <summary>
    /// Feeds an event to all routers, if the process runs. One that is stopped must be resumed first.
    /// </summary>
    public void Do(in RouterEvent @event) => Do(-1, @event);

    public void Wake() => Do(RouterEvent.Deadline());

    public void Deliver(Packet packet)
    {
        if (!IsRunning || !LinkIsUp)
            return;
        if (!IsPaused)
            Take(packet);
        else if (_received.Count < SocketBuffer)
            _received.Enqueue(packet);
    }

    /// <summary>What is bound is held by an Active router, and nothing else, as far as nothing failed.</summary>
    public void AssertConsistent()
    {
        if (!IsRunning || IsPaused)
            return;
        for (int i = 0; i < _states.Length; i++)
        {
            ref readonly RouterState state = ref _states[i];
            RouterInvariants.Hold(state, Now);
            bool isBound = _simulation.Now < _boundUntil[i];
            if (isBound == (state.Kind == RouterStateKind.Active) || !state.ReleaseDeadline.IsNever)
                continue;
            // A lifetime may have run out in this very instant.
            Assert.True(
                !isBound && _boundUntil[i] > 0, $"router {i} of node {Index} is {state.Kind} but bound: {isBound}");
        }
    }

    private void TellLink()
    {
        if (!LinkIsUp)
        {
            Do(RouterEvent.LinkDown());
            return;
        }

        for (int i = 0; i < _parameters.Length; i++)
            Do(i, RouterEvent.LinkUp(AddressOf(i)));
    }

    private IpAddress AddressOf(int router) => Scenario.AddressOf(Index, _parameters[router].Family);

    private void Take(Packet packet)
    {
        int router = packet.Router;
        PacketContext context = packet.Context with { ReceivedAt = Now, ReceivedAtUtc = new(_simulation.Now) };
        Assert.True(
            AdvertisementCodec.Decode(packet.Message, context, out Advertisement advertisement) == DropReason.None);
        DropReason reason = AdvertisementCodec.Verify(
            packet.Message, advertisement, context, _parameters[router], _states[router], _replays[router]);
        if (reason == DropReason.None)
            Do(router, RouterEvent.Received(advertisement));
        else
            Assert.True(IsExpected(reason), $"dropped: {reason}");
    }

    // Other parameters for a while, and numbers of HMAC that the network gave back in another order.
    private static bool IsExpected(DropReason reason) => reason is DropReason.IntervalMismatch
        or DropReason.AuthenticationFailed
        or DropReason.AuthenticationReplayed;

    private void Do(int router, in RouterEvent @event)
    {
        if (!IsRunning)
            return;
        Step(router, @event);
        for (int i = 0; i < MostFailures && _failures.TryDequeue(out (int Router, RouterEffectKind Effect) failed); i++)
            Step(failed.Router, RouterEvent.EffectFailed(failed.Effect));
        SetWake();
        AssertConsistent();
    }

    private void Step(int router, in RouterEvent @event)
    {
        foreach (RouterEffects effects in _effects)
            effects.Clear();
        if (router < 0)
            RouterGroup.StepAll(_parameters, _states, @event, Now, _effects);
        else
            RouterGroup.Step(_parameters, _states, router, @event, Now, _effects);
        bool isBound = true;
        for (int i = 0; i < _effects.Length; i++)
            isBound &= Perform(i, _effects[i].AsSpan()[.._effects[i].CountWithBind()]);
        for (int i = 0; i < _effects.Length && isBound; i++)
            Perform(i, _effects[i].AsSpan()[_effects[i].CountWithBind()..]);
    }

    // Returns false if addresses could not be bound.
    private bool Perform(int router, ReadOnlySpan<RouterEffect> effects)
    {
        bool isBound = true;
        foreach (ref readonly RouterEffect effect in effects)
        {
            bool isRefused = effect.Kind == RouterEffectKind.BindAddresses && router == CannotBind;
            if (effect.Kind == _failing || isRefused)
            {
                _failing = isRefused ? _failing : null;
                isBound &= effect.Kind != RouterEffectKind.BindAddresses;
                _failures.Enqueue((router, effect.Kind));
            }
            else
            {
                Perform(router, effect);
            }
        }

        return isBound;
    }

    private void SetWake()
    {
        long deadline = RouterGroup.NextDeadline(_states).Nanoseconds;
        // Rounded up, or the loop would wake before the deadline and find nothing to do.
        NextWake = deadline == long.MaxValue
            ? long.MaxValue
            : Math.Max(_simulation.Now, (deadline * Million / (Million + _driftPerMillion)) + Million)
                + _simulation.Random.Next(300_000);
    }

    private void Perform(int router, in RouterEffect effect)
    {
        RouterParameters parameters = _parameters[router];
        switch (effect.Kind)
        {
            case RouterEffectKind.SendAdvertisement:
                IpAddress group = MulticastGroup.Of(parameters.Family);
                ulong sequence = _sequence.Next(new(_simulation.Now));
                int length = AdvertisementCodec.Encode(parameters, effect, sequence, AddressOf(router), group, _buffer);
                var context = new PacketContext { Source = AddressOf(router), Destination = group, TimeToLive = 255 };
                if (LinkIsUp)
                    _simulation.Broadcast(this, new Packet(_buffer[..length], context, router));
                break;
            case RouterEffectKind.BindAddresses or RouterEffectKind.RenewAddresses:
                // Given back by the kernel's hand on this machine's own clock; a little later is what the loop never
                // counts on.
                _boundUntil[router] = parameters.AddressLifetime == TimeSpan.Zero
                    ? long.MaxValue
                    : _simulation.Now
                    + (parameters.AddressLifetime.Ticks * 100 * Million / (Million + _driftPerMillion)) + Million;
                break;
            case RouterEffectKind.ReleaseAddresses:
                _boundUntil[router] = 0;
                break;
            case RouterEffectKind.ReportTransition:
                Transitions++;
                break;
            case RouterEffectKind.AnnounceAddresses:
                Assert.True(Holds(router), "announces what it does not hold");
                break;
        }
    }
}

/// <summary>One advertisement on its way.</summary>
internal sealed record Packet(byte[] Message, PacketContext Context, int Router);
