using System.Text.Json.Nodes;
using VipOperator.Lab.ApiServer.Documents;
using VipOperator.Lab.ApiServer.Errors;
using VipOperator.Lab.ApiServer.Ownership;
using VipOperator.Lab.ApiServer.Resources;
using VipOperator.Lab.ApiServer.Storage;

namespace VipOperator.Lab.ApiServer.Objects;

/// <summary>Creates and updates objects, whoever asks for it.</summary>
internal sealed class ObjectWriter(ObjectRepository repository, IDefinitionHooks definitions, TimeProvider clock)
{
    /// <summary>The outcome of a write: the object to answer with, and whether it is new.</summary>
    internal readonly record struct Written(JsonObject Document, bool IsNew);

    /// <param name="incoming">Decoded; owned by this call.</param>
    public JsonObject Create(
        ResourceType type, string ns, JsonObject incoming, WriteOptions options,
        Func<JsonObject, JsonObject>? recordOwners = null)
    {
        JsonObject metadata = incoming.Child("metadata");
        PutInNamespace(type, ns, metadata);
        if (metadata.Text("resourceVersion").Length > 0)
            throw ApiErrors.Internal("resourceVersion should not be set on objects to be created");
        ObjectRules.PrepareCreate(incoming, type, clock.GetUtcNow());
        if (recordOwners is not null) incoming = recordOwners(incoming);
        else
        {
            incoming.Child("metadata").Remove("managedFields");
            Manager manager = new(options.FieldManager, "Update", type.ApiVersion, "");
            FieldOwnership.RecordUpdate([], incoming, type, manager, clock.GetUtcNow());
        }
        CheckNamespace(type, ns, incoming.Name);
        ObjectRules.Validate(incoming, null, type);
        definitions.BeforeWrite(type, incoming, null);
        string key = ObjectRepository.KeyOf(type, ns, incoming.Name);
        if (options.DryRun)
        {
            return repository.Store.Find(type.StorageKey, key) is null
                ? incoming
                : throw ApiErrors.AlreadyExists(type.Name, incoming.Name);
        }
        StoredObject stored = repository.Store.TryCreate(
            type.StorageKey, key, ObjectRepository.ForStorage(incoming, type))
            ?? throw ApiErrors.AlreadyExists(type.Name, incoming.Name);
        definitions.AfterWrite(type, stored);
        return ObjectRepository.Present(stored, type);
    }

    /// <summary>
    /// Reads, changes and stores one object; starts over when somebody else was faster, unless the change names the
    /// resourceVersion that it was made for.
    /// </summary>
    /// <param name="change">From the current object to the wanted one; runs once per attempt.</param>
    /// <param name="recordsOwners">The change kept the record of field owners itself (server-side apply).</param>
    public JsonObject Update(
        ResourceType type,
        string ns,
        string name,
        string subresource,
        WriteOptions options,
        Func<JsonObject, JsonObject> change,
        bool requiresVersion = false,
        bool recordsOwners = false)
    {
        while (true)
        {
            StoredObject current = repository.Get(type, ns, name);
            JsonObject old = ObjectRepository.Present(current, type);
            JsonObject incoming = change(old.Copy());
            CheckPreconditions(type, name, old, incoming, requiresVersion);
            JsonObject updated = ObjectRules.PrepareUpdate(old, incoming, type, subresource);
            if (!recordsOwners)
            {
                Manager manager = new(options.FieldManager, "Update", type.ApiVersion, subresource);
                FieldOwnership.RecordUpdate(old, updated, type, manager, clock.GetUtcNow());
            }
            ObjectRules.CountGeneration(old, updated, type);
            ObjectRules.Validate(updated, old, type);
            definitions.BeforeWrite(type, updated, old);
            if (ObjectRules.IsSame(old, updated) || options.DryRun) return updated;
            if (TryStore(type, current, updated) is { } stored)
            {
                definitions.AfterWrite(type, stored);
                return ObjectRepository.Present(stored, type);
            }
        }
    }

    /// <summary>An object under deletion goes with its last finalizer.</summary>
    private StoredObject? TryStore(ResourceType type, StoredObject current, JsonObject updated)
    {
        JsonObject document = ObjectRepository.ForStorage(updated, type);
        bool isDone = updated.IsBeingDeleted && !updated.Items("metadata", "finalizers").Any()
            && (updated.Integer("metadata", "deletionGracePeriodSeconds") ?? 0) == 0
            && !(type is { Group: "", Plural: "namespaces" } && updated.Items("spec", "finalizers").Any());
        return isDone
            ? repository.Store.TryDelete(type.StorageKey, current, document)
            : repository.Store.TryReplace(type.StorageKey, current, document);
    }

    private static void CheckPreconditions(
        ResourceType type, string name, JsonObject old, JsonObject incoming, bool requiresVersion)
    {
        string version = incoming.Text("metadata", "resourceVersion");
        if (version.Length == 0 && requiresVersion && !type.AllowsUnconditionalUpdate)
        {
            throw ApiErrors.Invalid(
                type.Name, name,
                [FieldError.Invalid("metadata.resourceVersion", 0, "must be specified for an update")]);
        }
        if (version.Length > 0 && ObjectRules.ParseResourceVersion(version) is null)
            throw ApiErrors.Internal($"strconv.ParseUint: parsing {JsonText.Quote(version)}: invalid syntax");
        // A patch that changes the uid is refused by validation; a replacement for another object conflicts.
        string uid = incoming.Uid;
        if (requiresVersion && uid.Length > 0 && uid != old.Uid)
        {
            throw ApiErrors.Conflict(
                type.Name, name, $"Precondition failed: UID in precondition: {uid}, UID in object meta: {old.Uid}");
        }
        if (version.Length > 0 && version != "0" && version != old.Text("metadata", "resourceVersion"))
            throw ApiErrors.Stale(type.Name, name);
    }

    private static void PutInNamespace(ResourceType type, string ns, JsonObject metadata)
    {
        if (!type.Namespaced)
        {
            metadata.Remove("namespace");
            return;
        }
        string given = metadata.Text("namespace");
        if (given.Length > 0 && given != ns)
        {
            throw ApiErrors.BadRequest(
                "the namespace of the provided object does not match the namespace sent on the request");
        }
        metadata["namespace"] = ns;
    }

    private void CheckNamespace(ResourceType type, string ns, string name)
    {
        if (!type.Namespaced) return;
        ResourceName namespaces = new("", "namespaces");
        StoredObject found = repository.Store.Find(namespaces.Name, ns) ?? throw ApiErrors.NotFound(namespaces, ns);
        if (!found.Document.IsBeingDeleted) return;
        JsonArray causes =
        [
            new JsonObject
            {
                ["reason"] = "NamespaceTerminating",
                ["message"] = $"namespace {ns} is being terminated",
                ["field"] = "metadata.namespace",
            },
        ];
        throw ApiErrors.Forbidden(
            type.Name, name, $"unable to create new content in namespace {ns} because it is being terminated", causes);
    }
}
