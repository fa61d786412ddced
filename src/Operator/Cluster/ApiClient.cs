using System.Net;
using System.Net.Http.Headers;
using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using k8s;
using VipOperator.Api;
using VipOperator.Operator.Configuration;
using VipOperator.Operator.Observing;

namespace VipOperator.Operator.Cluster;

/// <summary>
/// Requests to the API server. KubernetesClient knows kubeconfigs, service accounts, certificates and credential
/// plug-ins; the requests themselves are made here, because its watches cannot tell a quiet connection from a dead one
/// and its models read whole pods (docs/adr/0012).
/// </summary>
internal sealed class ApiClient : IDisposable
{
    /// <summary>Objects per page of a list.</summary>
    private const int PageSize = 500;

    /// <summary>
    /// How long the server lets a watch live, in s; a little different each time, so that they do not all end at once.
    /// </summary>
    private const int ShortestWatchS = 240;
    private const int LongestWatchS = 480;

    private static readonly MediaTypeHeaderValue Json = new("application/json");
    private static readonly MediaTypeHeaderValue ApplyPatch = new("application/apply-patch+yaml");
    private static readonly MediaTypeHeaderValue MergePatch = new("application/merge-patch+json");

    private readonly Kubernetes _kubernetes;
    private readonly ApiPatience _patience;
    private readonly OperatorMetrics _metrics;
    private readonly RequestedRest _rest;

    /// <param name="handlers">What requests pass through on their way; none but in tests.</param>
    public ApiClient(
        OperatorSettings settings,
        ApiPatience patience,
        TimeProvider time,
        OperatorMetrics metrics,
        IEnumerable<DelegatingHandler> handlers)
    {
        _patience = patience;
        _metrics = metrics;
        _rest = new RequestedRest(time);
        KubernetesClientConfiguration configuration = settings.KubeConfig is { } file
            ? KubernetesClientConfiguration.BuildConfigFromConfigFile(file)
            : KubernetesClientConfiguration.BuildDefaultConfig();
        configuration.UserAgent = "vip-operator";

        // Each request has its own deadline below; this one would also end watches.
        configuration.HttpClientTimeout = Timeout.InfiniteTimeSpan;
        configuration.FirstMessageHandlerSetup = handler => ConnectionLiveness.Watch(handler, patience);
        Server = configuration.Host;
        _kubernetes = new Kubernetes(configuration, [.. handlers]);
    }

    public string Server { get; }

    public void Dispose() => _kubernetes.Dispose();

    public Task<T> GetAsync<T>(
        Resource resource, string? @namespace, string name, JsonTypeInfo<T> type, CancellationToken cancellation) =>
        SendAsync("get", resource, HttpMethod.Get, resource.Object(@namespace, name), null, type, cancellation);

    /// <returns>
    /// The object, and the time by the API server's clock in whole seconds, null when the answer did not say.
    /// </returns>
    public Task<(T Object, DateTimeOffset? Now)> GetDatedAsync<T>(
        Resource resource, string @namespace, string name, JsonTypeInfo<T> type, CancellationToken cancellation) =>
        SendDatedAsync("get", resource, HttpMethod.Get, resource.Object(@namespace, name), null, type, cancellation);

    public Task<T> CreateAsync<T>(
        Resource resource, string @namespace, T body, JsonTypeInfo<T> type, CancellationToken cancellation) =>
        SendAsync("create", resource, HttpMethod.Post, resource.Collection(@namespace),
            Content(body, type, Json), type, cancellation);

    public Task<T> ReplaceAsync<T>(
        Resource resource, string @namespace, string name, T body, JsonTypeInfo<T> type,
        CancellationToken cancellation) =>
        SendAsync("update", resource, HttpMethod.Put, resource.Object(@namespace, name),
            Content(body, type, Json), type, cancellation);

