using System.Text.Json;
using Microsoft.Extensions.Logging;
using VipOperator.Agent.Configuration;
using VipOperator.Agent.Logging;
using VipOperator.Agent.Routers;
using VipOperator.Agent.Settings;
using VipOperator.Api;

namespace VipOperator.Agent.Kubernetes;

/// <summary>
/// This pod's members in Kubernetes: brings them to the coordinator, by list and watch or from the cache, and their
/// status back. Nothing that the API server does, or fails to do, stops what runs.
/// </summary>
internal sealed class KubernetesMembers : IDisposable
{
    /// <summary>
    /// How long a start waits for an API server that does not even refuse, before it runs the saved configuration.
    /// </summary>
    private static readonly TimeSpan CacheDelay = TimeSpan.FromSeconds(2);

    private readonly ApiConnection _api;
    private readonly MemberFeed _feed;
    private readonly MemberCache _cache;
    private readonly StatusWriter _status;
    private readonly Coordinator _coordinator;
    private readonly TimeProvider _time;
    private readonly ILogger _log;
    private readonly Backoff _backoff = new(TimeSpan.FromMilliseconds(200), TimeSpan.FromSeconds(2));
    private readonly Lock _gate = new();

    // Guarded by _gate.
    private readonly Dictionary<string, MemberEntry> _members = new(StringComparer.Ordinal);
    private readonly Dictionary<string, VirtualIPMember> _lastGood = new(StringComparer.Ordinal);
    private readonly ConnectionAccount _account;
    private bool _configured;

    private KubernetesMembers(ApiConnection api, string memberNamespace, AgentSettings settings,
        Coordinator coordinator, TimeProvider time, ILogger log)
    {
        _api = api;
        _coordinator = coordinator;
        _time = time;
        _log = log;
        _feed = new MemberFeed(api, memberNamespace, settings.PodUid);
        _cache = new MemberCache(settings.StateDirectory, settings.PodUid, time, log);
        _status = new StatusWriter(api, coordinator, time, log);
        _account = new ConnectionAccount(time);
    }

    public static KubernetesMembers Create(
        AgentSettings settings, Coordinator coordinator, TimeProvider time, ILogger log)
    {
        Uri server =
            settings.KubernetesServer ?? ApiConnection.ServerFromEnvironment(Environment.GetEnvironmentVariable)!;
        string memberNamespace = settings.PodNamespace.Length > 0
            ? settings.PodNamespace
            : ReadNamespace(settings.ServiceAccountDirectory) ?? MemberReader.DefaultNamespace;
        return new KubernetesMembers(
            new ApiConnection(server, settings.ServiceAccountDirectory), memberNamespace,
            settings, coordinator, time, log);
    }

    public ApiSnapshot Snapshot()
    {
        lock (_gate)
            return _account.Snapshot(_api.Server, _status);
    }

