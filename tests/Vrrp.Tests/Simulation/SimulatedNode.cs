namespace VipOperator.Vrrp.Tests;

/// <summary>
/// A machine with one router: a process that may crash or be stopped, a kernel that keeps addresses until their
/// lifetime is over, and a link. It does what the sidecar's loop does with events and effects.
/// </summary>
internal sealed class SimulatedNode(int index, RouterParameters parameters, Simulation simulation)
{
    private readonly RouterEffects _effects = new();
    private readonly byte[] _buffer = new byte[AdvertisementCodec.LongestMessage];
    private readonly Queue<(byte[] Message, PacketContext Context)> _received = new();
    private readonly ReplayGuard _replays = new();
    private RouterState _state = RouterState.Initial;
    private MonotonicTime _boundUntil;
    private RouterEffectKind? _failing;

    public int Index => index;

    public IpAddress Address { get; } = parameters.Family == IpFamily.V4
        ? IpAddress.V4(0xc0a8_0101 + (uint)index)
        : IpAddress.V6(new UInt128(0xfe80_0000_0000_0000, 1 + (ulong)index));

    public RouterParameters Parameters { get; private set; } = parameters;

    public ref readonly RouterState State => ref _state;

    public bool IsRunning { get; private set; }

    public bool IsPaused { get; private set; }

    public bool LinkIsUp { get; private set; } = true;

    public int Transitions { get; private set; }

    /// <summary>Whether a client on the network would be answered from here.</summary>
    public bool Holds => LinkIsUp && simulation.Now < _boundUntil;

    public MonotonicTime BoundUntil => _boundUntil;

    /// <summary>When the loop wakes by itself: up to 300 µs after the deadline, as on a real machine.</summary>
    public MonotonicTime NextWake { get; private set; } = MonotonicTime.Never;

    /// <summary>Starts the process: left-over addresses are swept, then the router starts.</summary>
    public void Boot()
    {
        if (IsRunning)
            return;
        IsRunning = true;
        IsPaused = false;
        _state = RouterState.Initial;
        _boundUntil = default;
        if (LinkIsUp)
            Step(RouterEvent.LinkUp(Address));
        Step(RouterEvent.HealthChanged(Health.Passing));
        Step(RouterEvent.Start());
    }

    /// <summary>SIGKILL: the state is gone, the addresses stay for their lifetime.</summary>
    public void Crash()
    {
        IsRunning = false;
        IsPaused = false;
        NextWake = MonotonicTime.Never;
        _received.Clear();
    }

    /// <summary>SIGSTOP: packets wait in the socket, deadlines pass.</summary>
    public void Pause()
    {
        IsPaused = IsRunning;
        NextWake = MonotonicTime.Never;
    }

    public void Resume()
    {
        if (!IsPaused)
            return;
        IsPaused = false;
        // As the sidecar does: what waits to be read comes before the deadline.
        while (_received.TryDequeue(out (byte[] Message, PacketContext Context) packet))
            Take(packet.Message, packet.Context);
        if (simulation.Now >= VirtualRouter.NextDeadline(_state))
            Step(RouterEvent.Deadline());
        SetWake();
    }

    public void SetLink(bool isUp)
    {
        if (LinkIsUp == isUp)
            return;
        LinkIsUp = isUp;
        Do(isUp ? RouterEvent.LinkUp(Address) : RouterEvent.LinkDown());
    }

    public void LoseAddress()
    {
        if (!Holds)
            return;
        _boundUntil = default;
        Do(RouterEvent.AddressLost());
    }

    /// <summary>The next effect of this kind fails; null: none does.</summary>
    public void FailNext(RouterEffectKind? kind) => _failing = kind;

    public void Change(RouterParameters parameters)
    {
        Parameters = parameters;
        Do(RouterEvent.ParametersChanged());
    }

    /// <summary>Feeds an event that reaches a process only when it runs. The simulation pauses nobody that it has something for.</summary>
    public void Do(in RouterEvent @event)
    {
        if (IsRunning)
            Step(@event);
    }

    public void Wake() => Step(RouterEvent.Deadline());

    public void Deliver(byte[] message, in PacketContext context)
    {
        if (!IsRunning || !LinkIsUp)
            return;
        if (IsPaused)
            _received.Enqueue((message, context));
        else
            Take(message, context);
    }

    private void Take(byte[] message, in PacketContext context)
    {
        Assert.True(AdvertisementCodec.Decode(message, context, out Advertisement advertisement) == DropReason.None);
        PacketContext now = context with { ReceivedAt = simulation.Now };
        DropReason reason = AdvertisementCodec.Verify(message, advertisement, now, Parameters, _state, _replays);
        if (reason == DropReason.None)
            Step(RouterEvent.Received(advertisement));
        else
            Assert.Equal(DropReason.IntervalMismatch, reason);
    }

    private void Step(in RouterEvent @event)
    {
        _effects.Clear();
        _state = VirtualRouter.Step(Parameters, _state, @event, simulation.Now, _effects);
        SetWake();
        RouterInvariants.Hold(_state, simulation.Now);
        Assert.True(_effects.Count <= 8);
        RouterEffectKind? failed = null;
        foreach (RouterEffect effect in _effects.AsSpan())
        {
            if (effect.Kind == _failing)
                (failed, _failing) = (_failing, null);
            else if (effect.Kind != RouterEffectKind.AnnounceAddresses || failed != RouterEffectKind.BindAddresses)
                Perform(effect);
        }

        if (failed is { } kind)
            Step(RouterEvent.EffectFailed(kind));
    }

    private void SetWake()
    {
        MonotonicTime deadline = VirtualRouter.NextDeadline(_state);
        NextWake = (deadline < simulation.Now ? simulation.Now : deadline).PlusNanoseconds(simulation.Random.Next(300_000));
    }

    private void Perform(RouterEffect effect)
    {
        switch (effect.Kind)
        {
            case RouterEffectKind.SendAdvertisement:
                int length = AdvertisementCodec.Encode(
                    Parameters, effect, sequence: 0, Address, MulticastGroup.Of(Parameters.Family), _buffer);
                simulation.Broadcast(this, _buffer[..length]);
                break;
            case RouterEffectKind.BindAddresses or RouterEffectKind.RenewAddresses:
                _boundUntil = Parameters.AddressLifetime == TimeSpan.Zero
                    ? MonotonicTime.Never
                    : simulation.Now.Plus(Parameters.AddressLifetime);
                break;
            case RouterEffectKind.ReleaseAddresses:
                _boundUntil = default;
                break;
            case RouterEffectKind.ReportTransition:
                Transitions++;
                break;
            case RouterEffectKind.AnnounceAddresses:
                Assert.True(Holds, "announces what it holds");
                break;
        }
    }
}
