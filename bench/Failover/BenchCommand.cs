using System.CommandLine;
using VipOperator.Bench.Failover.Load;
using VipOperator.Bench.Failover.Outages;
using VipOperator.Bench.Failover.Reporting;
using VipOperator.Bench.Failover.Speakers;
using VipOperator.Bench.Failover.Wire;
using VipOperator.Lab.Commands;
using VipOperator.Lab.Processes;
using VipOperator.Lab.Running;

namespace VipOperator.Bench.Failover;

/// <summary>vip-bench [PART…]: measures ours beside keepalived, part by part, and writes the results.</summary>
internal static class BenchCommand
{
    private static readonly string[] Parts = ["outages", "cpu", "start", "change", "busy"];

    /// <param name="arguments">The command line, for when it has to be run again as root.</param>
    public static RootCommand Create(IReadOnlyList<string> arguments)
    {
        Argument<string[]> parts = new("part") { Description = $"{string.Join(", ", Parts)}, or report: only write the tables and plots anew; default all." };
        parts.AcceptOnlyFromAmong([.. Parts, "report"]);
        Option<bool> quick = new("--quick") { Description = "A few runs of each, in some minutes; default is three quarters of an hour." };
        Option<int?> runs = new("--runs") { Description = "How often each event is made; default 10, with --quick 2." };
        Option<int> stages = new("--stages") { Description = "How many pairs of timing and priorities suffer outages side by side.", DefaultValueFactory = _ => 4 };
        Option<string[]> timings = new("--timing") { Description = "Of the outages, such as \"v3 100 ms\"; default all.", AllowMultipleArgumentsPerToken = false };
        timings.AcceptOnlyFromAmong([.. Timing.All.Select(t => t.Name)]);
        Option<int[]> routers = new("--routers") { Description = "Numbers of routers of part cpu at 1 s; default 1, 100, 255, 1000, 4000, with --quick 1, 255." };
        Option<DirectoryInfo> programs = CommonOptions.Programs();
        Option<DirectoryInfo> output = new("--output") { Description = "The folder for failover.json, failover.md and the plots.", DefaultValueFactory = _ => new DirectoryInfo("docs/performance") };
        RootCommand command = new("Measure failover, processor time and memory of ours beside keepalived.")
        {
            parts, quick, runs, stages, timings, routers, programs, output,
        };
        command.SetAction(async (parsed, cancellation) =>
        {
            string[] chosen = parsed.GetValue(parts) is { Length: > 0 } some ? some : Parts;
            string target = parsed.GetRequiredValue(output).FullName;
            // Made here, or root would make them and the user could not change them.
            Report.Touch(target);
            if (chosen is not ["report"] && await Privileges.RunAsRootAsync(Environment.ProcessPath!, arguments) is { } exitCode)
                return exitCode;
            BenchSize size = new(
                parsed.GetValue(quick), parsed.GetValue(runs), parsed.GetValue(stages),
                [.. Timing.All.Where(t => parsed.GetValue(timings) is not { Length: > 0 } names || names.Contains(t.Name))],
                parsed.GetValue(routers) ?? []);
            await RunAsync(chosen, size, parsed.GetRequiredValue(programs).FullName, target, cancellation);
            return ExitCodes.Success;
        });
        return command;
    }

    private static async Task RunAsync(string[] parts, BenchSize size, string programs, string output, CancellationToken cancellation)
    {
        string file = Path.Combine(output, Report.ResultsFile);
        BenchResults results = BenchResults.Read(file);
        foreach (string part in parts.Where(p => p != "report"))
        {
            await WithLabAsync(folder => MeasureAsync(part, size, folder, programs, results, cancellation), cancellation);
            // After each: what comes next may be interrupted.
            results.Write(file);
        }

        Report.Write(results, output);
        Console.WriteLine($"Written: {file}, failover.md and the plots beside it.");
    }

    private static async Task MeasureAsync(
        string part, BenchSize size, LabFolder folder, string programs, BenchResults results, CancellationToken cancellation)
    {
        void Say(string line) => Console.WriteLine($"{DateTime.Now:HH:mm:ss}  {part}: {line}");
        Machine machine = await Machine.DescribeAsync(cancellation);
        switch (part)
        {
            case "outages":
                results.Outages.Replace(await new OutagePart(folder, programs, size.Runs, size.Stages, Say).MeasureAsync(size.Timings, cancellation));
                break;
            case "cpu":
                CpuPart cpu = new(folder, programs, size.IsQuick ? 1 : 3, TimeSpan.FromSeconds(size.IsQuick ? 10 : 20), Say);
                foreach (CpuFigures figures in await cpu.MeasureAsync(size.RouterCounts, cancellation))
                {
                    results.Cpu.RemoveAll(f => f.Contestant == figures.Contestant && f.Routers == figures.Routers && f.Timing == figures.Timing);
                    results.Cpu.Add(figures);
                }

                break;
            case "start":
                results.Start = await new StartPart(folder, programs, size.Runs, Say).MeasureAsync(cancellation);
                break;
            case "change":
                results.Change = await new ChangePart(folder, programs, 2 * size.Runs, Say).MeasureAsync(cancellation);
                break;
            case "busy":
                results.Busy = await new BusyPart(folder, programs, TimeSpan.FromSeconds(size.IsQuick ? 10 : 60), Say).MeasureAsync(cancellation);
                break;
        }

        results.Machines[part] = machine;
    }

    // As the lab measures: nothing of an earlier run stays, and nothing of this one, however it ends.
    private static async Task WithLabAsync(Func<LabFolder, Task> measure, CancellationToken cancellation)
    {
        LabFolder folder = new("bench");
        using LabLock held = await CommonOptions.TakeLockAsync(folder, cancellation);
        await Leftovers.SweepAsync(folder);
        folder.Create();
        new LabState { Phase = LabPhase.Measuring, Message = "ours beside keepalived" }.Write(folder);
        LabGuard guard = LabGuard.Post(folder.Lab);
        try
        {
            await measure(folder);
        }
        finally
        {
            await guard.DisposeAsync();
            await Leftovers.SweepAsync(folder);
        }
    }
}
