using VipOperator.Bench.Failover.Outages;
using VipOperator.Bench.Failover.Speakers;

namespace VipOperator.Bench.Failover.Reporting;

/// <summary>
/// Writes the results for people: tables into failover.md, between its two marks, and plots beside it.
/// </summary>
internal static class Report
{
    public const string ResultsFile = "failover.json";

    private const string TablesFile = "failover.md";
    private const string Begin = "<!-- measured: begin -->";
    private const string End = "<!-- measured: end -->";

    /// <summary>Makes the folder and its files where they are not there yet.</summary>
    public static void Touch(string folder)
    {
        Directory.CreateDirectory(folder);
        foreach (string name in (string[])[ResultsFile, TablesFile,
            .. Charts(new BenchResults()).Select(c => c.Name + ".svg")])
        {
            using FileStream file = File.Open(Path.Combine(folder, name), FileMode.OpenOrCreate);
        }
    }

    /// <param name="folder">Gets failover.md, if it is not there yet, and the plots.</param>
    public static void Write(BenchResults results, string folder)
    {
        string file = Path.Combine(folder, TablesFile);
        string text = File.Exists(file) && new FileInfo(file).Length > 0
            ? File.ReadAllText(file)
            : $"# Failover, measured beside keepalived\n\n{Begin}\n{End}\n";
        int from = text.IndexOf(Begin, StringComparison.Ordinal) + Begin.Length;
        int to = text.IndexOf(End, StringComparison.Ordinal);
        File.WriteAllText(file, text[..from] + "\n" + MarkdownTables.Write(results) + text[to..]);
        foreach ((string name, BarChart chart) in Charts(results))
        {
            string plot = Path.Combine(folder, name + ".svg");
            if (chart.IsEmpty)
                File.Delete(plot);
            else
                File.WriteAllText(plot, chart.ToSvg());
        }
    }

    private static IEnumerable<(string Name, BarChart Chart)> Charts(BenchResults results)
    {
        BarChart outages = new("Without an answer, v3, 1 s, own defaults, median", "ms", 1);
        foreach (OutageKind kind in Enum.GetValues<OutageKind>())
        {
            OutageCell cell = new(results.Outages, OutageFigures.StageName(Timing.V3Second, equal: false), kind);
            outages.Add(OutageCell.Title(kind), cell.Ours.Gap, cell.Theirs.Gap);
        }

        yield return ("outages", outages);

        BarChart cpu = new("Processor seconds in a minute, Active", "s", 0.001);
        BarChart memory = new("Resident memory, Active, all processes", "MiB", 1);
        foreach (CpuPair pair in CpuPair.All(results.Cpu))
        {
            cpu.Add($"{pair.Routers} routers, {pair.Timing}", Statistics.Median(pair.Ours.Active),
                Statistics.Median(pair.Theirs.Active));
            memory.Add(
                $"{pair.Routers} routers, {pair.Timing}", pair.Ours.Resident / 1024.0, pair.Theirs.Resident / 1024.0);
        }

        yield return ("cpu", cpu);
        yield return ("memory", memory);

        BarChart jitter = new("Unevenness of advertisements under full load, 99 % of them", "ms", 0.01);
        foreach (var rows in results.Busy.GroupBy(b => $"{b.Timing}, {b.Variant}"))
        {
            double Of(Contestant c) => rows.FirstOrDefault(r => r.Contestant == c)?.Percentile99 ?? double.NaN;
            jitter.Add(rows.Key, Of(Contestant.Ours), Of(Contestant.Keepalived));
        }

        yield return ("jitter", jitter);
    }
}
