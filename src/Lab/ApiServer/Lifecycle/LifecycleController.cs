using System.Text.Json.Nodes;
using VipOperator.Lab.ApiServer.Definitions;
using VipOperator.Lab.ApiServer.Documents;
using VipOperator.Lab.ApiServer.Errors;
using VipOperator.Lab.ApiServer.Objects;
using VipOperator.Lab.ApiServer.Resources;
using VipOperator.Lab.ApiServer.Storage;

namespace VipOperator.Lab.ApiServer.Lifecycle;

/// <summary>
/// What a cluster's controller manager does about deletion: collects dependents whose owners are gone, waits for
/// dependents in a foreground deletion, orphans on request, empties terminating namespaces and removed definitions.
/// </summary>
internal sealed class LifecycleController(
    ObjectStore store, ResourceCatalog catalog, ObjectRemover remover, ObjectWriter writer)
{
    private static readonly WriteOptions AsController = WriteOptions.Internal("vip-lab-controller");

    public async Task RunAsync(CancellationToken cancellation)
    {
        while (!cancellation.IsCancellationRequested)
        {
            Task written = store.NextWrite;
            Reconcile();
            try
            {
                await written.WaitAsync(cancellation);
            }
            catch (OperationCanceledException)
            {
                return;
            }
        }
    }

    /// <summary>One look at everything: a lab's cluster is small.</summary>
    public void Reconcile()
    {
        List<Held> all = [.. Everything()];
        HashSet<string> uids = [.. all.Select(h => h.Document.Uid)];
        foreach (Held held in all)
        {
            try
            {
                Collect(held, uids);
                Finish(held, all);
            }
            catch (ApiException e) when (e.Reason is "NotFound" or "Conflict")
            {
                // Somebody was faster; their write brings us back here.
            }
        }
    }

    private IEnumerable<Held> Everything() => catalog.All
        .Where(t => !t.IsVirtual)
        .DistinctBy(t => t.StorageKey)
        .SelectMany(t => store.Snapshot(t.StorageKey).Objects.Values.Select(o => new Held(t, o.Document)));

    private void Collect(Held held, HashSet<string> uids)
    {
        JsonNode?[] owners = [.. held.Document.Items("metadata", "ownerReferences")];
        bool isOrphan = owners.Length > 0 && !owners.Any(o => uids.Contains(o.Text("uid")));
        if (isOrphan && !held.Document.IsBeingDeleted) Delete(held, "Background");
    }

    private void Finish(Held held, List<Held> all)
    {
        if (!held.Document.IsBeingDeleted) return;
        string[] finalizers = [.. held.Document.Texts("metadata", "finalizers")];
        if (finalizers.Contains(ObjectRemover.OrphanFinalizer)) Orphan(held, all);
        if (finalizers.Contains(ObjectRemover.ForegroundFinalizer)) AwaitDependents(held, all);
        if (finalizers.Contains(DefinitionController.Finalizer)) EmptyDefinition(held);
        if (held.Type is { Group: "", Plural: "namespaces" }) EmptyNamespace(held, all);
    }

    private void Orphan(Held owner, List<Held> all)
    {
        foreach (Held dependent in Dependents(owner, all))
        {
            Change(dependent, document =>
            {
                JsonNode?[] rest =
                    [.. document.Items("metadata", "ownerReferences").Where(o => o.Text("uid") != owner.Document.Uid)];
                SetList(document, "ownerReferences", rest);
            });
        }
        RemoveFinalizer(owner, ObjectRemover.OrphanFinalizer);
    }

    private void AwaitDependents(Held owner, List<Held> all)
    {
        Held[] dependents = [.. Dependents(owner, all)];
        foreach (Held dependent in dependents.Where(d => !d.Document.IsBeingDeleted)) Delete(dependent, "Foreground");
        bool isBlocked = dependents.Any(d => store.Find(d.Type.StorageKey, d.Key) is not null && d.Document
            .Items("metadata", "ownerReferences")
            .Any(o => o.Text("uid") == owner.Document.Uid && o.Boolean("blockOwnerDeletion") == true));
        if (!isBlocked) RemoveFinalizer(owner, ObjectRemover.ForegroundFinalizer);
    }

    private void EmptyDefinition(Held definition)
    {
        string name = definition.Document.Name;
        ResourceType? type = catalog.All.FirstOrDefault(t => t.IsCustom && t.Name.ToString() == name);
        if (type is not null)
        {
            StoredObject[] objects = [.. store.Snapshot(type.StorageKey).Objects.Values];
            foreach (StoredObject o in objects.Where(o => !o.Document.IsBeingDeleted))
                Delete(new Held(type, o.Document), "Background");
            if (store.Snapshot(type.StorageKey).Objects.Count > 0) return;
        }
        RemoveFinalizer(definition, DefinitionController.Finalizer);
    }

    private void EmptyNamespace(Held ns, List<Held> all)
    {
        Held[] content = [.. all.Where(h => h.Type.Namespaced && h.Document.Namespace == ns.Document.Name)];
        foreach (Held held in content.Where(h => !h.Document.IsBeingDeleted)) Delete(held, "Background");
        if (content.Any(h => store.Find(h.Type.StorageKey, h.Key) is not null)) return;
        // The namespace's own kind of finalizer stands in its spec.
        Change(ns, document => document.Child("spec").Remove("finalizers"), "finalize");
    }

    private static IEnumerable<Held> Dependents(Held owner, List<Held> all) => all.Where(h =>
        h.Document.Items("metadata", "ownerReferences").Any(o => o.Text("uid") == owner.Document.Uid));

    private void RemoveFinalizer(Held held, string finalizer) => Change(held, document =>
    {
        SetList(document, "finalizers", document.Items("metadata", "finalizers").Where(f => f.AsText() != finalizer));
    });

    /// <summary>A list of the metadata that has run empty goes.</summary>
    private static void SetList(JsonObject document, string name, IEnumerable<JsonNode?> items)
    {
        JsonArray list = [.. items.Select(i => i?.DeepClone())];
        JsonObject metadata = document.Child("metadata");
        metadata.Remove(name);
        if (list.Count > 0) metadata[name] = list;
    }

    private void Change(Held held, Action<JsonObject> change, string subresource = "") => writer.Update(
        held.Type, held.Document.Namespace, held.Document.Name, subresource, AsController,
        document =>
        {
            change(document);
            return document;
        });

    private void Delete(Held held, string propagation) => remover.Delete(
        held.Type, held.Document.Namespace, held.Document.Name,
        ObjectRemover.Options.Default with { Propagation = propagation, Uid = held.Document.Uid });

    private sealed record Held(ResourceType Type, JsonObject Document)
    {
        public string Key => ObjectRepository.KeyOf(Type, Document.Namespace, Document.Name);
    }
}
