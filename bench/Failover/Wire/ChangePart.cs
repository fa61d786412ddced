using VipOperator.Bench.Failover.Load;
using VipOperator.Bench.Failover.Reporting;
using VipOperator.Bench.Failover.Speakers;
using VipOperator.Lab.Network;
using VipOperator.Lab.Probing;
using VipOperator.Lab.Processes;
using VipOperator.Lab.Tools;

namespace VipOperator.Bench.Failover.Wire;

/// <summary>
/// From SIGHUP with another priority in the file until it is advertised, and whether anything is missed meanwhile.
/// </summary>
internal sealed class ChangePart(LabFolder folder, string programs, int runs, Action<string> report)
{
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan Aftermath = TimeSpan.FromSeconds(1);
    private static readonly Timing Timing = Timing.Tenth;

    private int _lane = 300;

    public async Task<List<WireFigures>> MeasureAsync(CancellationToken cancellation)
    {
        report($"{runs} changes of each");
        return [.. await Task.WhenAll(Enum.GetValues<Contestant>().Select(c => MeasureAsync(c, cancellation)))];
    }

    private async Task<WireFigures> MeasureAsync(Contestant contestant, CancellationToken cancellation)
    {
        int lane = Interlocked.Increment(ref _lane);
        SpeakerPlan plan = new() { Timing = Timing, Priority = 200, Routers = SpeakerPair.OneRouter };
        await using SpeakerPair pair = await SpeakerPair.CreateAsync(
            contestant, plan, 100, $"{folder.Lab}-lane{lane}", folder.At("lanes", $"{lane}"), programs, cancellation);
        await using AdvertCapture capture = await AdvertCapture.StartAsync(
            pair.Segment, NetworkHost.Node2, folder.At("lanes", $"{lane}"), cancellation);
        await pair.StartAsync(1, cancellation);
        WireFigures figures = new() { Contestant = contestant, Timing = Timing.Name, Variant = "priority" };
        string own = NetworkHost.Node1.Address.ToString();
        for (int run = 0; run < runs; run++)
        {
            await Task.Delay(Aftermath, cancellation);
            int priority = run % 2 == 0 ? 190 : 200;
            long since = Clock.NowMicroseconds;
            await pair.First.ReconfigureAsync(plan with { Priority = priority });
            Advert changed = await capture.FirstAsync(
                a => a.At > since && a.From == own && a.Priority == priority, Bound, cancellation)
                ?? throw new ToolException($"{contestant} did not take the change over within {Bound.TotalSeconds} s.");
            figures.Milliseconds.Add(Clock.Span(changed.At - since).TotalMilliseconds);
            await Task.Delay(Aftermath, cancellation);
            long[] times =
                [.. capture.Adverts.Where(a => a.From == own && a.At > since - (long)Aftermath.TotalMicroseconds)
                    .Select(a => a.At).Order()];
            figures.Gaps.Add(
                Clock.Span(times.Zip(times.Skip(1), (a, b) => b - a).DefaultIfEmpty().Max()).TotalMilliseconds);
            figures.Failovers += capture.Adverts.Any(a => a.At > since && a.From != own) ? 1 : 0;
        }

        return figures;
    }
}
