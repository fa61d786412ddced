using System.Diagnostics;
using System.Globalization;
using System.Text;

namespace VipOperator.Sidecar.Netns.Tests.Support;

/// <summary>A real keepalived in a namespace; its two processes, its files and its pid file are its own.</summary>
internal sealed class Keepalived : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("vips-keepalived-");
    private readonly Process _process;
    private readonly StringBuilder _log = new();

    public Keepalived(Node node, string configuration)
    {
        string file = Path.Combine(_folder.FullName, "keepalived.conf");
        File.WriteAllText(file, configuration);
        _process = Process.Start(new ProcessStartInfo(
            "ip",
            [
                "netns", "exec", node.Namespace, "keepalived", "--dont-fork", "--log-console", "--log-detail", "--vrrp",
                "--use-file", file,
                "--pid", Path.Combine(_folder.FullName, "main.pid"),
                "--vrrp_pid", Path.Combine(_folder.FullName, "vrrp.pid"),
            ])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        _process.OutputDataReceived += Note;
        _process.ErrorDataReceived += Note;
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    public string Log
    {
        get
        {
            lock (_log)
                return _log.ToString();
        }
    }

    /// <summary>A router as the tutorial has it, on eth0.</summary>
    /// <param name="extra">More lines of the instance.</param>
    public static string Instance(int version, int priority, string interval, string address, string extra) =>
        string.Create(
        CultureInfo.InvariantCulture,
        $$"""
        global_defs {
          router_id peer
          vrrp_version {{version}}
          vrrp_garp_master_refresh 0
        }
        vrrp_instance web {
          state BACKUP
          interface eth0
          virtual_router_id 51
          priority {{priority}}
          advert_int {{interval}}
          {{extra}}
          virtual_ipaddress {
            {{address}}
          }
        }
        """);

    /// <summary>SIGTERM: it resigns and ends.</summary>
    public async Task Stop()
    {
        Command.Run("kill", "-TERM", Id(_process.Id));
        await _process.WaitForExitAsync(TestContext.Current.CancellationToken).WaitAsync(TimeSpan.FromSeconds(30));
    }

    /// <summary>
    /// SIGKILL of both processes. The parent is paused meanwhile: alive it would start its child again, and when it
    /// ends first the child is sent SIGTERM and resigns.
    /// </summary>
    public void Kill()
    {
        string[] children = File.ReadAllText($"/proc/{_process.Id}/task/{_process.Id}/children")
            .Split(' ', StringSplitOptions.RemoveEmptyEntries);
        Command.Run("kill", "-STOP", Id(_process.Id));
        _ = Command.Try("kill", ["-KILL", .. children]);
        Command.Run("kill", "-KILL", Id(_process.Id));
        _process.WaitForExit();
    }

    public void Dispose()
    {
        if (!_process.HasExited)
            Kill();
        _process.Dispose();
        _folder.Delete(recursive: true);
    }

    private static string Id(int processId) => processId.ToString(CultureInfo.InvariantCulture);

    private void Note(object sender, DataReceivedEventArgs line)
    {
        lock (_log)
            _log.AppendLine(line.Data);
    }
}
