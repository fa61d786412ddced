namespace VipOperator.Sidecar.Netns.Tests.Support;

/// <summary>A network namespace with a link eth0 whose other end is a port of the switch.</summary>
internal sealed record Node(string Namespace, string Switch, string Port)
{
    /// <param name="address">Without a length.</param>
    public bool Holds(string address) => Addresses().Any(a => a.StartsWith(address + "/", StringComparison.Ordinal));

    /// <summary>address/length of eth0, both families.</summary>
    public string[] Addresses() =>
    [
        .. Command.Run("ip", "-n", Namespace, "-o", "addr", "show", "dev", "eth0")
            .Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[3]),
    ];

    public string Ip(params string[] arguments) => Command.Run("ip", ["-n", Namespace, .. arguments]);

    /// <summary>Pulls the cable, or puts it in again: the node's own link stays up but has no carrier.</summary>
    public void SetCable(bool connected) => Command.Run("ip", "-n", Switch, "link", "set", Port, connected ? "up" : "down");
}
