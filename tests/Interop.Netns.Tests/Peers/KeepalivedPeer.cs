using VipOperator.Sidecar.Netns.Tests.Support;
using VipOperator.Vrrp;

namespace VipOperator.Interop.Netns.Tests.Peers;

/// <summary>Debian's keepalived.</summary>
internal sealed class KeepalivedPeer(TestNetwork network, Dialect dialect, int priority) : IPeer
{
    private Keepalived? _keepalived;

    public Task Start()
    {
        _keepalived?.Dispose();
        network.Second.SetCable(connected: true);
        string extra = "";
        if (dialect.HasPassword)
            extra += "authentication {\n auth_type PASS\n auth_pass 1111222\n}\n";
        // Without unicast_ttl keepalived sends IPv6 unicast with the system's hop limit, 64, which does not prove that
        // the sender is on the link.
        if (dialect.Transport == Transport.Unicast)
        {
            extra += $"unicast_ttl 255\nunicast_src_ip {dialect.SecondNode}\n";
            extra += $"unicast_peer {{\n {dialect.FirstNode}\n}}\n";
        }

        _keepalived = new Keepalived(
            network.Second,
            Keepalived.Instance((int)dialect.Version, priority, dialect.IntervalSeconds, dialect.Prefix, extra));
        return Task.CompletedTask;
    }

    public Task Stop() => _keepalived!.Stop();

    public bool IsActive() => network.Second.Holds(dialect.Address);

    public void Die()
    {
        network.Second.SetCable(connected: false);
        _keepalived!.Kill();
        if (network.Second.Holds(dialect.Address))
            network.Second.Ip("addr", "del", dialect.Prefix, "dev", "eth0");
    }

    public void Dispose() => _keepalived?.Dispose();
}
