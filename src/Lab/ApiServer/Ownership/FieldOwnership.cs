using System.Text.Json.Nodes;
using VipOperator.Lab.ApiServer.Documents;
using VipOperator.Lab.ApiServer.Errors;
using VipOperator.Lab.ApiServer.Resources;

namespace VipOperator.Lab.ApiServer.Ownership;

/// <summary>Keeps <c>managedFields</c>: which manager owns which field, by updates and by server-side apply.</summary>
internal static class FieldOwnership
{
    /// <summary>Fields that nobody owns: identity and what the server itself writes.</summary>
    private static readonly FieldSet Unowned = UnownedFields();

    /// <summary>What the main resource does not write.</summary>
    private static readonly FieldSet Status = SetOf("f:status");

    private static readonly FieldSet MetadataItself = SetOf("f:metadata");

    /// <summary>
    /// Notes on <paramref name="updated"/> that <paramref name="manager"/> wrote what differs from
    /// <paramref name="live"/>.
    /// </summary>
    public static void RecordUpdate(
        JsonObject live, JsonObject updated, ResourceType type, Manager manager, DateTimeOffset now)
    {
        ManagedFields owners = ManagedFields.Of(live);
        // A client that sends an empty list asks for the record to be forgotten.
        bool isReset = updated.At("metadata", "managedFields") is JsonArray { Count: 0 }
            || (updated.At("metadata", "managedFields") is JsonArray { Count: 1 } single
                && single[0] is JsonObject { Count: 0 });
        bool isRewritten = updated.At("metadata", "managedFields") is JsonArray given
            && !isReset && !JsonNode.DeepEquals(given, live.At("metadata", "managedFields"));
        if (isReset)
        {
            updated.Child("metadata").Remove("managedFields");
            return;
        }
        if (isRewritten) owners = ManagedFields.Of(updated);
        Differences changes = Compare(Seeded(live, type), updated, type);
        if (manager.Subresource.Length == 0 && type.HasStatus) changes = Without(changes, Status);
        Transfer(owners, manager, changes);
        FieldSet own = owners.SetOf(manager)
            .Difference(changes.Removed).Union(changes.Modified).Union(changes.Added)
            .DifferenceWithBelow(Unowned).Difference(MetadataItself);
        owners.Put(manager, own, hasWritten: !changes.Modified.Union(changes.Added).IsEmpty, now);
        owners.WriteTo(updated);
    }

    /// <returns>The live object with the configuration applied and the record brought up to date.</returns>
    /// <exception cref="ApiException">
    /// 409: other managers own what would change and <paramref name="force"/> is not set.
    /// </exception>
    /// <exception cref="TypedTreeException">The configuration does not fit the schema's lists.</exception>
    public static JsonObject Apply(
        JsonObject live, JsonObject configuration, ResourceType type, Manager manager, bool force, DateTimeOffset now)
    {
        ManagedFields owners = ManagedFields.Of(live);
        JsonObject bare = live.Copy();
        (bare["metadata"] as JsonObject)?.Remove("managedFields");

        FieldSet previous = owners.SetOf(manager);
        FieldSet claimed = TypedOperations.SetOf(configuration, type.Schema)
            .DifferenceWithBelow(Unowned).Difference(MetadataItself);
        JsonObject merged = TypedOperations.Merge(bare, configuration, type.Schema);
        FieldSet ownedNow = owners.Managers.Where(m => m != manager)
            .Aggregate(claimed, (all, m) => all.Union(owners.SetOf(m)));
        TypedOperations.Prune(merged, type.Schema, previous, ownedNow);

        Differences changes = Compare(bare, merged, type);
        FieldSet written = changes.Modified.Union(changes.Added);
        List<(Manager Manager, FieldSet Paths)> conflicts = [.. owners.Managers
            .Where(m => m != manager)
            .Select(m => (m, owners.SetOf(m).Intersection(written)))
            .Where(c => !c.Item2.IsEmpty)];
        if (conflicts.Count > 0 && !force) throw Conflict(conflicts);
        Transfer(owners, manager, changes);
        owners.Put(manager, claimed, hasWritten: !written.Union(changes.Removed).IsEmpty, now);
        owners.WriteTo(merged);
        return merged;
    }

    private static void Transfer(ManagedFields owners, Manager writer, Differences changes)
    {
        FieldSet lost = changes.Modified.Union(changes.Added).Union(changes.Removed);
        foreach (Manager other in owners.Managers.Where(m => m != writer).ToList()) owners.Take(other, lost);
    }

    private static Differences Compare(JsonObject before, JsonObject after, ResourceType type) =>
        Without(TypedOperations.Compare(before, after, type.Schema), Unowned);

    private static Differences Without(Differences all, FieldSet ignored) => new(
        all.Added.DifferenceWithBelow(ignored),
        all.Removed.DifferenceWithBelow(ignored),
        all.Modified.DifferenceWithBelow(ignored));

    /// <summary>Typed objects have their spec from the start: nobody owns its mere presence.</summary>
    private static JsonObject Seeded(JsonObject live, ResourceType type)
    {
        if (type.IsCustom || live.ContainsKey("spec") || type.Schema.Field("spec") is null) return live;
        JsonObject seeded = live.Copy();
        seeded["spec"] = new JsonObject();
        return seeded;
    }

    private static ApiException Conflict(List<(Manager Manager, FieldSet Paths)> conflicts)
    {
        List<(string Manager, string Path)> all =
            [.. conflicts.SelectMany(c => c.Paths.Paths().Select(p => (c.Manager.ToString(), p)))];
        string text = all.Count == 1
            ? $"conflict with {all[0].Manager}: {all[0].Path}"
            : string.Join('\n', all.GroupBy(c => c.Manager).OrderBy(g => g.Key, StringComparer.Ordinal)
                .Select(g => $"conflicts with {g.Key}:\n" + string.Join('\n', g.Select(c => $"- {c.Path}"))));
        JsonArray causes = new([.. all.Select(c => new JsonObject
        {
            ["reason"] = "FieldManagerConflict", ["message"] = $"conflict with {c.Manager}", ["field"] = c.Path,
        })]);
        string noun = all.Count == 1 ? "conflict" : "conflicts";
        return new ApiException(
            409, "Conflict", $"Apply failed with {all.Count} {noun}: {text}", new JsonObject { ["causes"] = causes });
    }

    private static FieldSet UnownedFields()
    {
        FieldSet all = SetOf("f:apiVersion", "f:kind");
        all.Graft(
            "f:metadata",
            SetOf(
                "f:name", "f:namespace", "f:creationTimestamp", "f:selfLink", "f:uid",
                "f:generation", "f:managedFields",
                "f:resourceVersion"));
        return all;
    }

    private static FieldSet SetOf(params string[] steps)
    {
        FieldSet set = new();
        foreach (string step in steps) set.Add(step);
        return set;
    }
}
