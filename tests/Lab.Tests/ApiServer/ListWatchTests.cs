using System.Net;
using System.Text.Json.Nodes;

namespace VipOperator.Lab.Tests.ApiServer;

/// <summary>Lists, selectors, pages and watches.</summary>
public sealed class ListWatchTests(ApiServerFixture fixture)
{
    private readonly ApiClient _api = fixture.Client;

    [Theory]
    [InlineData("labelSelector=tier%3Dweb", "a,b")]
    [InlineData("labelSelector=tier%21%3Dweb", "c")]
    [InlineData("labelSelector=tier%20in%20(web,db),env", "a")]
    [InlineData("labelSelector=%21env", "b,c")]
    [InlineData("labelSelector=env%20notin%20(prod)", "b,c")]
    [InlineData("fieldSelector=metadata.name%3Db", "b")]
    [InlineData("fieldSelector=spec.mode%3DB", "c")]
    [InlineData("fieldSelector=spec.mode%21%3DB", "a,b")]
    public async Task Selectors_Select(string query, string names)
    {
        string ns = await ThreeAsync();

        ApiAnswer answer = await _api.GetAsync($"{Widgets.Path(ns)}?{query}");

        Assert.Equal(names, string.Join(',', Names(answer)));
    }

    [Theory]
    [InlineData("labelSelector=a%3D%3D%3D", 400)]
    [InlineData("fieldSelector=spec.size%3D1", 400)]
    [InlineData("resourceVersion=abc", 400)]
    [InlineData("resourceVersionMatch=Exact", 422)]
    [InlineData("limit=1&continue=nonsense", 400)]
    [InlineData("watch=1&sendInitialEvents=true", 422)]
    [InlineData("resourceVersion=99999999", 504)]
    public async Task BadQueries_AreRefused(string query, int code)
    {
        ApiAnswer answer = await _api.GetAsync($"{Widgets.Path("default")}?{query}");

        Assert.Equal(code, (int)answer.Code);
    }

    [Fact]
    public async Task Pages_AreOfOneRevision()
    {
        string ns = await ThreeAsync();

        ApiAnswer first = await _api.GetAsync(Widgets.Path(ns) + "?limit=2");
        await _api.PostAsync(Widgets.Path(ns), Widgets.Json("d", """{"size":1}"""));
        await _api.DeleteAsync(Widgets.Path(ns, "c"));
        string next = Uri.EscapeDataString(first.At("metadata", "continue")!.GetValue<string>());
        ApiAnswer second = await _api.GetAsync($"{Widgets.Path(ns)}?limit=2&continue={next}");

        Assert.Equal(["a", "b"], Names(first));
        Assert.Equal(1, first.At("metadata", "remainingItemCount")!.GetValue<int>());
        Assert.Equal(["c"], Names(second));
        Assert.Equal(first.ResourceVersion, second.ResourceVersion);
        Assert.True(string.IsNullOrEmpty(second.At("metadata", "continue")?.GetValue<string>()));
    }

    [Fact]
    public async Task Watch_FromAList_SeesEveryChangeOnce()
    {
        string ns = await ThreeAsync();
        ApiAnswer list = await _api.GetAsync(Widgets.Path(ns));
        await _api.PatchAsync(Widgets.Path(ns, "a"), """{"spec":{"size":7}}""");
        await _api.DeleteAsync(Widgets.Path(ns, "b"));
        await _api.PostAsync(Widgets.Path(ns), Widgets.Json("d", """{"size":1}"""));

        List<JsonNode> events = await ReadAsync(
            $"{Widgets.Path(ns)}?watch=1&timeoutSeconds=10&resourceVersion={list.ResourceVersion}", 3);

        Assert.Equal(["MODIFIED a", "DELETED b", "ADDED d"], events.Select(Describe));
        long[] versions =
            [.. events.Select(e => long.Parse(e["object"]!["metadata"]!["resourceVersion"]!.GetValue<string>()))];
        Assert.Equal(versions.Order(), versions);
    }

    [Fact]
    public async Task Watch_WithoutAVersion_StartsWithWhatThereIs()
    {
        string ns = await ThreeAsync();

        List<JsonNode> events = await ReadAsync($"{Widgets.Path(ns)}?watch=1&timeoutSeconds=10", 3);

        Assert.Equal(["ADDED a", "ADDED b", "ADDED c"], events.Select(Describe));
    }

