using System.Diagnostics;
using VipOperator.Lab.Tools;

namespace VipOperator.Lab.Processes;

/// <summary>
/// A long-running process of the lab, in a session of its own (Ctrl-C at the terminal does not reach it, and its
/// children can be signalled with it).
/// </summary>
internal sealed class ChildProcess : IAsyncDisposable
{
    /// <summary>Carries the lab's mark in every process that it starts, so that leftovers can be found by it.</summary>
    public const string MarkerVariable = "VIP_LAB";

    private static readonly TimeSpan StopGrace = TimeSpan.FromSeconds(5);

    private readonly Process _process;

    private ChildProcess(string name, Process process)
    {
        Name = name;
        _process = process;
        Id = process.Id;
        Exited = process.WaitForExitAsync();
    }

    public string Name { get; }

    /// <summary>Also the id of its process group.</summary>
    public int Id { get; }

    public Task Exited { get; }

    public bool HasExited => _process.HasExited;

    public int ExitCode => _process.ExitCode;

    /// <summary>What it prints; only where the specification names no log file.</summary>
    public StreamReader Output => _process.StandardOutput;

    /// <summary>Only where the specification names no log file.</summary>
    public StreamWriter Input => _process.StandardInput;

    /// <exception cref="ToolException">The program is missing.</exception>
    public static ChildProcess Start(ChildProcessSpec spec)
    {
        ProcessStartInfo start = new(Require("setsid"), CommandLine(spec))
        {
            WorkingDirectory = spec.WorkingDirectory ?? "/",
            RedirectStandardInput = spec.LogFile is null,
            RedirectStandardOutput = spec.LogFile is null,
        };
        // As in a container: nothing of the caller's environment but the way to programs and to the runtime.
        start.Environment.Clear();
        start.Environment["PATH"] = Tool.SearchPath;
        start.Environment["LANG"] = "C.UTF-8";
        // Most of them end by SIGKILL, and would leave the runtime's debugging pipes and sockets in the folder for
        // temporary files.
        start.Environment["DOTNET_EnableDiagnostics"] = "0";
        foreach (string inherited in (string[])["DOTNET_ROOT",
            "DOTNET_BUNDLE_EXTRACT_BASE_DIR", "HOME", MarkerVariable])
        {
            if (Environment.GetEnvironmentVariable(inherited) is { } value)
                start.Environment[inherited] = value;
        }

        foreach ((string name, string value) in spec.Environment)
            start.Environment[name] = value;
        return new ChildProcess(spec.Name, Tool.StartOrExplain(start, spec.Program));
    }

    /// <summary>SIGKILL to it and to all its children that are in its group.</summary>
    public Task KillAsync() => SignalAsync("KILL");

    /// <param name="signal">"TERM", "KILL", "STOP", …</param>
    /// <param name="wholeGroup">false: this process alone, its children are left to it.</param>
    public async Task SignalAsync(string signal, bool wholeGroup = true)
    {
        if (HasExited && !wholeGroup)
            return;
        // A shell's builtin: the program kill(1) is in a package that need not be there. A group that is gone is no
        // error.
        await Tool.TryRunAsync(
            "sh", ["-c", $"kill -s {signal} -- {(wholeGroup ? "-" : "")}{Id}"], CancellationToken.None);
    }

    /// <summary>A signal to the process, and after the grace SIGKILL to its group.</summary>
    /// <param name="grace">Default five seconds.</param>
    /// <returns>Whether it ended by itself in time.</returns>
    public async Task<bool> StopAsync(TimeSpan? grace = null, string signal = "TERM")
    {
        await SignalAsync(signal, wholeGroup: false);
        Task first = await Task.WhenAny(Exited, Task.Delay(grace ?? StopGrace));
        // Children that outlive their parent are in its group still.
        await KillAsync();
        await Exited;
        return first == Exited;
    }

    public async ValueTask DisposeAsync()
    {
        await KillAsync();
        await Exited;
        _process.Dispose();
    }

    // Each program replaces the one before (exec), so the process that was started is in the end the one that was
    // meant.
    private static string[] CommandLine(ChildProcessSpec spec)
    {
        List<string> command = [];
        if (spec.LogFile is { } log)
            command.AddRange([Require("sh"), "-c", "exec \"$@\" >>\"$0\" 2>&1 </dev/null", log]);
        else if (spec.ErrorFile is { } errors)
            command.AddRange([Require("sh"), "-c", "exec \"$@\" 2>\"$0\"", errors]);
        if (spec.Namespace is { } ns)
            command.AddRange([Require("ip"), "netns", "exec", ns]);
        if (spec.Niceness != 0)
            command.AddRange([Require("nice"), "-n", $"{spec.Niceness}"]);
        if (spec.Capabilities is { } capabilities)
        {
            string set = string.Join(',', ["-all", .. capabilities.Select(c => "+" + c)]);
            command.AddRange([Require("setpriv"), "--bounding-set", set, "--inh-caps", set, "--"]);
        }

        return [.. command, spec.Program, .. spec.Arguments];
    }

    private static string Require(string program) =>
        Tool.Find(program) ?? throw new ToolException(
            $"{program} is not on this machine; it is part of every Debian (util-linux, coreutils, iproute2).");
}
