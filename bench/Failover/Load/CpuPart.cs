using VipOperator.Bench.Failover.Reporting;
using VipOperator.Bench.Failover.Speakers;
using VipOperator.Lab.Network;
using VipOperator.Lab.Processes;
using VipOperator.Lab.Tools;

namespace VipOperator.Bench.Failover.Load;

/// <summary>
/// Processor time and memory by the number of routers. Both programs run at the same time, each on a pair of nodes of
/// its own, so that whatever else the machine does concerns both.
/// </summary>
internal sealed class CpuPart(LabFolder folder, string programs, int windows, TimeSpan window, Action<string> report)
{
    /// <summary>keepalived announces its addresses again 5 s after it became Active.</summary>
    private static readonly TimeSpan Settling = TimeSpan.FromSeconds(12);

    private int _lane = 100;

    public async Task<IEnumerable<CpuFigures>> MeasureAsync(int routers, Timing timing, CancellationToken cancellation)
    {
        report($"{routers} routers, {timing.Name}");
        List<(SpeakerPair Pair, CpuFigures Figures)> running = [];
        try
        {
            foreach (Contestant contestant in Enum.GetValues<Contestant>())
            {
                int lane = _lane++;
                SpeakerPlan plan = new() { Timing = timing, Priority = 254, Routers = SpeakerPair.Routers(routers) };
                SpeakerPair pair = await SpeakerPair.CreateAsync(
                    contestant, plan, 253, $"{folder.Lab}-lane{lane}",
                    folder.At("lanes", $"{lane}"), programs, cancellation);
                running.Add(
                    (pair, new CpuFigures { Contestant = contestant, Routers = routers, Timing = timing.Name }));
                await pair.StartAsync(routers, cancellation);
            }

            await Task.Delay(Settling, cancellation);
            for (int i = 0; i < windows; i++)
            {
                var before = running.Select(r =>
                    (Active: r.Pair.First.Processes.Times(), Backup: r.Pair.Second.Processes.Times())).ToList();
                DateTime start = DateTime.UtcNow;
                await Task.Delay(window, cancellation);
                double scale = TimeSpan.FromMinutes(1) / (DateTime.UtcNow - start);
                for (int r = 0; r < running.Count; r++)
                {
                    (SpeakerPair pair, CpuFigures figures) = running[r];
                    figures.Active.Add(
                        ProcessGroup.Used(before[r].Active, pair.First.Processes.Times()).TotalSeconds * scale);
                    figures.Backup.Add(
                        ProcessGroup.Used(before[r].Backup, pair.Second.Processes.Times()).TotalSeconds * scale);
                    if (await pair.CountAsync(NetworkHost.Node1, cancellation) != routers
                        || await pair.CountAsync(NetworkHost.Node2, cancellation) != 0)
                        figures.Unstable++;
                }
            }

            foreach ((SpeakerPair pair, CpuFigures figures) in running)
            {
                (figures.Resident, figures.Proportional) = pair.First.Processes.Memory();
                (figures.BackupResident, figures.BackupProportional) = pair.Second.Processes.Memory();
            }
        }
        catch (ToolException e)
        {
            report($"{routers} routers, {timing.Name}: {e.Message}");
        }
        finally
        {
            foreach ((SpeakerPair pair, _) in running)
                await pair.DisposeAsync();
        }

        return running.Select(r => r.Figures).Where(f => f.Active.Count > 0);
    }
}
