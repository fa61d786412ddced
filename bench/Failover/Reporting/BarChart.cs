using System.Globalization;
using System.Security;
using System.Text;

namespace VipOperator.Bench.Failover.Reporting;

/// <summary>Two bars for each row, ours and keepalived's, on a logarithmic scale, as SVG.</summary>
/// <param name="unit">Of all values.</param>
/// <param name="least">Where the scale begins; what is less is drawn so.</param>
internal sealed class BarChart(string title, string unit, double least)
{
    private const int Width = 860;
    private const int LabelWidth = 230;
    private const int ValueWidth = 80;
    private const int BarHeight = 14;
    private const int RowHeight = 44;
    private const int Top = 64;
    private const string OurColor = "#2a78d6";
    private const string TheirColor = "#b0b7c0";

    private readonly List<(string Label, double Ours, double Theirs)> _rows = [];

    public bool IsEmpty => _rows.Count == 0;

    /// <summary>A row is left out unless both are numbers.</summary>
    public void Add(string label, double ours, double theirs)
    {
        if (double.IsFinite(ours) && double.IsFinite(theirs))
            _rows.Add((label, ours, theirs));
    }

    public string ToSvg()
    {
        double most = _rows.SelectMany(r => (double[])[r.Ours, r.Theirs]).Max();
        int height = Top + (_rows.Count * RowHeight) + 16;
        StringBuilder svg = new();
        svg.Append(CultureInfo.InvariantCulture, $"""
            <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {Width} {height}" width="{Width}" height="{height}" font-family="system-ui, sans-serif" font-size="13">
            <rect width="{Width}" height="{height}" fill="#ffffff"/>
            <text x="16" y="26" font-size="16" font-weight="600" fill="#1f2328">{SecurityElement.Escape(title)}</text>
            <rect x="16" y="38" width="12" height="12" fill="{OurColor}"/><text x="34" y="48" fill="#59636e">ours</text>
            <rect x="84" y="38" width="12" height="12" fill="{TheirColor}"/><text x="102" y="48" fill="#59636e">keepalived · {SecurityElement.Escape(unit)}, logarithmic: less is better</text>

            """);
        for (int i = 0; i < _rows.Count; i++)
        {
            int y = Top + (i * RowHeight);
            svg.Append(CultureInfo.InvariantCulture, $"""<text x="{LabelWidth - 10}" y="{y + 21}" text-anchor="end" fill="#1f2328">{SecurityElement.Escape(_rows[i].Label)}</text>""").Append('\n');
            AppendBar(svg, y + 2, _rows[i].Ours, most, OurColor);
            AppendBar(svg, y + 4 + BarHeight, _rows[i].Theirs, most, TheirColor);
        }

        return svg.Append("</svg>\n").ToString();
    }

    private void AppendBar(StringBuilder svg, int y, double value, double most, string color)
    {
        double share = Math.Log(Math.Max(value, least * 1.02) / least) / Math.Log(Math.Max(most, least * 10) / least);
        int length = Math.Max(2, (int)(share * (Width - LabelWidth - ValueWidth)));
        svg.Append(CultureInfo.InvariantCulture, $"""<rect x="{LabelWidth}" y="{y}" width="{length}" height="{BarHeight}" rx="2" fill="{color}"/>""");
        svg.Append(CultureInfo.InvariantCulture, $"""<text x="{LabelWidth + length + 6}" y="{y + 11}" font-size="12" fill="#59636e">{Numbers.Text(value)}</text>""").Append('\n');
    }
}
