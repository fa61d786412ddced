using System.Net;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json.Nodes;
using VipOperator.Lab.ApiServer;

namespace VipOperator.Charts.Tests;

/// <summary>
/// An API server, and what helm does with it: objects are created in order, strictly by their types, and removed in
/// turn.
/// </summary>
internal sealed class Cluster : IAsyncDisposable
{
    /// <summary>What comes and goes by itself, or stands for something else.</summary>
    private static readonly string[] Passing = ["events", "leases", "componentstatuses", "apiservices"];

    private readonly HttpClient _http;
    private readonly Dictionary<(string ApiVersion, string Kind), (string Path, bool Namespaced)> _resources = [];

    private Cluster(IApiServer server)
    {
        Server = server;
        SocketsHttpHandler handler = new()
        {
            SslOptions =
            {
                CertificateChainPolicy = new X509ChainPolicy
                {
                    RevocationMode = X509RevocationMode.NoCheck,
                    TrustMode = X509ChainTrustMode.CustomRootTrust,
                    CustomTrustStore = { X509Certificate2.CreateFromPem(server.CaCertificate) },
                },
            },
        };
        _http = new HttpClient(handler) { BaseAddress = server.Url, Timeout = TimeSpan.FromSeconds(60) };
        _http.DefaultRequestHeaders.Authorization = new("Bearer", server.TokenOf());
    }

    public IApiServer Server { get; }

