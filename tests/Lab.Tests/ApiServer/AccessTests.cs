using System.Net;

namespace VipOperator.Lab.Tests.ApiServer;

/// <summary>Who may do what.</summary>
public sealed class AccessTests(ApiServerFixture fixture) : IDisposable
{
    private readonly ApiClient _api = fixture.Client;
    private readonly ApiClient _bob = new(fixture.Server, fixture.Server.TokenOf("bob"));

    [Fact]
    public async Task UnknownToken_IsUnauthorized()
    {
        using ApiClient stranger = new(fixture.Server, "nobody's");

        ApiAnswer answer = await stranger.GetAsync("/api/v1/namespaces");

        Assert.Equal(HttpStatusCode.Unauthorized, answer.Code);
        Assert.Equal("Unauthorized", answer.Reason);
    }

    [Theory]
    [InlineData("/healthz", 200)]
    [InlineData("/readyz", 200)]
    [InlineData("/livez", 200)]
    [InlineData("/version", 200)]
    [InlineData("/api/v1/namespaces", 403)]
    public async Task WithoutToken_OnlyHealthAndVersionAnswer(string path, int code)
    {
        using ApiClient anonymous = new(fixture.Server, null);

        ApiAnswer answer = await anonymous.GetAsync(path);

        Assert.Equal(code, (int)answer.Code);
    }

    [Fact]
    public async Task WithoutARole_EverythingIsForbidden()
    {
        ApiAnswer answer = await _bob.GetAsync("/api/v1/namespaces/default/pods");

        Assert.Equal(HttpStatusCode.Forbidden, answer.Code);
        Assert.Equal(
            "pods is forbidden: User \"bob\" cannot list resource \"pods\" in API group \"\" in the "
            + "namespace \"default\"",
            answer.Message);
    }

    [Fact]
    public async Task Role_AllowsWhatItNames_InItsNamespace()
    {
        string ns = await fixture.NewNamespaceAsync();
        string rbac = $"/apis/rbac.authorization.k8s.io/v1/namespaces/{ns}";
        await _api.PostAsync(Widgets.Path(ns), Widgets.Json("one", """{"size":1}"""));
        await _api.PostAsync($"{rbac}/roles", """
            {"metadata":{"name":"r"},"rules":[{"apiGroups":["test.vipoperator.io"],"resources":["widgets"],"verbs":["get","list"]},
              {"apiGroups":["test.vipoperator.io"],"resources":["widgets/status"],"resourceNames":["one"],"verbs":["patch"]}]}
            """);
        ApiAnswer bound = await _api.PostAsync($"{rbac}/rolebindings", """
            {"metadata":{"name":"b"},"roleRef":{"apiGroup":"rbac.authorization.k8s.io","kind":"Role","name":"r"},
             "subjects":[{"apiGroup":"rbac.authorization.k8s.io","kind":"Group","name":"developers"}]}
            """);

        // A real server's authorizer learns of the binding by a watch of its own.
        await ApiClient.EventuallyAsync(
            async () => (await _bob.GetAsync(Widgets.Path(ns))).Code == HttpStatusCode.OK, "bob may list");
        ApiAnswer[] answers =
        [
            await _bob.GetAsync(Widgets.Path(ns)),
            await _bob.PatchAsync(Widgets.Path(ns, "one") + "/status", """{"status":{"phase":"X"}}"""),
            await _bob.PatchAsync(Widgets.Path(ns, "one"), """{"spec":{"size":2}}"""),
            await _bob.GetAsync(Widgets.Path("default")),
        ];
        ApiAnswer may = await _bob.PostAsync(
            "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews",
            $$$"""{"apiVersion":"authorization.k8s.io/v1","kind":"SelfSubjectAccessReview","spec":{"resourceAttributes":{"namespace":"{{{ns}}}","verb":"list","group":"test.vipoperator.io","resource":"widgets"} } }""");

        Assert.True(bound.Code == HttpStatusCode.Created, bound.Text);
        Assert.Equal([200, 200, 403, 403], answers.Select(a => (int)a.Code));
        Assert.Contains("cannot patch resource \"widgets\" in API group \"test.vipoperator.io\"", answers[2].Message,
            StringComparison.Ordinal);
        Assert.True(may.At("status", "allowed")!.GetValue<bool>());
    }

    public void Dispose() => _bob.Dispose();
}
