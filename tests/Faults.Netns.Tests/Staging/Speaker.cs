using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using VipOperator.Sidecar.Netns.Tests.Support;

namespace VipOperator.Faults.Netns.Tests.Staging;

/// <summary>A vip-sidecar with its vip-agent on a node, from a configuration file, as a person runs it.</summary>
internal sealed class Speaker : IDisposable
{
    private const int LifelinePort = 15112;

    private readonly Process _process;
    private readonly List<string> _log = [];
    private readonly string _configurationFile;

    /// <param name="folder">For its files; the caller's.</param>
    /// <param name="wrapper">A command that runs the sidecar, if any.</param>
    public Speaker(Node node, string folder, string configuration, string[] wrapper)
    {
        Node = node;
        _configurationFile = Path.Combine(folder, "members.yaml");
        StateDirectory = Path.Combine(folder, "state");
        Directory.CreateDirectory(StateDirectory);
        Configure(configuration);
        ProcessStartInfo start = new(
            "ip",
            [
                "netns", "exec", node.Namespace, .. wrapper, SidecarUnderTest.Binary,
                "--config", _configurationFile, "--state-directory", StateDirectory, "--metrics-address", "none",
                // These tests share the machine with others; they judge by what happens, not by how soon.
                "--realtime-priority", "0",
            ])
        {
            RedirectStandardError = true,
        };
        _process = Process.Start(start)!;
        _process.ErrorDataReceived += (_, line) =>
        {
            lock (_log)
                _log.Add(line.Data ?? "");
        };
        _process.BeginErrorReadLine();
    }

    public Node Node { get; }

    public string StateDirectory { get; }

    public int ProcessId => _process.Id;

    public bool HasEnded => _process.HasExited;

    public int ExitCode => _process.ExitCode;

    public string Log
    {
        get
        {
            lock (_log)
                return string.Join('\n', _log);
        }
    }

    /// <summary>0 while there is none.</summary>
    public int AgentId => HasEnded ? 0 : Children(ProcessId).FirstOrDefault();

    /// <summary>The texts of the log that are no mere information about this start, each once, in order.</summary>
    public IEnumerable<string> Remarks()
    {
        string[] lines;
        lock (_log)
            lines = [.. _log];
        foreach (string line in lines)
        {
            if (!line.StartsWith('{'))
            {
                if (line.Length > 0)
                    yield return line;
                continue;
            }

            using JsonDocument entry = JsonDocument.Parse(line);
            string level = entry.RootElement.GetProperty("level").GetString()!;
            string message = entry.RootElement.GetProperty("message").GetString()!;
            bool isTransition = entry.RootElement.TryGetProperty("To", out _);
            if (isTransition || level is "warning" or "error" or "critical")
                yield return message;
        }
    }

    /// <summary>Replaces the file as an editor or a ConfigMap does: another file takes its name.</summary>
    public void Configure(string configuration)
    {
        File.WriteAllText(_configurationFile + ".new", configuration);
        File.Move(_configurationFile + ".new", _configurationFile, overwrite: true);
    }

    /// <summary>What /state shows.</summary>
    public JsonDocument? State()
    {
        (int exitCode, string output, _) = Command.Try(
            SidecarUnderTest.Binary, "status", "-o", "json", "--state-directory", StateDirectory);
        return exitCode == 0 ? JsonDocument.Parse(output) : null;
    }

    public void Signal(string name) => Command.Run("kill", $"-{name}", Id(ProcessId));

    /// <summary>SIGTERM, and waits for the end.</summary>
    public async Task Stop()
    {
        Signal("TERM");
        await Ended();
        Assert.Equal(0, _process.ExitCode);
    }

    public Task Ended() =>
        _process.WaitForExitAsync(TestContext.Current.CancellationToken).WaitAsync(TimeSpan.FromSeconds(30));

    /// <summary>
    /// Of both processes, but for lifelines: of those there is one for each peer that was followed once, in either
    /// direction.
    /// </summary>
    public int OpenDescriptors()
    {
        HashSet<string> lifelines = LifelineInodes();
        return Directory.GetFiles($"/proc/{ProcessId}/fd").Count(f => !lifelines.Contains(TargetOf(f)))
            + Directory.GetFiles($"/proc/{AgentId}/fd").Length;
    }

    // Columns of /proc/net/tcp: sl, local, remote, state (01 ESTABLISHED), …, inode; addresses as HEX:PORT.
    private HashSet<string> LifelineInodes()
    {
        const string established = "01";
        string port = ":" + LifelinePort.ToString("X4", CultureInfo.InvariantCulture);
        return
        [
            .. File.ReadLines($"/proc/{ProcessId}/net/tcp")
                .Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries))
                .Where(words => words[3] == established && (words[1].EndsWith(port, StringComparison.Ordinal)
                    || words[2].EndsWith(port, StringComparison.Ordinal)))
                .Select(words => $"socket:[{words[9]}]"),
        ];
    }

    private static string TargetOf(string descriptor) => new FileInfo(descriptor).LinkTarget ?? "";

    /// <summary>Resident, of both processes.</summary>
    public int MemoryKib() => MemoryKib(ProcessId) + MemoryKib(AgentId);

    public static string Id(int processId) => processId.ToString(CultureInfo.InvariantCulture);

    public void Dispose()
    {
        if (!_process.HasExited)
        {
            int agent = AgentId;
            // A paused process would not end of itself.
            if (agent != 0)
                _ = Command.Try("kill", "-KILL", Id(agent));
            _process.Kill();
        }

        _process.WaitForExit();
        _process.Dispose();
    }

    private static int[] Children(int processId)
    {
        try
        {
            return
            [
                .. Directory.GetDirectories($"/proc/{processId}/task")
                    .SelectMany(task => File.ReadAllText($"{task}/children").Split(' '))
                    .Where(text => text.Length > 0)
                    .Select(text => int.Parse(text, CultureInfo.InvariantCulture)),
            ];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return []; // It has just ended.
        }
    }

    private static int MemoryKib(int processId)
    {
        string line = File.ReadLines($"/proc/{processId}/status")
            .First(l => l.StartsWith("VmRSS:", StringComparison.Ordinal));
        return int.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture);
    }
}
