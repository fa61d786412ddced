using VipOperator.Sidecar.Links;
using VipOperator.Sidecar.Linux;
using VipOperator.Sidecar.Loop;
using VipOperator.Vrrp;

namespace VipOperator.Sidecar.Routers;

/// <summary>
/// Where the advertisements of one link and family come in and go out, and which of our routers are there.
/// </summary>
internal sealed class AdvertisementChannel(Link link, IpFamily family, PacketReceiver receiver, ConflictWatch conflicts)
    : IEventSource, IDisposable
{
    // So that a flood on one link does not keep the loop from its deadlines and the other links.
    private const int MostPacketsAtOnce = 64;

    // More than once of each of 255 routers, and still bounded.
    private const int MostPacketsCatchingUp = 512;

    private Link _link = link;
    private int _resets = link.ResetsOf(family);

    private readonly RouterRunner?[] _routers = new RouterRunner?[VirtualRouterId.Highest + 1];

    public int LinkIndex { get; } = link.Index;

    public IpFamily Family { get; } = family;

    public VrrpSocket Socket { get; } = new(link.Index, link.Name, family);

    /// <summary>What is to be sent at the end of the loop's round.</summary>
    public AdvertisementBatch Batch => field ??= new AdvertisementBatch(Socket);

    public int RouterCount { get; private set; }

    /// <param name="rawId">As in the packet; 0 is nobody's.</param>
    public RouterRunner? Find(byte rawId) => _routers[rawId];

    public void Add(RouterRunner router)
    {
        _routers[router.Parameters.VirtualRouterId.Value] = router;
        RouterCount++;
    }

    public void Remove(RouterRunner router)
    {
        _routers[router.Parameters.VirtualRouterId.Value] = null;
        RouterCount--;
        conflicts.Update(_routers);
    }

    /// <summary>Whether the kernel has done away with the membership in the group.</summary>
    public bool HasLostMembership(Link link) => !ReferenceEquals(link, _link) || link.ResetsOf(Family) != _resets;

    /// <summary>Joins the group again if need be.</summary>
    /// <exception cref="LinuxException">It cannot be joined at present.</exception>
    public void KeepMembership(Link link)
    {
        if (!HasLostMembership(link))
            return;
        Socket.JoinAgain(link.Name);
        _link = link;
        _resets = link.ResetsOf(Family);
    }

    /// <summary>A router has become Active, has ceased to be, or has other addresses.</summary>
    public void HoldersChanged() => conflicts.Update(_routers);

    public void OnReady(Readiness readiness) => Receive(MostPacketsAtOnce);

    /// <summary>Takes all that has come until now.</summary>
    public void CatchUp() => Receive(MostPacketsCatchingUp);

    private void Receive(int most)
    {
        for (int i = 0; i < most && Socket.TryReceive(out PacketContext context, out ReadOnlySpan<byte> message); i++)
            receiver.Receive(this, context, message);
    }

    public void Dispose()
    {
        conflicts.Dispose();
        Socket.Dispose();
    }
}
