using BenchmarkDotNet.Attributes;
using VipOperator.Vrrp;

namespace VipOperator.Bench.Micro;

/// <summary>The steps that happen all the time: an Active's timer, a Backup's advertisement.</summary>
public class StateMachineBenchmarks
{
    private readonly RouterEffects _effects = new();
    private RouterState _active;
    private RouterState _backup;
    private MonotonicTime _due;
    private MonotonicTime _now;
    private RouterEvent _received;

    [GlobalSetup]
    public void Prepare()
    {
        _active = Routers.Active(Routers.Parameters, _effects, out _);
        // Past the burst of announcements.
        for (int i = 0; i < 100; i++)
        {
            _effects.Clear();
            _active = VirtualRouter.Step(
                Routers.Parameters, _active, RouterEvent.Deadline(), VirtualRouter.NextDeadline(_active), _effects);
        }

        _due = VirtualRouter.NextDeadline(_active);
        _backup = Routers.Backup(Routers.Parameters, _effects, out _now);
        byte[] message = new byte[AdvertisementCodec.LongestMessage];
        _effects.Clear();
        VirtualRouter.Step(Routers.Parameters, _active, RouterEvent.Deadline(), _due, _effects);
        PacketContext context = new() { Source = Routers.Peer, Destination = MulticastGroup.V4, TimeToLive = 255 };
        int length = AdvertisementCodec.Encode(
            Routers.Parameters, _effects.AsSpan()[0], 1, Routers.Peer, MulticastGroup.V4, message);
        _ = AdvertisementCodec.Decode(message.AsSpan(0, length), context, out Advertisement advertisement);
        _received = RouterEvent.Received(advertisement);
    }

    [Benchmark]
    public RouterStateKind ActiveSendsAndRenews()
    {
        _effects.Clear();
        return VirtualRouter.Step(Routers.Parameters, _active, RouterEvent.Deadline(), _due, _effects).Kind;
    }

    [Benchmark]
    public RouterStateKind BackupHears()
    {
        _effects.Clear();
        return VirtualRouter.Step(Routers.Parameters, _backup, _received, _now, _effects).Kind;
    }
}
