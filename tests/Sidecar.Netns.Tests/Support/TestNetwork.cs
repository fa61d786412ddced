using System.Globalization;

namespace VipOperator.Sidecar.Netns.Tests.Support;

/// <summary>Network namespaces on one switch; gone again when disposed of, whatever happened before.</summary>
internal sealed class TestNetwork : IDisposable
{
    private static int _count;

    private readonly string _prefix = string.Create(
        CultureInfo.InvariantCulture, $"vips-{Environment.ProcessId}-{Interlocked.Increment(ref _count)}");

    private readonly List<Node> _nodes = [];

    public TestNetwork(params string[] programs)
    {
        Requirements.Check(programs);
        Switch = $"{_prefix}-sw";
        Command.Run("ip", "netns", "add", Switch);
        try
        {
            Command.Run("ip", "-n", Switch, "link", "add", "br0", "type", "bridge", "mcast_snooping", "0");
            Command.Run("ip", "-n", Switch, "link", "set", "br0", "up");
            First = Add("a", 103);
            Second = Add("b", 104);
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>The namespace of the switch: its bridge br0 sees all frames.</summary>
    public string Switch { get; }

    /// <summary>192.168.1.103, as the first host of the tutorial.</summary>
    public Node First { get; }

    /// <summary>192.168.1.104.</summary>
    public Node Second { get; }

    /// <summary>192.168.1.105: one more node, which takes no part.</summary>
    public Node AddClient() => Add("c", 105);

    /// <summary>192.168.1.HOST.</summary>
    public Node AddNode(string name, int host) => Add(name, host);

    /// <summary>
    /// Takes the cable between a node and the switch apart; somebody has to carry the frames from one of the links,
    /// which are in the namespace of the switch, to the other.
    /// </summary>
    public (string Near, string Far) CutWire(Node node)
    {
        Command.Run("ip", "-n", Switch, "link", "set", node.Port, "nomaster");
        Command.Run("ip", "-n", Switch, "link", "add", "wire", "type", "veth", "peer", "name", "wire-port");
        Command.Run("ip", "-n", Switch, "link", "set", "wire-port", "master", "br0", "up");
        Command.Run("ip", "-n", Switch, "link", "set", "wire", "up");
        return (node.Port, "wire");
    }

    /// <summary>Cuts the two nodes from each other, while everyone else reaches both, or joins them again.</summary>
    public void SetPartition(bool cut)
    {
        foreach (Node node in new[] { First, Second })
            Command.Run(
                "ip", "-n", Switch, "link", "set", node.Port, "type", "bridge_slave", "isolated", cut ? "on" : "off");
    }

    /// <summary>One more node, 192.168.1.{host}: a client, or a third speaker.</summary>
    /// <param name="name">Of a few letters, another one than those of the nodes there are (a and b).</param>
    public Node Add(string name, int host)
    {
        string node = $"{_prefix}-{name}";
        string port = $"port-{name}";
        Command.Run("ip", "netns", "add", node);
        _nodes.Add(new Node(node, $"192.168.1.{host}", Switch, port));
        Command.Run("ip", "-n", node, "link", "set", "lo", "up");
        Connect(_nodes[^1]);
        return _nodes[^1];
    }

    /// <summary>Gives a node its link, for the first time or again.</summary>
    public void Connect(Node node)
    {
        node.Ip("link", "add", "eth0", "type", "veth", "peer", "name", node.Port, "netns", Switch);
        Command.Run("ip", "-n", Switch, "link", "set", node.Port, "master", "br0", "up");
        node.Ip("addr", "add", $"{node.Address}/24", "dev", "eth0");
        if (Requirements.HasIPv6)
        {
            // The link-local address is there at once: duplicate address detection would take a second and finds
            // nothing.
            _ = Command.Try("ip", "netns", "exec", node.Namespace, "sysctl", "-qw", "net.ipv6.conf.eth0.accept_dad=0");
            node.Ip("addr", "add", $"fd00:1::{node.Address.Split('.')[^1]}/64", "dev", "eth0", "nodad");
        }

        node.Ip("link", "set", "eth0", "up");
    }

    /// <summary>Skips a test of a type of link that this kernel does not have.</summary>
    /// <param name="arguments">What follows the name, "type" first.</param>
    public void RequireLinkType(params string[] arguments)
    {
        (int exitCode, _, string error) = Command.Try("ip", ["-n", Switch, "link", "add", "trial0", .. arguments]);
        if (exitCode != 0)
            Assert.Skip($"This kernel has no such link as {string.Join(' ', arguments)}: {error.Trim()}");
        Command.Run("ip", "-n", Switch, "link", "del", "trial0");
    }

    /// <summary>How many nodes hold the address at this moment.</summary>
    public int HolderCount(string address) => _nodes.Count(n => n.Holds(address));

    public void Dispose()
    {
        foreach (Node node in _nodes)
            _ = Command.Try("ip", "netns", "del", node.Namespace);
        _ = Command.Try("ip", "netns", "del", Switch);
    }
}
