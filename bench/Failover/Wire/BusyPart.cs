using VipOperator.Bench.Failover.Load;
using VipOperator.Bench.Failover.Reporting;
using VipOperator.Bench.Failover.Speakers;
using VipOperator.Lab.Network;
using VipOperator.Lab.Probing;
using VipOperator.Lab.Processes;

namespace VipOperator.Bench.Failover.Wire;

/// <summary>How even the advertisements of the Active are, and whether the Backup stays one, while all processors have more than enough to do.</summary>
internal sealed class BusyPart(LabFolder folder, string programs, TimeSpan duration, Action<string> report)
{
    private static readonly TimeSpan Settling = TimeSpan.FromSeconds(2);

    /// <summary>After so many intervals of silence, the Backup that speaks again has taken over anew.</summary>
    private const int SpellEnd = 10;

    private int _lane = 400;

    public async Task<List<JitterFigures>> MeasureAsync(CancellationToken cancellation)
    {
        List<JitterFigures> figures = [];
        foreach (Timing timing in (Timing[])[Timing.Hundredth, Timing.Tenth])
        {
            foreach (bool realtime in (bool[])[false, true])
            {
                foreach (Contestant contestant in Enum.GetValues<Contestant>())
                    figures.Add(await MeasureAsync(contestant, timing, realtime, cancellation));
            }
        }

        return figures;
    }

    private async Task<JitterFigures> MeasureAsync(Contestant contestant, Timing timing, bool realtime, CancellationToken cancellation)
    {
        int lane = _lane++;
        string variant = realtime ? "real-time" : "ordinary";
        report($"{contestant}, {timing.Name}, {variant}: {duration.TotalSeconds:0} s under full load");
        SpeakerPlan plan = new() { Timing = timing, Priority = 254, Routers = SpeakerPair.OneRouter, Realtime = realtime };
        await using SpeakerPair pair = await SpeakerPair.CreateAsync(
            contestant, plan, 253, $"{folder.Lab}-lane{lane}", folder.At("lanes", $"{lane}"), programs, cancellation);
        await using AdvertCapture capture = await AdvertCapture.StartAsync(pair.Segment, NetworkHost.Node2, folder.At("lanes", $"{lane}"), cancellation);
        await pair.StartAsync(1, cancellation);
        await Task.Delay(Settling, cancellation);

        List<ChildProcess> burners = [];
        long since;
        long until;
        try
        {
            for (int i = 0; i < 2 * Environment.ProcessorCount; i++)
                burners.Add(ChildProcess.Start(new ChildProcessSpec { Name = "load", Program = "sh", Arguments = ["-c", "while :; do :; done"] }));
            since = Clock.NowMicroseconds;
            await Task.Delay(duration, cancellation);
            until = Clock.NowMicroseconds;
        }
        finally
        {
            foreach (ChildProcess burner in burners)
                await burner.DisposeAsync();
        }

        await Task.Delay(Settling, cancellation);
        List<Advert> heard = [.. capture.Adverts.Where(a => a.At >= since && a.At <= until).OrderBy(a => a.At)];
        string own = NetworkHost.Node1.Address.ToString();
        long[] times = [.. heard.Where(a => a.From == own).Select(a => a.At)];
        List<double> deviations =
            [.. times.Zip(times.Skip(1), (a, b) => Math.Abs((Clock.Span(b - a) - timing.Interval).TotalMilliseconds))];
        return new JitterFigures
        {
            Contestant = contestant,
            Timing = timing.Name,
            Variant = variant,
            Seconds = duration.TotalSeconds,
            Adverts = times.Length,
            Median = Statistics.Median(deviations),
            Percentile99 = Statistics.Percentile(deviations, 99),
            Most = Statistics.Percentile(deviations, 100),
            Failovers = Spells([.. heard.Where(a => a.From != own).Select(a => a.At)], timing),
        };
    }

    private static int Spells(long[] times, Timing timing) => times.Length == 0
        ? 0
        : 1 + times.Zip(times.Skip(1), (a, b) => Clock.Span(b - a)).Count(gap => gap > SpellEnd * timing.Interval);
}
