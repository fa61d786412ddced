using System.Diagnostics;
using System.Globalization;
using System.Net.Sockets;

namespace VipOperator.Bench.Scale;

/// <summary>
/// The operator as it ships, in a process of its own, with what the kernel and its metrics say of it.
/// </summary>
internal sealed class OperatorProcess : IAsyncDisposable
{
    /// <summary>Clock ticks per second in /proc/PID/stat; 100 on every Linux that .NET runs on.</summary>
    private const double TicksPerSecond = 100;

    private readonly Process _process;
    private readonly HttpClient _http;

    private OperatorProcess(Process process, int port)
    {
        _process = process;
        _http = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{port}") };
    }

    /// <summary>Processor time so far, user and system.</summary>
    public TimeSpan Cpu
    {
        get
        {
            // After the name, which may hold blanks: field 3 is the first; utime is 14, stime 15.
            string stat = File.ReadAllText($"/proc/{_process.Id}/stat");
            string[] fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
            double ticks = double.Parse(fields[11], CultureInfo.InvariantCulture) + double.Parse(
                fields[12], CultureInfo.InvariantCulture);
            return TimeSpan.FromSeconds(ticks / TicksPerSecond);
        }
    }

    /// <summary>Resident memory now, in MiB.</summary>
    public double ResidentMiB => StatusMiB("VmRSS:");

    /// <summary>The most resident memory so far, in MiB.</summary>
    public double PeakResidentMiB => StatusMiB("VmHWM:");

    public static OperatorProcess Start(string program, string kubeconfig, string logFile)
    {
        int port = FreePort();
        ProcessStartInfo start = new(program)
        {
            RedirectStandardOutput = true,
            ArgumentList =
            {
                "--kubeconfig", kubeconfig, "--listen", string.Create(
                    CultureInfo.InvariantCulture, $"127.0.0.1:{port}"),
                "--log-level", "Warning",
            },
        };
        Process process = Process.Start(start)!;
        StreamWriter log = new(logFile, append: true) { AutoFlush = true };
        process.OutputDataReceived += (_, line) =>
        {
            if (line.Data is { } text)
                log.WriteLine(text);
            else
                log.Dispose();
        };
        process.BeginOutputReadLine();
        return new OperatorProcess(process, port);
    }

    public async Task<Metrics> MetricsAsync() => Metrics.Parse(await _http.GetStringAsync("/metrics"));

    /// <summary>Waits until it leads and has made its first plan.</summary>
    public async Task LeadsAsync()
    {
        while (true)
        {
            if (_process.HasExited)
                throw new InvalidOperationException($"vip-operator ended with {_process.ExitCode}.");
            try
            {
                if ((await MetricsAsync()).Sum("vipoperator_operator_plan_duration_seconds_count") > 0)
                    return;
            }
            catch (HttpRequestException)
            {
                // It does not listen yet.
            }

            await Task.Delay(10);
        }
    }

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        if (!_process.HasExited)
        {
            // SIGTERM, so that it gives the lease back.
            using Process kill = Process.Start("kill", ["-TERM", _process.Id.ToString(CultureInfo.InvariantCulture)]);
            await _process.WaitForExitAsync();
        }

        _process.Dispose();
    }

    private double StatusMiB(string field)
    {
        string line =
            File.ReadLines($"/proc/{_process.Id}/status").First(l => l.StartsWith(field, StringComparison.Ordinal));
        string kiB = line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[^2].Split('\t')[^1];
        return double.Parse(kiB, CultureInfo.InvariantCulture) / 1024;
    }

    private static int FreePort()
    {
        using TcpListener listener = new(System.Net.IPAddress.Loopback, 0);
        listener.Start();
        return ((System.Net.IPEndPoint)listener.LocalEndpoint).Port;
    }
}
