using System.Text;
using VipOperator.Bench.Failover.Outages;
using VipOperator.Bench.Failover.Speakers;

namespace VipOperator.Bench.Failover.Reporting;

/// <summary>The results as Markdown tables, what was aimed at first.</summary>
internal static class MarkdownTables
{
    public static string Write(BenchResults results)
    {
        StringBuilder text = new();
        foreach (var part in results.Machines.GroupBy(m => m.Value with { LoadBefore = "" }))
        {
            Machine m = part.Key;
            text.Append(Numbers.Invariant(
                $"{string.Join(", ", part.Select(p => $"{p.Key} (load {p.Value.LoadBefore})"))}: {m.Date}, {m.Processors} × {m.Processor}, Linux {m.Kernel}, {m.Keepalived}.\n\n"));
        }

        Section(text, "Aims", AimTable.Write(results));
        foreach (Timing timing in Timing.All)
        {
            foreach (bool equal in (ReadOnlySpan<bool>)[false, true])
                Section(text, $"Outages: {OutageFigures.StageName(timing, equal)}", Outages(results.Outages, OutageFigures.StageName(timing, equal)));
        }

        Section(text, "Processor time, s in a minute, and memory, MiB", Cpu(results.Cpu));
        Section(text, "Start to first advertisement, alone, ms", Wire(results.Start));
        Section(text, "A changed priority, from SIGHUP until it is advertised, ms", Wire(results.Change));
        Section(text, "Under full load: deviation of the time between two advertisements, ms", Busy(results.Busy));
        return text.ToString();
    }

    private static void Section(StringBuilder text, string title, string table)
    {
        if (table.Length > 0)
            text.Append("## ").Append(title).Append("\n\n").Append(table).Append('\n');
    }

    private static string Outages(OutageFigures figures, string stage)
    {
        if (!figures.Stages.ContainsKey(stage))
            return "";
        StringBuilder text = new(
            """
            | | runs | keepalived: gap, median / p99, ms | ours | ratio | new connections: keepalived | ours | datagrams: keepalived | ours | takeover: keepalived | ours | two holders: keepalived | ours |
            |---|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|

            """);
        foreach (OutageKind kind in Enum.GetValues<OutageKind>())
        {
            foreach (string theirs in (ReadOnlySpan<string>)["keepalived", "keepalived, script"])
            {
                OutageCell cell = new(figures, stage, kind, theirs);
                if (cell.Theirs.Runs + cell.Theirs.Failures == 0)
                    continue;
                string check = kind is not (OutageKind.NginxKilled or OutageKind.NginxHung) ? "" : theirs == "keepalived" ? " (track_process)" : " (track_script)";
                text.Append(Numbers.Invariant(
                    $"| {OutageCell.Title(kind)}{check} | {cell.Ours.Runs} | {Gap(kind, cell.Theirs)} | {Gap(kind, cell.Ours)} | {Numbers.Text(cell.GapRatio)} | "));
                text.Append(Numbers.Invariant(
                    $"{Numbers.Text(cell.Theirs.TcpGap)} | {Numbers.Text(cell.Ours.TcpGap)} | {Numbers.Text(cell.Theirs.UdpGap)} | {Numbers.Text(cell.Ours.UdpGap)} | "));
                text.Append(Numbers.Invariant(
                    $"{Numbers.Text(cell.Theirs.Takeover)} | {Numbers.Text(cell.Ours.Takeover)} | {Shared(cell.Theirs)} | {Shared(cell.Ours)} |\n"));
            }
        }

        return text.ToString();
    }

    private static string Gap(OutageKind kind, OutageSummary summary) =>
        $"{Numbers.Text(summary.Gap)} / {Numbers.Text(summary.GapMost)}{(summary.Endless > 0 ? $" ({summary.Endless} of {summary.Runs} not over after {OutagePair.BoundOf(kind).TotalSeconds:0} s)" : "")}";

    private static string Shared(OutageSummary summary) => summary.SharedToTheEnd ? "for ever" : Numbers.Text(summary.Shared);

    private static string Cpu(List<CpuFigures> figures)
    {
        StringBuilder text = new();
        foreach (CpuPair pair in CpuPair.All(figures))
        {
            string Row(string what, Func<CpuFigures, double> of) =>
                $"{what} | {Numbers.Text(of(pair.Theirs))} | {Numbers.Text(of(pair.Ours))} | {Numbers.Text(of(pair.Ours) / of(pair.Theirs))} |\n";
            string name = Numbers.Invariant($"| {pair.Routers:N0} routers, {pair.Timing}");
            text.Append(name).Append(Unstable(pair)).Append(Row(" | processor, Active", f => Statistics.Median(f.Active)));
            text.Append(Row("| | processor, Backup", f => Statistics.Median(f.Backup)));
            text.Append(Row("| | RSS, Active", f => f.Resident / 1024.0));
            text.Append(Row("| | PSS, Active", f => f.Proportional / 1024.0));
        }

        return text.Length == 0 ? "" : "| | | keepalived | ours | ratio |\n|---|---|---:|---:|---:|\n" + text;
    }

    private static string Unstable(CpuPair pair) => (pair.Ours.Unstable, pair.Theirs.Unstable) switch
    {
        (0, 0) => "",
        (0, _) => " (keepalived's addresses wandered)",
        (_, 0) => " (our addresses wandered)",
        _ => " (both programs' addresses wandered)",
    };

    private static string Wire(List<WireFigures> figures)
    {
        StringBuilder text = new();
        foreach (var rows in figures.GroupBy(f => $"{f.Timing}, {f.Variant}"))
        {
            WireFigures? ours = rows.FirstOrDefault(f => f.Contestant == Contestant.Ours);
            WireFigures? theirs = rows.FirstOrDefault(f => f.Contestant == Contestant.Keepalived);
            if (ours is null || theirs is null)
                continue;
            string gaps = ours.Gaps.Count == 0
                ? ""
                : $"; longest silence meanwhile {Numbers.Text(Statistics.Median(theirs.Gaps))} · {Numbers.Text(Statistics.Median(ours.Gaps))}, takeovers {theirs.Failovers} · {ours.Failovers}";
            text.Append(Numbers.Invariant($"| {rows.Key}{gaps} | {Spread(theirs)} | {Spread(ours)} | "))
                .Append(Numbers.Text(Statistics.Median(ours.Milliseconds) / Statistics.Median(theirs.Milliseconds))).Append(" |\n");
        }

        return text.Length == 0 ? "" : "| | keepalived, median / p99 | ours | ratio |\n|---|---:|---:|---:|\n" + text;
    }

    private static string Spread(WireFigures figures) =>
        $"{Numbers.Text(Statistics.Median(figures.Milliseconds))} / {Numbers.Text(Statistics.Percentile(figures.Milliseconds, 99))}";

    private static string Busy(List<JitterFigures> figures)
    {
        StringBuilder text = new();
        foreach (JitterFigures f in figures)
        {
            text.Append(Numbers.Invariant($"| {f.Timing}, {f.Variant}, {f.Seconds} s | {f.Contestant} | {Numbers.Text(f.Median)} | "))
                .Append(Numbers.Invariant($"{Numbers.Text(f.Percentile99)} | {Numbers.Text(f.Most)} | {f.Failovers} |\n"));
        }

        return text.Length == 0 ? "" : "| | | median | p99 | most | false failovers |\n|---|---|---:|---:|---:|---:|\n" + text;
    }
}
