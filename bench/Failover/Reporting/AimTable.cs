using System.Text;
using VipOperator.Bench.Failover.Outages;
using VipOperator.Bench.Failover.Speakers;

namespace VipOperator.Bench.Failover.Reporting;

/// <summary>What is aimed at, as ratios of ours to keepalived's, and whether it is reached.</summary>
internal static class AimTable
{
    /// <summary>Where the protocol prescribes the same time, that much more is chance.</summary>
    private const double Even = 1.05;

    public static string Write(BenchResults results)
    {
        StringBuilder text = new();
        foreach (Timing timing in (ReadOnlySpan<Timing>)[Timing.V2Second, Timing.V3Second])
        {
            string stage = OutageFigures.StageName(timing, equal: false);
            Gap(text, results, stage, OutageKind.Stopped, "keepalived", 0.05);
            Gap(text, results, stage, OutageKind.NginxKilled, "keepalived", 0.05);
            Gap(text, results, stage, OutageKind.NginxKilled, "keepalived, script", 0.05);
            Killed(text, results, stage);
        }

        foreach (Timing timing in Timing.All)
            Gap(text, results, OutageFigures.StageName(timing, equal: false), OutageKind.NodeLost, "keepalived",
                timing.IntervalMilliseconds == 1000 ? 0.9 : 1);
        foreach (JitterFigures busy in results.Busy.Where(
            b => b.Contestant == Contestant.Ours && b.Timing == Timing.Hundredth.Name))
            Row(text, $"false failovers at 10 ms in {busy.Seconds} s under full load, {busy.Variant}",
                busy.Failovers, 0);
        foreach (CpuPair pair in CpuPair.All(results.Cpu))
        {
            if (pair.Timing == Timing.V3Second.Name && pair.Routers is 255 or 1000)
                Row(text, Numbers.Invariant($"processor time, {pair.Routers:N0} routers, 1 s, Active"),
                    pair.ActiveRatio, 1);
            if (pair.Timing == Timing.Hundredth.Name)
                Row(text, $"processor time, {pair.Routers} routers, 10 ms, Active", pair.ActiveRatio, 0.5);
            if (pair.Timing == Timing.V3Second.Name && pair.Routers is 1 or 1000)
                Row(text, Numbers.Invariant($"RSS, {pair.Routers:N0} routers, all processes"), pair.ResidentRatio, 2);
        }

        foreach (var start in results.Start.GroupBy(s => $"start to first advertisement, {s.Timing}, {s.Variant}"))
            Row(text, start.Key, MedianOf(start, Contestant.Ours) / MedianOf(start, Contestant.Keepalived), 1);
        foreach (Timing timing in Timing.All)
        {
            string stage = OutageFigures.StageName(timing, equal: true);
            foreach (OutageKind kind in Enum.GetValues<OutageKind>())
            {
                foreach (string theirs in (ReadOnlySpan<string>)["keepalived", "keepalived, script"])
                    Gap(text, results, stage, kind, theirs, 1);
            }
        }

        return text.Length == 0 ? "" : "| ours to keepalived's | ratio | aim | |\n|---|---:|---:|---|\n" + text;
    }

    private static void Gap(
        StringBuilder text, BenchResults results, string stage, OutageKind kind, string theirs, double aim)
    {
        OutageCell cell = new(results.Outages, stage, kind, theirs);
        if (cell.Ours.Runs == 0 || cell.Theirs.Runs == 0)
            return;
        string check = theirs == "keepalived" ? "" : " (track_script)";
        // What neither client felt is no outage, and a ratio of two such figures one of chance.
        bool unfelt = cell.Ours.Gap < OutageCell.Unfelt && cell.Theirs.Gap < OutageCell.Unfelt;
        Row(text, $"{OutageCell.Title(kind)}{check}, {stage}", cell.GapRatio, aim, unfelt);
    }

    private static void Killed(StringBuilder text, BenchResults results, string stage)
    {
        OutageCell cell = new(results.Outages, stage, OutageKind.Killed);
        if (cell.Ours.Runs > 0 && cell.Theirs.Runs > 0)
            Row(text, $"SIGKILL, takeover, {stage}", cell.Ours.Takeover / cell.Theirs.Takeover, 0.05);
    }

    private static double MedianOf(IEnumerable<WireFigures> figures, Contestant contestant) =>
        Statistics.Median(figures.Where(f => f.Contestant == contestant).SelectMany(f => f.Milliseconds));

    private static void Row(StringBuilder text, string what, double ratio, double aim, bool unfelt = false)
    {
        string verdict = unfelt ? "neither felt" : ratio <= aim ? "✓" : aim == 1 && ratio <= Even ? "even" : "✗";
        text.Append(Numbers.Invariant($"| {what} | {Numbers.Text(ratio)} | ≤ {aim} | {verdict} |\n"));
    }
}