    /// <summary>
    /// Server-side apply of what the operator owns; whoever else has set one of these fields loses it.
    /// </summary>
    /// <param name="subresource">"/status" or empty.</param>
    public Task<TAnswer> ApplyAsync<TBody, TAnswer>(
        Resource resource,
        string? @namespace,
        string name,
        string subresource,
        TBody body,
        JsonTypeInfo<TBody> bodyType,
        JsonTypeInfo<TAnswer> answerType,
        CancellationToken cancellation) =>
        SendAsync(
            "apply",
            resource,
            HttpMethod.Patch,
            $"{resource.Object(@namespace, name)}{subresource}?fieldManager={WellKnown.OperatorFieldManager}&force=true",
            Content(body, bodyType, ApplyPatch),
            answerType,
            cancellation);

    public Task<TAnswer> MergeAsync<TBody, TAnswer>(
        Resource resource,
        string @namespace,
        string name,
        TBody body,
        JsonTypeInfo<TBody> bodyType,
        JsonTypeInfo<TAnswer> answerType,
        CancellationToken cancellation) =>
        SendAsync(
            "patch", resource, HttpMethod.Patch, resource.Object(@namespace, name), Content(body, bodyType, MergePatch),
            answerType, cancellation);

    /// <summary>Deletes the object with this uid, and no later one of the same name: that is a conflict.</summary>
    /// <returns>false when it was not there any more.</returns>
    public async Task<bool> DeleteAsync(
        Resource resource, string @namespace, string name, string uid, CancellationToken cancellation)
    {
        try
        {
            DeleteOptionsDocument options = new(new PreconditionsDocument(uid));
            await SendAsync(
                "delete",
                resource,
                HttpMethod.Delete,
                resource.Object(@namespace, name),
                Content(options, ClusterJsonContext.Default.DeleteOptionsDocument, Json),
                ClusterJsonContext.Default.JsonElement,
                cancellation);
            return true;
        }
        catch (ApiException e) when (e.Code == HttpStatusCode.NotFound)
        {
            return false;
        }
    }

    /// <summary>Lists all objects, page by page, so that not all of them have to be held as text at a time.</summary>
    /// <returns>Pages; the resourceVersion of the last is the one from which to watch.</returns>
    public async IAsyncEnumerable<ListDocument> ListAsync(
        Resource resource, string? @namespace, [EnumeratorCancellation] CancellationToken cancellation)
    {
        string? next = null;
        do
        {
            string path = $"{resource.Collection(@namespace)}?limit={PageSize}"
                + (next is null ? "" : $"&continue={Uri.EscapeDataString(next)}");
            ListDocument page = await SendAsync(
                "list", resource, HttpMethod.Get, path, null, ClusterJsonContext.Default.ListDocument, cancellation);
            yield return page;
            next = page.Metadata.Continue;
        }
        while (!string.IsNullOrEmpty(next));
    }

    /// <summary>What changes from <paramref name="resourceVersion"/> on, until the server ends the watch.</summary>
    /// <exception cref="SilentWatchException">
    /// Nothing was heard for longer than a live server is silent.
    /// </exception>
    public async IAsyncEnumerable<WatchDocument> WatchAsync(
        Resource resource,
        string? @namespace,
        string resourceVersion,
        [EnumeratorCancellation] CancellationToken cancellation)
    {
        int seconds = Random.Shared.Next(ShortestWatchS, LongestWatchS);
        string path = $"{resource.Collection(@namespace)}?watch=true&allowWatchBookmarks=true&timeoutSeconds={seconds}"
            + $"&resourceVersion={Uri.EscapeDataString(resourceVersion)}";
        using CancellationTokenSource silence = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        silence.CancelAfter(_patience.Request);
        using HttpResponseMessage response =
            await RespondAsync("watch", resource, HttpMethod.Get, path, null, silence, cancellation);
        await using Stream stream = await response.Content.ReadAsStreamAsync(cancellation);
        await foreach (WatchDocument change in WatchStream.ReadAsync(
            stream, silence, _patience.WatchSilence, cancellation))
            yield return change;
    }

    private static ByteArrayContent Content<T>(T body, JsonTypeInfo<T> type, MediaTypeHeaderValue contentType)
    {
        ByteArrayContent content = new(JsonSerializer.SerializeToUtf8Bytes(body, type));
        content.Headers.ContentType = contentType;
        return content;
    }

