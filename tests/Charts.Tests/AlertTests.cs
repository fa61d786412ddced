using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace VipOperator.Charts.Tests;

/// <summary>The alerts and the dashboard: what they say when, and that they ask for metrics that exist.</summary>
public sealed partial class AlertTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Alerts_FireAndResolveAsTheirCasesSay()
    {
        string promtool = Promtool();
        string folder = Directory.CreateTempSubdirectory("vip-charts-").FullName;
        try
        {
            await WriteRulesAsync(Path.Combine(folder, "rules.yaml"));
            string[] cases = ["alerts.yaml", "long.yaml"];
            foreach (string file in cases)
                File.Copy(SourceTree.At("tests", "Charts.Tests", "Rules", file), Path.Combine(folder, file));

            ToolOutput check = await Tool.RunAsync(promtool, ["check", "rules", Path.Combine(folder, "rules.yaml")]);
            ToolOutput output = await Tool.RunAsync(
                promtool, ["test", "rules", .. cases.Select(c => Path.Combine(folder, c))]);

            Assert.True(check.Succeeded, check.Text + check.Errors);
            Assert.True(output.Succeeded, output.Text + output.Errors);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public async Task EveryAlert_HasACaseInWhichItFires()
    {
        string cases = await File.ReadAllTextAsync(
            SourceTree.At("tests", "Charts.Tests", "Rules", "alerts.yaml"), Cancellation);

        string[] firing = [.. Firing().Matches(cases).Select(m => m.Groups[1].Value)];

        Assert.Empty((await RulesAsync()).Select(r => r!["alert"]!.GetValue<string>()).Except(firing));
    }

    /// <summary>Values change single alerts.</summary>
    [Fact]
    public async Task Values_ChangeAlerts()
    {
        JsonArray all = await RulesAsync();
        JsonArray changed = await RulesAsync(
            "--set", "prometheusRule.alerts.VirtualIPFlapping.enabled=false,prometheusRule.alertLabels.team=net",
            "--set", "prometheusRule.alerts.VirtualIPNoActive.for=1m,prometheusRule.alerts.VirtualIPNoActive.severity=page",
            "--set", "prometheusRule.runbookUrl=https://example.org/alerts");

        Assert.Equal(all.Count - 1, changed.Count);
        JsonNode noActive = changed.Single(r => r!["alert"]!.GetValue<string>() == "VirtualIPNoActive")!;
        Assert.Equal("1m", noActive["for"]!.GetValue<string>());
        Assert.Equal("""{"severity":"page","team":"net"}""", noActive["labels"]!.ToJsonString());
        Assert.Equal("https://example.org/alerts#virtualipnoactive",
            noActive["annotations"]!["runbook_url"]!.GetValue<string>());
        Assert.DoesNotContain(changed, r => r!["alert"]!.GetValue<string>() == "VirtualIPFlapping");
    }

    /// <summary>A handover that two scrapes tell apart by more than that is taken for an outage.</summary>
    [Fact]
    public async Task Monitors_ScrapeAsOftenAsTheAlertsSuppose()
    {
        Rendering rendering = await Chart.RenderAsync(
            Chart.Operator, "--set", "serviceMonitor.enabled=true,podMonitor.enabled=true");

        Assert.Equal("15s", Interval("ServiceMonitor", "endpoints"));
        Assert.Equal("15s", Interval("PodMonitor", "podMetricsEndpoints"));

        string Interval(string kind, string endpoints) =>
            rendering.Single(kind).Json["spec"]![endpoints]![0]!["interval"]!.GetValue<string>();
    }

    /// <summary>Every metric that an alert or a panel asks for is made by the agent or by the operator.</summary>
    [Fact]
    public async Task EveryMetricAskedFor_Exists()
    {
        string[] makers =
        [
            "src/Agent/Endpoints/MetricsPage.cs", "src/Agent/Endpoints/ProcessUsage.cs",
            "src/Operator/Observing/OperatorMetrics.cs",
            "src/Operator/Observing/VirtualIPMetrics.cs",
        ];
        string sources = string.Join(
            '\n', await Task.WhenAll(makers.Select(f => File.ReadAllTextAsync(SourceTree.At(f), Cancellation))));
        string asking = (await RulesAsync())
            .ToJsonString() + string.Concat(DashboardQueries.All().Select(q => q.Expression + "\n"));

        string[] missing =
        [
            .. Metric().Matches(asking).Select(m => m.Value).Distinct()
                .Select(m => Suffix().Replace(m, ""))
                .Where(m => !sources.Contains($"\"{m}\"", StringComparison.Ordinal)
                    && !sources.Contains($"\"{m["vipoperator_".Length..]}\"", StringComparison.Ordinal)),
        ];

        Assert.Empty(missing);
    }

    [Theory]
    [InlineData("Without an Active", "VirtualIPNoActive")]
    [InlineData("With two Actives", "VirtualIPTwoActives")]
    public async Task Panel_CountsWhatTheAlertAsksFor(string panel, string alert)
    {
        string asked = (await RulesAsync()).Single(r => r!["alert"]!.GetValue<string>() == alert)!["expr"]!
            .GetValue<string>();

        string query = DashboardQueries.All().Single(q => q.Panel == panel).Expression;

        const string Everything = "namespace=~\".*\",virtualip=~\".*\"";
        Assert.Equal(
            Blank().Replace($"count({asked}) or vector(0)", ""),
            Blank().Replace(query, "").Replace($"{{{Everything}}}", "").Replace($"{Everything},", ""));
    }

    /// <summary>Grafana's own words do not matter here; that the chart hands the file on as it is does.</summary>
    [Fact]
    public async Task Dashboard_IsCarriedByAConfigMap()
    {
        Rendering rendering = await Chart.RenderAsync(Chart.Operator, "--set", "grafanaDashboard.enabled=true");

        JsonNode map = rendering.Single("ConfigMap").Json;
        JsonNode carried = JsonNode.Parse(map["data"]!["vip-operator.json"]!.GetValue<string>())!;
        Assert.True(JsonNode.DeepEquals(
            carried, JsonNode.Parse(await File.ReadAllTextAsync(DashboardQueries.File, Cancellation))));
        Assert.Equal("1", map["metadata"]!["labels"]!["grafana_dashboard"]!.GetValue<string>());
        string[] ids = [.. carried["panels"]!.AsArray().Select(p => p!["id"]!.ToJsonString())];
        Assert.Equal(ids.Length, ids.Distinct().Count());
    }

    private static string Promtool()
    {
        string? promtool = Tool.Find("promtool");
        Assert.SkipWhen(
            promtool is null, "promtool is not installed; install the package prometheus to run this test.");
        return promtool!;
    }

    private static async Task<JsonArray> RulesAsync(params string[] values)
    {
        Rendering rendering = await Chart.RenderAsync(
            Chart.Operator, ["--set", "prometheusRule.enabled=true", .. values]);
        return rendering.Single("PrometheusRule").Json["spec"]!["groups"]![0]!["rules"]!.AsArray();
    }

    /// <summary>What the Prometheus operator would make of the object.</summary>
    private static async Task WriteRulesAsync(string path)
    {
        Rendering rendering = await Chart.RenderAsync(Chart.Operator, "--set", "prometheusRule.enabled=true");
        await File.WriteAllTextAsync(
            path, rendering.Single("PrometheusRule").Json["spec"]!.ToJsonString(), Cancellation);
    }

    [GeneratedRegex(@"alertname: (\w+)\n\s+eval_time: \w+\n\s+exp_alerts:\n\s+- exp_labels")]
    private static partial Regex Firing();

    [GeneratedRegex(@"\s+")]
    private static partial Regex Blank();

    [GeneratedRegex(@"vipoperator_\w+")]
    private static partial Regex Metric();

    [GeneratedRegex("_(bucket|sum|count)$")]
    private static partial Regex Suffix();
}
