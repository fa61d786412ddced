using System.Collections.Immutable;

namespace VipOperator.Lab.ApiServer.Storage;

/// <summary>The objects of one resource and the latest changes to them. Guarded by the store's lock.</summary>
internal sealed class ResourceLog
{
    private readonly List<Entry> _entries = [];

    public ImmutableSortedDictionary<string, StoredObject> Current { get; private set; } =
        ImmutableSortedDictionary.Create<string, StoredObject>(StringComparer.Ordinal);

    /// <summary>Changes up to and including this revision are forgotten.</summary>
    public long CompactedRevision { get; private set; }

    public void Append(Change change, int capacity)
    {
        Entry before = new(change, Current);
        Current = change.Kind == ChangeKind.Deleted
            ? Current.Remove(change.Object.Key)
            : Current.SetItem(change.Object.Key, change.Object);
        _entries.Add(before);
        if (_entries.Count > capacity) CompactTo(_entries[_entries.Count - capacity - 1].Change.Revision);
    }

    public void CompactTo(long revision)
    {
        int forgotten = _entries.FindIndex(e => e.Change.Revision > revision);
        _entries.RemoveRange(0, forgotten < 0 ? _entries.Count : forgotten);
        CompactedRevision = Math.Max(CompactedRevision, revision);
    }

    /// <summary>The objects as they were at <paramref name="revision"/>.</summary>
    public ImmutableSortedDictionary<string, StoredObject> At(long revision)
    {
        Entry? next = _entries.Find(e => e.Change.Revision > revision);
        return next?.Before ?? Current;
    }

    public IReadOnlyList<Change> Since(long revision)
    {
        int first = _entries.FindIndex(e => e.Change.Revision > revision);
        return first < 0 ? [] : [.. _entries.Skip(first).Select(e => e.Change)];
    }

    private sealed record Entry(Change Change, ImmutableSortedDictionary<string, StoredObject> Before);
}
