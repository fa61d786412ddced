using VipOperator.Bench.Failover.Load;
using VipOperator.Bench.Failover.Reporting;
using VipOperator.Bench.Failover.Speakers;
using VipOperator.Lab.Network;
using VipOperator.Lab.Probing;
using VipOperator.Lab.Processes;
using VipOperator.Lab.Tools;

namespace VipOperator.Bench.Failover.Wire;

/// <summary>From the start of a speaker that is alone until its first advertisement.</summary>
internal sealed class StartPart(LabFolder folder, string programs, int runs, Action<string> report)
{
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(30);

    private int _lane = 200;

    public async Task<List<WireFigures>> MeasureAsync(CancellationToken cancellation)
    {
        List<WireFigures> figures = [];
        foreach (Timing timing in (Timing[])[Timing.V3Second, Timing.Tenth])
        {
            report($"{timing.Name}, {runs} starts of each");
            figures.AddRange(await Task.WhenAll(
                MeasureAsync(Contestant.Ours, timing, 254, "own defaults", cancellation),
                MeasureAsync(Contestant.Keepalived, timing, 100, "own defaults", cancellation),
                MeasureAsync(Contestant.Ours, timing, 100, "equal", cancellation),
                MeasureAsync(Contestant.Keepalived, timing, 100, "equal", cancellation)));
        }

        return figures;
    }

    private async Task<WireFigures> MeasureAsync(
        Contestant contestant, Timing timing, int priority, string priorities, CancellationToken cancellation)
    {
        int lane = Interlocked.Increment(ref _lane);
        SpeakerPlan plan = new() { Timing = timing, Priority = priority, Routers = SpeakerPair.OneRouter };
        await using SpeakerPair pair = await SpeakerPair.CreateAsync(
            contestant, plan, priority, $"{folder.Lab}-lane{lane}",
            folder.At("lanes", $"{lane}"), programs, cancellation);
        await using AdvertCapture capture = await AdvertCapture.StartAsync(
            pair.Segment, NetworkHost.Node2, folder.At("lanes", $"{lane}"), cancellation);
        WireFigures figures = new() { Contestant = contestant, Timing = timing.Name, Variant = priorities };
        for (int run = 0; run < runs; run++)
        {
            long since = Clock.NowMicroseconds;
            pair.First.Start();
            Advert first = await capture.FirstAsync(a => a.At > since, Bound, cancellation)
                ?? throw new ToolException($"{contestant} sent nothing within {Bound.TotalSeconds} s.");
            figures.Milliseconds.Add(Clock.Span(first.At - since).TotalMilliseconds);
            await pair.First.StopAsync();
        }

        return figures;
    }
}
