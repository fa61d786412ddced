using System.Net;
using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json.Nodes;
using VipOperator.Lab.ApiServer;

[assembly: AssemblyFixture(typeof(VipOperator.Lab.Tests.ApiServer.ApiServerFixture))]

namespace VipOperator.Lab.Tests.ApiServer;

/// <summary>
/// One API server for all tests: the embedded one, or a real one when the environment names its programs.
/// </summary>
public sealed class ApiServerFixture : IAsyncLifetime
{
    private int _namespaces;

    public IApiServer Server { get; private set; } = null!;

    public ApiClient Client { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        Server = await ApiServers.StartAsync(new ApiServerOptions
        {
            Users = new Dictionary<string, string[]> { ["bob"] = ["developers"] },
        });
        Client = new ApiClient(Server, Server.TokenOf());
        await Client.EnsureWidgetsAsync();
    }

    /// <summary>A namespace of its own for a test.</summary>
    public async Task<string> NewNamespaceAsync()
    {
        string name = $"t{Interlocked.Increment(ref _namespaces)}-{Guid.NewGuid().ToString()[..8]}";
        ApiAnswer made = await Client.PostAsync(
            "/api/v1/namespaces",
            $"{{\"kind\":\"Namespace\",\"apiVersion\":\"v1\",\"metadata\":{{\"name\":\"{name}\"}}}}");
        Assert.Equal(HttpStatusCode.Created, made.Code);
        return name;
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await Server.DisposeAsync();
    }
}

/// <summary>What the server said.</summary>
public sealed record ApiAnswer(HttpStatusCode Code, JsonNode? Body, string Text, IReadOnlyList<string> Warnings)
{
    public string Message => Body?["message"]?.GetValue<string>() ?? "";

    public string Reason => Body?["reason"]?.GetValue<string>() ?? "";

    public string ResourceVersion => Body!["metadata"]!["resourceVersion"]!.GetValue<string>();

    public JsonNode? At(params string[] path) => path.Aggregate(Body, (node, name) => node?[name]);
}

/// <summary>Plain HTTP to an API server.</summary>
public sealed class ApiClient : IDisposable
{
    private const string MergePatch = "application/merge-patch+json";

    private readonly HttpClient _http;

    public ApiClient(IApiServer server, string? token)
    {
        X509Certificate2 authority = X509Certificate2.CreateFromPem(server.CaCertificate);
        SocketsHttpHandler handler = new()
        {
            SslOptions = new SslClientAuthenticationOptions
            {
                CertificateChainPolicy = new X509ChainPolicy
                {
                    TrustMode = X509ChainTrustMode.CustomRootTrust,
                    CustomTrustStore = { authority },
                    RevocationMode = X509RevocationMode.NoCheck,
                },
            },
        };
        _http = new HttpClient(handler) { BaseAddress = server.Url, Timeout = TimeSpan.FromSeconds(60) };
        _http.DefaultRequestHeaders.UserAgent.ParseAdd("lab-tests/1.0");
        if (token is not null) _http.DefaultRequestHeaders.Authorization = new("Bearer", token);
    }

    public Task<ApiAnswer> GetAsync(string path, string accept = "application/json") =>
        SendAsync(HttpMethod.Get, path, null, "", accept);

    public Task<ApiAnswer> PostAsync(string path, string body, string type = "application/json") =>
        SendAsync(HttpMethod.Post, path, body, type);

    public Task<ApiAnswer> PutAsync(string path, string body) =>
        SendAsync(HttpMethod.Put, path, body, "application/json");

    public Task<ApiAnswer> PatchAsync(string path, string body, string type = MergePatch) =>
        SendAsync(HttpMethod.Patch, path, body, type);

    public Task<ApiAnswer> ApplyAsync(string path, string body, string manager, bool force = false) => SendAsync(
        HttpMethod.Patch, $"{path}?fieldManager={manager}{(force ? "&force=true" : "")}", body,
        "application/apply-patch+yaml");

    public Task<ApiAnswer> DeleteAsync(string path, string? body = null) =>
        SendAsync(HttpMethod.Delete, path, body, "application/json");

    public async Task<ApiAnswer> SendAsync(
        HttpMethod method, string path, string? body, string type, string accept = "application/json")
    {
        using HttpRequestMessage request = new(method, path);
        request.Headers.TryAddWithoutValidation("Accept", accept);
        if (body is not null)
        {
            request.Content = new ByteArrayContent(Encoding.UTF8.GetBytes(body));
            request.Content.Headers.TryAddWithoutValidation("Content-Type", type);
        }
        using HttpResponseMessage answer = await _http.SendAsync(request);
        string text = await answer.Content.ReadAsStringAsync();
        JsonNode? node = null;
        if (text.StartsWith('{')) node = JsonNode.Parse(
            text.Split('\n') is [var one, ..] && one.EndsWith('}') && one.Length > 1 ? one : text);
        string[] warnings = answer.Headers.TryGetValues("Warning", out IEnumerable<string>? values) ? [.. values] : [];
        return new ApiAnswer(answer.StatusCode, node, text, warnings);
    }

    /// <summary>The lines of a watch until it ends.</summary>
    public async IAsyncEnumerable<JsonNode> WatchAsync(string path)
    {
        using HttpResponseMessage answer = await _http.GetAsync(path, HttpCompletionOption.ResponseHeadersRead);
        using StreamReader reader = new(await answer.Content.ReadAsStreamAsync());
        while (await reader.ReadLineAsync() is { } line)
            if (line.Length > 0)
                yield return JsonNode.Parse(line)!;
    }

    /// <summary>Defines the widgets that the tests play with and waits until they are served.</summary>
    public async Task EnsureWidgetsAsync()
    {
        ApiAnswer made = await PostAsync(
            "/apis/apiextensions.k8s.io/v1/customresourcedefinitions", Widgets.Definition, "application/yaml");
        Assert.True(made.Code == HttpStatusCode.Created, made.Text);
        await ServedAsync("/apis/test.vipoperator.io/v1/widgets");
    }

    public Task ServedAsync(string path) =>
        EventuallyAsync(async () => (await GetAsync(path)).Code == HttpStatusCode.OK, $"{path} is served");

    public Task GoneAsync(string path) =>
        EventuallyAsync(async () => (await GetAsync(path)).Code == HttpStatusCode.NotFound, $"{path} is gone");

    /// <summary>Looks until it is so; what a cluster does in the background has no moment of its own.</summary>
    public static async Task EventuallyAsync(Func<Task<bool>> condition, string what)
    {
        CancellationToken cancellation = TestContext.Current.CancellationToken;
        using CancellationTokenSource bound = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        bound.CancelAfter(TimeSpan.FromSeconds(30));
        while (!await condition())
        {
            if (bound.IsCancellationRequested) Assert.Fail($"It did not come to this: {what}.");
            await Task.Delay(20, cancellation);
        }
    }

    public void Dispose() => _http.Dispose();
}
