using System.Collections.Immutable;

namespace VipOperator.Vrrp.Tests;

/// <summary>
/// The loop must never wait for a garbage collection, so what it calls for each packet and timer allocates nothing.
/// </summary>
public sealed class AllocationTests
{
    private const int Rounds = 10_000;

    public static TheoryData<AuthenticationType> Authentications => [.. Enum.GetValues<AuthenticationType>()];

    [Theory]
    [MemberData(nameof(Authentications))]
    public void StepDecodeVerifyEncode_AllocateNothing(AuthenticationType authentication)
    {
        RouterParameters parameters = CapturedPackets.V2PasswordRouter with
        {
            Authentication = authentication,
            AuthenticationKey = authentication == AuthenticationType.Hmac ? [.. new byte[64]] : [.. "1111222"u8],
        };
        var peer = new Peer(parameters);
        peer.Run(Rounds);

        long before = GC.GetAllocatedBytesForCurrentThread();
        peer.Run(Rounds);
        long allocated = GC.GetAllocatedBytesForCurrentThread() - before;

        Assert.Equal(0, allocated);
        Assert.Equal(0b1111, peer.VisitedStates);
    }

    [Fact]
    public void Drop_AllocatesNothing()
    {
        byte[] message = [.. CapturedPackets.V3];
        message[7] ^= 1;
        PacketContext context = CapturedPackets.Context4;
        long before = 0;
        DropReason reason = DropReason.None;
        for (int i = 0; i < 2 * Rounds; i++)
        {
            if (i == Rounds)
                before = GC.GetAllocatedBytesForCurrentThread();
            reason = AdvertisementCodec.Decode(message, context, out _);
        }

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
        Assert.Equal(DropReason.Checksum, reason);
    }

    [Fact]
    public void Frames_AllocateNothing()
    {
        var buffer = new byte[128];
        IpAddress v4 = IpAddress.Parse("192.168.1.108");
        IpAddress v6 = IpAddress.Parse("2001:db8::108");
        long before = 0;
        for (int i = 0; i < 2 * Rounds; i++)
        {
            if (i == Rounds)
                before = GC.GetAllocatedBytesForCurrentThread();
            GratuitousArp.Encode(MacAddress.Broadcast, v4, request: true, buffer);
            UnsolicitedNeighborAdvertisement.Encode(MacAddress.Broadcast, v6, isRouter: false, buffer);
        }

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    [Fact]
    public void GroupStep_AllocatesNothing()
    {
        RouterParameters[] parameters = [TestRouter.V3(), TestRouter.V3() with { Family = IpFamily.V6 }];
        RouterState[] states = [RouterState.Initial, RouterState.Initial];
        RouterEffects[] effects = [new(), new()];
        RouterEvent[] events =
        [
            RouterEvent.LinkUp(TestRouter.Own), RouterEvent.HealthChanged(Health.Passing), RouterEvent.Start(),
            RouterEvent.Deadline(), RouterEvent.Deadline(),
            RouterEvent.HealthChanged(Health.Failing), RouterEvent.Stop(),
        ];
        long now = 0;
        long before = 0;
        int visited = 0;
        for (int i = 0; i < 2 * Rounds; i++)
        {
            if (i == Rounds)
                before = GC.GetAllocatedBytesForCurrentThread();
            RouterEvent next = events[i % events.Length];
            long deadline = RouterGroup.NextDeadline(states).Nanoseconds;
            now = next.Kind == RouterEventKind.DeadlineReached && deadline != long.MaxValue
                ? Math.Max(now, deadline)
                : now + 1;
            effects[0].Clear();
            effects[1].Clear();
            if (next.Kind == RouterEventKind.HealthChanged)
                RouterGroup.Step(parameters, states, i % 2, next, new(now), effects);
            RouterGroup.StepAll(parameters, states, next, new(now), effects);
            visited |= 1 << (int)states[i % 2].Kind;
        }

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
        Assert.Equal(0b1111, visited);
    }

    /// <summary>
    /// A router that goes through all states and both ways of every timer while it encodes and decodes.
    /// </summary>
    private sealed class Peer(RouterParameters parameters)
    {
        private readonly RouterEffects _effects = new();
        private readonly RouterEffects _answers = new();
        private readonly RouterState _receiver = RouterState.Initial with { PrimaryAddress = TestRouter.HigherPeer };
        private readonly AdvertisementSequence _sequence = new();
        private readonly ReplayGuard _replays = new();
        private readonly byte[] _buffer = new byte[AdvertisementCodec.LongestMessage];
        private readonly ImmutableArray<RouterEvent> _events =
        [
            RouterEvent.LinkUp(TestRouter.Own),
            RouterEvent.HealthChanged(Health.Passing),
            RouterEvent.Start(),
            RouterEvent.ParametersChanged(),
            RouterEvent.Deadline(),
            RouterEvent.Deadline(),
            RouterEvent.Deadline(),
            RouterEvent.AddressLost(),
            RouterEvent.EffectFailed(RouterEffectKind.SendAdvertisement),
            RouterEvent.HandoverRequested(),
            RouterEvent.HealthChanged(Health.Failing),
            RouterEvent.LinkDown(),
            RouterEvent.Stop(),
        ];

        private RouterState _state = RouterState.Initial;
        private long _now;

        /// <summary>One bit for each state.</summary>
        public int VisitedStates { get; private set; }

        public void Run(int rounds)
        {
            for (int i = 0; i < rounds; i++)
                Step(_events[i % _events.Length]);
        }

        private void Step(in RouterEvent @event)
        {
            long deadline = VirtualRouter.NextDeadline(_state).Nanoseconds;
            _now = @event.Kind == RouterEventKind.DeadlineReached && deadline != long.MaxValue
                ? Math.Max(_now, deadline)
                : _now + 1;
            _effects.Clear();
            _state = VirtualRouter.Step(parameters, _state, @event, new(_now), _effects);
            VisitedStates |= 1 << (int)_state.Kind;
            foreach (RouterEffect effect in _effects.AsSpan())
            {
                if (effect.Kind == RouterEffectKind.SendAdvertisement)
                    SendToOurselves(effect);
            }
        }

        private void SendToOurselves(RouterEffect effect)
        {
            int length = AdvertisementCodec.Encode(
                parameters, effect, _sequence.Next(default), CapturedPackets.Source4, MulticastGroup.V4, _buffer);
            ReadOnlySpan<byte> message = _buffer.AsSpan(0, length);
            PacketContext context = CapturedPackets.Context4;
            DropReason reason = AdvertisementCodec.Decode(message, context, out Advertisement advertisement);
            if (reason == DropReason.None)
                reason = AdvertisementCodec.Verify(message, advertisement, context, parameters, _receiver, _replays);
            if (reason != DropReason.None)
                throw new InvalidOperationException("A packet of our own was dropped.");
            _answers.Clear();
            _state = VirtualRouter.Step(parameters, _state, RouterEvent.Received(advertisement), new(_now), _answers);
        }
    }
}
