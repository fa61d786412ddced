using System.Net;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Logging;
using VipOperator.Lab.ApiServer;
using VipOperator.Operator;
using VipOperator.Operator.Configuration;

namespace VipOperator.Charts.Tests;

/// <summary>
/// Injection in a cluster that runs admission, as the chart installs it and with the rights that it gives: both ways
/// make the same pods and refuse the same ones.
/// </summary>
public sealed class InjectionClusterTests : IAsyncLifetime
{
    private const string OperatorUser = "system:serviceaccount:vip-operator:vip-operator";
    private const string Name = "vip-operator-injection";
    private const string Labelled = """{"labels":{"vipoperator.io/inject":"true"} }""";
    private const string Checks = "ValidatingAdmissionPolicy 'vip-operator-injection.vipoperator.io'";

    /// <summary>Pods that are taken.</summary>
    private static readonly (string Name, string Metadata, string Spec)[] Taken =
    [
        ("plain", Labelled, """{"containers":[{"name":"nginx","image":"nginx"}]}"""),
        (
            "rich",
            """{"labels":{"vipoperator.io/inject":"true"},"annotations":{"vipoperator.io/inject-secrets":"vrrp-key, other.key"} }""",
            """
            {"securityContext":{"runAsNonRoot":true,"runAsUser":101},"terminationGracePeriodSeconds":60,
            "initContainers":[{"name":"prepare","image":"busybox"}],
            "containers":[
            {"name":"nginx","image":"nginx","lifecycle":{"preStop":{"sleep":{"seconds":6} } },"volumeMounts":[{"name":"own","mountPath":"/own"}]},
            {"name":"exporter","image":"exporter"}],
            "volumes":[{"name":"own","emptyDir":{} },{"name":"vip-state","emptyDir":{} }]}
            """
        ),
        ("has-one", Labelled, """{"containers":[{"name":"nginx","image":"nginx"},{"name":"vip-sidecar","image":"own"}]}"""),
        (
            "has-a-native-one", Labelled,
            """{"containers":[{"name":"nginx","image":"nginx"}],"initContainers":[{"name":"vip-sidecar","image":"own","restartPolicy":"Always"}]}"""
        ),
        ("says-false", """{"labels":{"vipoperator.io/inject":"false"} }""", """{"containers":[{"name":"nginx","image":"nginx"}]}"""),
        ("says-nothing", """{"labels":{"app":"nginx"} }""", """{"containers":[{"name":"nginx","image":"nginx"}],"hostNetwork":false}"""),
    ];

    /// <summary>Pods that are refused, and why.</summary>
    private static readonly (string Name, string Metadata, string Spec, string Why)[] Refused =
    [
        (
            "not-on-the-host", Labelled, """{"hostNetwork":false,"containers":[{"name":"nginx","image":"nginx"}]}""",
            "must be on its node's network, where virtual addresses are: set hostNetwork: true"
        ),
        (
            "may-do-nothing", Labelled, """{"serviceAccountName":"stranger","containers":[{"name":"nginx","image":"nginx"}]}""",
            "the service account stranger may not do what a sidecar must: kubectl -n apps create rolebinding "
            + "vip-sidecar-stranger --clusterrole=vip-sidecar --serviceaccount=apps:stranger"
        ),
        (
            "no-names", """{"labels":{"vipoperator.io/inject":"true"},"annotations":{"vipoperator.io/inject-secrets":"../a"} }""",
            """{"containers":[{"name":"nginx","image":"nginx"}]}""", "the annotation vipoperator.io/inject-secrets is no list of Secrets"
        ),
    ];

    private Cluster _cluster = null!;

    public async ValueTask InitializeAsync()
    {
        await Chart.RendererAsync();
        _cluster = await Cluster.StartAsync(new ApiServerOptions
        {
            Users = new Dictionary<string, string[]>
            {
                [OperatorUser] = ["system:serviceaccounts",
                "system:serviceaccounts:vip-operator"]
            },
        });
        foreach (string ns in new[] { "vip-operator", "apps" })
            await _cluster.CreateAsync(Json($$"""{"apiVersion":"v1","kind":"Namespace","metadata":{"name":"{{ns}}"} }"""));
    }

    public ValueTask DisposeAsync() => _cluster?.DisposeAsync() ?? ValueTask.CompletedTask;

