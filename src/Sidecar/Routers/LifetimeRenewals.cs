using VipOperator.Sidecar.Linux;
using VipOperator.Sidecar.Netlink;
using VipOperator.Vrrp;

namespace VipOperator.Sidecar.Routers;

/// <summary>
/// Sets the lifetimes of many routers' addresses anew by one system call. The kernel answers nothing but errors, and
/// the link monitor is not told: that an address is still there is no news.
/// </summary>
internal sealed class LifetimeRenewals : IDisposable
{
    private const int MostAtOnce = 128;

    private readonly NetlinkSocket _socket = NetlinkSocket.OpenQuick();
    private readonly byte[] _request = new byte[MostAtOnce * AddressMessage.LongestMessage];
    private readonly byte[] _answer = new byte[4096];
    private readonly RouterRunner[] _routers = new RouterRunner[MostAtOnce];
    private int _length;
    private int _count;
    private uint _first = 1;
    private MonotonicTime _leaseEnd = MonotonicTime.Never;

    /// <summary>Of the messages by which the kernel tells others of the renewals.</summary>
    public uint PortId => _socket.PortId;

    /// <summary>Whether all addresses of a router still fit.</summary>
    public bool HasRoomFor(RouterRunner router) => _count + router.Parameters.Addresses.Length <= MostAtOnce;

    public void Add(RouterRunner router)
    {
        NetlinkWriter writer = new(_request.AsSpan(_length));
        foreach (IpPrefix address in router.Parameters.Addresses)
        {
            _routers[_count] = router;
            AddressMessage.WriteAdd(
                ref writer, _first + (uint)_count++, router.BoundOn, address,
                router.Parameters.AddressLifetime, acknowledged: false);
        }

        _length += writer.Length;
        _leaseEnd = MonotonicTime.Earlier(_leaseEnd, router.State.LeaseEnd);
    }

    /// <param name="failed">Called for each address that could not be renewed, with the error number, positive.</param>
    public void Flush(Action<RouterRunner, int> failed)
    {
        if (_count == 0)
            return;
        // The kernel makes an address anew that it has removed already. So the clock is read here, as late as can be.
        int sent = MonotonicClock.Now >= _leaseEnd ? -Errno.ENODEV : _socket.Send(_request.AsSpan(0, _length));
        if (sent < 0)
        {
            for (int i = 0; i < _count; i++)
                failed(_routers[i], -sent);
        }
        else
        {
            TakeErrors(failed);
        }

        _first += (uint)_count;
        _count = 0;
        _length = 0;
        _leaseEnd = MonotonicTime.Never;
    }

    public void Dispose() => _socket.Dispose();

    // The kernel has done all of it, and put its answers in the buffer, when the call that sends returns.
    private void TakeErrors(Action<RouterRunner, int> failed)
    {
        int received;
        while ((received = _socket.Receive(_answer)) >= 0)
        {
            NetlinkReader reader = new(_answer.AsSpan(0, received));
            while (reader.TryRead(out NetlinkMessage message))
            {
                if (message.Type == NetlinkMessageType.Error && message.Error != 0
                    && message.Sequence - _first < (uint)_count)
                    failed(_routers[(int)(message.Sequence - _first)], message.Error);
            }
        }
    }
}
