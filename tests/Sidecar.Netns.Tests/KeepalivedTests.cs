using System.Collections.Immutable;
using System.Text;
using VipOperator.Sidecar.Contract;
using VipOperator.Sidecar.Netns.Tests.Support;
using VipOperator.Vrrp;

namespace VipOperator.Sidecar.Netns.Tests;

/// <summary>One way in which both sides are configured: what is on the wire.</summary>
/// <param name="Interval">As keepalived.conf has it, seconds.</param>
/// <param name="Authentication">Lines of keepalived.conf.</param>
public sealed record Dialect(
    string Name, VrrpVersion Version, string Address, string Prefix, string Interval, string Authentication)
{
    public static readonly Dialect V2WithPassword = new(
        "v2, IPv4, password", VrrpVersion.V2, "192.168.1.108", "192.168.1.108/32", "1",
        "authentication {\n auth_type PASS\n auth_pass 1111222\n }");

    public static readonly Dialect V3 = new("v3, IPv4", VrrpVersion.V3, "192.168.1.108", "192.168.1.108/32", "0.2", "");

    public static readonly Dialect V3OverIPv6 = new(
        "v3, IPv6", VrrpVersion.V3, "fd00:1::108", "fd00:1::108/128", "0.2", "");

    public static TheoryData<string> Names => [V2WithPassword.Name, V3.Name, V3OverIPv6.Name];

    public static Dialect Of(string name) => new[] { V2WithPassword, V3, V3OverIPv6 }.Single(d => d.Name == name);

    public RouterConfiguration Router(int priority)
    {
        RouterConfiguration router = SidecarUnderTest.Router(priority, Version, Prefix);
        bool hasPassword = Authentication.Length > 0;
        return router with
        {
            Parameters = router.Parameters with
            {
                Authentication = hasPassword ? AuthenticationType.Simple : AuthenticationType.None,
                AuthenticationKey = hasPassword ? [.. Encoding.ASCII.GetBytes("1111222")] : ImmutableArray<byte>.Empty,
            },
        };
    }

    internal Keepalived Peer(Node node, int priority) =>
        new(node, Keepalived.Instance((int)Version, priority, Interval, Prefix, Authentication));
}

/// <summary>A real keepalived as Backup behind our Active.</summary>
public sealed class KeepalivedAsBackupTests
{
    [Theory]
    [MemberData(nameof(Dialect.Names), MemberType = typeof(Dialect))]
    public async Task Sidecar_ActiveBeforeKeepalived_GivesUpTakesBackAndDies(string name)
    {
        Dialect dialect = Dialect.Of(name);
        Requirements.CheckFamily(dialect.Address);
        using TestNetwork network = new("keepalived", "tcpdump", "tshark");
        using Capture capture = await Capture.Start(network);
        using Keepalived keepalived = dialect.Peer(network.Second, 100);
        using SidecarUnderTest before = new(network.First);
        before.Agent.Configure(dialect.Router(110));

        await before.Reaches(RouterStateKind.Active);
        await KeepalivedSteps.SingleHolder(network, network.First, dialect.Address);

        // Graceful stop: keepalived takes over.
        Assert.Equal(0, await before.Stop());
        Assert.False(network.First.Holds(dialect.Address));
        await KeepalivedSteps.SingleHolder(network, network.Second, dialect.Address);

        // Preemption by us.
        using SidecarUnderTest after = new(network.First);
        after.Agent.Configure(dialect.Router(110));
        await after.Reaches(RouterStateKind.Active);
        await KeepalivedSteps.SingleHolder(network, network.First, dialect.Address);

        // Our death: keepalived takes over, and our address goes by the kernel's hand.
        after.Kill();
        await KeepalivedSteps.SingleHolder(network, network.Second, dialect.Address);

        KeepalivedSteps.JudgeWire(network, capture, dialect);
    }
}

