using System.Text.Json;

namespace VipOperator.Bench.Scale;

/// <summary>
/// What the API server has of VirtualIPs and members, by two watches, with the moment of each change: the operator is
/// judged by what others can see, not by what it says of itself.
/// </summary>
internal sealed class ClusterView : IAsyncDisposable
{
    private static readonly TimeSpan Shortest = TimeSpan.FromMilliseconds(5);

    private readonly Lock _lock = new();
    private readonly CancellationTokenSource _end = new();
    private readonly Dictionary<string, VirtualIPView> _virtualIPs = [];
    private readonly Dictionary<string, MemberView> _members = [];
    private long _changes;

    // The first of the two that ends, which neither should.
    private readonly Task<Task> _watching;

    public ClusterView(BenchApi api) => _watching = Task.WhenAny(
        FollowAsync(api, Paths.AllVirtualIPs, _virtualIPs, VirtualIPView.Read),
        FollowAsync(api, Paths.AllMembers, _members, MemberView.Read));

    public IReadOnlyList<VirtualIPView> VirtualIPs
    {
        get
        {
            lock (_lock)
                return [.. _virtualIPs.Values];
        }
    }

    public IReadOnlyList<MemberView> Members
    {
        get
        {
            lock (_lock)
                return [.. _members.Values];
        }
    }

    /// <summary>
    /// Waits until the condition holds. It is looked at every few milliseconds while there are changes, and for a tenth
    /// of the time at the most, so that looking takes nothing from what is measured: that bounds how exact the time is.
    /// </summary>
    public async Task UntilAsync(string what, TimeSpan patience, Func<bool> condition)
    {
        long start = TimeProvider.System.GetTimestamp();
        long seen = -1;
        while (true)
        {
            TimeSpan pause = Shortest;
            lock (_lock)
            {
                if (seen != _changes)
                {
                    seen = _changes;
                    long look = TimeProvider.System.GetTimestamp();
                    if (condition())
                        return;
                    TimeSpan rest = TimeProvider.System.GetElapsedTime(look) * 9;
                    pause = rest > Shortest ? rest : Shortest;
                }
            }

            if (_watching.IsCompleted)
                await await _watching;
            if (TimeProvider.System.GetElapsedTime(start) > patience)
                throw new TimeoutException($"It took more than {patience.TotalSeconds:0} s until {what}.");
            await Task.Delay(pause);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        await (await _watching).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _end.Dispose();
    }

    // A server closes a watch whose reader lags behind, as this one does at times on a busy machine; it goes on from
    // where it was.
    private async Task FollowAsync<T>(BenchApi api, string path, Dictionary<string, T> views, Func<JsonElement, T> read)
    {
        JsonElement list = await api.GetAsync(path);
        string version = VersionOf(list);
        foreach (JsonElement item in list.GetProperty("items").EnumerateArray())
            Take("ADDED", item);
        while (true)
        {
            await foreach ((string type, JsonElement item) in api.WatchAsync(path, version, _end.Token))
            {
                if (type == "ERROR")
                    throw new InvalidOperationException($"The watch of {path} cannot go on: {item}");
                version = VersionOf(item);
                if (type != "BOOKMARK")
                    Take(type, item);
            }
        }

        void Take(string type, JsonElement item)
        {
            string name = item.GetProperty("metadata").GetProperty("name").GetString()!;
            lock (_lock)
            {
                _changes++;
                if (type == "DELETED")
                    views.Remove(name);
                else
                    views[name] = read(item);
            }
        }
    }

    private static string VersionOf(JsonElement item) =>
        item.GetProperty("metadata").GetProperty("resourceVersion").GetString()!;
}

/// <param name="Pods">Of its members, as its status has them.</param>
internal sealed record VirtualIPView(
    string Name, bool IsAssigned, bool IsReady, long Generation, long ObservedGeneration, string[] Pods)
{
    public static VirtualIPView Read(JsonElement item)
    {
        JsonElement metadata = item.GetProperty("metadata");
        string name = metadata.GetProperty("name").GetString()!;
        long generation = metadata.GetProperty("generation").GetInt64();
        if (!item.TryGetProperty("status", out JsonElement status))
            return new VirtualIPView(name, false, false, generation, 0, []);
        string[] pods = status.TryGetProperty("members", out JsonElement members)
            ? [.. members.EnumerateArray().Select(m => m.GetProperty("podName").GetString()!)]
            : [];
        long observed = status.TryGetProperty("observedGeneration", out JsonElement o) ? o.GetInt64() : 0;
        return new VirtualIPView(name, Holds(status, "Assigned"), Holds(status, "Ready"), generation, observed, pods);
    }

    private static bool Holds(JsonElement status, string condition) =>
        status.TryGetProperty("conditions", out JsonElement conditions)
        && conditions.EnumerateArray()
        .Any(c => c.GetProperty("type").GetString() == condition && c.GetProperty("status").GetString() == "True");
}

internal sealed record MemberView(string Name, string VirtualIP, string Pod, int Priority, long Generation)
{
    public static MemberView Read(JsonElement item)
    {
        JsonElement spec = item.GetProperty("spec");
        return new MemberView(
            item.GetProperty("metadata").GetProperty("name").GetString()!,
            spec.GetProperty("virtualIPName").GetString()!,
            spec.GetProperty("podName").GetString()!,
            spec.GetProperty("priority").GetInt32(),
            item.GetProperty("metadata").GetProperty("generation").GetInt64());
    }
}
