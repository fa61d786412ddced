using System.Net;
using System.Text.Json.Nodes;
using VipOperator.Lab.ApiServer;
using VipOperator.Operator.Tests.Cluster;

namespace VipOperator.Operator.Tests;

/// <summary>What deploy/ lets the operator and the sidecars do: all that they must, and no more.</summary>
public sealed class AccessTests(AccessFixture fixture) : IClassFixture<AccessFixture>
{
    private const string Operator = AccessFixture.Operator;
    private const string Sidecar = AccessFixture.Sidecar;
    private const string Ours = TestApi.Group + "/namespaces/apps";
    private const string NotEmbedded =
        "The embedded API server stores admission policies and does not run them: set KUBEBUILDER_ASSETS to the folder "
        + "of a kube-apiserver and etcd.";

    private readonly IApiServer _server = fixture.Server;
    private readonly TestApi _api = fixture.Api;
    private readonly TestCluster _cluster = fixture.Apps;

    [Fact]
    public async Task Operator_CanDoAllThatItMust()
    {
        TestCluster cluster = await TestCluster.CreateAsync(_server, _api, "served");
        foreach (string node in new[] { "a", "b" })
        {
            await cluster.AddNodeAsync(node, node == "a" ? "192.168.1.103" : "192.168.1.104");
            await cluster.AddPodAsync($"nginx-{node}", node);
        }

        await using TestOperator running = await cluster.StartOperatorAsync(s => s with
        {
            KubeConfig = _server.WriteKubeconfig(Operator),
            Namespace = null,
            LeaseNamespace = "vip-operator",
        });
        await Eventually.TrueAsync(() => Task.FromResult(running.IsLeader));
        await cluster.AddVirtualIPAsync("web", "addresses: [192.168.1.108]");
        await cluster.PlacesBecomeAsync("web", "a 254, b 253");
        await cluster.ReportAsync("web", "b", "Backup");
        await cluster.ReportAsync("web", "a", "Active");
        await cluster.ConditionBecomesAsync("web", "Ready", "True", "Ready");
        await cluster.EventComesAsync("web", "Normal ActiveChanged");
        await Eventually.TrueAsync(async () =>
            (await _api.GetAsync("/api/v1/namespaces/served/pods/nginx-a"))
            .Body!["metadata"]!["labels"]!["vipoperator.io/role"] is not null);
        await cluster.DeletePodAsync("nginx-a");
        await cluster.OrderBecomesAsync("web", "b");
        await cluster.DeleteVirtualIPAsync("web");
        await Eventually.TrueAsync(async () => (await cluster.MembersAsync()).Length == 0);

        string metrics = (await running.GetAsync("/metrics")).Text;
        Assert.DoesNotContain("code=\"403\"", metrics, StringComparison.Ordinal);

        await running.StopAsync();
        JsonNode lease =
            (await _api.GetAsync("/apis/coordination.k8s.io/v1/namespaces/vip-operator/leases/vip-operator")).Body!;
        Assert.Equal("", lease["spec"]!["holderIdentity"]?.GetValue<string>() ?? "");
    }

