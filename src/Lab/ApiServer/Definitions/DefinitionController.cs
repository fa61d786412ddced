using System.Text.Json.Nodes;
using VipOperator.Lab.ApiServer.Documents;
using VipOperator.Lab.ApiServer.Errors;
using VipOperator.Lab.ApiServer.Objects;
using VipOperator.Lab.ApiServer.Ownership;
using VipOperator.Lab.ApiServer.Resources;
using VipOperator.Lab.ApiServer.Storage;

namespace VipOperator.Lab.ApiServer.Definitions;

/// <summary>Checks CustomResourceDefinitions, serves what they define and reports that in their status.</summary>
internal sealed class DefinitionController(ObjectStore store, ResourceCatalog catalog, TimeProvider clock)
    : IDefinitionHooks
{
    public const string Finalizer = "customresourcecleanup.apiextensions.k8s.io";

    private static readonly ResourceName Definitions = new("apiextensions.k8s.io", "customresourcedefinitions");

    public void BeforeWrite(ResourceType type, JsonObject document, JsonObject? old)
    {
        if (type.Name != Definitions) return;
        Prepare(document, old);
        List<FieldError> errors = DefinitionValidator.Validate(document, old);
        if (errors.Count > 0) throw ApiErrors.Invalid(type.KindName, document.Name, errors);
    }

    public void AfterWrite(ResourceType type, StoredObject stored)
    {
        if (type.Name != Definitions) return;
        bool isGone = store.Find(type.StorageKey, stored.Key) is null;
        catalog.Replace(stored.Key, isGone ? [] : DefinitionReader.Read(stored.Document));
        if (!isGone) Establish(stored);
    }

    private static void Prepare(JsonObject document, JsonObject? old)
    {
        JsonObject names = document.Child("spec").Child("names");
        string kind = names.Text("kind");
        if (names.Text("singular").Length == 0) names["singular"] = kind.ToLowerInvariant();
        if (names.Text("listKind").Length == 0 && kind.Length > 0) names["listKind"] = kind + "List";
        if (document.Map("spec", "conversion") is null)
            document.Child("spec")["conversion"] = new JsonObject { ["strategy"] = "None" };
        if (old is not null) return;
        string storage =
            document.Items("spec", "versions").FirstOrDefault(v => v.Boolean("storage") == true).Text("name");
        document["status"] = new JsonObject
        {
            ["conditions"] = new JsonArray(),
            ["acceptedNames"] = new JsonObject { ["plural"] = "", ["kind"] = "" },
            ["storedVersions"] = storage.Length == 0 ? [] : new JsonArray(storage),
        };
        // The definition stays until its objects are gone.
        IEnumerable<string> finalizers = document.Texts("metadata", "finalizers").Append(Finalizer).Distinct();
        document.Child("metadata")["finalizers"] = new JsonArray([.. finalizers.Select(f => JsonValue.Create(f))]);
    }

    /// <summary>The second write, as the real server's own controllers make it a moment after the first.</summary>
    private void Establish(StoredObject stored)
    {
        JsonObject updated = stored.Document.Copy();
        JsonObject status = updated.Child("status");
        status["acceptedNames"] = updated.At("spec", "names")?.DeepClone();
        JsonArray versions = status["storedVersions"] as JsonArray ?? [];
        string storage =
            updated.Items("spec", "versions").FirstOrDefault(v => v.Boolean("storage") == true).Text("name");
        if (!versions.Any(v => v.AsText() == storage)) versions.Add(storage);
        string time = ManagedFields.Timestamp(clock.GetUtcNow());
        SetCondition(status, "NamesAccepted", "NoConflicts", "no conflicts found", time);
        SetCondition(status, "Established", "InitialNamesAccepted", "the initial names have been accepted", time);
        if (!ObjectRules.IsSame(stored.Document, updated)) store.TryReplace(Definitions.ToString(), stored, updated);
    }

    private static void SetCondition(JsonObject status, string type, string reason, string message, string time)
    {
        JsonArray conditions = status["conditions"] as JsonArray ?? [];
        if (conditions.Parent is null) status["conditions"] = conditions;
        if (conditions.Any(c => c.Text("type") == type && c.Text("status") == "True")) return;
        conditions.Add(new JsonObject
        {
            ["type"] = type,
            ["status"] = "True",
            ["lastTransitionTime"] = time,
            ["reason"] = reason,
            ["message"] = message,
        });
    }
}
