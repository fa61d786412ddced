using System.Net.Http.Headers;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json.Nodes;
using VipOperator.Lab.Tools;

namespace VipOperator.Lab.Cluster;

/// <summary>The part of the Kubernetes API that kubelets and controllers use, as far as the lab plays them.</summary>
internal sealed class ApiClient : IDisposable
{
    private const string FieldManager = "vip-lab";

    private readonly HttpClient _http;

    /// <param name="authorityPem">Who must have signed the server's certificate.</param>
    public ApiClient(Uri server, string authorityPem, string token)
    {
        X509Certificate2 authority = X509Certificate2.CreateFromPem(authorityPem);
        SocketsHttpHandler handler = new()
        {
            SslOptions = new()
            {
                CertificateChainPolicy = new X509ChainPolicy
                {
                    TrustMode = X509ChainTrustMode.CustomRootTrust,
                    CustomTrustStore = { authority },
                    RevocationMode = X509RevocationMode.NoCheck,
                },
            },
        };
        _http = new HttpClient(handler) { BaseAddress = server };
        _http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
    }

    /// <summary>Server-side apply.</summary>
    /// <param name="path">Of the object: "api/v1/nodes/node1".</param>
    /// <returns>The object as the server has it.</returns>
    /// <exception cref="ToolException">The server refuses or is not there.</exception>
    public Task<JsonNode> ApplyAsync(string path, JsonNode manifest, CancellationToken cancellation) => SendAsync(
        HttpMethod.Patch, $"{path}?fieldManager={FieldManager}&force=true", manifest,
        "application/apply-patch+yaml", cancellation);

    /// <summary>
    /// Replaces parts of an object's status. Not by apply, which takes the addresses of a node for a map by type, and
    /// would refuse the second InternalIP.
    /// </summary>
    /// <exception cref="ToolException">The server refuses or is not there.</exception>
    public Task<JsonNode> PatchStatusAsync(string path, JsonNode patch, CancellationToken cancellation) => SendAsync(
        HttpMethod.Patch, $"{path}/status?fieldManager={FieldManager}", patch,
        "application/merge-patch+json", cancellation);

    /// <param name="grace">How long the object may live on; zero: it goes at once.</param>
    /// <exception cref="ToolException">The server refuses or is not there.</exception>
    public Task<JsonNode> DeleteAsync(string path, TimeSpan grace, CancellationToken cancellation) =>
        SendAsync(HttpMethod.Delete, $"{path}?gracePeriodSeconds={(int)grace.TotalSeconds}", null,
            "application/json", cancellation);

    /// <exception cref="ToolException">The server refuses or is not there.</exception>
    public Task<JsonNode> CreateAsync(string path, JsonNode body, CancellationToken cancellation) =>
        SendAsync(HttpMethod.Post, path, body, "application/json", cancellation);

    /// <exception cref="ToolException">The server refuses or is not there.</exception>
    public Task<JsonNode> GetAsync(string path, CancellationToken cancellation) =>
        SendAsync(HttpMethod.Get, path, null, "application/json", cancellation);

    /// <summary>Waits until the next change in a collection, or until the server ends the watch.</summary>
    /// <param name="resourceVersion">Changes after it count.</param>
    /// <exception cref="HttpRequestException">The server is not there.</exception>
    /// <exception cref="IOException">It has gone.</exception>
    public async Task WaitForChangeAsync(string path, string resourceVersion, CancellationToken cancellation)
    {
        string query = $"{path}?watch=true&timeoutSeconds=240&resourceVersion={resourceVersion}";
        using HttpResponseMessage response = await _http.GetAsync(
            query, HttpCompletionOption.ResponseHeadersRead, cancellation);
        response.EnsureSuccessStatusCode();
        using StreamReader events = new(await response.Content.ReadAsStreamAsync(cancellation));
        await events.ReadLineAsync(cancellation);
    }

    public void Dispose() => _http.Dispose();

    private async Task<JsonNode> SendAsync(
        HttpMethod method, string path, JsonNode? body, string contentType, CancellationToken cancellation)
    {
        using HttpRequestMessage request = new(method, path);
        if (body is not null)
            request.Content = new StringContent(body.ToJsonString(), Encoding.UTF8, contentType);
        try
        {
            using HttpResponseMessage response = await _http.SendAsync(request, cancellation);
            string answer = await response.Content.ReadAsStringAsync(cancellation);
            if (!response.IsSuccessStatusCode)
                throw new ToolException(
                    $"The API server refuses {method} {path} with {(int)response.StatusCode}: {MessageOf(answer)}");
            return JsonNode.Parse(answer)!;
        }
        catch (HttpRequestException e)
        {
            throw new ToolException(
                $"The API server does not answer {method} {path}: {e.GetBaseException().Message}", e);
        }
    }

    private static string MessageOf(string answer)
    {
        try
        {
            return JsonNode.Parse(answer)?["message"]?.GetValue<string>() ?? answer;
        }
        catch (System.Text.Json.JsonException)
        {
            return answer;
        }
    }
}
