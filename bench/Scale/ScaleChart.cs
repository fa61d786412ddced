using System.Globalization;
using System.Security;
using System.Text;

namespace VipOperator.Bench.Scale;

/// <summary>The figures that grow with the cluster as SVG: one panel for each unit, both axes logarithmic.</summary>
internal sealed class ScaleChart
{
    private const int Width = 860;
    private const int PanelHeight = 300;
    private const int Left = 64;
    private const int Right = 270;
    private const int Top = 44;
    private const int Bottom = 40;

    private static readonly string[] Colors = ["#2a78d6", "#d9822b", "#2e8b57", "#8250df"];

    private readonly List<(string Title, List<(string Name, List<(double X, double Y)> Points)> Lines)> _panels = [];

    public static string Write(IReadOnlyList<ScaleFigures> runs)
    {
        ScaleChart chart = new();
        List<(double, double)> Of(Func<ScaleFigures, double> value) =>
            [.. runs.OrderBy(r => r.VirtualIPs).Select(r => ((double)r.VirtualIPs, value(r)))];
        chart._panels.Add(("Seconds, by number of VirtualIPs with three members each",
        [
            ("cold start, until all are assigned", Of(f => f.ColdStartS)),
            ("all sidecars report, until all are Ready", Of(f => f.ReportsS)),
            ("processor time of the cold start", Of(f => f.ColdStartCpuS)),
            ("a pod dies, until its 50 are replanned", Of(f => f.PodDeathS)),
        ]));
        chart._panels.Add(("MiB, by number of VirtualIPs with three members each",
        [
            ("RSS when quiet", Of(f => f.ResidentMiB)),
            ("RSS at the most", Of(f => f.PeakResidentMiB)),
        ]));
        return chart.ToSvg();
    }

    private string ToSvg()
    {
        int height = _panels.Count * PanelHeight;
        StringBuilder svg = new();
        svg.Append(CultureInfo.InvariantCulture, $"""
            <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {Width} {height}" width="{Width}" height="{height}" font-family="system-ui, sans-serif" font-size="13">
            <rect width="{Width}" height="{height}" fill="#ffffff"/>

            """);
        for (int i = 0; i < _panels.Count; i++)
            AppendPanel(svg, i * PanelHeight, _panels[i].Title, _panels[i].Lines);
        return svg.Append("</svg>\n").ToString();
    }

    private static void AppendPanel(
        StringBuilder svg, int y, string title, List<(string Name, List<(double X, double Y)> Points)> lines)
    {
        var points = lines.SelectMany(l => l.Points).ToList();
        Axis across = new(points.Min(p => p.X), points.Max(p => p.X), Left, Width - Right);
        Axis up = new(
            Round(points.Min(p => p.Y), -1), Round(points.Max(p => p.Y), 1), y + PanelHeight - Bottom, y + Top);
        svg.Append(CultureInfo.InvariantCulture, $"""<text x="16" y="{y + 26}" font-size="16" font-weight="600" fill="#1f2328">{SecurityElement.Escape(title)}</text>""").Append('\n');
        foreach (double tick in up.Ticks())
        {
            svg.Append(CultureInfo.InvariantCulture, $"""<line x1="{Left}" x2="{Width - Right}" y1="{up.At(tick):0.0}" y2="{up.At(tick):0.0}" stroke="#e4e8ec"/>""");
            svg.Append(CultureInfo.InvariantCulture, $"""<text x="{Left - 8}" y="{up.At(tick) + 4:0.0}" text-anchor="end" fill="#59636e">{tick:#,0.###}</text>""").Append('\n');
        }

        foreach (double size in points.Select(p => p.X).Distinct())
            svg.Append(CultureInfo.InvariantCulture, $"""<text x="{across.At(size):0.0}" y="{y + PanelHeight - Bottom + 20}" text-anchor="middle" fill="#59636e">{size:#,0}</text>""").Append('\n');
        double lowestFree = double.PositiveInfinity;
        foreach (var (line, color) in lines.Zip(Colors).OrderByDescending(l => up.At(l.First.Points[^1].Y)))
        {
            string path = string.Join(' ', line.Points.Select(
                p => string.Create(CultureInfo.InvariantCulture, $"{across.At(p.X):0.0},{up.At(p.Y):0.0}")));
            svg.Append(CultureInfo.InvariantCulture, $"""<polyline points="{path}" fill="none" stroke="{color}" stroke-width="2"/>""").Append('\n');
            foreach ((double x, double value) in line.Points)
                svg.Append(CultureInfo.InvariantCulture, $"""<circle cx="{across.At(x):0.0}" cy="{up.At(value):0.0}" r="3.5" fill="{color}"/>""");
            // From below upwards, so that no name stands on another.
            lowestFree = Math.Min(up.At(line.Points[^1].Y) + 4, lowestFree);
            svg.Append(CultureInfo.InvariantCulture, $"""<text x="{Width - Right + 10}" y="{lowestFree:0.0}" fill="{color}">{SecurityElement.Escape(line.Name)}</text>""").Append('\n');
            lowestFree -= 16;
        }
    }

    // To the next of 1, 2 and 5 of each decade, downwards or upwards.
    private static double Round(double value, int direction)
    {
        double decade = Math.Pow(10, Math.Floor(Math.Log10(value)));
        double[] steps = [decade, 2 * decade, 5 * decade, 10 * decade];
        return direction < 0 ? steps.Last(s => s <= value) : steps.First(s => s >= value);
    }

    /// <summary>A logarithmic axis from one place on the paper to another.</summary>
    private readonly struct Axis(double least, double most, double from, double to)
    {
        public double At(double value) => most <= least
            ? (from + to) / 2
            : from + ((to - from) * Math.Log(Math.Max(value, least) / least) / Math.Log(most / least));

        /// <summary>1, 2 and 5 of each decade.</summary>
        public IEnumerable<double> Ticks()
        {
            for (double decade = Math.Pow(10, Math.Floor(Math.Log10(least))); decade <= most; decade *= 10)
            {
                foreach (double tick in (double[])[decade, 2 * decade, 5 * decade])
                {
                    if (tick >= least && tick <= most)
                        yield return tick;
                }
            }
        }
    }
}
