using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json.Nodes;
using VipOperator.Lab.ApiServer.Errors;
using VipOperator.Lab.ApiServer.Resources;
using VipOperator.Lab.ApiServer.Storage;

namespace VipOperator.Lab.ApiServer.Objects;

/// <summary>Lists, whole or in pages, each of one consistent revision.</summary>
internal sealed class ObjectReader(ObjectRepository repository)
{
    /// <summary>One page.</summary>
    /// <param name="Remaining">
    /// Objects after this page; null when there are none or when a selector hides the count.
    /// </param>
    internal sealed record Page(IReadOnlyList<JsonObject> Items, long Revision, string Continue, long? Remaining)
    {
        public JsonObject Metadata()
        {
            JsonObject metadata = new() { ["resourceVersion"] = Revision.ToString(CultureInfo.InvariantCulture) };
            if (Continue.Length > 0) metadata["continue"] = Continue;
            if (Remaining is { } remaining) metadata["remainingItemCount"] = remaining;
            return metadata;
        }
    }

    /// <exception cref="ApiException">410: the revision is compacted; 504: it is not reached yet.</exception>
    public Page List(ResourceType type, ListQuery query)
    {
        (ImmutableSortedDictionary<string, StoredObject> objects, long revision) = Snapshot(type, query);
        List<JsonObject> items = [];
        string last = "", next = "";
        long remaining = 0;
        foreach ((string key, StoredObject stored) in objects)
        {
            bool isBefore = query.Continue is { } token && string.CompareOrdinal(key, token.AfterKey) <= 0;
            if (isBefore
                || (query.Namespace.Length > 0 && !key.StartsWith(query.Namespace + "/", StringComparison.Ordinal)))
                continue;
            if (next.Length > 0)
            {
                remaining++;
                continue;
            }
            JsonObject document = ObjectRepository.Present(stored, type);
            if (!query.Selects(document)) continue;
            if (query.Limit > 0 && items.Count == query.Limit)
            {
                next = new ContinueToken(revision, last).ToString();
                remaining++;
                continue;
            }
            items.Add(document);
            last = key;
        }
        bool isCountable = next.Length > 0 && query.Labels.IsEverything && query.Fields.IsEverything;
        return new Page(items, revision, next, isCountable ? remaining : null);
    }

    private (ImmutableSortedDictionary<string, StoredObject> Objects, long Revision) Snapshot(
        ResourceType type, ListQuery query)
    {
        if (query.Continue is { } token)
        {
            ImmutableSortedDictionary<string, StoredObject>? then = repository.Store.SnapshotAt(
                type.StorageKey, token.Revision);
            return (then ?? throw ExpiredPage(), token.Revision);
        }
        (ImmutableSortedDictionary<string, StoredObject> objects, long revision) =
            repository.Store.Snapshot(type.StorageKey);
        if (query.ResourceVersion is not { } wanted || wanted == 0) return (objects, revision);
        if (wanted > revision) throw TooLarge(wanted, revision);
        bool isExact = query.ResourceVersionMatch == "Exact"
            || (query.ResourceVersionMatch.Length == 0 && query.Limit > 0);
        if (!isExact) return (objects, revision);
        ImmutableSortedDictionary<string, StoredObject>? exact = repository.Store.SnapshotAt(type.StorageKey, wanted);
        return (exact ?? throw ApiErrors.Expired($"The resourceVersion for the provided list is too old."), wanted);
    }

    private static ApiException ExpiredPage() => ApiErrors.Expired(
        "The provided continue parameter is too old to display a consistent list result. You can start a new list "
        + "without the continue parameter.");

    private static ApiException TooLarge(long wanted, long current) => new(
        504,
        "Timeout",
        $"Timeout: Too large resource version: {wanted}, current: {current}",
        new JsonObject
        {
            ["causes"] = new JsonArray(new JsonObject
            {
                ["reason"] = "ResourceVersionTooLarge",
                ["message"] = "Too large resource version",
            }),
            ["retryAfterSeconds"] = 1,
        });
}
