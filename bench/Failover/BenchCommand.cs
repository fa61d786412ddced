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
        Argument<string[]> parts = new("part")
        {
            Description = $"{string.Join(", ", Parts)}, or report: only write the "
            + $"tables and plots anew; default all."
        };
        parts.AcceptOnlyFromAmong([.. Parts, "report"]);
        Option<bool> quick = new("--quick")
        { Description = "A few runs of each, in some minutes; default is half an hour." };
        Option<bool> missing = new("--missing")
        { Description = "Leave out what is in the results already: goes on after an interruption." };
        Option<int?> runs = new("--runs") { Description = "How often each event is made; default 5, with --quick 2." };
        Option<int> stages = new("--stages")
        {
            Description = "How many pairs of timing and priorities suffer "
            + "outages side by side.",
            DefaultValueFactory = _ => 8
        };
        Option<string[]> timings = new("--timing")
        {
            Description = "Of the outages, such as \"v3 100 ms\"; default all.",
            AllowMultipleArgumentsPerToken = false
        };
        timings.AcceptOnlyFromAmong([.. Timing.All.Select(t => t.Name)]);
        Option<string?> priorities = new("--priorities")
        { Description = "Of the outages: own (each program's defaults) or equal; default both." };
        priorities.AcceptOnlyFromAmong("own", "equal");
        Option<OutageKind[]> events = new("--event")
        {
            Description = $"Of the outages: {string.Join(", ", Enum.GetNames<OutageKind>())}; default all. What an "
                + $"event needs before or after it is made too."
        };
        Option<int[]> routers = new("--routers")
        {
            Description = "Numbers of routers of part cpu at 1 s, 64 at 10 ms; "
            + "default 1, 100, 255, 1000, 4000 and 64, with --quick 1, 255 and 64."
        };
        Option<DirectoryInfo> programs = CommonOptions.Programs();
        Option<DirectoryInfo> output = new("--output")
        {
            Description = "The folder for failover.json, "
            + "failover.md and the plots.",
            DefaultValueFactory = _ => new DirectoryInfo("docs/performance")
        };
        RootCommand command = new("Measure failover, processor time and memory of ours beside keepalived.")
        {
            parts, quick, missing, runs, stages, timings, priorities, events, routers, programs, output,
        };
        command.SetAction(async (parsed, cancellation) =>
        {
            string[] chosen = parsed.GetValue(parts) is { Length: > 0 } some ? some : Parts;
            string target = parsed.GetRequiredValue(output).FullName;
            // Made here, or root would make them and the user could not change them.
            Report.Touch(target);
            if (chosen is not ["report"]
                && await Privileges.RunAsRootAsync(Environment.ProcessPath!, arguments) is { } exitCode)
                return exitCode;
            bool isQuick = parsed.GetValue(quick);
            int[] counts = parsed.GetValue(routers) is { Length: > 0 } numbers ? numbers : isQuick
                ? [1, 255, 64]
                : [1, 100, 255, 1000, 4000, 64];
            BenchSize size = new()
            {
                IsQuick = isQuick,
                OnlyMissing = parsed.GetValue(missing),
                Runs = parsed.GetValue(runs) ?? (isQuick ? 2 : 5),
                StagesAtOnce = parsed.GetValue(stages),
                Stages = [.. from timing in Timing.All
                             where parsed.GetValue(timings) is not { Length: > 0 } names || names.Contains(timing.Name)
                             from equal in (bool[])[false, true]
                             where parsed.GetValue(priorities) is not { } only || equal == (only == "equal")
                             select (timing, equal)],
                Events = OutageKinds.Complete(
                    parsed.GetValue(events) is { Length: > 0 } kinds ? kinds : Enum.GetValues<OutageKind>()),
                RouterCounts = [.. counts.Select(r => (r, r == 64 ? Timing.Hundredth : Timing.V3Second))],
            };
            await RunAsync(chosen, size, parsed.GetRequiredValue(programs).FullName, target, cancellation);
            return ExitCodes.Success;
        });
        return command;
    }

    private static async Task RunAsync(
        string[] parts, BenchSize size, string programs, string output, CancellationToken cancellation)
    {
        string file = Path.Combine(output, Report.ResultsFile);
        BenchResults results = BenchResults.Read(file);
        // After each piece: what comes next may be interrupted.
        void Save()
        {
            results.Write(file);
            Report.Write(results, output);
        }

        foreach (string part in parts.Where(p => p != "report"))
            await WithLabAsync(
                folder => MeasureAsync(part, size, folder, programs, results, Save, cancellation), cancellation);

        Report.Write(results, output);
        Console.WriteLine($"Written: {file}, failover.md and the plots beside it.");
    }

    private static async Task MeasureAsync(
        string part, BenchSize size, LabFolder folder, string programs, BenchResults results, Action save,
        CancellationToken cancellation)
    {
        void Say(string line) => Console.WriteLine($"{DateTime.Now:HH:mm:ss}  {part}: {line}");
        Machine machine = await Machine.DescribeAsync(cancellation);
        void Done()
        {
            results.Machines[part] = machine;
            save();
        }

        switch (part)
        {
            case "outages":
                var stages =
                    size.Stages.Where(s => !size.OnlyMissing
                        || !results.Outages.Has(OutageFigures.StageName(s.Timing, s.Equal),
                            size.Events, size.Runs)).ToList();
                OutagePart outages = new(folder, programs, size.Events, size.Runs, size.StagesAtOnce, Say, figures =>
                {
                    results.Outages.Replace(figures);
                    Done();
                });
                await outages.MeasureAsync(stages, cancellation);
                break;
            case "cpu":
                CpuPart cpu = new(folder, programs, size.Windows.Count, size.Windows.Length, Say);
                foreach ((int routers, Timing timing) in size.RouterCounts)
                {
                    bool IsOfThis(CpuFigures figures) => figures.Routers == routers && figures.Timing == timing.Name;
                    if (size.OnlyMissing && results.Cpu.Exists(IsOfThis))
                        continue;
                    List<CpuFigures> measured = [.. await cpu.MeasureAsync(routers, timing, cancellation)];
                    results.Cpu.RemoveAll(f => IsOfThis(f) && measured.Exists(m => m.Contestant == f.Contestant));
                    results.Cpu.AddRange(measured);
                    Done();
                }

                break;
            case "start" when !size.OnlyMissing || results.Start.Count == 0:
                results.Start = await new StartPart(folder, programs, size.Runs, Say).MeasureAsync(cancellation);
                Done();
                break;
            case "change" when !size.OnlyMissing || results.Change.Count == 0:
                results.Change = await new ChangePart(folder, programs, 2 * size.Runs, Say).MeasureAsync(cancellation);
                Done();
                break;
            case "busy" when !size.OnlyMissing || results.Busy.Count == 0:
                results.Busy = await new BusyPart(folder, programs, size.Load, Say).MeasureAsync(cancellation);
                Done();
                break;
        }
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
