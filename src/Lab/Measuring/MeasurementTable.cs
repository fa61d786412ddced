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
            Gaps(samples, "sidecarKilled", "Active sidecar SIGKILLed", Fault.SidecarKilled, 160),
            Row.Of(
                "sidecarKilledOldNode", "  until its node was without the address", 3500,
                [.. samples.Where(s => s.Fault == Fault.SidecarKilled).Select(s => s.OldWithout)
                    .OfType<TimeSpan>()], null),
            Gaps(samples, "linkLost", "link of the Active lost", Fault.LinkLost, 3300),
        ];
    }

    /// <returns>Lines for a terminal.</returns>
    public IReadOnlyList<string> ToLines() => TextTable.Format(
        ["interval 1 s, priorities 254 and 253", "runs", "median", "least", "most", "aim", "held by two"],
        _rows.Select(r => (string[])
        [
            r.Title, $"{r.Runs}", Text(r.Median), Text(r.Least), Text(r.Most), $"≤ {Text(r.Aim)}",
            r.LongestShared is { } shared ? $"≤ {Text(shared)}" : "",
        ]));

    public string ToJson() => new JsonArray([.. _rows.Select(r => (JsonNode)new JsonObject
    {
        ["name"] = r.Name,
        ["runs"] = r.Runs,
        ["medianMilliseconds"] = Number(r.Median),
        ["leastMilliseconds"] = Number(r.Least),
        ["mostMilliseconds"] = Number(r.Most),
        ["aimMilliseconds"] = Number(r.Aim),
        ["heldByTwoMostMilliseconds"] = r.LongestShared is { } shared ? Number(shared) : null,
    })]).ToJsonString(new() { WriteIndented = true });

    private static Row Gaps(
        IReadOnlyList<FaultSample> samples, string name, string title, Fault fault, int aimMilliseconds)
    {
        List<FaultSample> those = [.. samples.Where(s => s.Fault == fault)];
        return Row.Of(name, title, aimMilliseconds, [.. those.Select(s => s.Gap.Length)],
            those.Select(s => s.Shared).DefaultIfEmpty().Max());
    }

    private static string Text(TimeSpan span) =>
        span.TotalMilliseconds.ToString("N0", CultureInfo.InvariantCulture) + " ms";

    private static double Number(TimeSpan span) => Math.Round(span.TotalMilliseconds, 1);

    /// <param name="LongestShared">For how long, at most, two nodes held the address at once.</param>
    private sealed record Row(
        string Name, string Title, int Runs, TimeSpan Median, TimeSpan Least, TimeSpan Most,
        TimeSpan Aim, TimeSpan? LongestShared)
    {
        public static Row Of(
            string name, string title, int aimMilliseconds, List<TimeSpan> spans, TimeSpan? longestShared)
        {
            spans.Sort();
            TimeSpan aim = TimeSpan.FromMilliseconds(aimMilliseconds);
            if (spans.Count == 0)
                return new Row(name, title, 0, TimeSpan.Zero, TimeSpan.Zero, TimeSpan.Zero, aim, longestShared);
            // Of an even number, the mean of the middle two.
            TimeSpan median = (spans[(spans.Count - 1) / 2] + spans[spans.Count / 2]) / 2;
            return new Row(name, title, spans.Count, median, spans[0], spans[^1], aim, longestShared);
        }
    }
}
