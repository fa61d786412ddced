using System.Runtime.InteropServices;
using VipOperator.Sidecar.Links;
using VipOperator.Sidecar.Linux;
using VipOperator.Sidecar.Loop;
using VipOperator.Vrrp;

namespace VipOperator.Sidecar.Routers;

/// <summary>
/// Sees who else claims the addresses that the Active routers of one link and family hold, and asks from time to time
/// whether somebody does (docs/adr/0014-who-else-holds-the-address.md).
/// </summary>
internal sealed class ConflictWatch : IEventSource, IDisposable
{
    private const int MostFramesAtOnce = 32;

    // After RouterTiming.YieldingGrace, then as often as addresses are announced anew.
    private static readonly TimeSpan FirstProbeAfter = TimeSpan.FromMilliseconds(2_100);
    private static readonly TimeSpan ProbePeriod = TimeSpan.FromSeconds(60);

    private readonly EventLoop _loop;
    private readonly PacketSocket _packets;
    private readonly LinkTable _links;
    private readonly int _linkIndex;
    private readonly IpFamily _family;
    private readonly Deadline _probe;
    private readonly List<RouterRunner> _holders = [];
    private readonly List<IpAddress> _addresses = [];
    private readonly byte[] _frame = new byte[AddressProbe.LongestFrame];
    private ClaimSocket? _socket;

    public ConflictWatch(EventLoop loop, PacketSocket packets, LinkTable links, int linkIndex, IpFamily family)
    {
        _loop = loop;
        _packets = packets;
        _links = links;
        _linkIndex = linkIndex;
        _family = family;
        _probe = new Deadline(Probe);
    }

    /// <summary>Watches the addresses of the routers that are Active now, and of no other.</summary>
    public void Update(ReadOnlySpan<RouterRunner?> routers)
    {
        _holders.Clear();
        _addresses.Clear();
        foreach (RouterRunner? router in routers)
        {
            if (router is null || router.State.Kind != RouterStateKind.Active)
                continue;
            _holders.Add(router);
            foreach (IpPrefix address in router.Parameters.Addresses)
                _addresses.Add(address.Address);
        }

        if (_addresses.Count == 0)
        {
            Close();
            return;
        }

        try
        {
            Watch(CollectionsMarshal.AsSpan(_addresses));
        }
        catch (LinuxException)
        {
            // The link is on its way out, which the monitor tells. Without the watch everything else goes on.
            Close();
            return;
        }

        _loop.Schedule(_probe, MonotonicClock.Now.Plus(FirstProbeAfter));
    }

    public void OnReady(Readiness readiness)
    {
        for (int i = 0; i < MostFramesAtOnce && _socket is { } socket
            && socket.TryReceive(out ReadOnlySpan<byte> frame); i++)
        {
            if (AddressClaim.TryDecode(frame, out AddressClaim claim))
                Take(claim);
        }
    }

    public void Dispose() => Close();

    private void Watch(ReadOnlySpan<IpAddress> addresses)
    {
        if (_socket is not null)
        {
            _socket.SetAddresses(_family, addresses);
            return;
        }

        _socket = new ClaimSocket(_linkIndex, _family, addresses);
        _loop.Register(_socket.Descriptor, this);
    }

    private void Close()
    {
        _loop.Schedule(_probe, MonotonicTime.Never);
        _holders.Clear();
        if (_socket is null)
            return;
        _loop.Unregister(_socket.Descriptor);
        _socket.Dispose();
        _socket = null;
    }

    private void Take(in AddressClaim claim)
    {
        foreach (RouterRunner router in _holders)
        {
            foreach (IpPrefix address in router.Parameters.Addresses.AsSpan())
            {
                if (address.Address == claim.Address && IsAnothers(claim, router))
                {
                    router.NoteConflict(claim);
                    return;
                }
            }
        }
    }

    private MacAddress OwnHardwareAddress => _links.ByIndex(_linkIndex)?.HardwareAddress ?? default;

    // All Actives of a router share its virtual MAC address: then only the answer to a question of ours, which we ask
    // from the link's own, is surely not our own frame come back.
    // And a kernel answers for an address on whichever link it is asked: two links of ours on one segment are no two
    // hosts.
    private bool IsAnothers(in AddressClaim claim, RouterRunner router) =>
        (claim.Holder != router.HardwareAddress && !_links.HasHardwareAddress(claim.Holder))
        || (router.Parameters.VirtualMac && claim.RepliesTo == OwnHardwareAddress);

    private void Probe()
    {
        MacAddress own = OwnHardwareAddress;
        if (own != default)
        {
            foreach (RouterRunner router in _holders)
            {
                foreach (IpPrefix address in router.Parameters.Addresses.AsSpan())
                {
                    int length = AddressProbe.Encode(own, address.Address, _frame);
                    // A question that gets lost is asked again in a minute.
                    _ = _packets.Send(_frame.AsSpan(0, length), _linkIndex);
                }
            }
        }

        _loop.Schedule(_probe, MonotonicClock.Now.Plus(ProbePeriod));
    }
}
