using System.Text.Json.Nodes;

namespace VipOperator.Charts.Tests;

/// <summary>
/// What the operator's chart makes of injection: nothing unless told to, then one of two ways, with the sidecar of
/// nginx-vip.
/// </summary>
public sealed class InjectionTests
{
    private const string Known = "admissionregistration.k8s.io/v1/MutatingAdmissionPolicy";
    private const string KnownAsBeta = "admissionregistration.k8s.io/v1beta1/MutatingAdmissionPolicy";

    [Theory]
    [InlineData("injection.mode=off")]
    [InlineData("injection.mode=false")]
    [InlineData("injection=null")]
    [InlineData("injection.failurePolicy=Ignore")]
    public async Task Off_MakesNothingOfIt(string value)
    {
        Rendering plain = await Chart.RenderAsync(Chart.Operator), off = await Chart.RenderAsync(
            Chart.Operator, "--set", value);

        Assert.Equal(plain.Objects.Select(o => o.Text), off.Objects.Select(o => o.Text));
        Assert.DoesNotContain(off.Objects, o => o.Text.Contains("inject", StringComparison.Ordinal)
            && o.Kind != "CustomResourceDefinition");
    }

    [Theory]
    [InlineData("auto", "v1.36.0", null, "webhook", "v1")]
    [InlineData("auto", "v1.36.0", Known, "policy", "v1")]
    [InlineData("auto", "v1.35.0", KnownAsBeta, "policy", "v1beta1")]
    [InlineData("auto", "v1.31.0", null, "webhook", "v1")]
    [InlineData("policy", "v1.36.0", null, "policy", "v1")]
    [InlineData("policy", "v1.34.1", null, "policy", "v1beta1")]
    [InlineData("policy", "v1.34.1", Known, "policy", "v1")]
    [InlineData("webhook", "v1.36.0", Known, "webhook", "v1")]
    public async Task Mode_IsWhatTheClusterHas(
        string mode, string release, string? served, string expected, string version)
    {
        string[] known = served is null ? [] : ["--api-versions", served];
        Rendering rendering = await Chart.RenderAsync(
            Chart.Operator, ["--set", $"injection.mode={mode}", "--kube-version", release, .. known]);

        Assert.Equal(expected == "policy", rendering.Has("MutatingAdmissionPolicy"));
        Assert.Equal(expected == "policy", rendering.Has("MutatingAdmissionPolicyBinding"));
        Assert.Equal(expected == "webhook", rendering.Has("MutatingWebhookConfiguration"));
        Assert.Equal(expected == "webhook", rendering.Has("Secret"));
        Assert.Equal(2 + 2, rendering.Objects.Count(o => o.Kind == "ValidatingAdmissionPolicy"));
        Assert.Equal(
            "admissionregistration.k8s.io/" + version,
            rendering.Objects.Single(o => o.Kind is "MutatingAdmissionPolicy" or "MutatingWebhookConfiguration")
            .ApiVersion);
        Assert.Contains(
            expected == "policy" ? "by a MutatingAdmissionPolicy" : "by the operator's webhook", rendering.Notes,
            StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("injection.mode=on", "injection.mode must be one of the following")]
    [InlineData("injection.failurePolicy=Deny", "injection.failurePolicy must be one of the following")]
    [InlineData("injection.port=443", "injection.port: Must be greater than or equal to 1024")]
    [InlineData("injection.mode=webhook,injection.port=8080", "injection.port: it is that of the metrics already")]
    [InlineData("injection.namespaceSelector.team=net", "Additional property team is not allowed")]
    [InlineData("injection.sidecar.lifelineport=1", "Additional property lifelineport is not allowed")]
    [InlineData("injection.mode=webhook,watchNamespace=vip-operator",
        "injection.mode: the operator's own namespace is left out")]
    public async Task WrongValue_IsRefusedByItsName(string value, string message)
    {
        ToolOutput output = await Chart.TemplateAsync(Chart.Operator, "vip-operator", "vip-operator", ["--set", value]);

        Assert.False(output.Succeeded);
        Assert.Contains(message, output.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task PolicyInAClusterWithoutThem_IsRefused()
    {
        ToolOutput output = await Chart.TemplateAsync(
            Chart.Operator, "vip-operator", "vip-operator",
            ["--set", "injection.mode=policy", "--kube-version", "v1.33.2"]);

        Assert.False(output.Succeeded);
        Assert.Contains("Kubernetes v1.33.2 has no MutatingAdmissionPolicy; set it to webhook, or to auto",
            output.Errors, StringComparison.Ordinal);
    }

    /// <summary>
    /// One sidecar, whoever puts it where: the same values with the same defaults make the same container and volumes.
    /// </summary>
    [Theory]
    [InlineData("log.level=information")]
    [InlineData("realtime=true", "keepalivedMetrics=true", "metricsAddress=127.0.0.1:9442",
        "lifelinePort=0", "handoverSeconds=9")]
    [InlineData("image.repository=registry.example.org/sidecar", "image.tag=v1",
        "image.pullPolicy=Always", "addressLifetime=30")]
    [InlineData("realtimePriority=0", "lockMemory=false", "sweep=false", "probeAddress=127.0.0.1")]
    [InlineData("extraArgs={--no-sweep,--x=<&>}", "extraEnv[0].name=A", "extraEnv[0].value=quote\"d",
        "resources.limits.memory=1Gi")]
    public async Task Sidecar_IsTheOneOfNginxVip(params string[] values)
    {
        ChartObject pods = (await Chart.RenderAsync(
            Chart.Nginx, [.. Chart.Address, .. Set("sidecar.", values)])).Single("DaemonSet");
        Rendering webhook = await Chart.RenderAsync(
            Chart.Operator, ["--set", "injection.mode=webhook", .. Set("injection.sidecar.", values)]);

        JsonNode sidecar =
            JsonNode.Parse(webhook.Single("ConfigMap").Json["data"]!["sidecar.json"]!.GetValue<string>())!;
        Assert.True(JsonNode.DeepEquals(pods.Container("vip-sidecar"), sidecar["container"]),
            sidecar["container"]!.ToJsonString());
        JsonArray volumes =
        [
            .. pods.PodSpec["volumes"]!.AsArray()
                .Where(v => v!["name"]!.GetValue<string>().StartsWith("vip-", StringComparison.Ordinal))
                    .Select(v => v!.DeepClone()),
        ];
        Assert.True(JsonNode.DeepEquals(volumes, sidecar["volumes"]), sidecar["volumes"]!.ToJsonString());

        static IEnumerable<string> Set(string prefix, string[] values) =>
            values.SelectMany(v => new[] { "--set", prefix + v });
    }

    [Fact]
    public async Task Values_AreThoseOfNginxVip()
    {
        JsonObject nginx = Properties(await SchemaAsync(Chart.Nginx), "sidecar");
        JsonObject injected = Properties(await SchemaAsync(Chart.Operator), "injection", "sidecar");
        nginx.Remove("secrets");
        nginx.Remove("clusterRoleName");
        Assert.True(JsonNode.DeepEquals(nginx, injected));

        // The READMEs' tables have defaults and meanings.
        string[] Rows(string chart, string prefix) =>
        [
            .. File.ReadLines(SourceTree.At(chart, "README.md"))
                .Where(l => l.StartsWith($"| `{prefix}", StringComparison.Ordinal))
                .Select(l => l.Replace($"`{prefix}", "`sidecar.", StringComparison.Ordinal))
                .Where(l => !l.StartsWith("| `sidecar.secrets`", StringComparison.Ordinal))
                .Where(l => !l.StartsWith("| `sidecar.clusterRoleName`", StringComparison.Ordinal)),
        ];
        Assert.Equal(Rows(Chart.Nginx, "sidecar."), Rows(Chart.Operator, "injection.sidecar."));
    }

    [Fact]
    public async Task Rights_AreGivenForTheWebhookAloneAndByName()
    {
        Rendering policy = await Chart.RenderAsync(Chart.Operator, "--set", "injection.mode=policy");
        Rendering webhook = await Chart.RenderAsync(Chart.Operator, "--set", "injection.mode=webhook");

        Assert.Equal(Rules(await Chart.RenderAsync(Chart.Operator)), Rules(policy));
        string[] more = [.. Rules(webhook).Except(Rules(policy))];
        Assert.Equal(
            [
                "admissionregistration.k8s.io mutatingwebhookconfigurations vip-operator-injection: get patch",
                " secrets vip-operator-injection: get patch",
            ],
            more);

        static string[] Rules(Rendering rendering) =>
        [
            .. rendering.Objects.Where(o => o.Kind is "ClusterRole" or "Role")
            .SelectMany(o => o.Json["rules"]!.AsArray())
                .Select(r =>
                    $"{Join(r!["apiGroups"])} {Join(r["resources"])} {Join(r["resourceNames"])}: {Join(r["verbs"])}"),
        ];
        static string Join(JsonNode? list) =>
            string.Join(' ', (list?.AsArray() ?? []).Select(e => e!.GetValue<string>()));
    }

    /// <summary>The cluster's own pods and the operator's never wait for the operator.</summary>
    [Theory]
    [InlineData("policy", "")]
    [InlineData("webhook", ",watchNamespace=apps,injection.namespaceSelector.matchLabels.team=net")]
    public async Task Namespaces_OfTheClusterAndTheOperatorAreLeftOut(string mode, string values)
    {
        Rendering rendering = await Chart.RenderAsync(Chart.Operator, "--set", $"injection.mode={mode}{values}");

        string[] selectors =
        [
            .. rendering.Objects.Where(o => o.Name.Contains("injection", StringComparison.Ordinal))
                .Select(SelectorOf).OfType<JsonNode>().Select(s => s.ToJsonString()),
        ];
        Assert.Equal(3, selectors.Length);
        string selector = Assert.Single(selectors.Distinct());
        const string Name = "{\"key\":\"kubernetes.io/metadata.name\",\"operator\":";
        Assert.Contains($"""{Name}"NotIn","values":["kube-system","vip-operator"]""", selector, StringComparison.Ordinal);
        Assert.Equal(values.Length > 0, selector.Contains($"""{Name}"In","values":["apps"]""", StringComparison.Ordinal));
        Assert.Equal(values.Length > 0, selector.Contains(""""matchLabels":{"team":"net"}"""", StringComparison.Ordinal));

        static JsonNode? SelectorOf(ChartObject one) =>
            one.Json["spec"]?["matchConstraints"]?["namespaceSelector"]
            ?? one.Json["webhooks"]?[0]!["namespaceSelector"];
    }

    [Fact]
    public async Task Ignore_LetsPodsStartAndWarns()
    {
        Rendering rendering = await Chart.RenderAsync(
            Chart.Operator, "--set", "injection.mode=webhook,injection.failurePolicy=Ignore");

        Assert.Equal("Ignore", rendering.Single("MutatingWebhookConfiguration")
            .Json["webhooks"]![0]!["failurePolicy"]!.GetValue<string>());
        JsonNode binding =
            rendering.Single("ValidatingAdmissionPolicyBinding", "vip-operator-injection.vipoperator.io").Json;
        Assert.Equal("""["Warn"]""", binding["spec"]!["validationActions"]!.ToJsonString());
    }

    /// <summary>The flags are the operator's, the files are where they say, and the API server gets through.</summary>
    [Fact]
    public async Task Webhook_IsReachedAndConfigured()
    {
        Rendering rendering = await Chart.RenderAsync(
            Chart.Operator, "--set", "injection.mode=webhook,injection.port=10443");
        string known = await File.ReadAllTextAsync(
            SourceTree.At("docs", "settings.md"), TestContext.Current.CancellationToken);

        JsonNode container = rendering.Single("Deployment").Container("vip-operator");
        string[] arguments =
        [
            .. container["args"]!.AsArray().Select(a => a!.GetValue<string>()).Where(
                a => a.Contains("injection", StringComparison.Ordinal)),
        ];
        Assert.Equal(
            ["--injection=/etc/vip-operator/injection/sidecar.json", "--injection-listen=[::]:10443",
                "--injection-name=vip-operator-injection"],
            arguments);
        Assert.All(arguments, a => Assert.Matches($@"(?m)^\s+{a.Split('=')[0]}\b", known));
        Assert.Contains("""{"containerPort":10443,"name":"webhook"}""", container["ports"]!.ToJsonString(), StringComparison.Ordinal);
        Assert.Contains(
            """{"ports":[{"port":"webhook","protocol":"TCP"}]}""",
            rendering.Single("NetworkPolicy").Json["spec"]!["ingress"]!.ToJsonString(),
            StringComparison.Ordinal);
        Assert.Equal("webhook", rendering.Single("Service", "vip-operator-injection")
            .Json["spec"]!["ports"]![0]!["targetPort"]!.GetValue<string>());
        Assert.Null(rendering.Single("Secret").Json["data"]);
    }

    private static async Task<JsonNode> SchemaAsync(string chart) => JsonNode.Parse(
        await File.ReadAllTextAsync(
            SourceTree.At(chart, "values.schema.json"), TestContext.Current.CancellationToken))!;

    private static JsonObject Properties(JsonNode schema, params string[] path) =>
        path.Aggregate(schema, (node, name) => node["properties"]![name]!)["properties"]!.AsObject();
}