    [Theory]
    [InlineData(Operator, "GET", "/api/v1/namespaces/apps/secrets")]
    [InlineData(Operator, "GET", "/api/v1/namespaces/apps/pods/nginx-a")]
    [InlineData(Operator, "DELETE", "/api/v1/namespaces/apps/pods/nginx-a")]
    [InlineData(Operator, "PATCH", "/api/v1/nodes/apps-a")]
    [InlineData(Operator, "DELETE", Ours + "/virtualips/web")]
    [InlineData(Operator, "PATCH", Ours + "/virtualips/web")]
    [InlineData(Operator, "PATCH", Ours + "/virtualipmembers/web-x/status")]
    [InlineData(Operator, "GET", "/apis/coordination.k8s.io/v1/namespaces/kube-system/leases/kube-scheduler")]
    [InlineData(Operator, "GET", "/apis/coordination.k8s.io/v1/namespaces/vip-operator/leases/other")]
    [InlineData(Sidecar, "GET", "/api/v1/namespaces/apps/secrets")]
    [InlineData(Sidecar, "GET", "/api/v1/namespaces/apps/pods")]
    [InlineData(Sidecar, "GET", Ours + "/virtualips")]
    [InlineData(Sidecar, "GET", TestApi.Group + "/virtualipmembers")]
    [InlineData(Sidecar, "GET", TestApi.Group + "/namespaces/default/virtualipmembers")]
    [InlineData(Sidecar, "PATCH", Ours + "/virtualipmembers/web-x")]
    [InlineData(Sidecar, "DELETE", Ours + "/virtualipmembers/web-x")]
    public async Task WhatIsNotNeeded_IsForbidden(string user, string method, string path)
    {
        using TestApi api = new(_server, _server.TokenOf(user));

        Answer answer = await api.SendAsync(
            new HttpMethod(method), path, method == "PATCH" ? "{}" : null, "application/merge-patch+json");

        Assert.Equal(HttpStatusCode.Forbidden, answer.Code);
    }

    [Fact]
    public async Task Sidecar_ReadsMembersAndPatchesTheirStatus()
    {
        Assert.SkipWhen(_server.IsReal,
            "With the policy in force a token that is bound to no pod is refused: see the tests of the policy.");
        await _cluster.AddPodAsync("pod1", "a", "nginx");
        await _cluster.AddMemberAsync("own1", "web", "pod1");
        using TestApi api = new(_server, _server.TokenOf(Sidecar));

        Assert.True((await api.GetAsync($"{Ours}/virtualipmembers")).Succeeded);
        Ensure(await api.MergeAsync($"{Ours}/virtualipmembers/own1/status", Status()));
    }

    [Fact]
    public async Task Policy_LetsASidecarWriteTheStatusOfItsOwnPodsMemberOnly()
    {
        Assert.SkipUnless(_server.IsReal, NotEmbedded);
        await _cluster.AddPodAsync("pod2", "a", "nginx");
        await _cluster.AddPodAsync("peer2", "a", "nginx");
        await _cluster.AddMemberAsync("own2", "web", "pod2");
        await _cluster.AddMemberAsync("other2", "web", "peer2");
        using TestApi own = new(_server, await BoundTokenAsync("pod2"));

        // A policy that has just been made takes a moment to be in force.
        await Eventually.TrueAsync(
            async () => !(await own.MergeAsync($"{Ours}/virtualipmembers/other2/status", Status())).Succeeded);

        Answer other = await own.MergeAsync($"{Ours}/virtualipmembers/other2/status", Status());
        Assert.Equal(HttpStatusCode.Forbidden, other.Code);
        Assert.Contains(
            "the pod pod2 may write the status of its own members only; this one is of the pod peer2", other.Message,
            StringComparison.Ordinal);
        Ensure(await own.MergeAsync($"{Ours}/virtualipmembers/own2/status", Status()));

        // The spec in the request is not what counts.
        JsonNode lie = Status();
        lie["spec"] = new JsonObject { ["podName"] = "pod2", ["podUid"] = await _cluster.PodUidAsync("pod2") };
        Assert.Equal(
            HttpStatusCode.Forbidden, (await own.MergeAsync($"{Ours}/virtualipmembers/other2/status", lie)).Code);
    }

    [Fact]
    public async Task Policy_RefusesATokenThatIsBoundToNoPod()
    {
        Assert.SkipUnless(_server.IsReal, NotEmbedded);
        await _cluster.AddPodAsync("pod3", "a", "nginx");
        await _cluster.AddMemberAsync("own3", "web", "pod3");
        using TestApi unbound = new(_server, await BoundTokenAsync(null));

        await Eventually.TrueAsync(
            async () => !(await unbound.MergeAsync($"{Ours}/virtualipmembers/own3/status", Status())).Succeeded);

        Answer answer = await unbound.MergeAsync($"{Ours}/virtualipmembers/own3/status", Status());
        Assert.Equal(HttpStatusCode.Forbidden, answer.Code);
        Assert.Contains("this token is bound to none", answer.Message, StringComparison.Ordinal);

        // Who may write members anyway is not meant.
        Ensure(await _api.MergeAsync($"{Ours}/virtualipmembers/own3/status", Status()));
    }

