using System.Diagnostics;
using System.Globalization;
using System.Text;
using VipOperator.Sidecar.Contract;
using VipOperator.Vrrp;

namespace VipOperator.Sidecar.Netns.Tests.Support;

/// <summary>A vip-sidecar in a namespace, with a <see cref="FakeAgent"/>.</summary>
/// <remarks>
/// The binary is the native one in the folder that VIPOPERATOR_BIN names (an absolute path), as it ships; without it,
/// the one that was built with these tests.
/// </remarks>
internal sealed class SidecarUnderTest : IDisposable
{
    private readonly Process _process;
    private readonly StringBuilder _log = new();

    /// <param name="wrapper">A command that runs the sidecar, if any.</param>
    public SidecarUnderTest(Node node, params string[] wrapper)
    {
        ProcessStartInfo start = new(
            "ip", ["netns", "exec", node.Namespace, .. wrapper, Binary, "--agent-path", Agent.Executable])
        {
            RedirectStandardError = true,
        };
        // These tests share the machine with others; they judge by what happens, not by how soon.
        start.Environment["VIP_SIDECAR_REALTIME_PRIORITY"] = "0";
        _process = Process.Start(start)!;
        _process.ErrorDataReceived += (_, line) =>
        {
            lock (_log)
                _log.AppendLine(line.Data);
        };
        _process.BeginErrorReadLine();
    }

    public static string Binary { get; } = Path.Combine(
        Environment.GetEnvironmentVariable("VIPOPERATOR_BIN") is { Length: > 0 } folder
            ? folder
            : AppContext.BaseDirectory,
        "vip-sidecar");

    public FakeAgent Agent { get; } = new();

    public int ProcessId => _process.Id;

    public string Log
    {
        get
        {
            lock (_log)
                return _log.ToString();
        }
    }

    /// <summary>A router as the tutorial has it, to be changed with "with".</summary>
    public static RouterConfiguration Router(
        int priority, VrrpVersion version = VrrpVersion.V3, params string[] addresses)
    {
        string[] texts = addresses.Length > 0 ? addresses : ["192.168.1.108/32"];
        IpPrefix[] prefixes = [.. texts.Select(IpPrefix.Parse)];
        Centiseconds interval = version == VrrpVersion.V2 ? Centiseconds.FromSeconds(1) : new Centiseconds(20);
        return new RouterConfiguration
        {
            Handle = 1,
            Name = "default/web",
            InterfaceName = "eth0",
            Probed = false,
            Parameters = new RouterParameters
            {
                Version = version,
                Family = prefixes[0].Address.Family,
                VirtualRouterId = VirtualRouterId.Create(51),
                Priority = new Priority((byte)priority),
                AdvertisementInterval = interval,
                Addresses = [.. prefixes],
                AddressLifetime = RouterParameters.DefaultAddressLifetime(interval),
            },
        };
    }

    public RouterStateKind? State(uint handle = 1) => Agent.Report(handle)?.State;

    public Task Reaches(RouterStateKind state, uint handle = 1) => Eventually.True(
        () =>
        {
            Assert.False(_process.HasExited, $"the sidecar has ended:\n{Log}");
            return State(handle) == state;
        },
        () => $"the sidecar is {state}; it is {State(handle)}; log:\n{Log}");

    public void Signal(string name) =>
        Command.Run("kill", $"-{name}", ProcessId.ToString(CultureInfo.InvariantCulture));

    /// <summary>Lets it open about so many descriptors more, and with 0 not a single one.</summary>
    public void LeaveDescriptors(int count)
    {
        int free = 0;
        // The limit is on the number of a descriptor, and the lowest that is free is taken.
        HashSet<string?> open = [.. Directory.GetFileSystemEntries($"/proc/{ProcessId}/fd").Select(Path.GetFileName)];
        while (open.Contains(free.ToString(CultureInfo.InvariantCulture)))
            free++;
        Command.Run(
            "prlimit", "--pid", ProcessId.ToString(CultureInfo.InvariantCulture),
            string.Create(CultureInfo.InvariantCulture, $"--nofile={free + count}:"));
    }

    /// <summary>SIGKILL; its agent finds the end of the stream and ends too.</summary>
    public void Kill() => Signal("KILL");

    /// <summary>SIGTERM, and waits for the end.</summary>
    public async Task<int> Stop()
    {
        Signal("TERM");
        return await Ended();
    }

    public async Task<int> Ended()
    {
        await _process.WaitForExitAsync(TestContext.Current.CancellationToken).WaitAsync(TimeSpan.FromSeconds(30));
        return _process.ExitCode;
    }

    /// <summary>The processes that the sidecar has started and that still run.</summary>
    public int[] Children() =>
    [
        .. Directory.GetDirectories($"/proc/{ProcessId}/task")
            .SelectMany(task => File.ReadAllText($"{task}/children").Split(' ', StringSplitOptions.RemoveEmptyEntries))
            .Select(text => int.Parse(text, CultureInfo.InvariantCulture)),
    ];

    public void Dispose()
    {
        if (!_process.HasExited)
        {
            // The agent first: one that a test has paused would hold the log open for ever.
            foreach (int child in Children())
                _ = Command.Try("kill", "-KILL", child.ToString(CultureInfo.InvariantCulture));
            _process.Kill();
        }

        _process.WaitForExit();
        _process.Dispose();
        Agent.Dispose();
    }
}
