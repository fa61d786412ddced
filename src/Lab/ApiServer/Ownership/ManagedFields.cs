using System.Globalization;
using System.Text.Json.Nodes;
using VipOperator.Lab.ApiServer.Documents;

namespace VipOperator.Lab.ApiServer.Ownership;

/// <summary>Who wrote: one entry of <c>metadata.managedFields</c> without its set.</summary>
internal readonly record struct Manager(string Name, string Operation, string ApiVersion, string Subresource)
{
    public bool IsApply => Operation == "Apply";

    /// <summary>As conflict messages have it.</summary>
    public override string ToString()
    {
        string text = JsonText.Quote(Name);
        if (Subresource.Length > 0) text += $" with subresource {JsonText.Quote(Subresource)}";
        return IsApply ? text : $"{text} using {ApiVersion}";
    }
}

/// <summary>The decoded <c>metadata.managedFields</c> of an object.</summary>
internal sealed class ManagedFields
{
    private readonly Dictionary<Manager, (FieldSet Set, string Time)> _entries = [];

    public IEnumerable<Manager> Managers => _entries.Keys;

    public static ManagedFields Of(JsonObject document)
    {
        ManagedFields result = new();
        foreach (JsonNode? entry in document.Items("metadata", "managedFields"))
        {
            Manager manager = new(
                entry.Text("manager"), entry.Text("operation"), entry.Text("apiVersion"), entry.Text("subresource"));
            result._entries[manager] = (FieldSet.FromFieldsV1(entry.Map("fieldsV1") ?? []), entry.Text("time"));
        }
        return result;
    }

    public FieldSet SetOf(Manager manager) =>
        _entries.TryGetValue(manager, out (FieldSet Set, string Time) e) ? e.Set : new FieldSet();

    public FieldSet UnionOfAll() => _entries.Values.Aggregate(new FieldSet(), (all, e) => all.Union(e.Set));

    /// <summary>
    /// A set that does not change keeps its time when no value was written either, so that an unchanged write stays
    /// unchanged.
    /// </summary>
    public void Put(Manager manager, FieldSet set, bool hasWritten, DateTimeOffset now)
    {
        if (set.IsEmpty)
        {
            _entries.Remove(manager);
            return;
        }
        bool isSame = _entries.TryGetValue(manager, out (FieldSet Set, string Time) present)
            && present.Set.SetEquals(set);
        if (!isSame || hasWritten) _entries[manager] = (set, Timestamp(now));
    }

    /// <summary>Takes paths away without counting that as a write of the manager's own.</summary>
    public void Take(Manager manager, FieldSet paths)
    {
        if (!_entries.TryGetValue(manager, out (FieldSet Set, string Time) present)) return;
        FieldSet rest = present.Set.Difference(paths);
        if (rest.IsEmpty) _entries.Remove(manager);
        else _entries[manager] = (rest, present.Time);
    }

    public void WriteTo(JsonObject document)
    {
        JsonObject metadata = document.Child("metadata");
        metadata.Remove("managedFields");
        if (_entries.Count == 0) return;
        metadata["managedFields"] = new JsonArray([.. _entries
            .OrderBy(e => e.Key.Operation, StringComparer.Ordinal)
            .ThenBy(e => e.Value.Time, StringComparer.Ordinal)
            .ThenBy(e => e.Key.Name, StringComparer.Ordinal)
            .ThenBy(e => e.Key.ApiVersion, StringComparer.Ordinal)
            .ThenBy(e => e.Key.Subresource, StringComparer.Ordinal)
            .Select(e => Encode(e.Key, e.Value.Set, e.Value.Time))]);
    }

    public static string Timestamp(DateTimeOffset time) =>
        time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);

    /// <summary>With microseconds, as leases and events have it.</summary>
    public static string MicroTimestamp(DateTimeOffset time) =>
        time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'", CultureInfo.InvariantCulture);

    private static JsonObject Encode(Manager manager, FieldSet set, string time)
    {
        JsonObject entry = new()
        {
            ["manager"] = manager.Name,
            ["operation"] = manager.Operation,
            ["apiVersion"] = manager.ApiVersion,
        };
        if (time.Length > 0) entry["time"] = time;
        entry["fieldsType"] = "FieldsV1";
        entry["fieldsV1"] = set.ToFieldsV1();
        if (manager.Subresource.Length > 0) entry["subresource"] = manager.Subresource;
        return entry;
    }
}
