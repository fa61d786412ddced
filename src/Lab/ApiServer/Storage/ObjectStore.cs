using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json.Nodes;
using VipOperator.Lab.ApiServer.Documents;

namespace VipOperator.Lab.ApiServer.Storage;

/// <summary>
/// All objects, in memory, under one revision counter as in etcd. Every write gets its own revision; a bounded history
/// per resource serves watches and paged lists until it is compacted. Safe for concurrent use.
/// </summary>
/// <param name="historyCapacity">Changes kept for each resource.</param>
internal sealed class ObjectStore(int historyCapacity = 4096)
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, ResourceLog> _logs = new(StringComparer.Ordinal);
    private TaskCompletionSource _written = NewSignal();
    private long _revision = 1;

    public long Revision
    {
        get
        {
            lock (_gate) return _revision;
        }
    }

    /// <summary>Completes at the next write; take it before looking, then nothing is missed.</summary>
    public Task NextWrite
    {
        get
        {
            lock (_gate) return _written.Task;
        }
    }

    public StoredObject? Find(string resource, string key)
    {
        lock (_gate) return Log(resource).Current.GetValueOrDefault(key);
    }

    /// <summary>The current objects of a resource and the revision they are current at.</summary>
    public (ImmutableSortedDictionary<string, StoredObject> Objects, long Revision) Snapshot(string resource)
    {
        lock (_gate) return (Log(resource).Current, _revision);
    }

    /// <returns>Null when that revision is compacted.</returns>
    public ImmutableSortedDictionary<string, StoredObject>? SnapshotAt(string resource, long revision)
    {
        lock (_gate)
        {
            ResourceLog log = Log(resource);
            return revision < log.CompactedRevision ? null : log.At(revision);
        }
    }

    /// <returns>
    /// The changes after <paramref name="revision"/> and the revision they lead to; null when it is compacted.
    /// </returns>
    public (IReadOnlyList<Change> Changes, long Revision)? ChangesSince(string resource, long revision)
    {
        lock (_gate)
        {
            ResourceLog log = Log(resource);
            return revision < log.CompactedRevision ? null : (log.Since(revision), _revision);
        }
    }

    /// <returns>Null when the key is taken.</returns>
    public StoredObject? TryCreate(string resource, string key, JsonObject document)
    {
        lock (_gate)
        {
            if (Log(resource).Current.ContainsKey(key)) return null;
            return Write(resource, ChangeKind.Added, key, document, null);
        }
    }

    /// <returns>Null when the object is gone or has another revision than <paramref name="expected"/>.</returns>
    public StoredObject? TryReplace(string resource, StoredObject expected, JsonObject document)
    {
        lock (_gate)
        {
            StoredObject? current = Log(resource).Current.GetValueOrDefault(expected.Key);
            if (current?.Revision != expected.Revision) return null;
            return Write(resource, ChangeKind.Modified, expected.Key, document, current);
        }
    }

    /// <returns>The last state with the deletion's revision; null as in <see cref="TryReplace"/>.</returns>
    public StoredObject? TryDelete(string resource, StoredObject expected, JsonObject lastState)
    {
        lock (_gate)
        {
            StoredObject? current = Log(resource).Current.GetValueOrDefault(expected.Key);
            if (current?.Revision != expected.Revision) return null;
            return Write(resource, ChangeKind.Deleted, expected.Key, lastState, current);
        }
    }

    /// <summary>Forgets all history, as etcd's compaction does: older revisions answer 410 from here on.</summary>
    public void Compact()
    {
        lock (_gate)
            foreach (ResourceLog log in _logs.Values)
                log.CompactTo(_revision);
    }

    public IReadOnlyList<string> Resources
    {
        get
        {
            lock (_gate) return [.. _logs.Keys];
        }
    }

    private StoredObject Write(
        string resource, ChangeKind kind, string key, JsonObject document, StoredObject? previous)
    {
        long revision = ++_revision;
        document.Child("metadata")["resourceVersion"] = revision.ToString(CultureInfo.InvariantCulture);
        StoredObject stored = new(key, document, revision);
        Log(resource).Append(new Change(kind, revision, stored, previous), historyCapacity);
        TaskCompletionSource written = _written;
        _written = NewSignal();
        written.SetResult();
        return stored;
    }

    private ResourceLog Log(string resource)
    {
        if (!_logs.TryGetValue(resource, out ResourceLog? log)) _logs[resource] = log = new ResourceLog();
        return log;
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
