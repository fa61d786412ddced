using System.Net;
using System.Net.Security;
using System.Runtime.CompilerServices;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json;
using VipOperator.Lab.ApiServer;

namespace VipOperator.Bench.Scale;

/// <summary>
/// Plain HTTP to the API server, for what a person, kubelets and sidecars would write, and to see what the operator
/// wrote.
/// </summary>
internal sealed class BenchApi : IDisposable
{
    private readonly HttpClient _http;

    public BenchApi(IApiServer server)
    {
        SocketsHttpHandler handler = new()
        {
            EnableMultipleHttp2Connections = true,
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
        _http = new HttpClient(handler)
        {
            BaseAddress = server.Url,
            Timeout = Timeout.InfiniteTimeSpan,
            DefaultRequestVersion = HttpVersion.Version20,
        };
        _http.DefaultRequestHeaders.Authorization = new("Bearer", server.TokenOf());
        _http.DefaultRequestHeaders.Accept.Add(new("application/json"));
    }

    public void Dispose() => _http.Dispose();

    public Task<JsonElement> GetAsync(string path) => SendAsync(HttpMethod.Get, path, null, "");

    public Task CreateAsync(string path, string json) => SendAsync(HttpMethod.Post, path, json, "application/json");

    public Task CreateYamlAsync(string path, string yaml) => SendAsync(HttpMethod.Post, path, yaml, "application/yaml");

    public Task MergeAsync(string path, string json) =>
        SendAsync(HttpMethod.Patch, path, json, "application/merge-patch+json");

    public Task DeleteAsync(string path) => SendAsync(HttpMethod.Delete, path, """{"gracePeriodSeconds":0}""", "application/json");

    /// <summary>The changes of one kind in all namespaces from a version on, until the server ends the watch.</summary>
    public async IAsyncEnumerable<(string Type, JsonElement Object)> WatchAsync(
        string path, string version, [EnumeratorCancellation] CancellationToken cancellation)
    {
        using HttpResponseMessage response = await _http.GetAsync(
            $"{path}?watch=true&allowWatchBookmarks=true&resourceVersion={version}",
            HttpCompletionOption.ResponseHeadersRead, cancellation);
        response.EnsureSuccessStatusCode();
        using StreamReader lines = new(await response.Content.ReadAsStreamAsync(cancellation));
        while (await lines.ReadLineAsync(cancellation) is { } line)
        {
            using JsonDocument change = JsonDocument.Parse(line);
            yield return (change.RootElement.GetProperty("type").GetString()!,
                change.RootElement.GetProperty("object").Clone());
        }
    }

    private async Task<JsonElement> SendAsync(HttpMethod method, string path, string? body, string type)
    {
        using HttpRequestMessage request = new(method, path) { Version = HttpVersion.Version20 };
        if (body is not null)
        {
            request.Content = new ByteArrayContent(Encoding.UTF8.GetBytes(body));
            request.Content.Headers.TryAddWithoutValidation("Content-Type", type);
        }

        using HttpResponseMessage answer = await _http.SendAsync(request);
        byte[] text = await answer.Content.ReadAsByteArrayAsync();
        return answer.IsSuccessStatusCode
            ? JsonSerializer.Deserialize<JsonElement>(text)
            : throw new InvalidOperationException(
                $"{method} {path}: {(int)answer.StatusCode} {Encoding.UTF8.GetString(text)}");
    }
}
