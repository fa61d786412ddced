using System.Globalization;
using System.Text.Json.Nodes;
using VipOperator.Lab.Demo;

namespace VipOperator.Lab.Measuring;

/// <summary>What came of the faults: median, least and most of each, beside what is aimed at.</summary>
internal sealed class MeasurementTable
{
    private readonly IReadOnlyList<Row> _rows;

    public MeasurementTable(IReadOnlyList<FaultSample> samples)
    {
        _rows =
        [
            Gaps(samples, "nginxKilled", "nginx killed, restartGrace 0s", Fault.NginxKilled, 50),
            Gaps(samples, "sidecarStopped", "Active sidecar stopped", Fault.SidecarStopped, 50),
            Gaps(samples, "sidecarKilled", "Active sidecar SIGKILLed", Fault.SidecarKilled, 3300),
            Row.Of(
                "sidecarKilledOldNode", "  until its node was without the address", 3500,
                [.. samples.Where(s => s.Fault == Fault.SidecarKilled).Select(s => s.OldWithout).OfType<TimeSpan>()]),
            Gaps(samples, "linkLost", "link of the Active lost", Fault.LinkLost, 3300),
        ];
    }

    /// <summary>The longest time that two nodes held the address at once, in all runs.</summary>
    public static TimeSpan LongestShared(IEnumerable<FaultSample> samples) => samples.Select(s => s.Shared).DefaultIfEmpty().Max();

    /// <returns>Lines for a terminal.</returns>
    public IReadOnlyList<string> ToLines() => TextTable.Format(
        ["interval 1 s, priorities 254 and 253", "runs", "median", "least", "most", "aim"],
        _rows.Select(r => (string[])[r.Title, $"{r.Runs}", Text(r.Median), Text(r.Least), Text(r.Most), $"≤ {Text(r.Aim)}"]));

    public string ToJson() => new JsonArray([.. _rows.Select(r => (JsonNode)new JsonObject
    {
        ["name"] = r.Name,
        ["runs"] = r.Runs,
        ["medianMilliseconds"] = Number(r.Median),
        ["leastMilliseconds"] = Number(r.Least),
        ["mostMilliseconds"] = Number(r.Most),
        ["aimMilliseconds"] = Number(r.Aim),
    })]).ToJsonString(new() { WriteIndented = true });

    private static Row Gaps(IReadOnlyList<FaultSample> samples, string name, string title, Fault fault, int aimMilliseconds) =>
        Row.Of(name, title, aimMilliseconds, [.. samples.Where(s => s.Fault == fault).Select(s => s.Gap.Length)]);

    private static string Text(TimeSpan span) => span.TotalMilliseconds.ToString("N0", CultureInfo.InvariantCulture) + " ms";

    private static double Number(TimeSpan span) => Math.Round(span.TotalMilliseconds, 1);

    private sealed record Row(string Name, string Title, int Runs, TimeSpan Median, TimeSpan Least, TimeSpan Most, TimeSpan Aim)
    {
        public static Row Of(string name, string title, int aimMilliseconds, List<TimeSpan> spans)
        {
            spans.Sort();
            TimeSpan aim = TimeSpan.FromMilliseconds(aimMilliseconds);
            if (spans.Count == 0)
                return new Row(name, title, 0, TimeSpan.Zero, TimeSpan.Zero, TimeSpan.Zero, aim);
            // Of an even number, the mean of the middle two.
            TimeSpan median = (spans[(spans.Count - 1) / 2] + spans[spans.Count / 2]) / 2;
            return new Row(name, title, spans.Count, median, spans[0], spans[^1], aim);
        }
    }
}