/// <summary>A real keepalived as Active before our Backup.</summary>
public sealed class KeepalivedAsActiveTests
{
    [Theory]
    [MemberData(nameof(Dialect.Names), MemberType = typeof(Dialect))]
    public async Task Sidecar_BackupBehindKeepalived_TakesOverAndYields(string name)
    {
        Dialect dialect = Dialect.Of(name);
        Requirements.CheckFamily(dialect.Address);
        using TestNetwork network = new("keepalived", "tcpdump", "tshark");
        using Capture capture = await Capture.Start(network);
        using Keepalived before = dialect.Peer(network.First, 110);
        using SidecarUnderTest sidecar = new(network.Second);
        sidecar.Agent.Configure(dialect.Router(100));

        await KeepalivedSteps.SingleHolder(network, network.First, dialect.Address);
        await sidecar.Reaches(RouterStateKind.Backup);

        // Its graceful stop: priority 0, so we wait for the skew time alone.
        await before.Stop();
        await sidecar.Reaches(RouterStateKind.Active);
        Assert.Equal(TransitionReason.ActiveRouterResigned, sidecar.Agent.Report(1)!.Reason);
        await KeepalivedSteps.SingleHolder(network, network.Second, dialect.Address);

        // Preemption by keepalived.
        using Keepalived after = dialect.Peer(network.First, 110);
        await sidecar.Reaches(RouterStateKind.Backup);
        Assert.Equal(TransitionReason.HigherPriorityHeard, sidecar.Agent.Report(1)!.Reason);
        await KeepalivedSteps.SingleHolder(network, network.First, dialect.Address);

        // Its death; what it leaves behind on its node is its own affair.
        after.Kill();
        await sidecar.Reaches(RouterStateKind.Active);
        Assert.Equal(TransitionReason.ActiveDownTimerExpired, sidecar.Agent.Report(1)!.Reason);
        Assert.True(network.Second.Holds(dialect.Address));
        await sidecar.Agent.Refresh();
        Assert.Equal(0UL, sidecar.Agent.Report(1)!.Drops.Aggregate(0UL, (sum, count) => sum + count));

        KeepalivedSteps.JudgeWire(network, capture, dialect);
    }
}

file static class KeepalivedSteps
{
    private static readonly TimeSpan Steady = TimeSpan.FromSeconds(1.5);

    /// <summary>Waits until the node alone holds the address, and looks for a while whether that stays so.</summary>
    public static async Task SingleHolder(TestNetwork network, Node holder, string address)
    {
        await Eventually.True(
            () => holder.Holds(address) && network.HolderCount(address) == 1,
            $"{holder.Namespace} alone holds {address}");
        await Eventually.Always(
            () => holder.Holds(address) && network.HolderCount(address) == 1, Steady,
            $"{holder.Namespace} alone goes on holding {address}");
    }

    public static void JudgeWire(TestNetwork network, Capture capture, Dialect dialect)
    {
        Assert.Empty(capture.Packets("_ws.malformed || vrrp.checksum.status == \"Bad\""));
        Assert.NotEmpty(capture.Packets("vrrp.checksum.status == \"Good\""));
        // Both speak, in this dialect and in no other.
        string other = dialect.Version == VrrpVersion.V2 ? "vrrp.version != 2" : "vrrp.version != 3";
        Assert.Empty(capture.Packets($"vrrp && ({other})"));
        bool isV6 = dialect.Address.Contains(':', StringComparison.Ordinal);
        // RFC 9568 §5.1.1, §5.1.2: what the socket and the kernel make of what we hand them.
        string header = isV6
            ? "ipv6.hlim == 255 && ipv6.nxt == 112 && ipv6.dst == ff02::12 && eth.dst == 33:33:00:00:00:12"
            : "ip.ttl == 255 && ip.proto == 112 && ip.dst == 224.0.0.18 && eth.dst == 01:00:5e:00:00:12";
        Assert.Empty(capture.Packets($"vrrp && !({header})"));
        string[] speakers = isV6
            ? [LinkLocal(network.First), LinkLocal(network.Second)]
            : [network.First.Address, network.Second.Address];
        Assert.Equal(speakers.Order(), capture.Sources("vrrp", isV6 ? "ipv6.src" : "ip.src").Order());
        // Each takeover is announced.
        string announcement = isV6
            ? $"icmpv6.type == 136 && icmpv6.nd.na.target_address == {dialect.Address} && icmpv6.nd.na.flag.o == 1"
            : $"arp.isgratuitous == 1 && arp.src.proto_ipv4 == {dialect.Address}";
        Assert.True(capture.Sources(announcement, "eth.src").Length == 2, "two announcers");
    }

    private static string LinkLocal(Node node) => node.Addresses()
        .Select(address => address.Split('/')[0])
        .Single(address => address.StartsWith("fe80:", StringComparison.Ordinal));
}
