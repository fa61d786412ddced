using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace VipOperator.Charts.Tests;

/// <summary>
/// The charts in a cluster: an API server takes every object strictly by its type, upgrades change what they should,
/// and nothing is left behind.
/// </summary>
public sealed class InstallTests : IAsyncLifetime
{
    private const string Keep = "helm.sh/resource-policy";
    private static readonly string[] WithMonitoring =
    [
        "--set", "serviceMonitor.enabled=true,podMonitor.enabled=true,prometheusRule.enabled=true,grafanaDashboard.enabled=true",
    ];

    private Cluster _cluster = null!;

    public async ValueTask InitializeAsync()
    {
        await Chart.RendererAsync();
        _cluster = await Cluster.StartAsync();
        foreach (string ns in new[] { "vip-operator", "apps" })
            await _cluster.CreateAsync(Json($$"""{"apiVersion":"v1","kind":"Namespace","metadata":{"name":"{{ns}}"} }"""));
        foreach (string kind in new[] { "ServiceMonitor", "PodMonitor", "PrometheusRule" })
            await _cluster.CreateAsync(MonitoringDefinition(kind));
    }

    public ValueTask DisposeAsync() => _cluster?.DisposeAsync() ?? ValueTask.CompletedTask;

    [Fact]
    public async Task BothCharts_InstallUpgradeAndUninstall()
    {
        IReadOnlySet<string> before = await _cluster.EverythingAsync();
        Rendering operatorFirst = await Chart.RenderAsync(Chart.Operator);
        Rendering nginxFirst = await Chart.RenderAsync(Chart.Nginx, Chart.Address);
        await InstallAsync(operatorFirst);
        await InstallAsync(nginxFirst);
        Assert.NotNull(await _cluster.FindAsync(nginxFirst.Single("VirtualIP").Json));

        Rendering operatorSecond = await Chart.RenderAsync(
            Chart.Operator, [.. WithMonitoring, "--upgrade", "--set",
                "crds.keep=false,replicas=3,networkPolicy.enabled=false,injection.mode=webhook"]);
        Rendering nginxSecond = await Chart.RenderAsync(
            Chart.Nginx,
            [
                "--upgrade", "--set", "virtualIP.addresses={192.168.1.108,2001:db8::108},virtualIP.virtualRouterId=51",
            ]);
        await UpgradeAsync(operatorFirst, operatorSecond);
        await UpgradeAsync(nginxFirst, nginxSecond);
        JsonNode deployment = (await _cluster.FindAsync(operatorSecond.Single("Deployment").Json))!;
        Assert.Equal(3, deployment["spec"]!["replicas"]!.GetValue<int>());
        JsonNode virtualIP = (await _cluster.FindAsync(nginxSecond.Single("VirtualIP").Json))!;
        Assert.Equal(51, virtualIP["spec"]!["virtualRouterId"]!.GetValue<int>());
        Assert.Null(await _cluster.FindAsync(operatorFirst.Single("NetworkPolicy").Json));

        await UninstallAsync(nginxSecond);
        await UninstallAsync(operatorSecond);
        await NothingIsLeftAsync(before);
    }

    [Fact]
    public async Task Definitions_StayWhereTheyAreToBeKept()
    {
        Rendering rendering = await Chart.RenderAsync(Chart.Operator);
        IReadOnlySet<string> before = await _cluster.EverythingAsync();
        await InstallAsync(rendering);
        await UninstallAsync(rendering);

        await NothingIsLeftAsync(
            before,
            "/apis/apiextensions.k8s.io/v1/customresourcedefinitions /virtualipmembers.vipoperator.io",
            "/apis/apiextensions.k8s.io/v1/customresourcedefinitions /virtualips.vipoperator.io");
    }

