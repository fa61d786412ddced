using VipOperator.Sidecar.Linux;
using VipOperator.Vrrp;

namespace VipOperator.Sidecar.Routers;

/// <summary>Multicast advertisements of several routers of one channel, to leave by one system call.</summary>
internal sealed class AdvertisementBatch(VrrpSocket socket)
{
    private readonly SendBatch _batch = new();
    private readonly RouterRunner[] _routers = new RouterRunner[SendBatch.Capacity];
    private readonly RouterEffect[] _effects = new RouterEffect[SendBatch.Capacity];

    public bool IsEmpty => _batch.Count == 0;

    public bool IsFull => _batch.Count == SendBatch.Capacity;

    public void Add(RouterRunner router, in RouterEffect effect, ulong sequence)
    {
        IpAddress source = router.State.PrimaryAddress;
        IpAddress group = MulticastGroup.Of(router.Parameters.Family);
        _routers[_batch.Count] = router;
        _effects[_batch.Count] = effect;
        int length = AdvertisementCodec.Encode(router.Parameters, effect, sequence, source, group, _batch.Next);
        socket.Add(_batch, length, source, group);
    }

    /// <param name="sent">Called for each of them.</param>
    public void Flush(AdvertisementSent sent)
    {
        int count = _batch.Count;
        _ = _batch.Flush(socket.Descriptor, out _);
        for (int i = 0; i < count; i++)
            sent(_routers[i], _effects[i], _batch.Errors[i]);
    }
}

/// <param name="effect">What was to be sent.</param>
/// <param name="error">0, or the error number, positive.</param>
internal delegate void AdvertisementSent(RouterRunner router, in RouterEffect effect, int error);
