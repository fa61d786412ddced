using System.Diagnostics;
using VipOperator.Lab.Processes;
using VipOperator.Lab.Tools;

namespace VipOperator.Lab.Netns.Tests;

/// <summary>
/// The built programs, as a user runs them: <c>artifacts/bin/vip-lab</c> with a lab of a name of its own.
/// </summary>
internal sealed class LabProgram : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(4);
    private static int _count;

    private LabProgram(string program) => Program = program;

    /// <summary>Of a lab that no other test and no other run of the tests has.</summary>
    public string Name { get; } = $"t{Environment.ProcessId}x{Interlocked.Increment(ref _count)}";

    public LabFolder Folder => new(Name);

    private string Program { get; }

    /// <summary>Skips the test, aloud, where a lab cannot be.</summary>
    public static async Task<LabProgram> FindAsync()
    {
        await Requirements.RootAndToolsAsync("nginx", "kubectl", "curl", "tcpdump", "setpriv");
        string bin = Path.Combine(FindRoot(), "artifacts", "bin");
        foreach (string program in (string[])["vip-lab", "vip-operator", "vip-sidecar", "vip-agent"])
            Assert.SkipUnless(File.Exists(Path.Combine(bin, program)),
                $"artifacts/bin/{program} is not built; 'make build' does it.");
        return new LabProgram(Path.Combine(bin, "vip-lab"));
    }

    /// <summary>The path of a program that is built with this one.</summary>
    public string Beside(string program) => Path.Combine(Path.GetDirectoryName(Program)!, program);

    public Process Start(params string[] arguments)
    {
        ProcessStartInfo start = new(Program, [arguments[0], "--name", Name, .. arguments[1..]])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        return Process.Start(start)!;
    }

    /// <summary>Runs it to its end and shows what it printed.</summary>
    public async Task<(int ExitCode, string Text)> RunAsync(params string[] arguments)
    {
        using CancellationTokenSource bound = CancellationTokenSource.CreateLinkedTokenSource(
            TestContext.Current.CancellationToken);
        bound.CancelAfter(Patience);
        using Process process = Start(arguments);
        Task<string> output = process.StandardOutput.ReadToEndAsync(bound.Token);
        Task<string> error = process.StandardError.ReadToEndAsync(bound.Token);
        await process.WaitForExitAsync(bound.Token);
        string text = await output + await error;
        TestContext.Current.TestOutputHelper!.WriteLine($"$ vip-lab {string.Join(' ', arguments)}\n{text}");
        return (process.ExitCode, text);
    }

    /// <summary>What there is of the lab on this machine: namespaces, processes, files, mounts.</summary>
    public async Task<IReadOnlyList<string>> TracesAsync()
    {
        ToolResult namespaces = await Tool.TryRunAsync("ip", ["netns", "list"], TestContext.Current.CancellationToken);
        return
        [
            .. namespaces.Output.Split('\n').Where(
                line => line.StartsWith($"viplab-{Name}-", StringComparison.Ordinal)),
            .. Directory.GetDirectories("/proc").Where(IsOurs).Select(
                p => $"process {Path.GetFileName(p)}: {Read(p, "cmdline")}"),
            .. File.ReadLines("/proc/self/mounts").Where(
                line => line.Contains($"viplab-{Name}-", StringComparison.Ordinal)),
            .. Directory.Exists(Folder.Path) ? [Folder.Path] : Array.Empty<string>(),
        ];
    }

    /// <summary>The ids of the processes whose command lines end so.</summary>
    public static IReadOnlyList<string> ProcessesWith(params string[] ending) =>
    [
        .. Directory.GetDirectories("/proc")
            .Where(p => Read(p, "cmdline").EndsWith('\0' + string.Join('\0', ending) + '\0', StringComparison.Ordinal))
            .Select(p => Path.GetFileName(p)),
    ];

    /// <summary>Of each of the lab's processes of that name, as /proc has them.</summary>
    public IReadOnlyList<string> EffectiveCapabilities(string program) =>
    [
        .. Directory.GetDirectories("/proc")
            .Where(p => Read(p, "comm").TrimEnd() == program && IsOurs(p))
            .Select(p => Read(p, "status").Split('\n')
                .Single(l => l.StartsWith("CapEff:", StringComparison.Ordinal))[7..].Trim()),
    ];

    public async Task AssertNothingIsLeftAsync() => Assert.Empty(await TracesAsync());

    public Task<bool> WaitUntilNothingIsLeftAsync() => Wait.UntilAsync(
        async () => (await TracesAsync()).Count == 0,
        TimeSpan.FromSeconds(30),
        TimeSpan.FromMilliseconds(100),
        TestContext.Current.CancellationToken);

    /// <summary>Whatever a failed test left.</summary>
    public async ValueTask DisposeAsync()
    {
        using Process down = Start("down");
        await down.WaitForExitAsync(CancellationToken.None);
    }

    private bool IsOurs(string process) =>
        Read(process, "environ").Split('\0')
        .Any(v => v.StartsWith($"{ChildProcess.MarkerVariable}={Name}.", StringComparison.Ordinal))
        || Read(process, "cmdline").Split('\0').Contains(Name);

    private static string Read(string process, string file)
    {
        try
        {
            return File.ReadAllText(Path.Combine(process, file));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return "";
        }
    }

    private static string FindRoot()
    {
        string? folder = AppContext.BaseDirectory;
        while (folder is not null && !File.Exists(Path.Combine(folder, "VipOperator.sln")))
            folder = Path.GetDirectoryName(folder);
        return folder ?? throw new InvalidOperationException("VipOperator.sln is in no folder above the tests.");
    }
}