    [Fact]
    public async Task Policy_RefusesAPodThatTookTheNameOfAnother()
    {
        Assert.SkipUnless(_server.IsReal, NotEmbedded);
        await _cluster.AddPodAsync("pod4", "a", "nginx");
        await _cluster.AddMemberAsync("own4", "web", "pod4");
        await _cluster.DeletePodAsync("pod4");
        await _cluster.AddPodAsync("pod4", "a", "nginx");
        using TestApi successor = new(_server, await BoundTokenAsync("pod4"));

        await Eventually.TrueAsync(async () =>
            (await successor.MergeAsync($"{Ours}/virtualipmembers/own4/status", Status()))
            .Code == HttpStatusCode.Forbidden);
    }

    [Fact]
    public async Task Policy_LetsTheOperatorWriteNothingOfAPodButItsLabel()
    {
        Assert.SkipUnless(_server.IsReal, NotEmbedded);
        const string Pod = "/api/v1/namespaces/apps/pods/pod5";
        await _cluster.AddPodAsync("pod5", "a", "nginx");
        using TestApi api = new(_server, _server.TokenOf(Operator));

        // Another value each time: what changes nothing is allowed.
        int value = 0;
        await Eventually.TrueAsync(async () =>
            (await api.MergeAsync(Pod, Json($$"""{"metadata":{"labels":{"app":"{{value++}}"} } }"""))).Code == HttpStatusCode.Forbidden);

        foreach (string patch in new[]
        {
            """{"spec":{"containers":[{"name":"nginx","image":"evil"},{"name":"vip-sidecar","image":"vip-sidecar"}]} }""",
            """{"metadata":{"annotations":{"a":"b"} } }""",
            """{"metadata":{"labels":{"app":null} } }""",
            """{"metadata":{"finalizers":["a.b/c"]} }""",
        })
        {
            Answer answer = await api.MergeAsync(Pod, Json(patch));
            Assert.Equal(HttpStatusCode.Forbidden, answer.Code);
            Assert.Contains(
                "nothing of a pod but the label vipoperator.io/role", answer.Message, StringComparison.Ordinal);
        }

        Ensure(await api.MergeAsync(Pod, Json("""{"metadata":{"labels":{"vipoperator.io/role":"active"} } }""")));
        Ensure(await api.MergeAsync(Pod, Json("""{"metadata":{"labels":{"vipoperator.io/role":null} } }""")));
    }

    /// <summary>As the kubelet asks for it on behalf of a pod; null: a token of the account alone.</summary>
    private async Task<string> BoundTokenAsync(string? pod)
    {
        JsonObject spec = new() { ["expirationSeconds"] = 3600 };
        if (pod is not null)
        {
            spec["boundObjectRef"] = new JsonObject
            {
                ["apiVersion"] = "v1",
                ["kind"] = "Pod",
                ["name"] = pod,
                ["uid"] = await _cluster.PodUidAsync(pod),
            };
        }

        Answer answer = await _api.PostAsync(
            "/api/v1/namespaces/apps/serviceaccounts/nginx/token",
            new JsonObject { ["apiVersion"] = "authentication.k8s.io/v1", ["kind"] = "TokenRequest", ["spec"] = spec });
        Ensure(answer);
        return answer.Body!["status"]!["token"]!.GetValue<string>();
    }

    private static JsonNode Status() => Json(
        """
        {"status":{"state":"Backup","since":"2026-01-01T00:00:00Z","reason":"Test","effectivePriority":100,"probe":{"result":"Disabled"} } }
        """);

    private static JsonNode Json(string text) => JsonNode.Parse(text)!;

    private static void Ensure(Answer answer) => Assert.True(answer.Succeeded, $"{(int)answer.Code}: {answer.Message}");
}
