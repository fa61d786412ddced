using System.Collections.Immutable;
using System.Text;
using VipOperator.Interop.Netns.Tests.Peers;
using VipOperator.Sidecar.Contract;
using VipOperator.Sidecar.Netns.Tests.Support;
using VipOperator.Vrrp;

namespace VipOperator.Interop.Netns.Tests;

/// <summary>What both sides speak.</summary>
internal sealed record Dialect(
    PeerProgram Peer, VrrpVersion Version, IpFamily Family, Transport Transport, bool HasPassword)
{
    public string Address => Family == IpFamily.V4 ? "192.168.1.108" : "fd00:1::108";

    public string Prefix => Family == IpFamily.V4 ? $"{Address}/32" : $"{Address}/128";

    public string FirstNode => Family == IpFamily.V4 ? "192.168.1.103" : "fd00:1::103";

    public string SecondNode => Family == IpFamily.V4 ? "192.168.1.104" : "fd00:1::104";

    /// <summary>Version 2 knows whole seconds only.</summary>
    public Centiseconds Interval => Version == VrrpVersion.V2 ? Centiseconds.FromSeconds(1) : new Centiseconds(20);

    public string IntervalSeconds => Version == VrrpVersion.V2 ? "1" : "0.2";

    public override string ToString() =>
        $"{Peer} | v{(int)Version} | IPv{(int)Family} | {Transport} | {(HasPassword ? "password" : "plain")}";

    public RouterConfiguration Router(int priority)
    {
        RouterConfiguration router = SidecarUnderTest.Router(priority, Version, Prefix);
        return router with
        {
            Parameters = router.Parameters with
            {
                // keepalived yields in silence: if it hears us first when a partition heals, nobody tells us that there
                // was one.
                AnnounceRefresh = TimeSpan.FromSeconds(1),
                Transport = Transport,
                Peers = Transport == Transport.Unicast
                    ? [IpAddress.Parse(SecondNode)]
                    : ImmutableArray<IpAddress>.Empty,
                Authentication = HasPassword ? AuthenticationType.Simple : AuthenticationType.None,
                AuthenticationKey = HasPassword ? [.. Encoding.ASCII.GetBytes("1111222")] : ImmutableArray<byte>.Empty,
            },
        };
    }

    public IPeer CreatePeer(TestNetwork network, int priority) => Peer switch
    {
        PeerProgram.Keepalived => new KeepalivedPeer(network, this, priority),
        PeerProgram.Frr => new FrrPeer(network, this, priority),
    };
}

internal enum PeerProgram
{
    Keepalived,
    Frr,
}
