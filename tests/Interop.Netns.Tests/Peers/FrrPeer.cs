using System.Diagnostics;
using System.Globalization;
using System.Text;
using VipOperator.Sidecar.Netns.Tests.Support;
using VipOperator.Vrrp;

namespace VipOperator.Interop.Netns.Tests.Peers;

/// <summary>
/// FRR's vrrpd with its zebra. It works on a macvlan link that it expects to be there, with the virtual MAC and the
/// address, and takes that link's carrier while it is Backup.
/// </summary>
internal sealed class FrrPeer : IPeer
{
    private const string Programs = "/usr/lib/frr";
    private const string Link = "vrrp";

    // The daemons give root up, so the folder must be theirs, and reachable.
    private readonly DirectoryInfo _folder = Directory.CreateDirectory(
        Path.Combine(Path.GetTempPath(), $"vips-frr-{Guid.NewGuid():N}"));

    private readonly TestNetwork _network;
    private readonly Dialect _dialect;
    private readonly int _priority;
    private readonly StringBuilder _log = new();
    private Process? _zebra;
    private Process? _vrrpd;

    public FrrPeer(TestNetwork network, Dialect dialect, int priority)
    {
        (_network, _dialect, _priority) = (network, dialect, priority);
        Command.Run("chown", "frr:frr", _folder.FullName);
        // The address is local even while its link is down: without this, Linux answers for it on eth0.
        string node = network.Second.Namespace;
        Command.Run(
            "ip", "netns", "exec", node, "sysctl", "-qw",
            "net.ipv4.conf.all.arp_ignore=1", "net.ipv4.conf.all.arp_announce=2");
    }

    public static bool IsInstalled => File.Exists(Path.Combine(Programs, "vrrpd"));

    public async Task Start()
    {
        _network.Second.SetCable(connected: true);
        Node node = _network.Second;
        bool isV6 = _dialect.Family == IpFamily.V6;
        if (_zebra is null)
        {
            node.Ip("link", "add", Link, "link", "eth0", "type", "macvlan", "mode", "bridge");
            node.Ip("link", "set", Link, "address", isV6 ? "00:00:5e:00:02:33" : "00:00:5e:00:01:33");
            node.Ip("link", "set", Link, "addrgenmode", "random");
            if (isV6)
            {
                // As on eth0: an advertisement cannot leave while its source address is tentative.
                Command.Run(
                    "ip", "netns", "exec", node.Namespace, "sysctl", "-qw", $"net.ipv6.conf.{Link}.accept_dad=0");
            }

            node.Ip(["addr", "add", _dialect.Prefix, "dev", Link, .. (isV6 ? ["nodad"] : Array.Empty<string>())]);
            node.Ip("link", "set", Link, "up");
            _zebra = Run("zebra", "log stdout\n");
            string socket = Path.Combine(_folder.FullName, "zserv.api");
            await Eventually.True(() => File.Exists(socket), () => $"zebra listens; log:\n{_log}");
        }

        _vrrpd = Run("vrrpd", string.Create(
            CultureInfo.InvariantCulture,
            $"""
             log stdout debugging
             interface eth0
              vrrp 51 version {(int)_dialect.Version}
              vrrp 51 priority {_priority}
              vrrp 51 advertisement-interval {_dialect.Interval.Value * 10}
              vrrp 51 {(isV6 ? "ipv6" : "ip")} {_dialect.Address}

             """));
        // Its link has a carrier until vrrpd is Backup.
        await Eventually.True(() => IsRunning(), () => $"vrrpd runs; log:\n{_log}");
    }

    public async Task Stop()
    {
        Command.Run("kill", "-TERM", Id(_vrrpd!));
        await _vrrpd!.WaitForExitAsync(TestContext.Current.CancellationToken).WaitAsync(TimeSpan.FromSeconds(30));
    }

    public bool IsActive() => Status()?.Contains("Master", StringComparison.Ordinal) ?? false;

    public void Die()
    {
        _network.Second.SetCable(connected: false);
        Kill(_vrrpd);
        Kill(_zebra);
        _zebra = null;
        _ = Command.Try("ip", "-n", _network.Second.Namespace, "link", "del", Link);
    }

    public void Dispose()
    {
        Kill(_vrrpd);
        Kill(_zebra);
        _folder.Delete(recursive: true);
    }

    private string? Status()
    {
        (int exitCode, string routers, _) = Command.Try("vtysh", "--vty_socket", _folder.FullName, "-c", "show vrrp");
        string label = _dialect.Family == IpFamily.V6 ? "Status (v6)" : "Status (v4)";
        return exitCode != 0
            ? null
            : routers.Split('\n').FirstOrDefault(l => l.TrimStart().StartsWith(label, StringComparison.Ordinal));
    }

    private bool IsRunning()
    {
        string? status = Status();
        if (status is null || status.Contains("Initialize", StringComparison.Ordinal))
            return false;
        return status.Contains("Master", StringComparison.Ordinal)
            || _network.Second.Ip("-d", "link", "show", Link).Contains("protodown on", StringComparison.Ordinal);
    }

    private static string Id(Process process) => process.Id.ToString(CultureInfo.InvariantCulture);

    private static void Kill(Process? process)
    {
        if (process is null)
            return;
        if (!process.HasExited)
            process.Kill();
        process.WaitForExit();
    }

    private Process Run(string program, string configuration)
    {
        string file = Path.Combine(_folder.FullName, $"{program}.conf");
        File.WriteAllText(file, configuration);
        Process process = Process.Start(new ProcessStartInfo(
            "ip",
            [
                "netns", "exec", _network.Second.Namespace, Path.Combine(Programs, program),
                "-f", file, "-i", Path.Combine(_folder.FullName, $"{program}.pid"),
                "-z", Path.Combine(_folder.FullName, "zserv.api"), "--vty_socket", _folder.FullName,
                "--log", "stdout", "-P", "0",
            ])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        process.OutputDataReceived += Note;
        process.ErrorDataReceived += Note;
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        return process;
    }

    private void Note(object sender, DataReceivedEventArgs line)
    {
        lock (_log)
            _log.AppendLine(line.Data);
    }
}
