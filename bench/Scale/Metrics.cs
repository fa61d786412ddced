using System.Globalization;

namespace VipOperator.Bench.Scale;

/// <summary>What /metrics said at one moment.</summary>
internal sealed class Metrics
{
    private const string Requests = "vipoperator_operator_api_requests_total";
    private static readonly string[] WritingVerbs = ["create", "update", "apply", "patch", "delete"];

    private readonly List<(string Name, Dictionary<string, string> Labels, double Value)> _samples = [];

    private Metrics()
    {
    }

    /// <summary>Writes of members and of VirtualIPs' status: what the cluster is changed by.</summary>
    public double Writes => _samples
        .Where(s => s.Name == Requests && WritingVerbs.Contains(s.Labels["verb"])
            && s.Labels["resource"] is not ("leases" or "events"))
        .Sum(s => s.Value);

    /// <summary>Events, which are for people.</summary>
    public double Events =>
        _samples.Where(s => s.Name == Requests && s.Labels["resource"] == "events").Sum(s => s.Value);

    /// <summary>All requests but those for the lease, which go on for ever.</summary>
    public double AllRequests =>
        _samples.Where(s => s.Name == Requests && s.Labels["resource"] != "leases").Sum(s => s.Value);

    public double Sum(string name) => _samples.Where(s => s.Name == name).Sum(s => s.Value);

    public static Metrics Parse(string text)
    {
        Metrics metrics = new();
        foreach (string line in text.Split('\n').Where(l => l.Length > 0 && l[0] != '#'))
        {
            int blank = line.LastIndexOf(' ');
            int brace = line.IndexOf('{', StringComparison.Ordinal);
            string name = brace < 0 ? line[..blank] : line[..brace];
            Dictionary<string, string> labels = brace < 0
                ? []
                : line[(brace + 1)..line.LastIndexOf('}')].Split(',').Select(l => l.Split('='))
                .ToDictionary(l => l[0], l => l[1].Trim('"'));
            metrics._samples.Add((name, labels, double.Parse(line[(blank + 1)..], CultureInfo.InvariantCulture)));
        }

        return metrics;
    }
}
