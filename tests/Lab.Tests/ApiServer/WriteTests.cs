using System.Net;
using System.Text.Json.Nodes;

namespace VipOperator.Lab.Tests.ApiServer;

/// <summary>Creating, updating and deleting.</summary>
public sealed class WriteTests(ApiServerFixture fixture)
{
    private readonly ApiClient _api = fixture.Client;

    [Fact]
    public async Task Create_GivesIdentity_GenerationAndDefaults()
    {
        string ns = await fixture.NewNamespaceAsync();

        ApiAnswer made = await _api.PostAsync(Widgets.Path(ns), Widgets.Json("one", """{"size":1}"""));

        Assert.Equal(HttpStatusCode.Created, made.Code);
        Assert.Equal(1, made.At("metadata", "generation")!.GetValue<int>());
        Assert.Equal("A", made.At("spec", "mode")!.GetValue<string>());
        Assert.NotNull(made.At("metadata", "uid"));
        Assert.NotNull(made.At("metadata", "creationTimestamp"));
    }

    [Theory]
    [InlineData("""{"apiVersion":"test.vipoperator.io/v1","kind":"Widget","metadata":{"generateName":"w-"},"spec":{"size":1}}""", 201, "")]
    [InlineData("""{"apiVersion":"test.vipoperator.io/v1","kind":"Widget","metadata":{},"spec":{"size":1}}""", 422, "metadata.name: Required value: name or generateName is required")]
    [InlineData("""{"apiVersion":"test.vipoperator.io/v1","kind":"Widget","metadata":{"name":"Bad_Name"},"spec":{"size":1}}""", 422, "a lowercase RFC 1123 subdomain must consist of")]
    [InlineData("""{"apiVersion":"test.vipoperator.io/v2","kind":"Widget","metadata":{"name":"a"}}""", 400, "the API version in the data (test.vipoperator.io/v2) does not match the expected API version (test.vipoperator.io/v1)")]
    [InlineData("""{"apiVersion":"test.vipoperator.io/v1","kind":"Gadget","metadata":{"name":"a"}}""", 422, "must be Widget")]
    [InlineData("""{"metadata":{"name":"a"}}""", 400, "Object 'Kind' is missing in")]
    [InlineData("""{"a":""", 400, "unexpected end of JSON input")]
    [InlineData("""{"apiVersion":"test.vipoperator.io/v1","kind":"Widget","metadata":{"name":"a","namespace":"other"},"spec":{"size":1}}""", 400, "the namespace of the provided object does not match the namespace sent on the request")]
    [InlineData("""{"apiVersion":"test.vipoperator.io/v1","kind":"Widget","metadata":{"name":"a","resourceVersion":"5"},"spec":{"size":1}}""", 500, "resourceVersion should not be set on objects to be created")]
    [InlineData("""{"apiVersion":"test.vipoperator.io/v1","kind":"Widget","metadata":{"name":"a","labels":{"-bad":"x"}},"spec":{"size":1}}""", 422, "metadata.labels: Invalid value: \"-bad\"")]
    [InlineData("""{"apiVersion":"test.vipoperator.io/v1","kind":"Widget","metadata":{"name":"a","labels":{"x":5}},"spec":{"size":1}}""", 400, "json: cannot unmarshal number into Go struct field")]
    public async Task Create_JudgesTheBody(string body, int code, string message)
    {
        string ns = await fixture.NewNamespaceAsync();

        ApiAnswer answer = await _api.PostAsync(Widgets.Path(ns), body);

        Assert.Equal(code, (int)answer.Code);
        Assert.Contains(message, answer.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Create_InAMissingNamespace_IsNotFound()
    {
        ApiAnswer answer = await _api.PostAsync(Widgets.Path("no-such-namespace"), Widgets.Json("one", """{"size":1}"""));

        Assert.Equal(HttpStatusCode.NotFound, answer.Code);
        Assert.Equal("namespaces \"no-such-namespace\" not found", answer.Message);
    }

    [Fact]
    public async Task Create_Twice_AlreadyExists()
    {
        string ns = await fixture.NewNamespaceAsync();
        await _api.PostAsync(Widgets.Path(ns), Widgets.Json("one", """{"size":1}"""));

        ApiAnswer answer = await _api.PostAsync(Widgets.Path(ns), Widgets.Json("one", """{"size":1}"""));

        Assert.Equal(HttpStatusCode.Conflict, answer.Code);
        Assert.Equal("AlreadyExists", answer.Reason);
        Assert.Equal("widgets.test.vipoperator.io \"one\" already exists", answer.Message);
    }

    [Fact]
    public async Task UnknownAndRepeatedFields_AreRefusedWarnedOfOrDropped()
    {
        string ns = await fixture.NewNamespaceAsync();
        const string spec = """{"size":1,"foo":1,"size":2,"ports":[{"name":"x","bar":1}]}""";

        ApiAnswer strict = await _api.PostAsync(Widgets.Path(ns) + "?fieldValidation=Strict", Widgets.Json("a", spec));
        ApiAnswer warned = await _api.PostAsync(Widgets.Path(ns) + "?fieldValidation=Warn", Widgets.Json("b", spec));
        ApiAnswer ignored = await _api.PostAsync(Widgets.Path(ns) + "?fieldValidation=Ignore", Widgets.Json("c", spec));

        Assert.Equal(
            "Widget in version \"v1\" cannot be handled as a Widget: strict decoding error: duplicate field "
                + "\"spec.size\", unknown field \"spec.foo\", unknown field \"spec.ports[0].bar\"",
            strict.Message);
        Assert.Equal(HttpStatusCode.BadRequest, strict.Code);
        Assert.Equal(3, warned.Warnings.Count);
        Assert.Contains("299 - \"unknown field \\\"spec.foo\\\"\"", warned.Warnings);
        Assert.Empty(ignored.Warnings);
        Assert.Null(ignored.At("spec", "foo"));
        Assert.Equal(2, ignored.At("spec", "size")!.GetValue<int>());
    }

    [Fact]
    public async Task BuiltIn_UnknownField_IsRefusedWhenStrict()
    {
        string ns = await fixture.NewNamespaceAsync();

        ApiAnswer answer = await _api.PostAsync(
            $"/api/v1/namespaces/{ns}/configmaps?fieldValidation=Strict", """{"metadata":{"name":"a"},"foo":1,"data":{"a":"1","a":"2"}}""");

        Assert.Equal(
            "ConfigMap in version \"v1\" cannot be handled as a ConfigMap: strict decoding error: unknown field "
            + "\"foo\", duplicate field \"data.a\"",
            answer.Message);
    }

    [Fact]
    public async Task Put_WithStaleResourceVersion_IsAConflict()
    {
        string ns = await fixture.NewNamespaceAsync();
        ApiAnswer made = await _api.PostAsync(Widgets.Path(ns), Widgets.Json("one", """{"size":1}"""));
        string old = $"\"resourceVersion\":\"{made.ResourceVersion}\"";
        await _api.PatchAsync(Widgets.Path(ns, "one"), """{"spec":{"size":2}}""");

        ApiAnswer answer = await _api.PutAsync(Widgets.Path(ns, "one"), Widgets.Json("one", """{"size":3}""", old));

        Assert.Equal(HttpStatusCode.Conflict, answer.Code);
        Assert.Equal("Conflict", answer.Reason);
        Assert.Equal(
            "Operation cannot be fulfilled on widgets.test.vipoperator.io \"one\": the object has been modified; "
                + "please apply your changes to the latest version and try again",
            answer.Message);
    }

    [Fact]
    public async Task Put_WithoutResourceVersion_IsRefusedForCustomResources()
    {
        string ns = await fixture.NewNamespaceAsync();
        await _api.PostAsync(Widgets.Path(ns), Widgets.Json("one", """{"size":1}"""));

        ApiAnswer answer = await _api.PutAsync(Widgets.Path(ns, "one"), Widgets.Json("one", """{"size":3}"""));

        Assert.Equal(HttpStatusCode.UnprocessableEntity, answer.Code);
        Assert.Contains("metadata.resourceVersion: Invalid value: 0: must be specified for an update", answer.Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task Generation_CountsSpecAlone_AndAnUnchangedWriteChangesNothing()
    {
        string ns = await fixture.NewNamespaceAsync();
        string path = Widgets.Path(ns, "one");
        ApiAnswer made = await _api.PostAsync(Widgets.Path(ns), Widgets.Json("one", """{"size":1}"""));

        ApiAnswer labelled = await _api.PatchAsync(path, """{"metadata":{"labels":{"a":"b"}}}""");
        ApiAnswer same = await _api.PatchAsync(path, """{"metadata":{"labels":{"a":"b"}}}""");
        ApiAnswer changed = await _api.PatchAsync(path, """{"spec":{"size":2}}""");

        Assert.Equal(1, labelled.At("metadata", "generation")!.GetValue<int>());
        Assert.NotEqual(made.ResourceVersion, labelled.ResourceVersion);
        Assert.Equal(labelled.ResourceVersion, same.ResourceVersion);
        Assert.Equal(2, changed.At("metadata", "generation")!.GetValue<int>());
    }

    [Fact]
    public async Task Status_IsWrittenThroughItsSubresourceAlone()
    {
        string ns = await fixture.NewNamespaceAsync();
        string path = Widgets.Path(ns, "one");
        await _api.PostAsync(Widgets.Path(ns), Widgets.Json("one", """{"size":1},"status":{"phase":"Made"}"""));

        ApiAnswer before = await _api.GetAsync(path);
        ApiAnswer main = await _api.PatchAsync(path, """{"status":{"phase":"Main"},"spec":{"size":2}}""");
        ApiAnswer status = await _api.PatchAsync(
            path + "/status", """{"status":{"phase":"Status"},"spec":{"size":3},"metadata":{"labels":{"a":"b"}}}""");

        Assert.Null(before.At("status"));
        Assert.Null(main.At("status"));
        Assert.Equal("Status", status.At("status", "phase")!.GetValue<string>());
        Assert.Equal(2, status.At("spec", "size")!.GetValue<int>());
        Assert.Equal(2, status.At("metadata", "generation")!.GetValue<int>());
        Assert.Null(status.At("metadata", "labels"));
    }

    [Fact]
    public async Task Delete_WithFinalizer_WaitsForItsRemoval()
    {
        string ns = await fixture.NewNamespaceAsync();
        string path = Widgets.Path(ns, "one");
        await _api.PostAsync(Widgets.Path(ns), Widgets.Json("one", """{"size":1}""", "\"finalizers\":[\"test.vipoperator.io/hold\"]"));

        ApiAnswer deleted = await _api.DeleteAsync(path);
        ApiAnswer added = await _api.PatchAsync(
            path, """{"metadata":{"finalizers":["test.vipoperator.io/hold","test.vipoperator.io/more"]}}""");
        ApiAnswer removed = await _api.PatchAsync(path, """{"metadata":{"finalizers":null}}""");
        ApiAnswer gone = await _api.GetAsync(path);

        Assert.NotNull(deleted.At("metadata", "deletionTimestamp"));
        Assert.Equal(HttpStatusCode.UnprocessableEntity, added.Code);
        Assert.Contains(
            "no new finalizers can be added if the object is being deleted", added.Message, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.OK, removed.Code);
        Assert.Equal(HttpStatusCode.NotFound, gone.Code);
    }

    [Fact]
    public async Task Delete_HoldsPreconditions()
    {
        string ns = await fixture.NewNamespaceAsync();
        string path = Widgets.Path(ns, "one");
        ApiAnswer made = await _api.PostAsync(Widgets.Path(ns), Widgets.Json("one", """{"size":1}"""));

        ApiAnswer wrong = await _api.DeleteAsync(path, """{"preconditions":{"uid":"other"}}""");
        ApiAnswer right = await _api.DeleteAsync(
            path, $"{{\"preconditions\":{{\"uid\":\"{made.At("metadata", "uid")!.GetValue<string>()}\"}}}}");

        Assert.Equal(HttpStatusCode.Conflict, wrong.Code);
        Assert.Contains("the UID in the precondition (other) does not match the UID in record (", wrong.Message,
            StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.OK, right.Code);
        Assert.Equal("Success", right.At("status")!.GetValue<string>());
        Assert.Equal("widgets", right.At("details", "kind")!.GetValue<string>());
    }

    [Fact]
    public async Task DeleteCollection_TakesWhatTheSelectorTakes()
    {
        string ns = await fixture.NewNamespaceAsync();
        await _api.PostAsync(Widgets.Path(ns), Widgets.Json("a", """{"size":1}""", "\"labels\":{\"x\":\"1\"}"));
        await _api.PostAsync(Widgets.Path(ns), Widgets.Json("b", """{"size":1}"""));

        await _api.DeleteAsync(Widgets.Path(ns) + "?labelSelector=x%3D1");
        ApiAnswer rest = await _api.GetAsync(Widgets.Path(ns));

        JsonNode only = Assert.Single(rest.At("items")!.AsArray())!;
        Assert.Equal("b", only["metadata"]!["name"]!.GetValue<string>());
    }

    [Fact]
    public async Task DryRun_AnswersAndStoresNothing()
    {
        string ns = await fixture.NewNamespaceAsync();

        ApiAnswer dry = await _api.PostAsync(Widgets.Path(ns) + "?dryRun=All", Widgets.Json("one", """{"size":1}"""));
        ApiAnswer none = await _api.GetAsync(Widgets.Path(ns, "one"));
        ApiAnswer unknown = await _api.PostAsync(Widgets.Path(ns) + "?dryRun=Some", Widgets.Json("one", """{"size":1}"""));

        Assert.Equal(HttpStatusCode.Created, dry.Code);
        Assert.Equal(HttpStatusCode.NotFound, none.Code);
        Assert.Equal(HttpStatusCode.UnprocessableEntity, unknown.Code);
    }

    [Fact]
    public async Task Pod_OnANode_TerminatesGracefully()
    {
        string ns = await fixture.NewNamespaceAsync();
        string path = $"/api/v1/namespaces/{ns}/pods";
        ApiAnswer made = await _api.PostAsync(
            path, """{"metadata":{"name":"p"},"spec":{"nodeName":"n1","containers":[{"name":"c","image":"nginx"}]}}""");

        ApiAnswer deleted = await _api.DeleteAsync(path + "/p");
        ApiAnswer still = await _api.GetAsync(path + "/p");
        await _api.DeleteAsync(path + "/p", """{"gracePeriodSeconds":0}""");
        ApiAnswer gone = await _api.GetAsync(path + "/p");

        Assert.True(made.Code == HttpStatusCode.Created, made.Text);
        Assert.Equal(30, deleted.At("metadata", "deletionGracePeriodSeconds")!.GetValue<int>());
        Assert.NotNull(still.At("metadata", "deletionTimestamp"));
        Assert.Equal(HttpStatusCode.NotFound, gone.Code);
    }

    [Theory]
    [InlineData("pods", """{"metadata":{"name":"p"},"spec":{"containers":[]}}""", "spec.containers: Required value")]
    [InlineData("pods", """{"metadata":{"name":"p"},"spec":{"containers":[{"image":"nginx"}]}}""", "spec.containers[0].name: Required value")]
    [InlineData("pods", """{"metadata":{"name":"p"},"spec":{"containers":[{"name":"c"}]}}""", "spec.containers[0].image: Required value")]
    [InlineData("pods", """{"metadata":{"name":"p"},"spec":{"restartPolicy":"Maybe","containers":[{"name":"c","image":"i"}]}}""", "spec.restartPolicy: Unsupported value: \"Maybe\"")]
    [InlineData("configmaps", """{"metadata":{"name":"c","finalizers":["short"]}}""", "name is neither a standard finalizer name nor is it fully qualified")]
    [InlineData("configmaps", """{"metadata":{"name":"c"},"data":{"a/b":"x"}}""", "data[a/b]: Invalid value: \"a/b\"")]
    public async Task BuiltIn_IsValidated(string resource, string body, string message)
    {
        string ns = await fixture.NewNamespaceAsync();

        ApiAnswer answer = await _api.PostAsync($"/api/v1/namespaces/{ns}/{resource}", body);

        Assert.Equal(HttpStatusCode.UnprocessableEntity, answer.Code);
        Assert.Contains(message, answer.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("GET", "/apis/nope.io/v1/foos", 404)]
    [InlineData("GET", "/api/v1/namespaces/default/foos", 404)]
    [InlineData("POST", "/api/v1/namespaces/default/configmaps/x", 405)]
    [InlineData("DELETE", "/api/v1/namespaces", 405)]
    [InlineData("GET", "/nowhere", 404)]
    public async Task UnknownPathsAndMethods_AreRefused(string method, string path, int code)
    {
        ApiAnswer answer = await _api.SendAsync(
            new HttpMethod(method), path, method == "POST" ? "{}" : null, "application/json");

        Assert.Equal(code, (int)answer.Code);
    }

    [Fact]
    public async Task ContentTypes_AreNegotiated()
    {
        string ns = await fixture.NewNamespaceAsync();
        const string yaml =
            "apiVersion: test.vipoperator.io/v1\nkind: Widget\nmetadata: {name: yaml}\nspec: {size: 4}\n";

        ApiAnswer asYaml = await _api.PostAsync(Widgets.Path(ns), yaml, "application/yaml");
        ApiAnswer asText = await _api.PostAsync(Widgets.Path(ns), yaml, "text/plain");
        ApiAnswer answered = await _api.GetAsync(Widgets.Path(ns, "yaml"), "application/yaml");
        ApiAnswer refused = await _api.GetAsync(Widgets.Path(ns, "yaml"), "text/html");

        Assert.Equal(HttpStatusCode.Created, asYaml.Code);
        Assert.Equal(HttpStatusCode.UnsupportedMediaType, asText.Code);
        Assert.Contains("kind: Widget", answered.Text, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.NotAcceptable, refused.Code);
    }
}
