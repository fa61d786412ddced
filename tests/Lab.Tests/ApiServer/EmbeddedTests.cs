using System.Net;
using System.Text.Json.Nodes;
using VipOperator.Lab.ApiServer;
using VipOperator.Lab.ApiServer.Errors;
using VipOperator.Lab.ApiServer.Serving;

namespace VipOperator.Lab.Tests.ApiServer;

/// <summary>What only the embedded server has: controllers, outages, faults, a history that can be cut.</summary>
public sealed class EmbeddedTests : IAsyncLifetime
{
    private EmbeddedApiServer _server = null!;
    private ApiClient _api = null!;

    public async ValueTask InitializeAsync()
    {
        _server = await EmbeddedApiServer.StartAsync(
            new ApiServerOptions { BookmarkInterval = TimeSpan.FromMilliseconds(50) });
        _api = new ApiClient(_server, _server.TokenOf());
        await _api.EnsureWidgetsAsync();
    }

    [Fact]
    public async Task CompactedHistory_IsGone()
    {
        ApiAnswer first = await MakeAsync("a");
        await MakeAsync("b");
        ApiAnswer page = await _api.GetAsync(Widgets.Path("default") + "?limit=1");
        string next = Uri.EscapeDataString(page.At("metadata", "continue")!.GetValue<string>());
        await MakeAsync("c");
        _server.Store.Compact();

        ApiAnswer list = await _api.GetAsync($"{Widgets.Path("default")}?limit=1&continue={next}");
        List<JsonNode> events = [];
        await foreach (JsonNode e in _api.WatchAsync(
            $"{Widgets.Path("default")}?watch=1&resourceVersion={first.ResourceVersion}")) events.Add(e);

        Assert.Equal(HttpStatusCode.Gone, list.Code);
        Assert.Equal("Expired", list.Reason);
        JsonNode only = Assert.Single(events);
        Assert.Equal("ERROR", only["type"]!.GetValue<string>());
        Assert.Equal(410, only["object"]!["code"]!.GetValue<int>());
        Assert.Equal("Expired", only["object"]!["reason"]!.GetValue<string>());
    }

    [Fact]
    public async Task Watch_GetsBookmarksThatMoveOn()
    {
        await foreach (JsonNode e in _api.WatchAsync(
            $"{Widgets.Path("default")}?watch=1&allowWatchBookmarks=true&resourceVersion={_server.Store.Revision}"))
        {
            Assert.Equal("BOOKMARK", e["type"]!.GetValue<string>());
            Assert.Equal("Widget", e["object"]!["kind"]!.GetValue<string>());
            Assert.NotNull(e["object"]!["metadata"]!["resourceVersion"]);
            break;
        }
    }

    [Fact]
    public async Task Pause_EndsWatches_AndResumeServesTheSameStoreOnTheSamePort()
    {
        ApiAnswer made = await MakeAsync("a");
        Uri url = _server.Url;
        Task<int> watch = CountAsync($"{Widgets.Path("default")}?watch=1&resourceVersion={made.ResourceVersion}");

        await _server.PauseAsync();
        await Assert.ThrowsAnyAsync<HttpRequestException>(() => _api.GetAsync("/healthz"));
        await watch;
        await _server.ResumeAsync();
        ApiAnswer answer = await _api.GetAsync(Widgets.Path("default", "a"));

        Assert.Equal(url, _server.Url);
        Assert.Equal(made.ResourceVersion, answer.ResourceVersion);
    }

    [Fact]
    public async Task Faults_AreAnsweredInPlaceOfTheRequest()
    {
        _server.Faults.Use(r => r.Method == "POST" ? new ApiException(503, "ServiceUnavailable", "overloaded") : null);
        ApiAnswer post = await _api.PostAsync(Widgets.Path("default"), Widgets.Json("a", """{"size":1}"""));
        ApiAnswer get = await _api.GetAsync(Widgets.Path("default"));
        _server.Faults.Use(null);

        Assert.Equal(HttpStatusCode.ServiceUnavailable, post.Code);
        Assert.Equal(HttpStatusCode.OK, get.Code);
    }

    [Fact]
    public async Task Dependents_GoWithTheirOwner_AndStrangersUidsOwnNothing()
    {
        ApiAnswer owner = await MakeAsync("owner");
        await MakeOwnedAsync("child", owner.At("metadata", "uid")!.GetValue<string>());
        await MakeOwnedAsync("orphan", "00000000-0000-0000-0000-000000000000");

        await _api.GoneAsync(Widgets.Path("default", "orphan"));
        ApiAnswer still = await _api.GetAsync(Widgets.Path("default", "child"));
        await _api.DeleteAsync(Widgets.Path("default", "owner"));
        await _api.GoneAsync(Widgets.Path("default", "child"));

        Assert.Equal(HttpStatusCode.OK, still.Code);
    }

