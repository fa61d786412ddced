using System.CommandLine;
using VipOperator.Lab.Demo;
using VipOperator.Lab.Measuring;
using VipOperator.Lab.Processes;
using VipOperator.Lab.Running;
using VipOperator.Lab.Tools;

namespace VipOperator.Lab.Commands;

/// <summary>How long clients go without answers, fault by fault.</summary>
internal static class MeasureCommand
{
    public static Command Create()
    {
        Option<string> name = CommonOptions.Name("measure");
        Option<DirectoryInfo> programs = CommonOptions.Programs();
        Option<int> runs = Positive("--runs", "How often each fault is made.", Measurement.DefaultRuns);
        Option<int> lanes = Positive(
            "--lanes", "How many pairs of nodes share the runs at the same time.", Measurement.DefaultLanes);
        Option<string> output =
            new("--output", "-o") { Description = "table or json.", DefaultValueFactory = _ => "table" };
        output.AcceptOnlyFromAmong("table", "json");
        Command command = new("measure", "Measure how long clients go without answers, fault by fault.")
            { name, programs, runs, lanes, output };
        command.SetAction(async (parsed, cancellation) =>
        {
            if (await Privileges.RunAsRootAsync(Program.Arguments) is { } exitCode)
                return exitCode;
            string bin = parsed.GetRequiredValue(programs).FullName;
            Prerequisites.Require(bin);
            LabFolder folder = new(parsed.GetRequiredValue(name));
            using LabLock held = await CommonOptions.TakeLockAsync(folder, cancellation);
            bool json = parsed.GetValue(output) == "json";
            // What is to be read by a program stands alone on the standard output.
            Timeline timeline = json ? new Timeline(Console.Error, terminal: false) : Timeline.ForConsole();
            MeasurementTable table = await MeasureAsync(
                folder, bin, parsed.GetValue(runs), parsed.GetValue(lanes), timeline, cancellation);
            if (json)
                Console.WriteLine(table.ToJson());
            return ExitCodes.Success;
        });
        return command;
    }

    /// <summary>Measures and prints the table. The caller holds the lock of the lab's name.</summary>
    /// <exception cref="ToolException">A takeover did not happen at all.</exception>
    public static async Task<MeasurementTable> MeasureAsync(
        LabFolder folder, string programs, int runs, int lanes, Timeline timeline, CancellationToken cancellation)
    {
        timeline.Section(
            $"What clients feel: each fault {runs} times, on {Math.Min(lanes, runs)} pairs of nodes at once");
        await Leftovers.SweepAsync(folder);
        folder.Create();
        new LabState { Phase = LabPhase.Measuring, Message = $"each fault {runs} times" }.Write(folder);
        LabGuard guard = LabGuard.Post(folder.Lab);
        try
        {
            Counter counter = new();
            Task<IReadOnlyList<FaultSample>> running = Measurement.RunAsync(
                folder, programs, runs, lanes, counter, cancellation);
            await timeline.WhileAsync(() => $"{counter.Done} of {counter.All} runs", running);
            IReadOnlyList<FaultSample> samples = await running;
            MeasurementTable table = new(samples);
            timeline.Lines(table.ToLines());
            return table;
        }
        finally
        {
            await guard.DisposeAsync();
            await Leftovers.SweepAsync(folder);
        }
    }

    private static Option<int> Positive(string name, string description, int standard)
    {
        Option<int> option = new(name) { Description = description, DefaultValueFactory = _ => standard };
        option.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<int>() < 1)
                result.AddError($"{name} must be 1 or more.");
        });
        return option;
    }

    private sealed class Counter : IProgress<(int Done, int All)>
    {
        public int Done { get; private set; }

        public int All { get; private set; }

        public void Report((int Done, int All) value) => (Done, All) = value;
    }
}
