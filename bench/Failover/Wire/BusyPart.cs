using VipOperator.Bench.Failover.Load;
using VipOperator.Bench.Failover.Reporting;
using VipOperator.Bench.Failover.Speakers;
using VipOperator.Lab.Network;
using VipOperator.Lab.Probing;
using VipOperator.Lab.Processes;

namespace VipOperator.Bench.Failover.Wire;

/// <summary>
/// How even the advertisements of the Active are, and whether the Backup stays one, while all processors have more than
/// enough to do. Both programs run at the same time, so that whatever else the machine does concerns both.
/// </summary>
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
                figures.AddRange(await MeasureAsync(timing, realtime, cancellation));
        }

        return figures;
    }

    private async Task<IEnumerable<JitterFigures>> MeasureAsync(
        Timing timing, bool realtime, CancellationToken cancellation)
    {
        string variant = realtime ? "real-time" : "ordinary";
        report($"{timing.Name}, {variant}: {duration.TotalSeconds:0} s under full load");
        SpeakerPlan plan = new()
        { Timing = timing, Priority = 254, Routers = SpeakerPair.OneRouter, Realtime = realtime };
        List<(Contestant Contestant, SpeakerPair Pair, AdvertCapture Capture)> running = [];
        try
        {
            foreach (Contestant contestant in Enum.GetValues<Contestant>())
            {
                int lane = _lane++;
                SpeakerPair pair = await SpeakerPair.CreateAsync(
                    contestant, plan, 253, $"{folder.Lab}-lane{lane}",
                    folder.At("lanes", $"{lane}"), programs, cancellation);
                running.Add(
                    (contestant, pair, await AdvertCapture.StartAsync(
                        pair.Segment, NetworkHost.Node2, folder.At("lanes", $"{lane}"), cancellation)));
                await pair.StartAsync(1, cancellation);
            }

            await Task.Delay(Settling, cancellation);
            (long since, long until) = await LoadAsync(cancellation);
            await Task.Delay(Settling, cancellation);
            return [.. running.Select(r => FiguresOf(r.Contestant, timing, variant,
                [.. r.Capture.Adverts.Where(a => a.At >= since && a.At <= until).OrderBy(a => a.At)]))];
        }
        finally
        {
            foreach ((_, SpeakerPair pair, AdvertCapture capture) in running)
            {
                await capture.DisposeAsync();
                await pair.DisposeAsync();
            }
        }
    }

    private async Task<(long Since, long Until)> LoadAsync(CancellationToken cancellation)
    {
        List<ChildProcess> burners = [];
        try
        {
            for (int i = 0; i < 2 * Environment.ProcessorCount; i++)
                burners.Add(ChildProcess.Start(
                    new ChildProcessSpec { Name = "load", Program = "sh", Arguments = ["-c", "while :; do :; done"] }));
            long since = Clock.NowMicroseconds;
            await Task.Delay(duration, cancellation);
            return (since, Clock.NowMicroseconds);
        }
        finally
        {
            foreach (ChildProcess burner in burners)
                await burner.DisposeAsync();
        }
    }

    private JitterFigures FiguresOf(Contestant contestant, Timing timing, string variant, IReadOnlyList<Advert> heard)
    {
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