    /// <summary>Keeps the coordinator's members up to date, for ever.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        Task cache = UseCacheLaterAsync(cancellationToken);
        while (true)
        {
            try
            {
                await FollowAsync(cancellationToken).ConfigureAwait(false);
            }
            catch (ApiException e) when (e.IsGone)
            {
                // Not an outage: our resourceVersion fell out of the server's history.
                Log.WatchEnded(_log, e.Message, _account.ResourceVersion ?? "");
            }
            catch (Exception e) when (e is HttpRequestException or ApiException or IOException or JsonException
                or InvalidOperationException
                || (e is OperationCanceledException && !cancellationToken.IsCancellationRequested))
            {
                Lose(e is OperationCanceledException ? "no answer in time" : e.Message);
                UseCache();
            }

            await Task.Delay(_backoff.Next(), _time, cancellationToken).ConfigureAwait(false);
            if (cache.IsFaulted)
                await cache.ConfigureAwait(false);
        }
    }

    public Task WriteStatusAsync(CancellationToken cancellationToken) => _status.RunAsync(cancellationToken);

    /// <summary>Writes what waits, before the agent ends.</summary>
    public async Task FlushStatusAsync(TimeSpan timeout)
    {
        using CancellationTokenSource limit = new(timeout);
        try
        {
            await _status.WriteAsync(flush: true, limit.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            // The next agent, or the operator, sorts it out.
        }
    }

    public void Dispose()
    {
        _status.Dispose();
        _api.Dispose();
    }

    private static string? ReadNamespace(string serviceAccountDirectory)
    {
        try
        {
            return File.ReadAllText(Path.Combine(serviceAccountDirectory, "namespace")).Trim() is { Length: > 0 } name
                ? name
                : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>One list and the watches that follow it, until one fails.</summary>
    private async Task FollowAsync(CancellationToken cancellationToken)
    {
        List<(MemberEntry Entry, VirtualIPMemberStatus? Status)> listed = [];
        string resourceVersion = await _feed.ListAsync(
            item =>
            {
                if (MemberReader.Read(item, strict: false) is { } entry)
                    listed.Add((entry, StatusOf(item)));
            },
            cancellationToken).ConfigureAwait(false);
        TakeList(listed, resourceVersion);

        while (true)
        {
            long begun = _time.GetTimestamp();
            lock (_gate)
                _account.Watching();
            await _feed.WatchAsync(resourceVersion, _backoff.Reset,
                (type, item) => TakeEvent(type, item, ref resourceVersion), cancellationToken)
                .ConfigureAwait(false);
            Log.WatchEnded(_log, "the server ended it", resourceVersion);
            // A server that ends watches at once must not be asked in a tight loop.
            if (_time.GetElapsedTime(begun) < TimeSpan.FromSeconds(1))
                await Task.Delay(_backoff.Next(), _time, cancellationToken).ConfigureAwait(false);
        }
    }

    private void TakeList(List<(MemberEntry Entry, VirtualIPMemberStatus? Status)> listed, string resourceVersion)
    {
        bool back;
        lock (_gate)
        {
            back = _account.Listed(resourceVersion);
            _configured = true;
            foreach (string gone in _members.Keys.Except(listed.Select(l => l.Entry.Key)).ToArray())
                Remove(gone);
            foreach ((MemberEntry entry, VirtualIPMemberStatus? status) in listed)
            {
                Put(entry);
                _status.Observe(entry.Key, status);
            }

            Apply();
        }

        if (back)
            Log.ApiConnected(_log, _api.Server.ToString(), listed.Count);
        _status.Retry();
    }

    private void TakeEvent(WatchEventType type, JsonElement item, ref string resourceVersion)
    {
        if (MemberReader.MetadataText(item, "resourceVersion") is { } newer)
            resourceVersion = newer;
        lock (_gate)
        {
            _account.Heard(resourceVersion);
            if (type == WatchEventType.Bookmark || MemberReader.Read(item, strict: false) is not { } entry)
                return;
            if (type == WatchEventType.Deleted)
            {
                Remove(entry.Key);
            }
            else
            {
                // A modification may be the echo of an older write of ours; only a new object tells us what the server
                // has.
                if (!_members.TryGetValue(entry.Key, out MemberEntry? known) || known.Uid != entry.Uid)
                    _status.Observe(entry.Key, StatusOf(item));
                else if (known.Generation == entry.Generation && entry.Generation is not null)
                    return;
                Put(entry);
            }

            Apply();
        }
    }

    // The caller holds the lock.
    private void Put(MemberEntry entry)
    {
        _members[entry.Key] = entry;
        if (entry.Member is not null)
            _lastGood[entry.Key] = entry.Member;
    }

    private void Remove(string key)
    {
        _members.Remove(key);
        _lastGood.Remove(key);
        _status.Forget(key);
    }

    private void Apply()
    {
        _coordinator.Apply(new MemberSet("Kubernetes", [.. _members.Values]));
        _cache.Save(_lastGood.Values);
    }

    private void Lose(string message)
    {
        bool lost;
        lock (_gate)
            lost = _account.Failed(message);

        // Once an outage; /state and the metrics show how it goes on.
        if (lost)
            Log.ApiLost(_log, _api.Server.ToString(), message);
    }

    private async Task UseCacheLaterAsync(CancellationToken cancellationToken)
    {
        await Task.Delay(CacheDelay, _time, cancellationToken).ConfigureAwait(false);
        UseCache();
    }

    private void UseCache()
    {
        lock (_gate)
        {
            if (_configured || _cache.Load() is not var (savedAt, members))
                return;
            _configured = true;
            foreach (MemberEntry entry in members)
                Put(entry);
            Log.CacheUsed(_log, savedAt);
            _coordinator.Apply(new MemberSet("saved configuration", [.. _members.Values]));
        }
    }

    private static VirtualIPMemberStatus? StatusOf(JsonElement item)
    {
        try
        {
            return item.TryGetProperty("status", out JsonElement status) && status.ValueKind == JsonValueKind.Object
                ? status.Deserialize(ApiJsonContext.Default.VirtualIPMemberStatus)
                : null;
        }
        catch (JsonException)
        {
            // Somebody else's; ours replaces it.
            return null;
        }
    }
}