    private async Task<T> SendAsync<T>(
        string verb,
        Resource resource,
        HttpMethod method,
        string path,
        HttpContent? content,
        JsonTypeInfo<T> type,
        CancellationToken cancellation) =>
        (await SendDatedAsync(verb, resource, method, path, content, type, cancellation)).Object;

    private async Task<(T Object, DateTimeOffset? Now)> SendDatedAsync<T>(
        string verb,
        Resource resource,
        HttpMethod method,
        string path,
        HttpContent? content,
        JsonTypeInfo<T> type,
        CancellationToken cancellation)
    {
        using CancellationTokenSource deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        deadline.CancelAfter(_patience.Request);
        using HttpResponseMessage response = await RespondAsync(
            verb, resource, method, path, content, deadline, cancellation);
        try
        {
            await using Stream stream = await response.Content.ReadAsStreamAsync(deadline.Token);
            T answer = await JsonSerializer.DeserializeAsync(stream, type, deadline.Token)
                ?? throw new JsonException("There is nothing in it.");
            return (answer, response.Headers.Date);
        }
        catch (Exception e) when (e is IOException or JsonException)
        {
            // The same to whoever asked as if there had been no connection: what came of the request is not known.
            throw new HttpRequestException(
                $"The API server's answer to {verb} {resource.Plural} broke off or is none: {e.Message}", e);
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            throw new TimeoutException(
                $"The API server did not finish its answer to {verb} {resource.Plural} in "
                + $"{_patience.Request.TotalSeconds:0} s.");
        }
    }

    private async Task<HttpResponseMessage> RespondAsync(
        string verb,
        Resource resource,
        HttpMethod method,
        string path,
        HttpContent? content,
        CancellationTokenSource deadline,
        CancellationToken cancellation)
    {
        using HttpRequestMessage request = new(method, new Uri(_kubernetes.BaseUri, path))
        {
            Content = content,
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionOrLower,
        };
        request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue("application/json"));
        try
        {
            // Not the lease: whoever leads is to go on leading, and it is one small request in seconds.
            if (resource != Resource.Leases)
                await _rest.OverAsync(cancellation);
            if (_kubernetes.Credentials is { } credentials)
                await credentials.ProcessHttpRequestAsync(request, deadline.Token);
            HttpResponseMessage response =
                await _kubernetes.HttpClient.SendAsync(
                    request, HttpCompletionOption.ResponseHeadersRead, deadline.Token);
            _metrics.CountRequest(verb, resource.Plural, (int)response.StatusCode);
            if (response.IsSuccessStatusCode)
                return response;
            using (response)
            {
                ApiException refusal = await RefusalAsync(response, deadline.Token);
                if (refusal.RetryAfter is { } asked)
                    _rest.Ask(asked);
                throw refusal;
            }
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            _metrics.CountRequest(verb, resource.Plural, 0);
            throw new TimeoutException(
                $"The API server did not answer {verb} {resource.Plural} in {_patience.Request.TotalSeconds:0} s.");
        }
        catch (HttpRequestException)
        {
            _metrics.CountRequest(verb, resource.Plural, 0);
            throw;
        }
    }

    private static async Task<ApiException> RefusalAsync(HttpResponseMessage response, CancellationToken cancellation)
    {
        string text = await response.Content.ReadAsStringAsync(cancellation);
        ApiStatus? status = null;
        try
        {
            status = JsonSerializer.Deserialize(text, ClusterJsonContext.Default.ApiStatus);
        }
        catch (JsonException)
        {
            // A proxy's page, or plain text; it is quoted below.
        }

        string message = status?.Message ?? (text.Length > 200 ? text[..200] : text);
        return new ApiException(
            response.StatusCode,
            status?.Reason,
            message.Length > 0 ? message : $"HTTP {(int)response.StatusCode} {response.ReasonPhrase}",
            response.Headers.RetryAfter?.Delta);
    }
}
