using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace VipOperator.Agent.Tests.Peers;

/// <summary>A real nginx with a folder and a port of its own; none of its processes outlives it.</summary>
internal sealed class Nginx : IDisposable
{
    private const string Program = "/usr/sbin/nginx";

    private readonly string _folder = Directory.CreateTempSubdirectory("agent-nginx-").FullName;

    private readonly int _workers;
    private readonly PosixSignalRegistration _terminated;

    public Nginx(int workers = 2, bool secured = false)
    {
        _workers = workers;
        using (Socket probe = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp))
        {
            probe.Bind(new IPEndPoint(IPAddress.Loopback, 0));
            Port = ((IPEndPoint)probe.LocalEndPoint!).Port;
        }

        // A test run that is ended by a signal disposes of nothing; the signal takes its course after this.
        _terminated = PosixSignalRegistration.Create(PosixSignal.SIGTERM, _ => End());
        Directory.CreateDirectory(Path.Combine(_folder, "logs"));
        if (secured)
            WriteCertificate();
        string certificate = secured
            ? $"ssl_certificate {_folder}/cert.pem; ssl_certificate_key {_folder}/key.pem;"
            : "";
        File.WriteAllText(Path.Combine(_folder, "nginx.conf"),
            $$"""
            worker_processes {{workers}};
            pid {{_folder}}/nginx.pid;
            error_log {{_folder}}/logs/error.log info;
            events {}
            http {
              access_log off;
              client_body_temp_path {{_folder}}; proxy_temp_path {{_folder}}; fastcgi_temp_path {{_folder}};
              uwsgi_temp_path {{_folder}}; scgi_temp_path {{_folder}};
              server { listen 127.0.0.1:{{Port}}{{(secured ? " ssl" : "")}}; {{certificate}} location / { return 200 "ok\n"; } }
            }
            """);
    }

    public int Port { get; }

    public static void SkipUnlessInstalled()
    {
        if (!File.Exists(Program))
            Assert.Skip($"nginx is not installed ({Program}); install the package nginx-light to run this test.");
    }

    /// <summary>Returns when all workers are there.</summary>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        using Process start = Process.Start(Program, ["-p", _folder, "-c", Path.Combine(_folder, "nginx.conf")]);
        await start.WaitForExitAsync(cancellationToken);
        Assert.Equal(0, start.ExitCode);
        while (Master() is not { } master || Workers(master).Length < _workers)
            await Task.Delay(5, cancellationToken);
    }

    /// <summary>The master that wrote the pid file; null when there is none.</summary>
    public int? Master() => ReadProcessId("nginx.pid");

    /// <summary>During an upgrade: the master of the old program.</summary>
    public int? OldMaster() => ReadProcessId("nginx.pid.oldbin");

    public static int[] Workers(int master)
    {
        try
        {
            return [.. File.ReadAllText($"/proc/{master}/task/{master}/children")
                .Split(' ', StringSplitOptions.RemoveEmptyEntries)
                .Select(c => int.Parse(c, CultureInfo.InvariantCulture))
                .Where(c => File.ReadAllText($"/proc/{c}/cmdline")
                    .Contains("worker process", StringComparison.Ordinal))];
        }
        catch (IOException)
        {
            return [];
        }
    }

    /// <summary>The master first, then its workers.</summary>
    public int[] Processes() => Master() is { } master ? [master, .. Workers(master)] : [];

    public static async Task SignalAsync(string signal, CancellationToken cancellationToken, params int[] processes)
    {
        using Process kill = Process.Start(
            "kill", ["-" + signal, .. processes.Select(p => p.ToString(CultureInfo.InvariantCulture))]);
        await kill.WaitForExitAsync(cancellationToken);
    }

    public Task KillAsync(CancellationToken cancellationToken) => SignalAsync("KILL", cancellationToken, Processes());

    public static async Task UntilGoneAsync(IEnumerable<int> processes, CancellationToken cancellationToken)
    {
        foreach (int process in processes)
        {
            while (Directory.Exists($"/proc/{process}"))
                await Task.Delay(5, cancellationToken);
        }
    }

    public void Dispose()
    {
        _terminated.Dispose();
        End();
    }

    private void End()
    {
        // Again, because a master that dies last may have begun another worker.
        for (int round = 0; round < 3; round++)
        {
            foreach (int process in AllProcesses())
                Kill(process);
        }

        Directory.Delete(_folder, recursive: true);
    }

    private static void Kill(int id)
    {
        try
        {
            using Process process = Process.GetProcessById(id);
            process.Kill();
        }
        catch (Exception e) when (e is ArgumentException or InvalidOperationException or Win32Exception)
        {
            // Gone already.
        }
    }

    /// <summary>
    /// All that have a file of the folder open, which says more than a pid file: masters, workers, those without a
    /// parent.
    /// </summary>
    private IEnumerable<int> AllProcesses()
    {
        foreach (string directory in Directory.EnumerateDirectories("/proc"))
        {
            if (int.TryParse(Path.GetFileName(directory), NumberStyles.None, CultureInfo.InvariantCulture, out int id)
                && IsOurs(directory))
                yield return id;
        }
    }

    private bool IsOurs(string directory)
    {
        try
        {
            return File.ReadAllText(directory + "/comm").StartsWith("nginx", StringComparison.Ordinal)
                && Directory.EnumerateFiles(directory + "/fd").Any(
                    fd => new FileInfo(fd).LinkTarget?.StartsWith(_folder + "/", StringComparison.Ordinal) == true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    private int? ReadProcessId(string file)
    {
        try
        {
            string text = File.ReadAllText(Path.Combine(_folder, file));
            return int.TryParse(text, NumberStyles.AllowTrailingWhite, CultureInfo.InvariantCulture, out int id)
                ? id
                : null;
        }
        catch (FileNotFoundException)
        {
            return null;
        }
    }

    private void WriteCertificate()
    {
        using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using X509Certificate2 certificate = new CertificateRequest("CN=nobody", key, HashAlgorithmName.SHA256)
            .CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
        File.WriteAllText(Path.Combine(_folder, "cert.pem"), certificate.ExportCertificatePem());
        File.WriteAllText(Path.Combine(_folder, "key.pem"), key.ExportPkcs8PrivateKeyPem());
    }
}
