using System.Globalization;
using System.Text;

namespace VipOperator.Import;

/// <summary>Writes what became of each line, for a person; "!" marks what waits for a decision.</summary>
internal sealed class ReportWriter(
    IReadOnlyList<(HostConfiguration Host, IReadOnlyList<Finding> Findings)> hosts,
    IReadOnlyList<Draft> drafts,
    Differences differences,
    IReadOnlyList<Problem> problems,
    ImportOptions options)
{
    private readonly StringBuilder _text = new();
    private readonly IReadOnlyList<Finding> _findings = [.. hosts.SelectMany(h => h.Findings)];

    public string Write()
    {
        WriteSummary();
        WriteHosts();
        WriteSection("The hosts differ", differences.All);
        WriteSection("No line says", differences.Silent);
        WriteSection(
            "keepalived complains of", [.. problems.Select(p => p.ToString()).Distinct(StringComparer.Ordinal)]);
        WriteFindings();
        return _text.ToString();
    }

    private void WriteSummary()
    {
        int decisions = _findings.Count(f => f.NeedsDecision);
        _text.Append(
            CultureInfo.InvariantCulture, $"{Count(_findings.Count, "line")} of {Count(hosts.Count, "host")}: ")
            .Append(CultureInfo.InvariantCulture,
                $"{Of(Outcome.Mapped)} mapped, {Of(Outcome.Approximated)} approximated, {Of(Outcome.Left)} left; ")
            .Append(decisions == 0
                ? "nothing waits for a decision."
                : $"{Count(decisions, "line")} marked ! {(decisions == 1 ? "waits" : "wait")} for a decision.")
            .Append('\n');
        string made = drafts.Count == 0
            ? "none"
            : string.Join(", ", drafts.Select(d => $"{d.Name} ({string.Join(", ", d.Spec.Addresses)})"));
        _text.Append(CultureInfo.InvariantCulture, $"VirtualIPs: {made}").Append('\n');
        string selector = string.Join(",", options.Selector.Select(s => $"{s.Key}={s.Value}"));
        _text.Append(CultureInfo.InvariantCulture, $"Pods: {selector}; name others by --selector.").Append('\n');
    }

    private void WriteHosts()
    {
        foreach ((HostConfiguration host, _) in hosts)
        {
            string source = host.Host.Node is null ? "; if it is another, say NODE=FILE" : "";
            _text.Append(CultureInfo.InvariantCulture, $"Host {host.Host.Path} is node {host.Node}{source}.")
                .Append('\n');
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
        foreach ((HostConfiguration host, IReadOnlyList<Finding> findings) in hosts)
        {
            _text.Append(CultureInfo.InvariantCulture, $"\nLine by line, {host.Host.Path} of node {host.Node}:")
                .Append('\n');
            foreach (Finding finding in findings)
                Write(finding);
        }
    }

    private void Write(Finding finding)
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

    private int Of(Outcome outcome) => _findings.Count(f => f.Outcome == outcome);

    private static string Count(int number, string noun) =>
        string.Create(CultureInfo.InvariantCulture, $"{number} {noun}{(number == 1 ? "" : "s")}");
}
