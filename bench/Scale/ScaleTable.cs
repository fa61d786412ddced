using System.Globalization;
using System.Text;

namespace VipOperator.Bench.Scale;

/// <summary>The figures of all runs as a Markdown table, a row per figure and a column per size.</summary>
internal static class ScaleTable
{
    public static string Write(IReadOnlyList<ScaleFigures> runs)
    {
        StringBuilder text = new();
        Row(text, "VirtualIPs × 3 members", runs, f => $"{f.VirtualIPs}");
        Line(text, "---", runs.Select(_ => "---:"));
        Row(text, "cold start until all are assigned, s", runs, f => $"{f.ColdStartS:0.0}");
        Row(text, "… per 1,000 VirtualIPs, s", runs, f => $"{f.ColdStartS / f.VirtualIPs * 1000:0.0}");
        Row(text, "… CPU of the operator, s", runs, f => $"{f.ColdStartCpuS:0.0}");
        Row(text, "… of which something on the machine waited for a CPU, %", runs,
            f => $"{f.ColdStartPressurePercent:0}");
        Row(text, "… writes per object", runs, f => $"{f.ColdWritesPerObject:0.00}");
        Row(text, "all sidecars report, until all are Ready, s", runs, f => $"{f.ReportsS:0.0}");
        Row(text, "… status writes per VirtualIP", runs, f => $"{f.ReportWritesPerVirtualIP:0.00}");
        Row(text, "RSS when quiet, MiB", runs, f => $"{f.ResidentMiB:0}");
        Row(text, "RSS at the most, MiB", runs, f => $"{f.PeakResidentMiB:0}");
        Row(text, "CPU when quiet, % of a core", runs, f => $"{f.QuietCpuPercent:0.00}");
        Row(text, "writes · requests when quiet", runs, f => $"{f.QuietWrites:0} · {f.QuietRequests:0}");
        Row(text, "a pod dies, until its members are replanned, s", runs, f => $"{f.PodDeathS:0.00}");
        Row(text, "… its members", runs, f => $"{f.MembersOfDeadPod}");
        Row(text, "… writes per VirtualIP", runs, f => $"{f.PodDeathWritesPerVirtualIP:0.00}");
        Row(text, "one spec changes, until all four objects are written, s", runs, f => $"{f.OneChangeS:0.00}");
        Row(text, "… writes · requests", runs, f => $"{f.OneChangeWrites:0} · {f.OneChangeRequests:0}");
        Row(text, "restart until the first plan, s", runs, f => $"{f.RestartS:0.0}");
        Row(text, "… writes", runs, f => $"{f.RestartWrites:0}");
        Row(text, "one plan, mean, ms", runs, f => $"{f.PlanMs:0}");
        return text.ToString();
    }

    private static void Row(StringBuilder text, string name, IReadOnlyList<ScaleFigures> runs,
        Func<ScaleFigures, FormattableString> cell) =>
        Line(text, name, runs.Select(f => cell(f).ToString(CultureInfo.InvariantCulture)));

    private static void Line(StringBuilder text, string name, IEnumerable<string> cells) =>
        text.Append("| ").Append(name).Append(" | ").AppendJoin(" | ", cells).Append(" |\n");
}
