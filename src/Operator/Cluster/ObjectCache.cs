using System.Globalization;
using VipOperator.Planning;

namespace VipOperator.Operator.Cluster;

/// <summary>
/// The objects of one kind as last heard of, already in the form that planning takes. Written by the watch and, with
/// what the API server answers, by whoever writes objects. Safe for use by several threads.
/// </summary>
internal sealed class ObjectCache<T>
    where T : notnull
{
    private readonly Lock _lock = new();
    private readonly Dictionary<ObjectKey, (ulong Version, T Value)> _objects = [];

    // What was written while a list is under way; null: none is.
    private HashSet<ObjectKey>? _writtenSinceListing;
    private readonly Action _changed;
    private readonly Predicate<T> _matters;

    // The newest version that the list or the watch has brought, of whichever object.
    private ulong _heard;

    /// <param name="changed">Called after each change that makes a difference to the value; must not block.</param>
    /// <param name="matters">
    /// Asked, of the value before or after a change, whether anybody needs to hear of it; null: always.
    /// </param>
    public ObjectCache(Action changed, Predicate<T>? matters = null)
    {
        _changed = changed;
        _matters = matters ?? (_ => true);
    }

    /// <summary>Whether a list has been read completely at least once.</summary>
    public bool IsSynced { get; private set; }

    public IReadOnlyList<T> Snapshot()
    {
        lock (_lock)
            return [.. _objects.Values.Select(o => o.Value)];
    }

    public T? Find(ObjectKey key)
    {
        lock (_lock)
            return _objects.TryGetValue(key, out (ulong Version, T Value) found) ? found.Value : default;
    }

    /// <summary>Whether there is an object in this namespace.</summary>
    public bool AnyIn(string @namespace)
    {
        lock (_lock)
            return _objects.Keys.Any(k => k.Namespace == @namespace);
    }

    /// <summary>The object and its resourceVersion; null when that is none that could be compared.</summary>
    public (T? Value, string? Version) FindVersioned(ObjectKey key)
    {
        lock (_lock)
        {
            return _objects.TryGetValue(key, out (ulong Version, T Value) found)
                ? (found.Value, found.Version == 0 ? null : found.Version.ToString(CultureInfo.InvariantCulture))
                : (default, null);
        }
    }

    /// <summary>Whether exactly this state of the object is here already.</summary>
    public bool Has(ObjectKey key, string version)
    {
        ulong parsed = Parse(version);
        lock (_lock)
            return parsed != 0
                && _objects.TryGetValue(key, out (ulong Version, T Value) found)
                && found.Version == parsed;
    }

    /// <summary>
    /// To be called before a list is requested: what is written from here on may be newer than the list.
    /// </summary>
    public void BeginListing()
    {
        lock (_lock)
            _writtenSinceListing = [];
    }

    /// <summary>
    /// Takes a whole list for what there is, except for objects that we have written since <see cref="BeginListing"/>.
    /// </summary>
    public void Replace(IEnumerable<(ObjectKey Key, string Version, T Value)> objects, string listVersion)
    {
        lock (_lock)
        {
            ulong limit = Parse(listVersion);
            Dictionary<ObjectKey, (ulong Version, T Value)> newer = _objects
                .Where(o => _writtenSinceListing?.Contains(o.Key) == true && o.Value.Version > limit)
                .ToDictionary();
            _objects.Clear();
            foreach ((ObjectKey key, string version, T value) in objects)
                _objects[key] = (Parse(version), value);
            foreach ((ObjectKey key, (ulong Version, T Value) value) in newer)
                _objects[key] = value;
            _writtenSinceListing = null;
            _heard = limit;
            IsSynced = true;
        }

        _changed();
    }

    /// <summary>Takes what a watch brought.</summary>
    public void Upsert(ObjectKey key, string version, T value)
    {
        lock (_lock)
        {
            Hear(version);
            if (!Take(key, version, value))
                return;
        }

        Tell(value);
    }

    /// <summary>Takes the answer to a write of ours. It is no news to whoever wrote it.</summary>
    public void UpsertWritten(ObjectKey key, string version, T value)
    {
        lock (_lock)
        {
            // A watch brings changes in their order. One that is past this write has brought it, and what became of the
            // object after that: an answer that comes late must not bring back what was deleted meanwhile.
            ulong parsed = Parse(version);
            if (parsed != 0 && parsed <= _heard)
                return;
            _writtenSinceListing?.Add(key);
            Take(key, version, value);
        }
    }

    /// <summary>
    /// Takes the answer to a deletion of ours, unless the watch has brought another object of this name meanwhile.
    /// </summary>
    public void RemoveDeleted(ObjectKey key, Func<T, bool> isTheOne)
    {
        T removed;
        lock (_lock)
        {
            if (!_objects.TryGetValue(key, out (ulong Version, T Value) found) || !isTheOne(found.Value))
                return;
            _objects.Remove(key);
            removed = found.Value;
        }

        Tell(removed);
    }

    /// <summary>Takes from a watch that the object is gone, or is none of ours any more.</summary>
    /// <param name="version">Of that change.</param>
    public void Remove(ObjectKey key, string version)
    {
        T removed;
        lock (_lock)
        {
            Hear(version);
            ulong parsed = Parse(version);

            // The deletion of an earlier object may come after the answer to our own write of a later one.
            if (!_objects.TryGetValue(key, out (ulong Version, T Value) found)
                || (parsed != 0 && found.Version > parsed))
                return;
            _objects.Remove(key);
            removed = found.Value;
        }

        Tell(removed);
    }

    private void Tell(T value)
    {
        if (_matters(value))
            _changed();
    }

    // A watch may lag behind the answers to our own writes, so an older state is not taken.
    private bool Take(ObjectKey key, string version, T value)
    {
        ulong parsed = Parse(version);
        bool known = _objects.TryGetValue(key, out (ulong Version, T Value) before);
        if (known && parsed < before.Version)
            return false;
        _objects[key] = (parsed, value);
        return !known || !before.Value.Equals(value);
    }

    private void Hear(string version) => _heard = Math.Max(_heard, Parse(version));

    // Resource versions of the built-in storage are numbers that grow; one that is not is taken as it comes.
    private static ulong Parse(string version) =>
        ulong.TryParse(version, NumberStyles.None, CultureInfo.InvariantCulture, out ulong number) ? number : 0;
}
