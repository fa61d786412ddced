using System.Text.RegularExpressions;
using VipOperator.Lab.Tools;

namespace VipOperator.Lab.Network;

/// <summary>
/// Hosts on one switch, each in a network namespace of its own. Everything, the switch too, is in namespaces: nothing
/// of the machine's own network is touched.
/// </summary>
internal sealed partial class NetworkSegment
{
    /// <summary>Of the machine that the others are plugged into.</summary>
    public const string SwitchName = "switch";

    private const string NamePrefix = "viplab-";
    private const string Bridge = "br0";

    private readonly string _name;

    private NetworkSegment(string name, IReadOnlyList<NetworkHost> hosts)
    {
        _name = name;
        Hosts = hosts;
    }

    public IReadOnlyList<NetworkHost> Hosts { get; }

    public string SwitchNamespace => NamespaceOf(SwitchName);

    /// <param name="name">Unique on this machine: a lab's name, or that and a lane.</param>
    /// <exception cref="ToolException">The kernel or the system refuses; nothing stays behind.</exception>
    public static async Task<NetworkSegment> CreateAsync(
        string name, IReadOnlyList<NetworkHost> hosts, CancellationToken cancellation)
    {
        NetworkSegment segment = new(name, hosts);
        try
        {
            await segment.BuildAsync(cancellation);
            return segment;
        }
        catch
        {
            await segment.DeleteAsync();
            throw;
        }
    }

    /// <summary>The namespaces of all segments of a lab that are there, whoever made them.</summary>
    public static async Task<IReadOnlyList<string>> FindNamespacesAsync(string lab, CancellationToken cancellation)
    {
        string list = await Tool.RunAsync("ip", ["netns", "list"], cancellation);
        return
        [
            .. list.Split('\n', StringSplitOptions.RemoveEmptyEntries)
                .Select(line => line.Split(' ')[0])
                .Where(ns => NamespaceName().Match(ns) is { Success: true } match && match.Groups["lab"].Value == lab),
        ];
    }

    public string NamespaceOf(NetworkHost host) => NamespaceOf(host.Name);

    /// <summary>The cable is pulled: both ends of the link lose their carrier.</summary>
    public Task UnplugAsync(NetworkHost host, CancellationToken cancellation) =>
        InSwitchAsync(["link", "set", host.Name, "down"], cancellation);

    public Task PlugAsync(NetworkHost host, CancellationToken cancellation) =>
        InSwitchAsync(["link", "set", host.Name, "up"], cancellation);

    /// <summary>
    /// The switch passes nothing from or to the host any more, while the link keeps its carrier: nobody is told.
    /// </summary>
    public Task CutOffAsync(NetworkHost host, CancellationToken cancellation) =>
        InSwitchAsync(["link", "set", host.Name, "nomaster"], cancellation);

    public Task RejoinAsync(NetworkHost host, CancellationToken cancellation) =>
        InSwitchAsync(["link", "set", host.Name, "master", Bridge], cancellation);

    public async Task DeleteAsync()
    {
        foreach (string ns in Hosts.Select(NamespaceOf).Append(SwitchNamespace))
            await Tool.TryRunAsync("ip", ["netns", "delete", ns], CancellationToken.None);
    }

    private static string Link(string name) => $"link set {name} up\n";

    // The links are made where they belong, so that no name of theirs ever shows up in the machine's own namespace. No
    // address of a lab is ever a duplicate: "nodad" and the fixed link-local address spare the second that detection
    // takes.
    private async Task BuildAsync(CancellationToken cancellation)
    {
        foreach (string ns in Hosts.Select(NamespaceOf).Append(SwitchNamespace))
            await Tool.RunAsync("ip", ["netns", "add", ns], cancellation);
        await BatchAsync(SwitchNamespace, $"link add {Bridge} type bridge stp_state 0 forward_delay 0 "
            + $"mcast_snooping 0\n" + Link(Bridge), cancellation);
        foreach (NetworkHost host in Hosts)
        {
            await Tool.RunAsync(
                "ip",
                ["link", "add", NetworkHost.Link, "address", host.Mac, "netns", NamespaceOf(host), "type", "veth",
                    "peer", "name", host.Name, "netns", SwitchNamespace],
                cancellation);
            await BatchAsync(
                SwitchNamespace, $"link set {host.Name} master {Bridge}\n" + Link(host.Name), cancellation);
            await BatchAsync(NamespaceOf(host), ConfigurationOf(host), cancellation);
        }
    }

    private static string ConfigurationOf(NetworkHost host)
    {
        string v4 = Link("lo")
            + $"addr add {host.Address}/24 dev {NetworkHost.Link}\n";
        if (!File.Exists("/proc/net/if_inet6"))
            return v4 + Link(NetworkHost.Link);
        return v4
            + $"link set {NetworkHost.Link} addrgenmode none\n"
            + Link(NetworkHost.Link)
            + $"addr add {host.LinkLocal}/64 dev {NetworkHost.Link} scope link nodad\n"
            + $"addr add {host.AddressV6}/64 dev {NetworkHost.Link} nodad\n";
    }

    private static async Task BatchAsync(string ns, string commands, CancellationToken cancellation)
    {
        ToolResult result = await Tool.TryRunAsync("ip", ["-n", ns, "-batch", "-"], cancellation, commands);
        if (!result.Succeeded)
            throw new ToolException($"'{result.CommandLine}' failed: {result.Text}\nThe commands were:\n{commands}");
    }

    private Task<string> InSwitchAsync(string[] command, CancellationToken cancellation) =>
        Tool.RunAsync("ip", ["-n", SwitchNamespace, .. command], cancellation);

    private string NamespaceOf(string member) => $"{NamePrefix}{_name}-{member}";

    [GeneratedRegex($"^{NamePrefix}(?<lab>[a-z0-9]+)(-lane[0-9]+)?-[a-z0-9]+$")]
    private static partial Regex NamespaceName();
}
