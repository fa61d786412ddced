using System.Net;
using System.Text.Json;
using VipOperator.Api;
using VipOperator.Operator.Observing;
using VipOperator.Planning;

namespace VipOperator.Operator.Cluster;

/// <summary>
/// Keeps a cache equal to what the API server has of one kind: lists, then watches, and lists again when the server has
/// forgotten where the watch was, or says nothing.
/// </summary>
/// <typeparam name="T">What an object becomes in the cache.</typeparam>
internal sealed class Reflector<T>
    where T : notnull
{
    private static readonly TimeSpan FirstDelay = TimeSpan.FromMilliseconds(200);

    /// <summary>Short: an API server that is back is to be heard within 5 s.</summary>
    private static readonly TimeSpan LongestDelay = TimeSpan.FromSeconds(2);

    private readonly Resource _resource;
    private readonly string? _namespace;
    private readonly ApiClient _client;
    private readonly ObjectCache<T> _cache;
    private readonly Func<JsonElement, ObjectMetadata, T?> _map;
    private readonly TimeProvider _time;
    private readonly OperatorMetrics _metrics;
    private readonly ILogger _logger;
    private string _version = "";

    /// <param name="namespace">null: all.</param>
    /// <param name="map">
    /// Reads an object; null leaves it out; a <see cref="JsonException"/> leaves it out with a warning.
    /// </param>
    public Reflector(
        Resource resource,
        string? @namespace,
        ApiClient client,
        ObjectCache<T> cache,
        Func<JsonElement, ObjectMetadata, T?> map,
        TimeProvider time,
        OperatorMetrics metrics,
        ILogger logger)
    {
        _resource = resource;
        _namespace = @namespace;
        _client = client;
        _cache = cache;
        _map = map;
        _time = time;
        _metrics = metrics;
        _logger = logger;
    }

    /// <summary>Runs until cancelled; no failure of the API server ends it.</summary>
    public async Task RunAsync(CancellationToken cancellation)
    {
        Backoff backoff = new(FirstDelay, LongestDelay);
        while (!cancellation.IsCancellationRequested)
        {
            long attempt = _time.GetTimestamp();
            try
            {
                if (_version.Length == 0)
                    await ListAsync(cancellation);
                await WatchAsync(cancellation);

                // The server ended the watch, as it does every few minutes; one that ends watches at once must not make
                // us spin.
                if (_time.GetElapsedTime(attempt) > LongestDelay)
                    backoff.Reset();
                await Task.Delay(backoff.Next(), _time, cancellation);
            }
            catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
            {
                return;
            }
            catch (ApiException e) when (e.IsExpired)
            {
                Log.WatchExpired(_logger, _resource.Plural);
                _version = "";

                // Once is how things go; a server that forgets at once what it has just said must not make us spin.
                if (_time.GetElapsedTime(attempt) > LongestDelay)
                    backoff.Reset();
                await Task.Delay(backoff.Next(), _time, cancellation)
                    .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
            catch (Exception e)
            {
                if (_time.GetElapsedTime(attempt) > LongestDelay)
                    backoff.Reset();

                // To watch from a version that is still to come, a server says nothing: so it is when its store was put
                // back from a backup. A list costs little, once in so long a silence.
                if (e is SilentWatchException)
                    _version = "";
                TimeSpan delay = backoff.Next();
                if (e is ApiException { RetryAfter: { } asked } && asked > delay)
                    delay = asked;
                Report(e, delay);
                await Task.Delay(delay, _time, cancellation).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }

            _metrics.CountWatchRestart(_resource.Plural);
        }
    }

    private async Task ListAsync(CancellationToken cancellation)
    {
        _cache.BeginListing();
        List<(ObjectKey Key, string Version, T Value)> objects = [];
        string version = "";
        await foreach (ListDocument page in _client.ListAsync(_resource, _namespace, cancellation))
        {
            version = page.Metadata.ResourceVersion ?? "";
            foreach (JsonElement item in page.Items ?? [])
            {
                if (Read(item) is ({ } metadata, { } value))
                    objects.Add((KeyOf(metadata), metadata.ResourceVersion ?? "", value));
            }
        }

        _cache.Replace(objects, version);
        _version = version;
        Log.Listed(_logger, _resource.Plural, objects.Count, version);
    }

    private async Task WatchAsync(CancellationToken cancellation)
    {
        await foreach (WatchDocument change in _client.WatchAsync(_resource, _namespace, _version, cancellation))
        {
            if (change.Type == "ERROR")
                throw ErrorOf(change.Object);

            ObjectMetadata metadata = MetadataOf(change.Object);
            switch (change.Type)
            {
                // The echo of a write of ours, whose answer has been taken.
                case "ADDED" or "MODIFIED" when _cache.Has(KeyOf(metadata), metadata.ResourceVersion ?? ""):
                    break;
                case "ADDED" or "MODIFIED":
                    if (Map(change.Object, metadata) is { } value)
                        _cache.Upsert(KeyOf(metadata), metadata.ResourceVersion ?? "", value);
                    else
                        _cache.Remove(KeyOf(metadata), metadata.ResourceVersion ?? "");
                    break;
                case "DELETED":
                    _cache.Remove(KeyOf(metadata), metadata.ResourceVersion ?? "");
                    break;
                default:
                    // BOOKMARK: only the version counts.
                    break;
            }

            _version = metadata.ResourceVersion ?? _version;
        }
    }

    private (ObjectMetadata? Metadata, T? Value) Read(JsonElement item)
    {
        try
        {
            ObjectMetadata metadata = MetadataOf(item);
            return (metadata, Map(item, metadata));
        }
        catch (JsonException e)
        {
            Log.MalformedObject(_logger, _resource.Plural, null, null, e.Message);
            return (null, default);
        }
    }

    private T? Map(JsonElement item, ObjectMetadata metadata)
    {
        try
        {
            return _map(item, metadata);
        }
        catch (JsonException e)
        {
            Log.MalformedObject(_logger, _resource.Plural, metadata.Namespace, metadata.Name, e.Message);
            return default;
        }
    }

    private static ObjectMetadata MetadataOf(JsonElement item) =>
        item.Deserialize(ClusterJsonContext.Default.AnyDocument)?.Metadata ?? new ObjectMetadata();

    private static ObjectKey KeyOf(ObjectMetadata metadata) => new(metadata.Namespace ?? "", metadata.Name ?? "");

    private static ApiException ErrorOf(JsonElement item)
    {
        ApiStatus? status = item.Deserialize(ClusterJsonContext.Default.ApiStatus);
        return new ApiException(
            (HttpStatusCode)(status?.Code ?? 500), status?.Reason,
            status?.Message ?? "The watch ended with an error.", null);
    }

    private void Report(Exception e, TimeSpan delay)
    {
        bool ours = _resource.ApiPath.EndsWith(GroupVersion.ApiVersion, StringComparison.Ordinal);
        if (ours && e is ApiException { Code: HttpStatusCode.NotFound })
            Log.KindNotFound(_logger, _resource.Plural, _resource.ApiPath, delay);
        else if (e is ApiException { Code: HttpStatusCode.Forbidden or HttpStatusCode.Unauthorized })
            Log.NotAllowed(_logger, _resource.Plural, e.Message, delay);
        else
            Log.WatchFailed(_logger, _resource.Plural, e.Message, delay);
    }
}
