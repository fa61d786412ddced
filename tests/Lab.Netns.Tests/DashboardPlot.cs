using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using VipOperator.Charts.Tests;

namespace VipOperator.Lab.Netns.Tests;

/// <summary>
/// Panels of the dashboard as a picture, for the documentation: what Grafana would draw, in a plain SVG.
/// </summary>
internal static partial class DashboardPlot
{
    private const int Columns = 2, Width = 470, Height = 190, Gap = 14;
    private const int Left = 42, LeftOfTimelines = 236, Right = 14, Top = 30, Bottom = 46;
    private const int MostRows = 12, MostLines = 8;
    private static readonly XNamespace Svg = "http://www.w3.org/2000/svg";
    private static readonly string[] Palette =
        ["#3274d9", "#e02f44", "#37872d", "#ff780a", "#8f3bb8", "#b5a200", "#0c8599", "#7a5195"];

    /// <summary>What the values of a timeline mean, by the title of its panel.</summary>
    private static readonly Dictionary<string, (string Word, string Color)[]> Words = new()
    {
        ["State of each member"] =
            [("Initialize", "#b877d9"), ("Backup", "#3274d9"), ("Active", "#37872d"), ("Fault", "#e02f44")],
        ["Verdict of the probe"] = [("unknown", "#b877d9"), ("passing", "#37872d"), ("failing", "#e02f44")],
        ["Alerts"] = [("", "#e02f44"), ("firing", "#e02f44")],
        ["API server reached"] = [("no", "#e02f44"), ("yes", "#37872d")],
    };

    /// <param name="panels">Each with what Prometheus answered; in the order of the picture.</param>
    public static string Draw(
        IReadOnlyList<(DashboardQuery Query, IReadOnlyList<Series> Series)> panels,
        DateTimeOffset start, DateTimeOffset end)
    {
        int rows = (panels.Count + Columns - 1) / Columns;
        int width = Columns * Width + (Columns + 1) * Gap, height = rows * Height + (rows + 1) * Gap;
        XElement picture = new(
            Svg + "svg",
            new XAttribute("viewBox", $"0 0 {width} {height}"),
            new XAttribute("width", width),
            new XAttribute("height", height),
            new XAttribute("font-family", "sans-serif"),
            new XAttribute("font-size", 9.5),
            Box(0, 0, width, height, "#f4f5f5"));
        for (int i = 0; i < panels.Count; i++)
        {
            XElement panel = new(
                Svg + "g",
                new XAttribute("transform",
                    $"translate({Gap + i % Columns * (Width + Gap)} {Gap + i / Columns * (Height + Gap)})"),
                Box(0, 0, Width, Height, "#ffffff", "#d0d0d0"),
                Text(10, 18, panels[i].Query.Panel, "start", "#222222", bold: true));
            double from = start.ToUnixTimeSeconds(), to = end.ToUnixTimeSeconds();
            if (panels[i].Query.Type == "state-timeline")
                Timeline(panel, panels[i].Query, panels[i].Series, new Frame(from, to, LeftOfTimelines));
            else
                Lines(panel, panels[i].Query, panels[i].Series, new Frame(from, to, Left));
            picture.Add(panel);
        }

        return picture + "\n";
    }

    /// <summary>From seconds to places.</summary>
    private readonly record struct Frame(double From, double To, int Left)
    {
        public double X(double time) =>
            Left + (Math.Min(time, To) - From) / Math.Max(1, To - From) * (Width - Left - Right);
    }

    private static void Timeline(XElement panel, DashboardQuery query, IReadOnlyList<Series> series, Frame frame)
    {
        (string Word, string Color)[] words = Words[query.Panel];
        IGrouping<string, Series>[] shown =
            [.. series.GroupBy(s => Legend(query, s)).OrderBy(s => s.Key, StringComparer.Ordinal).Take(MostRows)];
        double row = (Height - Top - Bottom + 20) / (double)Math.Max(1, shown.Length);
        for (int i = 0; i < shown.Length; i++)
        {
            double y = Top + i * row;
            foreach ((double from, double to, int value) in shown[i].SelectMany(s => Stretches(s.Points)))
            {
                double x = frame.X(from), wide = Math.Max(1, frame.X(to) - x);
                panel.Add(Box(x, y + 1, wide, row - 2, words[value].Color));
                if (row > 14 && wide > 7 * words[value].Word.Length)
                    panel.Add(Text(x + wide / 2, y + row / 2 + 4, words[value].Word, "middle", "#ffffff"));
            }

            panel.Add(Text(frame.Left - 4, y + row / 2 + 4, shown[i].Key, "end", "#333333"));
        }

        Times(panel, frame, Height - 12);
    }

