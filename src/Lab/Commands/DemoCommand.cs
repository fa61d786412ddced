using System.CommandLine;
using System.Net;
using VipOperator.Lab.Demo;
using VipOperator.Lab.Measuring;
using VipOperator.Lab.Network;
using VipOperator.Lab.Probing;
using VipOperator.Lab.Processes;
using VipOperator.Lab.Running;
using VipOperator.Lab.Tools;

namespace VipOperator.Lab.Commands;

/// <summary>The scenario from end to end, on a lab of its own.</summary>
internal static class DemoCommand
{
    public static Command Create()
    {
        Option<string> name = CommonOptions.Name("demo");
        Option<DirectoryInfo> programs = CommonOptions.Programs();
        Option<DirectoryInfo?> logs = CommonOptions.KeepLogs();
        Option<bool> fast = new("--fast") { Description = "Leave out the measurement at the end." };
        Command command = new(
            "demo", "Play the two-node scenario, print a timeline, fail if anything is not as expected.")
        {
            name, programs, logs, fast,
        };
        command.SetAction(async (parsed, cancellation) =>
        {
            if (await Privileges.RunAsRootAsync(Program.Arguments) is { } exitCode)
                return exitCode;
            LabOptions options = new()
            {
                Name = parsed.GetRequiredValue(name),
                Programs = parsed.GetRequiredValue(programs).FullName,
                KeepLogs = parsed.GetValue(logs)?.FullName,
                // Faults are made and mended by the scenario; a restart in between would mend them too early.
                RestartDelay = Timeout.InfiniteTimeSpan,
            };
            return await PlayAsync(options, measure: !parsed.GetValue(fast), cancellation);
        });
        return command;
    }

    private static async Task<int> PlayAsync(LabOptions options, bool measure, CancellationToken cancellation)
    {
        Prerequisites.Require(options.Programs);
        LabFolder folder = new(options.Name);
        using LabLock held = await CommonOptions.TakeLockAsync(folder, cancellation);
        Timeline timeline = Timeline.ForConsole();
        try
        {
            await PlayScenarioAsync(options, timeline, cancellation);
            if (measure)
                await MeasureCommand.MeasureAsync(
                    folder, options.Programs, Measurement.DefaultRuns,
                    Measurement.DefaultLanes, timeline, cancellation);
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            timeline.Note("Interrupted; everything is cleaned up.");
            throw;
        }
        catch (ToolException e)
        {
            timeline.Expect(false, e.Message);
        }

        timeline.Section(timeline.Failures == 0
            ? "All as expected; everything is cleaned up."
            : $"{(timeline.Failures == 1 ? "One expectation was" : $"{timeline.Failures} expectations were")} not met"
                + (options.KeepLogs is { } kept
                    ? $"; the logs of all processes are in {kept}."
                    : "; --logs FOLDER keeps the logs of all processes (make demo ARGS='--logs FOLDER')."));
        return timeline.Failures == 0 ? ExitCodes.Success : ExitCodes.Failure;
    }

    private static async Task PlayScenarioAsync(LabOptions options, Timeline timeline, CancellationToken cancellation)
    {
        timeline.Section(
            "A lab: node1 and node2 with nginx and sidecar, a client, a switch, an API server, the operator");
        string step = "starting";
        Task<RunningLab> starting = RunningLab.StartAsync(options, new StepProgress(s => step = s), cancellation);
        await timeline.WhileAsync(() => $"starting: {step}", starting);
        await using RunningLab lab = await starting;
        timeline.Note($"up; {(lab.ApiServer.IsReal ? "a real kube-apiserver" : "the embedded API server")} at {lab.ApiServer.Url}");
        IPAddress address = IPAddress.Parse(Scenario.Address);
        await using OwnerWatch owners = await OwnerWatch.StartAsync(
            lab.Network, NetworkHost.Nodes, address, cancellation);
        await using ClientProbe client = ClientProbe.Start(lab.Network, address);
        await new Scenario(lab, owners, client, timeline).PlayAsync(cancellation);
    }

    private sealed class StepProgress(Action<string> report) : IProgress<string>
    {
        public void Report(string value) => report(value);
    }
}