    [Fact]
    public async Task BothWays_MakeTheSamePodsAndRefuseTheSame()
    {
        Assert.SkipUnless(
            _cluster.Server.IsReal,
            "The embedded API server runs no admission policies and webhooks: set KUBEBUILDER_ASSETS to the folder of "
            + "a kube-apiserver and etcd.");
        await _cluster.CreateAsync(Json(
            """
            {
              "apiVersion": "rbac.authorization.k8s.io/v1", "kind": "RoleBinding", "metadata": {"name": "vip-sidecar-nginx", "namespace": "apps"},
              "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": "vip-sidecar"},
              "subjects": [{"kind": "ServiceAccount", "name": "nginx", "namespace": "apps"}]
            }
            """));
        Rendering policy = await Chart.RenderAsync(Chart.Operator, "--set", "injection.mode=policy");
        Rendering webhook = await Chart.RenderAsync(Chart.Operator, "--set", "injection.mode=webhook");

        foreach (ChartObject one in policy.Objects)
            await _cluster.CreateAsync(one.Json);
        await InForceAsync();
        await RefusedAsync();
        Dictionary<string, string> byPolicy = await CreatedAsync();
        await SidecarIsThatOfNginxVipAsync(byPolicy["plain"]);

        // As an upgrade to the other way.
        foreach (ChartObject one in policy.Objects.Where(o => !webhook.Objects.Any(w => Same(w, o))))
            await _cluster.DeleteAsync(one.Json);
        await using WebApplication running = await StartOperatorAsync(webhook);
        foreach (ChartObject one in webhook.Objects.Where(o => policy.Objects.Any(p => Same(p, o))))
            await _cluster.ReplaceAsync(policy.Objects.Single(p => Same(p, one)).Json, one.Json);
        foreach (ChartObject one in webhook.Objects.Where(o => !policy.Objects.Any(p => Same(p, o))))
            await _cluster.CreateAsync(Reachable(one, running));
        await InForceAsync();
        await RefusedAsync();
        Assert.Equal(byPolicy, await CreatedAsync());

        // Without the operator no labelled pod starts, and any other does.
        await running.StopAsync(TestContext.Current.CancellationToken);
        (HttpStatusCode code, JsonNode body) = await _cluster.TryCreateAsync(Pod("plain", Labelled, Taken[0].Spec));
        Assert.Equal(HttpStatusCode.InternalServerError, code);
        Assert.Contains("failed calling webhook \"inject.vipoperator.io\"", body["message"]!.GetValue<string>(),
            StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.Created, (await _cluster.TryCreateAsync(Pod("other", "{}", Taken[0].Spec))).Code);
        Assert.Equal(HttpStatusCode.Created,
            (await _cluster.TryCreateAsync(Pod("own", Labelled, Taken[0].Spec, "vip-operator"))).Code);

        // Nor is one let in without a sidecar when nobody is there to put it in.
        await _cluster.DeleteAsync(webhook.Single("MutatingWebhookConfiguration").Json);
        string message;
        do
        {
            (code, body) = await _cluster.TryCreateAsync(Pod("plain", Labelled, Taken[0].Spec), dryRun: true);
            message = body["message"]!.GetValue<string>();
        }
        while (message.Contains("failed calling webhook", StringComparison.Ordinal));
        Assert.Contains(
            "has the label vipoperator.io/inject and was given no sidecar", message, StringComparison.Ordinal);

        static bool Same(ChartObject left, ChartObject right) => (left.Kind, left.Name) == (right.Kind, right.Name);
    }

    /// <summary>The operator as the chart would run it, with its rights.</summary>
    private async Task<WebApplication> StartOperatorAsync(Rendering rendering)
    {
        string file = Path.Combine(Path.GetDirectoryName(_cluster.Server.KubeconfigPath)!, "sidecar.json");
        await File.WriteAllTextAsync(
            file, rendering.Single("ConfigMap").Json["data"]!["sidecar.json"]!.GetValue<string>(),
            TestContext.Current.CancellationToken);
        WebApplication running = OperatorHost.Build(
            new OperatorSettings
            {
                KubeConfig = _cluster.Server.WriteKubeconfig(OperatorUser),
                LeaseNamespace = "vip-operator",
                Listen = new IPEndPoint(IPAddress.Loopback, 0),
                InjectionFile = file,
                InjectionListen = new IPEndPoint(IPAddress.Loopback, 0),
                InjectionName = Name,
                LogLevel = LogLevel.Error,
            },
            TimeProvider.System);
        await running.StartAsync(TestContext.Current.CancellationToken);
        return running;
    }

    /// <summary>There is no network of Services here: the webhook's name leads to this machine.</summary>
    private static JsonObject Reachable(ChartObject one, WebApplication running)
    {
        JsonObject json = one.Json.DeepClone().AsObject();
        int port = new Uri(running.Urls.Single(u => u.StartsWith("https:", StringComparison.Ordinal))).Port;
        if (one.Kind == "Service")
            json["spec"] = Json("""{"type":"ExternalName","externalName":"localhost"}""");
        else if (one.Kind == "MutatingWebhookConfiguration")
            json["webhooks"]![0]!["clientConfig"]!["service"]!["port"] = port;
        return json;
    }

