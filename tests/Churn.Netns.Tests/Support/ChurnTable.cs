using System.Collections.Concurrent;
using System.Globalization;
using System.Text;
using VipOperator.Churn.Netns.Tests.Support;

[assembly: AssemblyFixture(typeof(ChurnTable))]

namespace VipOperator.Churn.Netns.Tests.Support;

/// <summary>What a client and the kernel saw of one operation.</summary>
/// <param name="Moves">How often a node got the address.</param>
/// <param name="Failed">Requests without an answer.</param>
/// <param name="Errors">What became of them.</param>
/// <param name="Unanswered">The longest time between two answers.</param>
/// <param name="NoHolder">For how long neither node held the address, in all.</param>
/// <param name="TwoHolders">For how long both nodes held the address, in all.</param>
internal sealed record ChurnRow(
    string What, int Moves, int Requests, int Failed, string Errors, TimeSpan Unanswered,
    TimeSpan NoHolder, TimeSpan TwoHolders);

/// <summary>Writes the table when all is done, to churn.md in the folder that VIPOPERATOR_REPORTS names.</summary>
public sealed class ChurnTable : IDisposable
{
    private readonly ConcurrentBag<ChurnRow> _rows = [];

    internal void Add(ChurnRow row) => _rows.Add(row);

    public void Dispose()
    {
        if (_rows.IsEmpty)
            return;
        StringBuilder text = new();
        text.AppendLine(
            "| what | moves | requests | failed | longest without an answer, ms | no holder, ms | two holders, ms |");
        text.AppendLine("|---|---|---|---|---|---|---|");
        foreach (ChurnRow row in _rows.OrderBy(r => r.What, StringComparer.Ordinal))
        {
            string failed = row.Failed == 0 ? "0" : $"{row.Failed} ({row.Errors})";
            text.AppendLine(string.Create(
                CultureInfo.InvariantCulture,
                $"| {row.What} | {row.Moves} | {row.Requests} | {failed} | {row.Unanswered.TotalMilliseconds:0} | "
                + $"{row.NoHolder.TotalMilliseconds:0} | {row.TwoHolders.TotalMilliseconds:0.0} |"));
        }

        string folder = Environment.GetEnvironmentVariable("VIPOPERATOR_REPORTS") is { Length: > 0 } named
            ? named
            : AppContext.BaseDirectory;
        File.WriteAllText(Path.Combine(folder, "churn.md"), text.ToString());
    }
}
