using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text.Json.Nodes;
using VipOperator.Lab.ApiServer.Documents;
using VipOperator.Lab.ApiServer.Errors;
using VipOperator.Lab.ApiServer.Resources;
using VipOperator.Lab.ApiServer.Storage;

namespace VipOperator.Lab.ApiServer.Objects;

/// <summary>One event of a watch. A bookmark carries a revision and no object of its own.</summary>
internal sealed record WatchEvent(string Type, JsonObject Object);

/// <summary>Follows the changes to the objects that a query selects.</summary>
internal sealed class ObjectWatcher(ObjectRepository repository, TimeSpan bookmarkInterval, TimeProvider clock)
{
    private const string InitialEventsEnd = "k8s.io/initial-events-end";

    /// <summary>
    /// Events until cancelled, timed out, or the history that is needed is compacted (then an ERROR with 410).
    /// </summary>
    public async IAsyncEnumerable<WatchEvent> WatchAsync(
        ResourceType type, ListQuery query, [EnumeratorCancellation] CancellationToken cancellation)
    {
        (long revision, IReadOnlyList<WatchEvent> initial) = Start(type, query);
        foreach (WatchEvent e in initial) yield return e;
        DateTimeOffset nextBookmark = clock.GetUtcNow() + bookmarkInterval;
        while (!cancellation.IsCancellationRequested)
        {
            Task written = repository.Store.NextWrite;
            if (repository.Store.ChangesSince(type.StorageKey, revision) is not { } progress)
            {
                yield return Expired(revision);
                yield break;
            }
            foreach (Change change in progress.Changes)
                if (Seen(change, type, query) is { } e)
                    yield return e;
            revision = progress.Revision;
            bool isBookmarkDue = query.AllowBookmarks && clock.GetUtcNow() >= nextBookmark;
            if (isBookmarkDue)
            {
                yield return Bookmark(type, revision);
                nextBookmark = clock.GetUtcNow() + bookmarkInterval;
            }
            if (!await WaitAsync(written, nextBookmark, query.AllowBookmarks, cancellation)) yield break;
        }
    }

    private (long Revision, IReadOnlyList<WatchEvent> Initial) Start(ResourceType type, ListQuery query)
    {
        bool wantsState = query.SendInitialEvents ?? query.ResourceVersion is null or 0;
        if (!wantsState)
            return (query.ResourceVersion is null or 0 ? repository.Store.Revision : query.ResourceVersion.Value, []);
        (System.Collections.Immutable.ImmutableSortedDictionary<string, StoredObject> objects, long revision) =
            repository.Store.Snapshot(type.StorageKey);
        List<WatchEvent> events = [.. objects.Values
            .Select(o => ObjectRepository.Present(o, type))
            .Where(query.Selects)
            .Select(o => new WatchEvent("ADDED", o))];
        if (query.SendInitialEvents == true && query.AllowBookmarks)
        {
            WatchEvent end = Bookmark(type, revision);
            end.Object.Child("metadata")["annotations"] = new JsonObject { [InitialEventsEnd] = "true" };
            events.Add(end);
        }
        return (revision, events);
    }

    /// <summary>A change as this watch sees it: entering and leaving the selection are ADDED and DELETED.</summary>
    private static WatchEvent? Seen(Change change, ResourceType type, ListQuery query)
    {
        JsonObject now = ObjectRepository.Present(change.Object, type);
        JsonObject? before = change.Previous is null ? null : ObjectRepository.Present(change.Previous, type);
        bool isSelected = change.Kind != ChangeKind.Deleted && query.Selects(now);
        bool wasSelected = before is not null && query.Selects(before);
        return (wasSelected, isSelected) switch
        {
            (false, false) => null,
            (false, true) => new WatchEvent("ADDED", now),
            (true, true) => new WatchEvent("MODIFIED", now),
            (true, false) => new WatchEvent(
                "DELETED", AtRevision(change.Kind == ChangeKind.Deleted ? now : before!, change.Revision)),
        };
    }

    private static JsonObject AtRevision(JsonObject document, long revision)
    {
        JsonObject copy = document.Copy();
        copy.Child("metadata")["resourceVersion"] = revision.ToString(CultureInfo.InvariantCulture);
        return copy;
    }

    private static WatchEvent Bookmark(ResourceType type, long revision) => new("BOOKMARK", new JsonObject
    {
        ["kind"] = type.Kind,
        ["apiVersion"] = type.ApiVersion,
        ["metadata"] = new JsonObject { ["resourceVersion"] = revision.ToString(CultureInfo.InvariantCulture) },
    });

    private static WatchEvent Expired(long revision) =>
        new("ERROR", ApiErrors.Expired($"too old resource version: {revision}").ToStatus());

    /// <returns>False: the watch is over.</returns>
    private async Task<bool> WaitAsync(
        Task written, DateTimeOffset nextBookmark, bool bookmarks, CancellationToken cancellation)
    {
        try
        {
            if (!bookmarks)
            {
                await written.WaitAsync(cancellation);
                return true;
            }
            TimeSpan left = nextBookmark - clock.GetUtcNow();
            await written.WaitAsync(left > TimeSpan.Zero ? left : TimeSpan.Zero, clock, cancellation);
        }
        catch (TimeoutException)
        {
            // A bookmark is due.
        }
        catch (OperationCanceledException)
        {
            return false;
        }
        return true;
    }
}
