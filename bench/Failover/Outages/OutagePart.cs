using VipOperator.Bench.Failover.Reporting;
using VipOperator.Bench.Failover.Speakers;
using VipOperator.Lab.Processes;
using VipOperator.Lab.Tools;

namespace VipOperator.Bench.Failover.Outages;

/// <summary>
/// Makes each event on pairs of ours and of keepalived, in turn, in stages: a stage is one timing with one pair of
/// priorities. Stages run beside one another, as most of their time is waiting; where milliseconds count, only one pair
/// suffers at a time.
/// </summary>
/// <param name="events">Which to make, in their order.</param>
/// <param name="measured">Called when a stage is done, by one thread at a time, with figures of that stage
/// alone.</param>
internal sealed class OutagePart(
    LabFolder folder, string programs, IReadOnlyList<OutageKind> events, int runs, int stagesAtOnce,
    Action<string> report, Action<OutageFigures> measured)
{
    private readonly Lock _lock = new();
    private readonly OutageFigures _figures = new();
    private int _lane;

    /// <exception cref="ToolException">A program is missing.</exception>
    public async Task MeasureAsync(IReadOnlyList<(Timing Timing, bool Equal)> stages, CancellationToken cancellation)
    {
        using SemaphoreSlim delicate = new(1);
        ParallelOptions options = new() { MaxDegreeOfParallelism = stagesAtOnce, CancellationToken = cancellation };
        await Parallel.ForEachAsync(stages, options, async (stage, failing) =>
        {
            await MeasureAsync(stage.Timing, stage.Equal, delicate, failing);
            lock (_lock)
                measured(_figures.Only(OutageFigures.StageName(stage.Timing, stage.Equal)));
        });
    }

    /// <summary>With its own defaults, ours counts ranks down from 254 and wants three failed checks; the tutorials set
    /// 100, 99 and one.</summary>
    private static OutagePlan[] PlansOf(Timing timing, bool equal) =>
    [
        new(Contestant.Ours, NginxCheck.Process, timing, equal ? (100, 99) : (254, 253), equal ? (1, 1) : (3, 2)),
        new(Contestant.Keepalived, NginxCheck.Process, timing, (100, 99), (1, 1)),
        new(Contestant.Keepalived, NginxCheck.Script, timing, (100, 99), (1, 1)),
    ];

    private async Task MeasureAsync(Timing timing, bool equal, SemaphoreSlim delicate, CancellationToken cancellation)
    {
        string stage = OutageFigures.StageName(timing, equal);
        List<OutagePair> pairs = [];
        try
        {
            foreach (OutagePlan plan in PlansOf(timing, equal))
            {
                int lane = Interlocked.Increment(ref _lane);
                pairs.Add(await OutagePair.StartAsync(
                    plan, $"{folder.Lab}-lane{lane}", $"vb{Environment.ProcessId}l{lane}n",
                    folder.At("lanes", $"{lane}"), programs, delicate, cancellation));
            }

            for (int run = 0; run < runs; run++)
            {
                report($"{stage}: run {run + 1} of {runs}");
                foreach (OutageKind kind in events)
                {
                    // Each first in turn, and all at the same times within their intervals.
                    int seed = (run * 100) + (int)kind;
                    OutagePair[] order =
                        [.. pairs.Where(p => p.Plan.Takes(kind)).OrderBy(p => (pairs.IndexOf(p) + run) % pairs.Count)];
                    await Task.WhenAll(order.Select(pair => SufferAsync(pair, kind, stage, seed, cancellation)));
                }
            }
        }
        finally
        {
            foreach (OutagePair pair in pairs)
                await pair.DisposeAsync();
        }
    }

    // What did not end well is not built upon: the pair begins anew.
    private async Task SufferAsync(
        OutagePair pair, OutageKind kind, string stage, int seed, CancellationToken cancellation)
    {
        // What comes back must have gone before.
        if (kind.NeedsTheOneBefore() && pair.Failed == kind - 1)
            return;
        pair.Failed = null;
        try
        {
            Outage outage = await pair.SufferAsync(kind, new Random(seed), cancellation);
            _figures.Add(stage, kind, pair.Plan.Name, outage);
            if (outage.IsOver)
                return;
            pair.Failed = kind;
            await pair.ResetAsync(cancellation);
        }
        catch (ToolException e)
        {
            report(e.Message);
            _figures.AddFailure(stage, kind, pair.Plan.Name);
            pair.Failed = kind;
            await pair.ResetAsync(cancellation);
        }
    }
}
