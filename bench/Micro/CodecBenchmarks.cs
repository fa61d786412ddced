using BenchmarkDotNet.Attributes;
using VipOperator.Vrrp;

namespace VipOperator.Bench.Micro;

/// <summary>What each advertisement costs before and after the system calls.</summary>
public class CodecBenchmarks
{
    private readonly byte[] _buffer = new byte[AdvertisementCodec.LongestMessage];
    private readonly ReplayGuard _replays = new();
    private readonly RouterEffects _effects = new();
    private RouterParameters _parameters = null!;
    private RouterState _backup;
    private RouterEffect _send;
    private PacketContext _context;
    private byte[] _message = [];

    [Params(AuthenticationType.None, AuthenticationType.Hmac)]
    public AuthenticationType Authentication { get; set; }

    [GlobalSetup]
    public void Prepare()
    {
        _parameters = Routers.Parameters with
        {
            Authentication = Authentication,
            AuthenticationKey = Authentication == AuthenticationType.Hmac ? [.. new byte[64]] : [],
        };
        RouterState active = Routers.Active(_parameters, _effects, out MonotonicTime now);
        _effects.Clear();
        VirtualRouter.Step(_parameters, active, RouterEvent.Deadline(), VirtualRouter.NextDeadline(active) is var due
            && due > now ? due : now, _effects);
        foreach (RouterEffect effect in _effects.AsSpan())
        {
            if (effect.Kind == RouterEffectKind.SendAdvertisement)
                _send = effect;
        }

        _backup = RouterState.Initial with { PrimaryAddress = Routers.Peer };
        _context = new PacketContext { Source = Routers.Own, Destination = MulticastGroup.V4, TimeToLive = 255 };
        _message = _buffer[..Encode()];
    }

    [Benchmark]
    public int Encode() => AdvertisementCodec.Encode(_parameters, _send, 1, Routers.Own, MulticastGroup.V4, _buffer);

    [Benchmark]
    public DropReason Decode() => AdvertisementCodec.Decode(_message, _context, out _);

    [Benchmark]
    public DropReason DecodeAndVerify()
    {
        _ = AdvertisementCodec.Decode(_message, _context, out Advertisement advertisement);
        return AdvertisementCodec.Verify(_message, advertisement, _context, _parameters, _backup, _replays);
    }
}