    /// <summary>Policies and webhooks that have just been made take a moment to be in force.</summary>
    private async Task InForceAsync()
    {
        using CancellationTokenSource patience = new(TimeSpan.FromSeconds(60));
        while (true)
        {
            (HttpStatusCode code, JsonNode body) = await _cluster.TryCreateAsync(
                Pod("plain", Labelled, Taken[0].Spec), dryRun: true);
            (_, JsonNode refusal) = await _cluster.TryCreateAsync(Pod("bad", Labelled, Refused[0].Spec), dryRun: true);
            if (code == HttpStatusCode.Created
                && body["spec"]!["containers"]!.AsArray().Count == 2
                && refusal["message"]?.GetValue<string>().Contains(Checks, StringComparison.Ordinal) == true)
                return;
            Assert.False(patience.IsCancellationRequested, $"{body.ToJsonString()}\n{refusal.ToJsonString()}");
            await Task.Delay(50, TestContext.Current.CancellationToken);
        }
    }

    private async Task RefusedAsync()
    {
        foreach ((string name, string metadata, string spec, string why) in Refused)
        {
            (HttpStatusCode code, JsonNode body) = await _cluster.TryCreateAsync(Pod(name, metadata, spec));
            Assert.True((int)code is 403 or 422, $"{name}: {code}");
            Assert.Contains(Checks, body["message"]!.GetValue<string>(), StringComparison.Ordinal);
            Assert.Contains(why, body["message"]!.GetValue<string>(), StringComparison.Ordinal);
        }
    }

    /// <summary>The pods as they were stored, and no longer there.</summary>
    private async Task<Dictionary<string, string>> CreatedAsync()
    {
        Dictionary<string, string> stored = [];
        foreach ((string name, string metadata, string spec) in Taken)
        {
            (HttpStatusCode code, JsonNode body) = await _cluster.TryCreateAsync(Pod(name, metadata, spec));
            Assert.True(code == HttpStatusCode.Created, $"{name}: {body["message"]}");
            stored[name] = new JsonObject
            {
                ["labels"] = body["metadata"]!["labels"]?.DeepClone(),
                ["annotations"] = body["metadata"]!["annotations"]?.DeepClone(),
                ["spec"] = body["spec"]!.DeepClone(),
            }.ToJsonString();
            await _cluster.DeleteAsync(Pod(name, metadata, spec));
        }

        string[] containers =
        [
            .. stored.Select(s =>
                $"{s.Key}: {string.Join(' ', JsonNode.Parse(s.Value)!["spec"]!["containers"]!.AsArray().Select(c => c!["image"]))}"),
        ];
        Assert.Equal(
            [
                "plain: nginx vip-sidecar:0.1.0", "rich: nginx exporter vip-sidecar:0.1.0", "has-one: nginx own",
                "has-a-native-one: nginx",
                "says-false: nginx", "says-nothing: nginx",
            ],
            containers);
        JsonNode rich = JsonNode.Parse(stored["rich"])!["spec"]!;
        Assert.Equal(
            ["own", "vip-state", "vip-token", "vip-secret-0", "vip-secret-1"],
            rich["volumes"]!.AsArray().Select(v => v!["name"]!.GetValue<string>()));
        Assert.Equal(
            [
                "/run/vip-sidecar", "/var/run/secrets/kubernetes.io/serviceaccount",
                "/etc/vip-sidecar/secrets/vrrp-key",
                "/etc/vip-sidecar/secrets/other.key",
            ],
            rich["containers"]![2]!["volumeMounts"]!.AsArray().Select(m => m!["mountPath"]!.GetValue<string>()));
        return stored;
    }

    private async Task SidecarIsThatOfNginxVipAsync(string injected)
    {
        ChartObject pods = (await Chart.RenderAsync(Chart.Nginx, Chart.Address)).Single("DaemonSet");
        (HttpStatusCode code, JsonNode body) = await _cluster.TryCreateAsync(
            Pod("nginx-vip", """{"labels":{"app":"nginx"} }""", pods.PodSpec.ToJsonString()), dryRun: true);
        Assert.True(code == HttpStatusCode.Created, body.ToJsonString());

        Assert.Equal(SidecarOf(body["spec"]!), SidecarOf(JsonNode.Parse(injected)!["spec"]!));

        static string SidecarOf(JsonNode spec) =>
            string.Concat(spec["containers"]!.AsArray().Concat(spec["volumes"]!.AsArray())
            .Where(part => part!["name"]!.GetValue<string>().StartsWith("vip-", StringComparison.Ordinal))
            .Select(part => part!.ToJsonString()));
    }

    private static JsonObject Pod(string name, string metadata, string spec, string ns = "apps")
    {
        JsonObject pod =
            new() { ["apiVersion"] = "v1", ["kind"] = "Pod", ["metadata"] = Json(metadata), ["spec"] = Json(spec) };
        pod["metadata"]!["name"] = name;
        pod["metadata"]!["namespace"] = ns;
        pod["spec"]!.AsObject().TryAdd("hostNetwork", true);
        pod["spec"]!.AsObject().TryAdd("serviceAccountName", "nginx");
        pod["spec"]!["terminationGracePeriodSeconds"] ??= 0;
        return pod;
    }

    private static JsonObject Json(string text) => JsonNode.Parse(text)!.AsObject();
}
