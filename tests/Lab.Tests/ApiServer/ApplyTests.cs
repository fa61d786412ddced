using System.Net;
using System.Text.Json.Nodes;

namespace VipOperator.Lab.Tests.ApiServer;

/// <summary>Server-side apply: who owns what, and what happens when two want the same.</summary>
public sealed class ApplyTests(ApiServerFixture fixture)
{
    private const string First = """{"size":9,"tags":["a"],"ports":[{"name":"a","port":1}],"labels":{"a":"b"},"free":{"a":{"b":1}}}""";

    private readonly ApiClient _api = fixture.Client;

    [Fact]
    public async Task Apply_Creates_AndOwnsWhatItNames()
    {
        string path = Widgets.Path(await fixture.NewNamespaceAsync(), "one");

        ApiAnswer made = await _api.ApplyAsync(path, Widgets.Json("one", First), "me");

        Assert.Equal(HttpStatusCode.Created, made.Code);
        JsonNode entry = Assert.Single(made.At("metadata", "managedFields")!.AsArray())!;
        Assert.Equal("me", entry["manager"]!.GetValue<string>());
        Assert.Equal("Apply", entry["operation"]!.GetValue<string>());
        Assert.True(JsonNode.DeepEquals(
            JsonNode.Parse(
                """
                {"f:spec":{"f:free":{"f:a":{".":{},"f:b":{}}},"f:labels":{"f:a":{}},
                 "f:ports":{"k:{\"name\":\"a\"}":{".":{},"f:name":{},"f:port":{}}},"f:size":{},"f:tags":{"v:\"a\"":{}}}}
                """),
            entry["fieldsV1"]), entry.ToJsonString());
    }

    [Fact]
    public async Task Apply_Unchanged_WritesNothing()
    {
        string path = Widgets.Path(await fixture.NewNamespaceAsync(), "one");
        ApiAnswer made = await _api.ApplyAsync(path, Widgets.Json("one", First), "me");

        ApiAnswer again = await _api.ApplyAsync(path, Widgets.Json("one", First), "me");

        Assert.Equal(HttpStatusCode.OK, again.Code);
        Assert.Equal(made.ResourceVersion, again.ResourceVersion);
    }

    [Fact]
    public async Task Conflicts_AreNamed_AndForceTakesTheFields()
    {
        string path = Widgets.Path(await fixture.NewNamespaceAsync(), "one");
        await _api.ApplyAsync(path, Widgets.Json("one", First), "me");
        string other = Widgets.Json("one", """{"size":10,"tags":["b"],"ports":[{"name":"a","port":2},{"name":"b"}],"labels":{"a":"c"}}""");

        ApiAnswer refused = await _api.ApplyAsync(path, other, "other");
        ApiAnswer forced = await _api.ApplyAsync(path, other, "other", force: true);

        Assert.Equal(HttpStatusCode.Conflict, refused.Code);
        Assert.Equal(
            "Apply failed with 3 conflicts: conflicts with \"me\":\n- .spec.size\n- .spec.labels.a\n- "
            + ".spec.ports[name=\"a\"].port",
            refused.Message);
        JsonArray causes = refused.At("details", "causes")!.AsArray();
        Assert.All(causes, c => Assert.Equal("FieldManagerConflict", c!["reason"]!.GetValue<string>()));
        Assert.Equal(HttpStatusCode.OK, forced.Code);
        Assert.Equal("""["a","b"]""", forced.At("spec", "tags")!.ToJsonString());
        Assert.Equal(["a", "b"], forced.At("spec", "ports")!.AsArray().Select(p => p!["name"]!.GetValue<string>()));
        JsonNode mine =
            forced.At("metadata", "managedFields")!.AsArray().Single(m => m!["manager"]!.GetValue<string>() == "me")!;
        Assert.Null(mine["fieldsV1"]!["f:spec"]!["f:size"]);
    }

    [Fact]
    public async Task FieldsNoLongerApplied_Go_UnlessSomebodyElseOwnsThem()
    {
        string path = Widgets.Path(await fixture.NewNamespaceAsync(), "one");
        await _api.ApplyAsync(path, Widgets.Json("one", First), "me");
        await _api.ApplyAsync(path, Widgets.Json("one", """{"size":9,"ports":[{"name":"a","port":1}]}"""), "other");

        ApiAnswer answer = await _api.ApplyAsync(path, Widgets.Json("one", """{"size":9}"""), "me");

        Assert.Null(answer.At("spec", "tags"));
        Assert.Null(answer.At("spec", "labels"));
        Assert.Null(answer.At("spec", "free"));
        Assert.Single(answer.At("spec", "ports")!.AsArray());
    }