    private static void Lines(XElement panel, DashboardQuery query, IReadOnlyList<Series> series, Frame frame)
    {
        double most =
            series.SelectMany(s => s.Points).Select(p => p.Value).Where(double.IsFinite).DefaultIfEmpty(0).Max();
        double top = most <= 0 ? 1 : Nice(most);
        double Y(double value) => Height - Bottom - value / top * (Height - Top - Bottom);
        foreach (double share in new[] { 0, 0.5, 1 })
        {
            panel.Add(Line(Left, Y(share * top), Width - Right, Y(share * top), "#e4e4e4"));
            panel.Add(Text(Left - 5, Y(share * top) + 3, Number(share * top, query.Unit), "end", "#666666"));
        }

        Series[] shown =
            [.. series.Where(s => s.Points.Any(p => p.Value != 0)).Concat(series).Distinct().Take(MostLines)];
        double legend = Left;
        for (int i = 0; i < shown.Length; i++)
        {
            string color = Palette[i % Palette.Length];
            // A gap in the data is a gap in the line.
            StringBuilder path = new();
            double last = double.MinValue;
            foreach ((double time, double value) in shown[i].Points.Where(p => double.IsFinite(p.Value)))
            {
                path.Append(time - last > 2 ? 'M' : 'L').Append(Place(frame.X(time))).Append(' ')
                    .Append(Place(Y(value)));
                last = time;
            }

            panel.Add(new XElement(
                Svg + "path", new XAttribute("d", path), new XAttribute("fill", "none"),
                new XAttribute("stroke", color), new XAttribute("stroke-width", 1.5)));
            string name = Legend(query, shown[i]);
            if (legend + 14 + name.Length * 5.2 < Width)
            {
                panel.Add(
                    Box(legend, Height - 13, 8, 3, color), Text(legend + 11, Height - 8, name, "start", "#444444"));
                legend += 22 + name.Length * 5.2;
            }
        }

        Times(panel, frame, Height - 26);
    }

    private static void Times(XElement panel, Frame frame, double y)
    {
        for (double second = 0; second <= frame.To - frame.From; second += 10)
            panel.Add(Text(frame.X(frame.From + second), y, $"{second} s", "middle", "#666666"));
    }

    /// <summary>Neighbours of the same value as one; a sample holds until the next, a second later.</summary>
    private static IEnumerable<(double From, double To, int Value)> Stretches(
        IReadOnlyList<(double Time, double Value)> points)
    {
        for (int i = 0; i < points.Count;)
        {
            int first = i;
            while (i < points.Count && points[i].Value == points[first].Value
                && points[i].Time - points[first].Time <= i - first + 0.5)
                i++;
            yield return (points[first].Time, points[i - 1].Time + 1, (int)points[first].Value);
        }
    }

    private static string Legend(DashboardQuery query, Series series) => Placeholder().Replace(
        query.Legend, m => series.Labels.GetValueOrDefault(m.Groups[1].Value, ""))
            .Replace(" /", "", StringComparison.Ordinal).Trim();

    private static double Nice(double value)
    {
        double power = Math.Pow(10, Math.Floor(Math.Log10(value)));
        return new[] { 1, 2, 5, 10 }.Select(f => f * power).First(f => f >= value);
    }

    private static string Number(double value, string unit) => unit switch
    {
        "bytes" => (value / (1 << 20)).ToString("0.#", CultureInfo.InvariantCulture) + " MiB",
        "s" => (value * 1000).ToString("0.##", CultureInfo.InvariantCulture) + " ms",
        _ => value.ToString("0.##", CultureInfo.InvariantCulture),
    };

    private static string Place(double value) => value.ToString("0.#", CultureInfo.InvariantCulture);

    private static XElement Box(double x, double y, double width, double height, string fill,
        string? stroke = null) => new(
        Svg + "rect",
        new XAttribute("x", Place(x)),
        new XAttribute("y", Place(y)),
        new XAttribute("width", Place(width)),
        new XAttribute("height", Place(height)),
        new XAttribute("fill", fill),
        stroke is null ? null : new XAttribute("stroke", stroke));

    private static XElement Line(double x, double y, double toX, double toY, string stroke) => new(
        Svg + "line",
        new XAttribute("x1", Place(x)),
        new XAttribute("y1", Place(y)),
        new XAttribute("x2", Place(toX)),
        new XAttribute("y2", Place(toY)),
        new XAttribute("stroke", stroke));

    private static XElement Text(double x, double y, string text, string anchor, string color,
        bool bold = false) => new(
        Svg + "text",
        new XAttribute("x", Place(x)),
        new XAttribute("y", Place(y)),
        new XAttribute("text-anchor", anchor),
        new XAttribute("fill", color),
        bold ? new XAttribute("font-weight", "bold") : null,
        text);

    [GeneratedRegex(@"\{\{(\w+)\}\}")]
    private static partial Regex Placeholder();
}
