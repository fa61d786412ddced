using System.Diagnostics;

namespace VipOperator.Sidecar.Netns.Tests.Support;

/// <summary>
/// Everything of protocol 112, ARP and neighbour discovery at one place of the network, judged by tshark.
/// </summary>
internal sealed class Capture : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("vips-capture-");
    private readonly Process _tcpdump;
    private readonly string _file;

    private Capture(string networkNamespace, string link)
    {
        _file = Path.Combine(_folder.FullName, "run.pcap");
        _tcpdump = Process.Start(new ProcessStartInfo(
            "ip",
            [
                "netns", "exec", networkNamespace, "tcpdump", "-i", link, "-U", "--immediate-mode", "-Z", "root",
                "-w", _file,
                "ip proto 112 or ip6 proto 112 or arp or icmp6",
            ])
        {
            RedirectStandardError = true,
        })!;
    }

    /// <summary>What crosses the switch to all of its ports.</summary>
    public static Task<Capture> Start(TestNetwork network) => Start(network.Switch, "br0");

    /// <summary>What a node receives and sends.</summary>
    public static Task<Capture> Start(Node node) => Start(node.Namespace, "eth0");

    private static async Task<Capture> Start(string networkNamespace, string link)
    {
        Capture capture = new(networkNamespace, link);
        // The file's header is written when the capture runs.
        await Eventually.True(
            () => File.Exists(capture._file) && new FileInfo(capture._file).Length > 0, "tcpdump captures");
        return capture;
    }

    /// <returns>A line for each packet that the filter matches.</returns>
    public string[] Packets(string displayFilter) => Read("-Y", displayFilter);

    /// <returns>The different values of a field in the packets that the filter matches.</returns>
    public string[] Sources(string displayFilter, string field) =>
        [.. Read("-Y", displayFilter, "-T", "fields", "-e", field).Distinct()];

    public void Dispose()
    {
        if (!_tcpdump.HasExited)
            _tcpdump.Kill();
        _tcpdump.WaitForExit();
        _tcpdump.Dispose();
        _folder.Delete(recursive: true);
    }

    // Ends the capture, at the first time, and reads it.
    private string[] Read(params string[] arguments)
    {
        if (!_tcpdump.HasExited)
        {
            Command.Run("kill", "-INT", _tcpdump.Id.ToString(System.Globalization.CultureInfo.InvariantCulture));
            _tcpdump.WaitForExit();
        }

        return Command.Run("tshark", ["-r", _file, .. arguments]).Split('\n', StringSplitOptions.RemoveEmptyEntries);
    }
}