    [Fact]
    public async Task Updates_AreOwnedByTheirWriters_AndConflictWithApply()
    {
        string ns = await fixture.NewNamespaceAsync();
        await _api.PostAsync(Widgets.Path(ns) + "?fieldManager=writer", Widgets.Json("one", """{"size":5}"""));

        ApiAnswer refused = await _api.ApplyAsync(Widgets.Path(ns, "one"), Widgets.Json("one", """{"size":6}"""), "me");

        Assert.Equal(
            "Apply failed with 1 conflict: conflict with \"writer\" using test.vipoperator.io/v1: .spec.size",
            refused.Message);
    }

    [Fact]
    public async Task Status_HasOwnersOfItsOwn()
    {
        string path = Widgets.Path(await fixture.NewNamespaceAsync(), "one");
        await _api.ApplyAsync(path, Widgets.Json("one", """{"size":1}"""), "me");

        ApiAnswer answer = await _api.ApplyAsync(
            path + "/status",
            Widgets.Json("one", """{"size":50},"status":{"phase":"X","conditions":[{"type":"Ready","status":"True"}]}""", "\"labels\":{\"a\":\"b\"}"),
            "reporter");

        Assert.Equal(HttpStatusCode.OK, answer.Code);
        Assert.Equal(1, answer.At("spec", "size")!.GetValue<int>());
        Assert.Null(answer.At("metadata", "labels"));
        JsonNode entry = answer.At("metadata", "managedFields")!.AsArray()
            .Single(m => m!["manager"]!.GetValue<string>() == "reporter")!;
        Assert.Equal("status", entry["subresource"]!.GetValue<string>());
        Assert.Null(entry["fieldsV1"]!["f:spec"]);
    }

    [Fact]
    public async Task BuiltIns_AreAppliedByTheirListKeys()
    {
        string ns = await fixture.NewNamespaceAsync();
        string path = $"/api/v1/namespaces/{ns}/pods/p";
        string Pod(string containers) =>
            $$$"""{"apiVersion":"v1","kind":"Pod","metadata":{"name":"p"},"spec":{"containers":[{{{containers}}}]}}""";

        ApiAnswer made = await _api.ApplyAsync(path, Pod("""{"name":"a","image":"a:1"}"""), "me");
        ApiAnswer conflict = await _api.ApplyAsync(path, Pod("""{"name":"a","image":"a:2"}"""), "other");
        ApiAnswer forced = await _api.ApplyAsync(path, Pod("""{"name":"a","image":"a:2"}"""), "other", force: true);

        Assert.True(made.Code == HttpStatusCode.Created, made.Text);
        Assert.Equal(
            "Apply failed with 1 conflict: conflict with \"me\": .spec.containers[name=\"a\"].image", conflict.Message);
        Assert.Equal("a:2", forced.At("spec", "containers")!.AsArray().Single()!["image"]!.GetValue<string>());
    }

    [Theory]
    [InlineData("", "", 422, "fieldManager: Required value: is required for apply patch")]
    [InlineData("?fieldManager=me", "\"managedFields\":[]", 400, "metadata.managedFields must be nil")]
    public async Task BadApplies_AreRefused(string query, string metadata, int code, string message)
    {
        string path = Widgets.Path(await fixture.NewNamespaceAsync(), "one");

        ApiAnswer answer = await _api.PatchAsync(
            path + query, Widgets.Json("one", """{"size":1}""", metadata), "application/apply-patch+yaml");

        Assert.Equal(code, (int)answer.Code);
        Assert.Contains(message, answer.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"size":1,"foo":2}""", ".spec.foo: field not declared in schema")]
    [InlineData("""{"ports":[{"name":"a"},{"name":"a"}]}""", ".spec.ports: duplicate entries for key [name=\"a\"]")]
    [InlineData("""{"ports":[{"port":1}]}""", ".spec.ports: element 0: associative list with keys has an element that omits all key fields [\"name\"]")]
    [InlineData("[]", ".spec: expected map, got ")]
    public async Task Configurations_ThatDoNotFitTheirType_AreRefused(string spec, string message)
    {
        string path = Widgets.Path(await fixture.NewNamespaceAsync(), "one");

        ApiAnswer answer = await _api.ApplyAsync(path, Widgets.Json("one", spec), "me");

        Assert.Equal(HttpStatusCode.InternalServerError, answer.Code);
        Assert.Contains(message, answer.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Force_IsForApplyAlone()
    {
        string ns = await fixture.NewNamespaceAsync();
        await _api.PostAsync(Widgets.Path(ns), Widgets.Json("one", """{"size":1}"""));

        ApiAnswer answer = await _api.PatchAsync(Widgets.Path(ns, "one") + "?force=true", "{}");

        Assert.Contains(
            "force: Forbidden: may not be specified for non-apply patch", answer.Message, StringComparison.Ordinal);
    }
}
