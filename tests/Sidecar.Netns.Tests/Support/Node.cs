using System.Diagnostics;
using System.Globalization;

namespace VipOperator.Sidecar.Netns.Tests.Support;

/// <summary>A network namespace with a link eth0 whose other end is a port of the switch.</summary>
internal sealed record Node(string Namespace, string Address, string Switch, string Port)
{
    /// <param name="address">Without a length.</param>
    public bool Holds(string address) => Addresses().Any(a => a.StartsWith(address + "/", StringComparison.Ordinal));

    /// <summary>address/length of all links, both families.</summary>
    public string[] Addresses() => AddressesOf("addr", "show");

    /// <summary>address/length of one link, both families.</summary>
    public string[] Addresses(string link) => AddressesOf("addr", "show", "dev", link);

    /// <summary>The names of the links that carry a virtual MAC address.</summary>
    public string[] VirtualLinks() =>
    [
        .. Ip("-o", "link", "show", "type", "macvlan")
            .Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1].Split('@')[0]),
    ];

    /// <summary>The MAC address that the node's kernel has for a neighbour; null while it has none.</summary>
    public string? NeighborOf(string address)
    {
        string[] words = Ip("neigh", "show", address).Split(' ', StringSplitOptions.RemoveEmptyEntries);
        int at = Array.IndexOf(words, "lladdr");
        return at < 0 ? null : words[at + 1];
    }

    /// <summary>Whether one echo request is answered.</summary>
    public bool Reaches(string address) =>
        Command.Try("ip", "netns", "exec", Namespace, "ping", "-n", "-c", "1", "-W", "1", address).ExitCode == 0;

    /// <param name="name">With slashes or dots, as sysctl takes it.</param>
    public string Sysctl(string name) => Command.Run("ip", "netns", "exec", Namespace, "sysctl", "-n", name).Trim();

    public void SetSysctl(string name, int value) =>
        Command.Run("ip", "netns", "exec", Namespace, "sysctl", "-qw",
            string.Create(CultureInfo.InvariantCulture, $"{name}={value}"));

    public string Ip(params string[] arguments) => Command.Run("ip", ["-n", Namespace, .. arguments]);

    /// <summary>Sends a packet of IP protocol 112 to 224.0.0.18.</summary>
    public void SendRaw(byte[] message, int timeToLive)
    {
        using Process socat = Process.Start(new ProcessStartInfo(
            "ip",
            ["netns", "exec", Namespace, "socat", "-u", "STDIN",
                $"IP4-SENDTO:224.0.0.18:112,ip-multicast-ttl={timeToLive},ip-multicast-if={Address}"])
        {
            RedirectStandardInput = true,
        })!;
        socat.StandardInput.BaseStream.Write(message);
        socat.StandardInput.Close();
        socat.WaitForExit();
        Assert.Equal(0, socat.ExitCode);
    }

    /// <summary>A firewall that swallows what peers advertise.</summary>
    /// <param name="match">Of nft: which of it; empty: all.</param>
    public void DropVrrp(string match = "") => Swallow($"{match} meta l4proto 112 drop");

    /// <summary>A network that loses some of what peers advertise.</summary>
    public void LoseVrrp(int percent) =>
        Swallow($"meta l4proto 112 numgen random mod 100 < {percent.ToString(CultureInfo.InvariantCulture)} drop");

    public void AcceptVrrp() => Nft("delete table inet swallow");

    /// <summary>Pulls the cable, or puts it in again: the node's own link stays up but has no carrier.</summary>
    public void SetCable(bool connected) =>
        Command.Run("ip", "-n", Switch, "link", "set", Port, connected ? "up" : "down");

    /// <summary>Of eth0, as in "4e:1d:ad:ec:c8:cc".</summary>
    public string HardwareAddress()
    {
        string[] words = Ip("-o", "link", "show", "dev", "eth0").Split(' ', StringSplitOptions.RemoveEmptyEntries);
        return words[Array.IndexOf(words, "link/ether") + 1];
    }

    private string[] AddressesOf(params string[] show) =>
    [
        .. Ip(["-o", .. show])
            .Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[3]),
    ];

    private void Swallow(string rule)
    {
        Nft("add table inet swallow");
        Nft("add chain inet swallow input { type filter hook input priority 0; }");
        Nft($"add rule inet swallow input {rule}");
    }

    private void Nft(string command) => Command.Run("ip", "netns", "exec", Namespace, "nft", command);
}
