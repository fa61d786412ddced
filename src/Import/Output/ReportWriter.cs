using System.Globalization;
using System.Text;

namespace VipOperator.Import;

/// <summary>Writes what became of each line, for a person; "!" marks what waits for a decision.</summary>
internal sealed class ReportWriter(
    IReadOnlyList<HostConfiguration> hosts,
    IReadOnlyList<string> nodes,
    IReadOnlyList<Draft> drafts,
    IReadOnlyList<Finding> findings,
    Differences differences,
    IReadOnlyList<Problem> problems,
    ImportOptions options)
{
    private readonly StringBuilder _text = new();

    public string Write()
    {
        WriteSummary();
        WriteHosts();
        WriteSection("The hosts differ", differences.All);
        WriteSection("No line says", differences.Silent);
        WriteSection("keepalived complains of", [.. problems.Select(p => p.ToString()).Distinct(StringComparer.Ordinal)]);
        WriteFindings();
        return _text.ToString();
    }

    private void WriteSummary()
    {
        int decisions = findings.Count(f => f.NeedsDecision);
        _text.Append(CultureInfo.InvariantCulture, $"{Count(findings.Count, "line")} of {Count(hosts.Count, "host")}: ")
            .Append(CultureInfo.InvariantCulture, $"{Of(Outcome.Mapped)} mapped, {Of(Outcome.Approximated)} approximated, {Of(Outcome.Left)} left; ")
            .Append(decisions == 0 ? "nothing waits for a decision." : $"{Count(decisions, "line")} marked ! {(decisions == 1 ? "waits" : "wait")} for a decision.")
            .Append('\n');
        string made = drafts.Count == 0 ? "none" : string.Join(", ", drafts.Select(d => $"{d.Name} ({string.Join(", ", d.Spec.Addresses)})"));
        _text.Append(CultureInfo.InvariantCulture, $"VirtualIPs: {made}").Append('\n');
        string selector = string.Join(",", options.Selector.Select(s => $"{s.Key}={s.Value}"));
        _text.Append(CultureInfo.InvariantCulture, $"Pods: {selector}; name others by --selector.").Append('\n');
    }

    private void WriteHosts()
    {
        for (int i = 0; i < hosts.Count; i++)
        {
            string source = hosts[i].Host.Node is null ? "; if it is another, say NODE=FILE" : "";
            _text.Append(CultureInfo.InvariantCulture, $"Host {hosts[i].Host.Path} is node {nodes[i]}{source}.").Append('\n');
        }
    }

    private void WriteSection(string title, IReadOnlyList<string> lines)
    {
        if (lines.Count == 0)
            return;
        _text.Append('\n').Append(title).Append(":\n");
        foreach (string line in lines)
            _text.Append("  - ").Append(line).Append('\n');
    }

    private void WriteFindings()
    {
        _text.Append("\nLine by line:\n");
        foreach (Finding finding in findings)
        {
            string outcome = finding.Outcome switch
            {
                Outcome.Mapped => "mapped",
                Outcome.Approximated => "approximated",
                Outcome.Left => "left",
            };
            _text.Append(finding.NeedsDecision ? "! " : "  ")
                .Append(CultureInfo.InvariantCulture, $"{finding.Place}: {outcome}: {finding.Text}").Append('\n')
                .Append("      ").Append(finding.Sentence).Append('\n');
        }
    }

    private int Of(Outcome outcome) => findings.Count(f => f.Outcome == outcome);

    private static string Count(int number, string noun) =>
        string.Create(CultureInfo.InvariantCulture, $"{number} {noun}{(number == 1 ? "" : "s")}");
}
