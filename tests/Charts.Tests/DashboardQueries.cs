using System.Text.Json.Nodes;

namespace VipOperator.Charts.Tests;

/// <summary>One query of a panel, with Grafana's variables filled in.</summary>
internal sealed record DashboardQuery(string Panel, string Expression, string Legend, string Type, string Unit);

/// <summary>What the panels of the dashboard ask.</summary>
internal static class DashboardQueries
{
    public static string File => SourceTree.At("charts", "vip-operator", "files", "dashboards", "vip-operator.json");

    /// <param name="rateInterval">What Grafana makes of the scrape interval: four times that, and some.</param>
    public static IReadOnlyList<DashboardQuery> All(string rateInterval = "1m") =>
    [
        .. JsonNode.Parse(System.IO.File.ReadAllText(File))!["panels"]!.AsArray()
            .Where(p => p!["targets"] is not null)
            .SelectMany(p => p!["targets"]!.AsArray().Select(t => new DashboardQuery(
                p["title"]!.GetValue<string>(),
                t!["expr"]!.GetValue<string>()
                    .Replace("$namespace", ".*", StringComparison.Ordinal)
                    .Replace("$virtualip", ".*", StringComparison.Ordinal)
                    .Replace("$__rate_interval", rateInterval, StringComparison.Ordinal),
                t["legendFormat"]!.GetValue<string>(),
                p["type"]!.GetValue<string>(),
                p["fieldConfig"]!["defaults"]!["unit"]?.GetValue<string>() ?? ""))),
    ];
}
