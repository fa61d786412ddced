using System.Text.Json.Nodes;
using VipOperator.Lab.ApiServer.Documents;
using VipOperator.Lab.ApiServer.Errors;
using VipOperator.Lab.ApiServer.Resources;
using VipOperator.Lab.ApiServer.Schemas;
using VipOperator.Lab.ApiServer.Storage;

namespace VipOperator.Lab.ApiServer.Objects;

/// <summary>Objects of a type in the store, seen in the type's version.</summary>
internal sealed class ObjectRepository(ObjectStore store)
{
    public ObjectStore Store => store;

    public static string KeyOf(ResourceType type, string ns, string name) => type.Namespaced ? $"{ns}/{name}" : name;

    public StoredObject? Find(ResourceType type, string ns, string name) =>
        store.Find(type.StorageKey, KeyOf(type, ns, name));

    /// <exception cref="ApiException">404.</exception>
    public StoredObject Get(ResourceType type, string ns, string name) =>
        Find(type, ns, name) ?? throw ApiErrors.NotFound(type.Name, name);

    /// <summary>A stored document as this version shows it; never the stored instance of a custom resource.</summary>
    public static JsonObject Present(StoredObject stored, ResourceType type)
    {
        bool isAsStored = !type.IsCustom
            && type.FromStorage is null
            && stored.Document.Text("apiVersion") == type.ApiVersion;
        if (isAsStored) return stored.Document;
        JsonObject document = type.FromStorage?.Invoke(stored.Document) ?? stored.Document.Copy();
        document["apiVersion"] = type.ApiVersion;
        document["kind"] = type.Kind;
        // Defaults that the definition gained after the object was written show at once.
        if (type.IsCustom) Defaults.Apply(document, type.Schema);
        return document;
    }

    public static JsonObject ForStorage(JsonObject document, ResourceType type) =>
        type.ToStorage?.Invoke(document) ?? document;
}
