using System.Collections.Concurrent;
using System.Globalization;
using System.Text;
using VipOperator.Faults.Netns.Tests.Staging;

[assembly: AssemblyFixture(typeof(FaultTable))]

namespace VipOperator.Faults.Netns.Tests.Staging;

/// <summary>What was seen of one fault, from before it until the address was steady again.</summary>
/// <param name="HeldBy">The node that held the address at the end.</param>
/// <param name="Unanswered">The longest time that the client had no answer.</param>
/// <param name="NoHolder">For how long neither node held the address, in all.</param>
/// <param name="TwoHolders">For how long both did, in all.</param>
/// <param name="Said">What the speakers logged, each line once.</param>
internal sealed record FaultRow(
    string Fault,
    string HeldBy,
    TimeSpan Unanswered,
    TimeSpan NoHolder,
    TimeSpan TwoHolders,
    IReadOnlyList<string> Said);

/// <summary>
/// Writes the table when all faults have happened, to fault-table.md in the folder that VIPOPERATOR_REPORTS names.
/// </summary>
public sealed class FaultTable : IDisposable
{
    private readonly ConcurrentBag<FaultRow> _rows = [];

    internal void Add(FaultRow row) => _rows.Add(row);

    public void Dispose()
    {
        if (_rows.IsEmpty)
            return;
        StringBuilder text = new();
        text.AppendLine(
            "| fault | held at the end by | no answer, ms | no holder, ms | two holders, ms | what was logged |");
        text.AppendLine("|---|---|---|---|---|---|");
        foreach (FaultRow row in _rows.OrderBy(r => r.Fault, StringComparer.Ordinal))
        {
            text.AppendLine(string.Create(
                CultureInfo.InvariantCulture,
                $"| {row.Fault} | {row.HeldBy} | {row.Unanswered.TotalMilliseconds:0} | "
                + $"{row.NoHolder.TotalMilliseconds:0} | {row.TwoHolders.TotalMilliseconds:0} | "
                + $"{string.Join("<br>", row.Said.Select(s => s.Replace("|", "\\|", StringComparison.Ordinal)))} |"));
        }

        string folder = Environment.GetEnvironmentVariable("VIPOPERATOR_REPORTS") is { Length: > 0 } named
            ? named
            : AppContext.BaseDirectory;
        File.WriteAllText(Path.Combine(folder, "fault-table.md"), text.ToString());
    }
}
