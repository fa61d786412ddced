using System.Net;

namespace VipOperator.Lab.Network;

/// <summary>A machine of the lab: a network namespace with one link, <c>eth0</c>, plugged into the switch.</summary>
/// <param name="Name">node1, node2 or client; also the name of its port on the switch.</param>
/// <param name="LastByte">Of all its addresses: 192.168.1.103, fd00:192:168:1::103.</param>
internal sealed record NetworkHost(string Name, byte LastByte)
{
    public const string Link = "eth0";

    public static readonly NetworkHost Node1 = new("node1", 103);
    public static readonly NetworkHost Node2 = new("node2", 104);
    public static readonly NetworkHost Client = new("client", 2);

    /// <summary>The hosts of the tutorial and a client that asks them.</summary>
    public static readonly IReadOnlyList<NetworkHost> All = [Node1, Node2, Client];

    public static readonly IReadOnlyList<NetworkHost> Nodes = [Node1, Node2];

    public IPAddress Address => new([192, 168, 1, LastByte]);

    /// <summary>The last group reads as the last byte does in decimal, so that both families look alike.</summary>
    public string AddressV6 => $"fd00:192:168:1::{LastByte}";

    public string LinkLocal => $"fe80::{LastByte}";

    /// <summary>Locally administered, with the IPv4 address in it, so that a capture can be read.</summary>
    public string Mac => $"02:00:c0:a8:01:{LastByte:x2}";
}