    [Fact]
    public async Task ForegroundDeletion_WaitsForDependents_AndOrphanLetsThemGo()
    {
        ApiAnswer owner = await MakeAsync("owner");
        string uid = owner.At("metadata", "uid")!.GetValue<string>();
        await MakeOwnedAsync("child", uid, "\"finalizers\":[\"x.io/hold\"]");

        await _api.DeleteAsync(Widgets.Path("default", "owner"), """{"propagationPolicy":"Foreground"}""");
        await ApiClient.EventuallyAsync(
            async () =>
                (await _api.GetAsync(Widgets.Path("default", "child"))).At("metadata", "deletionTimestamp") is not null,
            "the child is being deleted");
        ApiAnswer waiting = await _api.GetAsync(Widgets.Path("default", "owner"));
        await _api.PatchAsync(Widgets.Path("default", "child"), """{"metadata":{"finalizers":null}}""");
        await _api.GoneAsync(Widgets.Path("default", "owner"));

        ApiAnswer second = await MakeAsync("second");
        await MakeOwnedAsync("kept", second.At("metadata", "uid")!.GetValue<string>());
        await _api.DeleteAsync(Widgets.Path("default", "second"), """{"propagationPolicy":"Orphan"}""");
        await _api.GoneAsync(Widgets.Path("default", "second"));
        ApiAnswer kept = await _api.GetAsync(Widgets.Path("default", "kept"));

        Assert.Equal(HttpStatusCode.OK, waiting.Code);
        Assert.Equal(HttpStatusCode.OK, kept.Code);
        Assert.Null(kept.At("metadata", "ownerReferences"));
    }

    [Fact]
    public async Task Namespace_IsEmptied_AndTakesNothingMeanwhile()
    {
        await _api.PostAsync("/api/v1/namespaces", """{"metadata":{"name":"doomed"}}""");
        await _api.PostAsync(Widgets.Path("doomed"), Widgets.Json("held", """{"size":1}""", "\"finalizers\":[\"x.io/hold\"]"));
        await _api.PostAsync(Widgets.Path("doomed"), Widgets.Json("free", """{"size":1}"""));

        await _api.DeleteAsync("/api/v1/namespaces/doomed");
        await _api.GoneAsync(Widgets.Path("doomed", "free"));
        ApiAnswer refused = await _api.PostAsync(Widgets.Path("doomed"), Widgets.Json("late", """{"size":1}"""));
        ApiAnswer terminating = await _api.GetAsync("/api/v1/namespaces/doomed");
        await _api.PatchAsync(Widgets.Path("doomed", "held"), """{"metadata":{"finalizers":null}}""");
        await _api.GoneAsync("/api/v1/namespaces/doomed");

        Assert.Equal(HttpStatusCode.Forbidden, refused.Code);
        Assert.Contains("because it is being terminated", refused.Message, StringComparison.Ordinal);
        Assert.Equal("Terminating", terminating.At("status", "phase")!.GetValue<string>());
    }

    [Fact]
    public async Task UnixSocket_ServesTheSame()
    {
        string socket = Path.Combine(Path.GetTempPath(), $"vip-api-{Guid.NewGuid():N}.sock");
        await using EmbeddedApiServer server = await EmbeddedApiServer.StartAsync(
            new ApiServerOptions { SocketPath = socket });
        using SocketsHttpHandler handler = new()
        {
            SslOptions = new() { RemoteCertificateValidationCallback = (_, _, _, _) => true },
            ConnectCallback = async (_, cancellation) =>
            {
                System.Net.Sockets.Socket s = new(
                    System.Net.Sockets.AddressFamily.Unix, System.Net.Sockets.SocketType.Stream, 0);
                await s.ConnectAsync(new System.Net.Sockets.UnixDomainSocketEndPoint(socket), cancellation);
                return new System.Net.Sockets.NetworkStream(s, ownsSocket: true);
            },
        };
        using HttpClient http = new(handler);

        Assert.Equal("ok", await http.GetStringAsync(
            new Uri("https://localhost/readyz"), TestContext.Current.CancellationToken));
    }

    public async ValueTask DisposeAsync()
    {
        _api.Dispose();
        await _server.DisposeAsync();
    }

    private async Task<ApiAnswer> MakeAsync(string name)
    {
        ApiAnswer made = await _api.PostAsync(Widgets.Path("default"), Widgets.Json(name, """{"size":1}"""));
        Assert.True(made.Code == HttpStatusCode.Created, made.Text);
        return made;
    }

    private async Task MakeOwnedAsync(string name, string uid, string metadata = "\"labels\":{}")
    {
        string owner =
            "{\"apiVersion\":\"test.vipoperator.io/v1\",\"kind\":\"Widget\",\"name\":\"owner\",\"uid\":\"" + uid
            + "\",\"blockOwnerDeletion\":true}";
        ApiAnswer made = await _api.PostAsync(
            Widgets.Path("default"), Widgets.Json(name, """{"size":1}""", $"\"ownerReferences\":[{owner}],{metadata}"));
        Assert.True(made.Code == HttpStatusCode.Created, made.Text);
    }

    private async Task<int> CountAsync(string path)
    {
        int count = 0;
        try
        {
            await foreach (JsonNode _ in _api.WatchAsync(path)) count++;
        }
        catch (HttpRequestException)
        {
            // The connection may be cut before the answer began.
        }
        return count;
    }
}
