using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace VipOperator.Agent.Tests.Peers;

/// <summary>A real nginx with a folder and a port of its own.</summary>
internal sealed class Nginx : IDisposable
{
    private const string Program = "/usr/sbin/nginx";

    private readonly string _folder = Directory.CreateTempSubdirectory("agent-nginx-").FullName;

    public Nginx()
    {
        using (Socket probe = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp))
        {
            probe.Bind(new IPEndPoint(IPAddress.Loopback, 0));
            Port = ((IPEndPoint)probe.LocalEndPoint!).Port;
        }

        Directory.CreateDirectory(Path.Combine(_folder, "logs"));
        File.WriteAllText(Path.Combine(_folder, "nginx.conf"),
            $$"""
            worker_processes 2;
            pid {{_folder}}/nginx.pid;
            error_log {{_folder}}/logs/error.log info;
            events {}
            http {
              access_log off;
              client_body_temp_path {{_folder}}; proxy_temp_path {{_folder}}; fastcgi_temp_path {{_folder}};
              uwsgi_temp_path {{_folder}}; scgi_temp_path {{_folder}};
              server { listen 127.0.0.1:{{Port}}; location / { return 200 "ok\n"; } }
            }
            """);
    }

    public int Port { get; }

    public static void SkipUnlessInstalled()
    {
        if (!File.Exists(Program))
            Assert.Skip($"nginx is not installed ({Program}); install the package nginx-light to run this test.");
    }

    public async Task StartAsync()
    {
        using Process start = Process.Start(Program, ["-p", _folder, "-c", Path.Combine(_folder, "nginx.conf")]);
        await start.WaitForExitAsync();
        Assert.Equal(0, start.ExitCode);
    }

    /// <summary>The master first, then its workers.</summary>
    public int[] Processes()
    {
        string path = Path.Combine(_folder, "nginx.pid");
        if (!File.Exists(path))
            return [];
        int master = int.Parse(File.ReadAllText(path), CultureInfo.InvariantCulture);
        string children = $"/proc/{master}/task/{master}/children";
        return File.Exists(children)
            ? [master, .. File.ReadAllText(children).Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(c => int.Parse(c, CultureInfo.InvariantCulture))]
            : [];
    }

    public async Task SignalAsync(string signal, params int[] processes)
    {
        using Process kill = Process.Start("kill", ["-" + signal, .. processes.Select(p => p.ToString(CultureInfo.InvariantCulture))]);
        await kill.WaitForExitAsync();
    }

    public async Task KillAsync() => await SignalAsync("KILL", Processes());

    public void Dispose()
    {
        int[] processes = Processes();
        if (processes.Length > 0)
        {
            using Process kill = Process.Start("kill", ["-KILL", .. processes.Select(p => p.ToString(CultureInfo.InvariantCulture))]);
            kill.WaitForExit();
        }

        Directory.Delete(_folder, recursive: true);
    }
}
