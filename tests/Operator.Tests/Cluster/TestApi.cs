using System.Net;
using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json.Nodes;
using VipOperator.Lab.ApiServer;

namespace VipOperator.Operator.Tests.Cluster;

/// <summary>What the server said.</summary>
public sealed record Answer(HttpStatusCode Code, JsonNode? Body)
{
    public bool Succeeded => (int)Code is >= 200 and < 300;

    public string Message => Body?["message"]?.GetValue<string>() ?? "";
}

/// <summary>Plain HTTP to an API server, apart from the operator's own client.</summary>
public sealed class TestApi : IDisposable
{
    public const string Group = "/apis/vipoperator.io/v1alpha1";
    private const string Definitions = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions";

    private readonly HttpClient _http;

    /// <param name="token">Whose; null: the administrator's.</param>
    public TestApi(IApiServer server, string? token = null)
    {
        SocketsHttpHandler handler = new()
        {
            SslOptions = new SslClientAuthenticationOptions
            {
                CertificateChainPolicy = new X509ChainPolicy
                {
                    TrustMode = X509ChainTrustMode.CustomRootTrust,
                    CustomTrustStore = { X509Certificate2.CreateFromPem(server.CaCertificate) },
                    RevocationMode = X509RevocationMode.NoCheck,
                },
            },
        };
        _http = new HttpClient(handler) { BaseAddress = server.Url, Timeout = TimeSpan.FromSeconds(60) };
        _http.DefaultRequestHeaders.Authorization = new("Bearer", token ?? server.TokenOf());
    }

    public void Dispose() => _http.Dispose();

    public Task<Answer> GetAsync(string path) => SendAsync(HttpMethod.Get, path, null, "");

    public Task<Answer> PostAsync(string path, JsonNode body) =>
        SendAsync(HttpMethod.Post, path, body.ToJsonString(), "application/json");

    public Task<Answer> PostYamlAsync(string path, string body) =>
        SendAsync(HttpMethod.Post, path, body, "application/yaml");

    public Task<Answer> MergeAsync(string path, JsonNode body) =>
        SendAsync(HttpMethod.Patch, path, body.ToJsonString(), "application/merge-patch+json");

    public Task<Answer> DeleteAsync(string path) => SendAsync(HttpMethod.Delete, path, """{"gracePeriodSeconds":0}""", "application/json");

    /// <summary>Installs the two definitions and waits until they are served.</summary>
    public async Task InstallDefinitionsAsync()
    {
        foreach (string file in Directory.EnumerateFiles(Path.Combine(AppContext.BaseDirectory, "crds"), "*.yaml"))
        {
            Answer made = await PostYamlAsync(Definitions, await File.ReadAllTextAsync(file));
            Assert.True(made.Succeeded, $"{file}: {made.Message}");
        }

        await Eventually.TrueAsync(async () =>
            (await GetAsync($"{Group}/virtualips")).Succeeded
            && (await GetAsync($"{Group}/virtualipmembers")).Succeeded);
    }

    /// <summary>Installs what lies in deploy/.</summary>
    public async Task InstallDeploymentAsync()
    {
        foreach (string file in Directory.EnumerateFiles(Path.Combine(AppContext.BaseDirectory, "deploy"), "*.yaml"))
        {
            foreach (string document in (await File.ReadAllTextAsync(file)).Split("\n---\n"))
            {
                string[] lines = document.Split('\n');
                string ValueOf(string key) =>
                    lines.First(l => l.StartsWith(key, StringComparison.Ordinal))[key.Length..].Trim();
                string kind = ValueOf("kind:"), version = ValueOf("apiVersion:");
                string plural = kind.EndsWith('y') ? kind[..^1] + "ies" : kind + "s";
                string? ns =
                    lines.FirstOrDefault(l => l.StartsWith("  namespace: ", StringComparison.Ordinal))?.Split(' ')[^1];
                string prefix = version == "v1" ? "/api/v1" : $"/apis/{version}";
                Answer made = await PostYamlAsync(
                    $"{prefix}{(ns is null ? "" : $"/namespaces/{ns}")}/{plural.ToLowerInvariant()}", document);
                Assert.True(made.Succeeded, $"{file}, {kind}: {made.Message}");
            }
        }
    }

    public async Task<Answer> SendAsync(HttpMethod method, string path, string? body, string type)
    {
        using HttpRequestMessage request = new(method, path);
        request.Headers.TryAddWithoutValidation("Accept", "application/json");
        if (body is not null)
        {
            request.Content = new ByteArrayContent(Encoding.UTF8.GetBytes(body));
            request.Content.Headers.TryAddWithoutValidation("Content-Type", type);
        }

        using HttpResponseMessage answer = await _http.SendAsync(request, TestContext.Current.CancellationToken);
        string text = await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        return new Answer(answer.StatusCode, text.StartsWith('{') ? JsonNode.Parse(text) : null);
    }
}

/// <summary>Waits for what must come about; how long it takes decides nothing.</summary>
public static class Eventually
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    public static async Task TrueAsync(Func<Task<bool>> condition) =>
        await GetAsync(async () => await condition() ? "" : null, () => Task.FromResult("It did not come about."));

    /// <param name="probe">null: not yet.</param>
    public static async Task<T> GetAsync<T>(Func<Task<T?>> probe, Func<Task<string>> describe)
        where T : class
    {
        long start = TimeProvider.System.GetTimestamp();
        while (true)
        {
            if (await probe() is { } found)
                return found;
            if (TimeProvider.System.GetElapsedTime(start) > Patience)
                Assert.Fail(await describe());
            await Task.Delay(20, TestContext.Current.CancellationToken);
        }
    }
}