    [Fact]
    public async Task Watch_WithASelector_SeesObjectsComeAndGo()
    {
        string ns = await ThreeAsync();
        ApiAnswer list = await _api.GetAsync(Widgets.Path(ns));
        await _api.PatchAsync(Widgets.Path(ns, "a"), """{"metadata":{"labels":{"tier":"db"}}}""");
        await _api.PatchAsync(Widgets.Path(ns, "c"), """{"metadata":{"labels":{"tier":"web"}}}""");

        List<JsonNode> events = await ReadAsync(
            $"{Widgets.Path(ns)}?watch=1&timeoutSeconds=10&labelSelector=tier%3Dweb&resourceVersion={list.ResourceVersion}", 2);

        Assert.Equal(["DELETED a", "ADDED c"], events.Select(Describe));
    }

    [Fact]
    public async Task Watch_ListFirst_EndsTheStateWithABookmark()
    {
        string ns = await ThreeAsync();

        List<JsonNode> events = await ReadAsync(
            $"{Widgets.Path(ns)}?watch=1&timeoutSeconds=20&sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true",
            4);

        Assert.Equal(["ADDED", "ADDED", "ADDED", "BOOKMARK"], events.Select(e => e["type"]!.GetValue<string>()));
        Assert.Equal(
            "true", events[3]["object"]!["metadata"]!["annotations"]!["k8s.io/initial-events-end"]!.GetValue<string>());
    }

    [Fact]
    public async Task ManyWatches_AllSeeTheChange()
    {
        string ns = await ThreeAsync();
        ApiAnswer list = await _api.GetAsync(Widgets.Path(ns));
        string path = $"{Widgets.Path(ns)}?watch=1&timeoutSeconds=20&resourceVersion={list.ResourceVersion}";

        Task<List<JsonNode>>[] watches = [.. Enumerable.Range(0, 30).Select(_ => ReadAsync(path, 1))];
        await _api.PatchAsync(Widgets.Path(ns, "a"), """{"spec":{"size":7}}""");

        Assert.All(await Task.WhenAll(watches), e => Assert.Equal("MODIFIED a", Describe(e[0])));
    }

    [Fact]
    public async Task Table_HasTheDefinitionsColumns()
    {
        string ns = await ThreeAsync();
        await _api.PatchAsync(
            Widgets.Path(ns, "a") + "/status", """{"status":{"conditions":[{"type":"Other","status":"False"},{"type":"Ready","status":"True"}]}}""");

        ApiAnswer table = await _api.GetAsync(
            Widgets.Path(ns), "application/json;as=Table;v=v1;g=meta.k8s.io,application/json");

        Assert.Equal("Table", table.At("kind")!.GetValue<string>());
        Assert.Equal(
            ["Name", "Size", "Ready", "Tags", "Age"],
            table.At("columnDefinitions")!.AsArray().Select(c => c!["name"]!.GetValue<string>()));
        JsonArray cells = table.At("rows")![0]!["cells"]!.AsArray();
        Assert.Equal("a", cells[0]!.GetValue<string>());
        Assert.Equal(1, cells[1]!.GetValue<int>());
        Assert.Equal("True", cells[2]!.GetValue<string>());
        Assert.Equal("""["x","y"]""", cells[3]!.GetValue<string>());
        Assert.Equal("PartialObjectMetadata", table.At("rows")![0]!["object"]!["kind"]!.GetValue<string>());
    }

    [Fact]
    public async Task PartialMetadata_LeavesTheRestOut()
    {
        string ns = await ThreeAsync();

        ApiAnswer list = await _api.GetAsync(
            Widgets.Path(ns), "application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io");

        Assert.Equal("PartialObjectMetadataList", list.At("kind")!.GetValue<string>());
        Assert.Null(list.At("items")![0]!["spec"]);
    }

    private async Task<string> ThreeAsync()
    {
        string ns = await fixture.NewNamespaceAsync();
        string[] made =
        [
            Widgets.Json("a", """{"size":1,"tags":["x","y"]}""", "\"labels\":{\"tier\":\"web\",\"env\":\"prod\"}"),
            Widgets.Json("b", """{"size":2}""", "\"labels\":{\"tier\":\"web\"}"),
            Widgets.Json("c", """{"size":5,"mode":"B"}"""),
        ];
        foreach (string body in made)
        {
            ApiAnswer answer = await _api.PostAsync(Widgets.Path(ns), body);
            Assert.True(answer.Code == HttpStatusCode.Created, answer.Text);
        }
        return ns;
    }

    private async Task<List<JsonNode>> ReadAsync(string path, int count)
    {
        List<JsonNode> events = [];
        await foreach (JsonNode e in _api.WatchAsync(path))
        {
            events.Add(e);
            if (events.Count == count) break;
        }
        return events;
    }

    private static string[] Names(ApiAnswer list) =>
        [.. list.At("items")!.AsArray().Select(i => i!["metadata"]!["name"]!.GetValue<string>())];

    private static string Describe(JsonNode e) =>
        $"{e["type"]!.GetValue<string>()} {e["object"]!["metadata"]!["name"]!.GetValue<string>()}";
}
