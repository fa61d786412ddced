using System.Net;
using System.Text.Json.Nodes;

namespace VipOperator.Lab.Tests.ApiServer;

/// <summary>The patches that are no apply.</summary>
public sealed class PatchTests(ApiServerFixture fixture)
{
    private readonly ApiClient _api = fixture.Client;

    [Fact]
    public async Task MergePatch_SetsAndRemoves()
    {
        string ns = await MakeAsync("""{"size":1,"labels":{"a":"b","c":"d"},"flag":true}""");

        ApiAnswer answer = await _api.PatchAsync(
            Widgets.Path(ns, "one"), """{"spec":{"size":2,"labels":{"a":null},"flag":null}}""");

        Assert.Equal("""{"c":"d"}""", answer.At("spec", "labels")!.ToJsonString());
        Assert.Equal(2, answer.At("spec", "size")!.GetValue<int>());
        Assert.Null(answer.At("spec", "flag"));
    }

    [Fact]
    public async Task JsonPatch_RunsItsOperationsInOrder()
    {
        string ns = await MakeAsync("""{"size":1,"tags":["a"]}""");

        ApiAnswer answer = await Json(ns, """
            [{"op":"test","path":"/spec/size","value":1},{"op":"add","path":"/spec/tags/-","value":"b"},
             {"op":"replace","path":"/spec/size","value":5},{"op":"copy","from":"/spec/tags","path":"/spec/free"},
             {"op":"remove","path":"/spec/free"},{"op":"add","path":"/metadata/labels","value":{"x~y":"z"}},
             {"op":"move","from":"/metadata/labels/x~0y","path":"/metadata/labels/q"}]
            """);

        Assert.True(answer.Code == HttpStatusCode.OK, answer.Text);
        Assert.Equal("""["a","b"]""", answer.At("spec", "tags")!.ToJsonString());
        Assert.Equal("""{"q":"z"}""", answer.At("metadata", "labels")!.ToJsonString());
    }

    [Theory]
    [InlineData("""[{"op":"test","path":"/spec/size","value":9}]""", 422)]
    [InlineData("""[{"op":"remove","path":"/spec/nope"}]""", 422)]
    [InlineData("""[{"op":"replace","path":"/spec/nope/deep","value":1}]""", 422)]
    [InlineData("""{"op":"remove"}""", 400)]
    [InlineData("""[{"op":""", 400)]
    public async Task JsonPatch_ThatCannotRun_IsRefused(string patch, int code)
    {
        string ns = await MakeAsync("""{"size":1}""");

        ApiAnswer answer = await Json(ns, patch);

        Assert.Equal(code, (int)answer.Code);
    }

    [Theory]
    [InlineData("application/strategic-merge-patch+json")]
    [InlineData("application/json")]
    public async Task OtherPatches_AreUnsupportedForCustomResources(string type)
    {
        string ns = await MakeAsync("""{"size":1}""");

        ApiAnswer answer = await _api.PatchAsync(Widgets.Path(ns, "one"), """{"spec":{"size":2}}""", type);

        Assert.Equal(HttpStatusCode.UnsupportedMediaType, answer.Code);
        Assert.Equal(
            "the body of the request was in an unknown format - accepted media types include: "
                + "application/json-patch+json, application/merge-patch+json, application/apply-patch+yaml",
            answer.Message);
    }

    [Fact]
    public async Task Patch_WithResourceVersion_HoldsIt()
    {
        string ns = await MakeAsync("""{"size":1}""");

        ApiAnswer answer = await _api.PatchAsync(
            Widgets.Path(ns, "one"), """{"metadata":{"resourceVersion":"1"},"spec":{"size":2}}""");

        Assert.Equal(HttpStatusCode.Conflict, answer.Code);
    }

    [Fact]
    public async Task StrategicPatch_MergesListsByTheirKeys()
    {
        string ns = await fixture.NewNamespaceAsync();
        string path = $"/api/v1/namespaces/{ns}/pods";
        await _api.PostAsync(
            path,
            """{"metadata":{"name":"p"},"spec":{"containers":[{"name":"a","image":"a:1"},{"name":"b","image":"b:1"}]}}""");

        ApiAnswer answer = await _api.PatchAsync(
            path + "/p", """{"spec":{"containers":[{"name":"b","image":"b:2"}]}}""", "application/strategic-merge-patch+json");
        ApiAnswer status = await _api.PatchAsync(
            path + "/p/status", """{"status":{"conditions":[{"type":"Ready","status":"True"}]}}""", "application/strategic-merge-patch+json");
        ApiAnswer second = await _api.PatchAsync(
            path + "/p/status", """{"status":{"conditions":[{"type":"Initialized","status":"True"}]}}""", "application/strategic-merge-patch+json");

        Assert.True(answer.Code == HttpStatusCode.OK, answer.Text);
        JsonArray containers = answer.At("spec", "containers")!.AsArray();
        Assert.Equal(["a:1", "b:2"], containers.Select(c => c!["image"]!.GetValue<string>()));
        Assert.True(status.Code == HttpStatusCode.OK, status.Text);
        Assert.Equal(2, second.At("status", "conditions")!.AsArray().Count);
    }

    [Fact]
    public async Task StrategicPatch_ObeysItsDirectives()
    {
        string ns = await fixture.NewNamespaceAsync();
        string path = $"/api/v1/namespaces/{ns}/configmaps";
        await _api.PostAsync(
            path, """{"metadata":{"name":"c","finalizers":["x.io/a","x.io/b"]},"data":{"a":"1","b":"2"}}""");

        ApiAnswer replaced = await _api.PatchAsync(
            path + "/c", """{"data":{"$patch":"replace","z":"9"}}""", "application/strategic-merge-patch+json");
        ApiAnswer reduced = await _api.PatchAsync(
            path + "/c", """{"metadata":{"$deleteFromPrimitiveList/finalizers":["x.io/a"]}}""", "application/strategic-merge-patch+json");
        await _api.PatchAsync(path + "/c", """{"metadata":{"finalizers":null}}""");

        Assert.Equal("""{"z":"9"}""", replaced.At("data")!.ToJsonString());
        Assert.Equal("""["x.io/b"]""", reduced.At("metadata", "finalizers")!.ToJsonString());
    }

    [Fact]
    public async Task ConcurrentPatches_AllLand()
    {
        string ns = await MakeAsync("""{"size":1}""");

        await Task.WhenAll(Enumerable.Range(0, 20).Select(i => _api.PatchAsync(
            Widgets.Path(ns, "one"), $"{{\"metadata\":{{\"annotations\":{{\"a{i}\":\"x\"}}}}}}")));
        ApiAnswer answer = await _api.GetAsync(Widgets.Path(ns, "one"));

        Assert.Equal(20, answer.At("metadata", "annotations")!.AsObject().Count);
    }

    private Task<ApiAnswer> Json(string ns, string patch) =>
        _api.PatchAsync(Widgets.Path(ns, "one"), patch, "application/json-patch+json");

    private async Task<string> MakeAsync(string spec)
    {
        string ns = await fixture.NewNamespaceAsync();
        ApiAnswer made = await _api.PostAsync(Widgets.Path(ns), Widgets.Json("one", spec));
        Assert.True(made.Code == HttpStatusCode.Created, made.Text);
        return ns;
    }
}
