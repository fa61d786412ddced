using System.Collections.Concurrent;
using System.Text;
using VipOperator.Interop.Netns.Tests;

[assembly: AssemblyFixture(typeof(MatrixReport))]

namespace VipOperator.Interop.Netns.Tests;

/// <summary>
/// Writes the matrix when all rows have run, to interop-matrix.md in the folder that VIPOPERATOR_REPORTS names.
/// </summary>
public sealed class MatrixReport : IDisposable
{
    private static readonly string[] Events =
        ["peer stops", "peer dies", "we stop", "we die", "partition", "heal"];

    private readonly ConcurrentDictionary<string, Cell[]> _rows = [];

    internal void Add(Dialect dialect, string active, IReadOnlyList<Cell> cells) =>
        _rows[$"{dialect} | {active}"] = [.. cells];

    public void Dispose()
    {
        if (_rows.IsEmpty)
            return;
        StringBuilder text = new();
        text.AppendLine(
            "Milliseconds: until the holder that must be is there / longest time without an answer / two holders.");
        text.AppendLine();
        string events = string.Join(" | ", Events);
        text.AppendLine($"| peer | version | family | transport | authentication | Active | {events} |");
        text.AppendLine($"|---|---|---|---|---|---|{string.Concat(Events.Select(_ => "---|"))}");
        foreach ((string row, Cell[] cells) in _rows.OrderBy(r => r.Key, StringComparer.Ordinal))
        {
            IEnumerable<string> columns =
                Events.Select(e => cells.SingleOrDefault(c => c.Event == e)?.ToString() ?? "failed");
            text.AppendLine($"| {row} | {string.Join(" | ", columns)} |");
        }

        string folder = Environment.GetEnvironmentVariable("VIPOPERATOR_REPORTS") is { Length: > 0 } named
            ? named
            : AppContext.BaseDirectory;
        File.WriteAllText(Path.Combine(folder, "interop-matrix.md"), text.ToString());
    }
}