    /// <summary>With whatever values, each object is one that the API server takes.</summary>
    [Fact]
    public async Task EveryCase_IsTakenByTheApiServer()
    {
        Rendering definitions = await Chart.RenderAsync(Chart.Operator, "--set", "crds.keep=false");
        foreach (ChartObject definition in definitions.Objects.Where(o => o.Kind == "CustomResourceDefinition"))
            await _cluster.CreateAsync(definition.Json);

        foreach (TheoryDataRow<string, string[]> row in RenderTests.Cases)
        {
            Rendering rendering = await Chart.RenderAsync(row.Data.Item1, row.Data.Item2);
            ChartObject[] objects =
            [
                .. rendering.Objects.Where(o => o.Kind != "CustomResourceDefinition"), .. rendering.Hooks,
            ];
            foreach (ChartObject one in objects)
                await _cluster.CreateAsync(WithNamespace(one, row.Data.Item1));
            foreach (ChartObject one in objects.Reverse())
                await _cluster.DeleteAsync(WithNamespace(one, row.Data.Item1));
        }
    }

    [Fact]
    public async Task RealHelm_InstallsUpgradesAndUninstalls()
    {
        Helm.SkipWithout();
        Dictionary<string, string> environment = new() { ["KUBECONFIG"] = _cluster.Server.KubeconfigPath };
        async Task RunAsync(string helm, params string[] arguments)
        {
            ToolOutput output = await Tool.RunAsync(helm, arguments, environment);
            Assert.True(output.Succeeded, $"helm {string.Join(' ', arguments)}: {output.Errors}");
        }

        foreach (string helm in Helm.Programs)
        {
            IReadOnlySet<string> before = await _cluster.EverythingAsync();
            await RunAsync(
                helm, ["install", "vip-operator", Chart.Operator, "-n", "vip-operator", "--set",
                    "crds.keep=false", .. WithMonitoring]);
            await RunAsync(helm, ["install", "web", Chart.Nginx, "-n", "apps", .. Chart.Address]);
            await RunAsync(helm, "upgrade", "vip-operator", Chart.Operator, "-n", "vip-operator", "--set",
                "crds.keep=false,replicas=3,injection.mode=auto");
            await RunAsync(helm, ["upgrade", "web", Chart.Nginx, "-n", "apps", .. Chart.Address, "--set",
                "virtualIP.virtualRouterId=51"]);
            await RunAsync(helm, "uninstall", "web", "-n", "apps");
            await RunAsync(helm, "uninstall", "vip-operator", "-n", "vip-operator");
            await NothingIsLeftAsync(before);
        }
    }

    /// <summary>
    /// docs/migrating-from-keepalived.md on the same two machines, as it stands there: pods of one node, then of both.
    /// </summary>
    [Fact]
    public async Task RealHelm_LetsTheMigrationsPodsGoToBothNodes()
    {
        Helm.SkipWithout();
        string document = await File.ReadAllTextAsync(
            SourceTree.At("docs", "migrating-from-keepalived.md"), TestContext.Current.CancellationToken);
        string values = Regex.Match(
            document, @"<!-- web-values\.yaml -->\n```yaml\n(?<yaml>.*?)```", RegexOptions.Singleline)
            .Groups["yaml"].Value;
        string install = Regex.Match(document, "(?m)^helm install web .*hostname=web-104'$").Value;
        string upgrade = Regex.Match(document, "(?m)^helm upgrade web .*$").Value;
        Assert.All([values, install, upgrade], text => Assert.NotEmpty(text));
        foreach (ChartObject definition in (await Chart.RenderAsync(Chart.Operator)).Objects
            .Where(o => o.Kind == "CustomResourceDefinition"))
            await _cluster.CreateAsync(definition.Json);
        await _cluster.CreateAsync(Json(
            """{"apiVersion":"v1","kind":"Namespace","metadata":{"name":"web"} }"""));

        string folder = Directory.CreateTempSubdirectory("vip-charts-").FullName;
        try
        {
            string file = Path.Combine(folder, "web-values.yaml");
            await File.WriteAllTextAsync(file, values, TestContext.Current.CancellationToken);
            foreach (string helm in Helm.Programs)
            {
                Assert.Equal(
                    """{"kubernetes.io/hostname":"web-104","kubernetes.io/os":"linux"}""",
                    await NodesAfterAsync(helm, install));
                Assert.Equal("""{"kubernetes.io/os":"linux"}""", await NodesAfterAsync(helm, upgrade));
                await NodesAfterAsync(helm, "helm uninstall web --namespace web");
            }
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }

        async Task<string?> NodesAfterAsync(string helm, string command)
        {
            ToolOutput output = await Tool.RunAsync(
                "sh",
                [
                    "-ec",
                    "helm() { \"$HELM\" \"$@\"; }; "
                        + command.Replace("web-values.yaml", $"{folder}/web-values.yaml", StringComparison.Ordinal),
                ],
                new Dictionary<string, string>
                {
                    ["HELM"] = helm,
                    ["KUBECONFIG"] = _cluster.Server.KubeconfigPath,
                });
            Assert.True(output.Succeeded, $"{helm}: {command}: {output.Errors}");
            JsonNode? pods = await _cluster.FindAsync(Json("""
                {
                  "apiVersion": "apps/v1", "kind": "DaemonSet",
                  "metadata": {"name": "web-nginx-vip", "namespace": "web"}
                }
                """));
            return pods?["spec"]!["template"]!["spec"]!["nodeSelector"]!.ToJsonString();
        }
    }