    public static async Task<Cluster> StartAsync(ApiServerOptions? options = null) =>
        new(await ApiServers.StartAsync(options));

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        await Server.DisposeAsync();
    }

    public async Task CreateAsync(JsonObject json)
    {
        string path = await CollectionAsync(json);
        (HttpStatusCode code, JsonNode? body) = await SendAsync(
            HttpMethod.Post, $"{path}?fieldValidation=Strict&fieldManager=helm", json);
        Assert.True((int)code < 300, $"{json["kind"]} {json["metadata"]!["name"]}: {body?["message"]}");
        if (json["kind"]!.GetValue<string>() == "CustomResourceDefinition")
            await EstablishedAsync(json);
    }

    /// <param name="dryRun">Nothing is stored; admission has its say all the same.</param>
    /// <returns>The object as it was stored, or a Status.</returns>
    public async Task<(HttpStatusCode Code, JsonNode Body)> TryCreateAsync(JsonObject json, bool dryRun = false)
    {
        (HttpStatusCode code, JsonNode? body) = await SendAsync(
            HttpMethod.Post,
            $"{await CollectionAsync(json)}?fieldValidation=Strict{(dryRun ? "&dryRun=All" : "")}", json);
        return (code, body!);
    }

    /// <summary>As a three-way merge ends when nobody else has changed the object.</summary>
    public async Task ReplaceAsync(JsonObject before, JsonObject after)
    {
        string path = $"{await CollectionAsync(after)}/{after["metadata"]!["name"]}";
        JsonObject patch = Difference(before, after);
        (HttpStatusCode code, JsonNode? body) = await SendAsync(
            HttpMethod.Patch, $"{path}?fieldValidation=Strict&fieldManager=helm", patch,
            "application/merge-patch+json");
        Assert.True((int)code < 300, $"{after["kind"]} {after["metadata"]!["name"]}: {body?["message"]}");
    }

    public async Task DeleteAsync(JsonObject json)
    {
        string path = $"{await CollectionAsync(json)}/{json["metadata"]!["name"]}";
        (HttpStatusCode code, JsonNode? body) = await SendAsync(HttpMethod.Delete, path, null);
        Assert.True((int)code < 300, $"{path}: {body?["message"]}");
    }

    public async Task<JsonNode?> FindAsync(JsonObject json)
    {
        (HttpStatusCode code, JsonNode? body) = await SendAsync(
            HttpMethod.Get, $"{await CollectionAsync(json)}/{json["metadata"]!["name"]}", null);
        return code == HttpStatusCode.OK ? body : null;
    }

    /// <summary>Every object that can be listed, but for what an API server makes for itself as time goes by.</summary>
    public async Task<IReadOnlySet<string>> EverythingAsync()
    {
        HashSet<string> found = [];
        List<string> groups = ["/api/v1"];
        groups.AddRange((await GetAsync("/apis"))["groups"]!.AsArray()
            .Select(g => "/apis/" + g!["preferredVersion"]!["groupVersion"]));
        foreach (string group in groups)
        {
            // A group whose last definition has just gone may still be listed.
            (HttpStatusCode known, JsonNode? resources) = await SendAsync(HttpMethod.Get, group, null);
            if (known != HttpStatusCode.OK)
                continue;
            foreach (JsonNode? resource in resources!["resources"]!.AsArray())
            {
                string name = resource!["name"]!.GetValue<string>();
                bool lists = resource["verbs"]!.AsArray().Any(v => v!.GetValue<string>() == "list");
                if (!lists || name.Contains('/', StringComparison.Ordinal) || Passing.Contains(name))
                    continue;
                (HttpStatusCode code, JsonNode? list) = await SendAsync(HttpMethod.Get, $"{group}/{name}", null);
                if (code != HttpStatusCode.OK)
                    continue;
                foreach (JsonNode? item in list!["items"]!.AsArray())
                    found.Add($"{group}/{name} {item!["metadata"]!["namespace"]}/{item["metadata"]!["name"]}");
            }
        }

        return found;
    }

    /// <summary>The patch (RFC 7396) that makes one of the other.</summary>
    private static JsonObject Difference(JsonObject before, JsonObject after)
    {
        JsonObject patch = [];
        foreach ((string name, _) in before)
        {
            if (!after.ContainsKey(name))
                patch[name] = null;
        }

        foreach ((string name, JsonNode? value) in after)
        {
            if (value is JsonObject inner && before[name] is JsonObject old)
            {
                JsonObject difference = Difference(old, inner);
                if (difference.Count > 0)
                    patch[name] = difference;
            }
            else if (!JsonNode.DeepEquals(before[name], value))
            {
                patch[name] = value?.DeepClone();
            }
        }

        return patch;
    }

    private async Task EstablishedAsync(JsonObject definition)
    {
        string path = $"{await CollectionAsync(definition)}/{definition["metadata"]!["name"]}";
        JsonNode spec = definition["spec"]!;
        string served = $"/apis/{spec["group"]}/{spec["versions"]![0]!["name"]}/{spec["names"]!["plural"]}";
        while (true)
        {
            JsonArray conditions = (await GetAsync(path))["status"]?["conditions"]?.AsArray() ?? [];
            if (conditions.Any(
                c => c!["type"]!.GetValue<string>() == "Established" && c["status"]!.GetValue<string>() == "True")
                && (await SendAsync(HttpMethod.Get, served, null)).Code == HttpStatusCode.OK)
                return;
            await Task.Delay(20, TestContext.Current.CancellationToken);
        }
    }

    private async Task<string> CollectionAsync(JsonObject json)
    {
        string version = json["apiVersion"]!.GetValue<string>(), kind = json["kind"]!.GetValue<string>();
        if (!_resources.TryGetValue((version, kind), out (string Path, bool Namespaced) resource))
        {
            string prefix = version == "v1" ? "/api/v1" : "/apis/" + version;
            JsonNode found = (await GetAsync(prefix))["resources"]!.AsArray().FirstOrDefault(r =>
                    r!["kind"]!.GetValue<string>() == kind
                    && !r["name"]!.GetValue<string>().Contains('/', StringComparison.Ordinal))
                ?? throw new InvalidOperationException($"The API server has no {kind} in {version}.");
            resource = ($"{prefix}/{{0}}{found["name"]}", found["namespaced"]!.GetValue<bool>());
            _resources[(version, kind)] = resource;
        }

        return resource.Path.Replace(
            "{0}", resource.Namespaced ? $"namespaces/{json["metadata"]!["namespace"]!}/" : "",
            StringComparison.Ordinal);
    }

    private async Task<JsonNode> GetAsync(string path)
    {
        (HttpStatusCode code, JsonNode? body) = await SendAsync(HttpMethod.Get, path, null);
        Assert.True(code == HttpStatusCode.OK, $"{path}: {body?["message"]}");
        return body!;
    }

    private async Task<(HttpStatusCode Code, JsonNode? Body)> SendAsync(
        HttpMethod method, string path, JsonNode? body, string type = "application/json")
    {
        using HttpRequestMessage request = new(method, path);
        if (body is not null)
            request.Content = new StringContent(body.ToJsonString(), Encoding.UTF8, type);
        using HttpResponseMessage response = await _http.SendAsync(request, TestContext.Current.CancellationToken);
        string text = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        return (response.StatusCode, text.StartsWith('{') ? JsonNode.Parse(text) : JsonValue.Create(text));
    }
}