    private async Task InstallAsync(Rendering rendering)
    {
        foreach (ChartObject one in rendering.Objects)
            await _cluster.CreateAsync(one.Json);
    }

    private async Task UpgradeAsync(Rendering before, Rendering after)
    {
        foreach (ChartObject one in after.Objects)
        {
            if (before.Objects.FirstOrDefault(o => Same(o, one)) is { } old)
                await _cluster.ReplaceAsync(old.Json, one.Json);
            else
                await _cluster.CreateAsync(one.Json);
        }

        foreach (ChartObject gone in before.Objects.Where(o => !after.Objects.Any(a => Same(a, o)) && !IsKept(o)))
            await _cluster.DeleteAsync(gone.Json);

        static bool Same(ChartObject left, ChartObject right) =>
            (left.Kind, left.Namespace, left.Name) == (right.Kind, right.Namespace, right.Name);
    }

    private async Task UninstallAsync(Rendering rendering)
    {
        foreach (ChartObject one in rendering.Objects.Reverse().Where(o => !IsKept(o)))
            await _cluster.DeleteAsync(one.Json);
    }

    /// <summary>
    /// Deletions may take the cluster a moment; a time-out of the test ends it where something stays.
    /// </summary>
    private async Task NothingIsLeftAsync(IReadOnlySet<string> before, params string[] but)
    {
        string[] left;
        using CancellationTokenSource patience = new(TimeSpan.FromSeconds(20));
        do
        {
            left = [.. (await _cluster.EverythingAsync()).Except(before).Order(StringComparer.Ordinal)];
            if (left.SequenceEqual(but))
                break;
            await Task.Delay(100, TestContext.Current.CancellationToken);
        }
        while (!patience.IsCancellationRequested);
        Assert.Equal(but, left);
    }

    private static bool IsKept(ChartObject one) =>
        one.Json["metadata"]!["annotations"]?[Keep]?.GetValue<string>() == "keep";

    /// <summary>Objects of the user's own, which need not say where they belong.</summary>
    private static JsonObject WithNamespace(ChartObject one, string chart)
    {
        JsonObject json = one.Json.DeepClone().AsObject();
        if (one.Source.EndsWith("/extra.yaml", StringComparison.Ordinal))
            json["metadata"]!["namespace"] = chart == Chart.Operator ? "vip-operator" : "apps";
        return json;
    }

    private static JsonObject MonitoringDefinition(string kind)
    {
        string singular = kind.ToLowerInvariant();
        return Json($$$"""
            {
              "apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition",
              "metadata": {"name": "{{{singular}}}s.monitoring.coreos.com"},
              "spec": {
                "group": "monitoring.coreos.com", "scope": "Namespaced",
                "names": {"kind": "{{{kind}}}", "listKind": "{{{kind}}}List", "plural": "{{{singular}}}s", "singular": "{{{singular}}}"},
                "versions": [{
                  "name": "v1", "served": true, "storage": true,
                  "schema": {"openAPIV3Schema": {
                    "type": "object", "properties": {"spec": {"type": "object", "x-kubernetes-preserve-unknown-fields": true} }
                  } }
                }]
              }
            }
            """);
    }

    private static JsonObject Json(string text) => JsonNode.Parse(text)!.AsObject();
}
