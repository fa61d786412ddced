using System.Globalization;
using System.Text.Json.Nodes;
using VipOperator.Lab.ApiServer.Cel;
using VipOperator.Lab.ApiServer.Documents;
using VipOperator.Lab.ApiServer.Errors;
using VipOperator.Lab.ApiServer.Ownership;
using VipOperator.Lab.ApiServer.Resources;
using VipOperator.Lab.ApiServer.Schemas;

namespace VipOperator.Lab.ApiServer.Objects;

/// <summary>
/// What happens to an object between the request and the store: server-set fields, defaults, validation.
/// </summary>
internal static class ObjectRules
{
    private const string NameSuffixLetters = "bcdfghjklmnpqrstvwxz2456789";

    public static void PrepareCreate(JsonObject document, ResourceType type, DateTimeOffset now)
    {
        JsonObject metadata = document.Child("metadata");
        foreach (string field in new[] { "selfLink", "deletionTimestamp",
            "deletionGracePeriodSeconds", "generation", "uid" })
            metadata.Remove(field);
        if (metadata.Text("name").Length == 0 && metadata.Text("generateName") is { Length: > 0 } prefix)
            metadata["name"] = prefix + Random.Shared.GetString(NameSuffixLetters, 5);
        metadata["uid"] = Guid.NewGuid().ToString();
        metadata["creationTimestamp"] = ManagedFields.Timestamp(now);
        if (type.HasGeneration || type.IsCustom) metadata["generation"] = 1;
        // Nodes are registered together with their status; everyone else's status starts empty.
        bool keepsStatus = !type.HasStatus || type is { Group: "", Plural: "nodes" };
        if (!keepsStatus) document.Remove("status");
        ApplyDefaults(document, null, type);
    }

    /// <summary>Puts together what an update may change and what stays as it was.</summary>
    public static JsonObject PrepareUpdate(JsonObject old, JsonObject incoming, ResourceType type, string subresource)
    {
        JsonObject updated;
        if (subresource == "status" && type.IsCustom)
        {
            updated = old.Copy();
            updated.Remove("status");
            if (incoming["status"] is { } status) updated["status"] = status.DeepClone();
            CopyField(incoming.Metadata, updated.Child("metadata"), "managedFields");
        }
        else if (subresource == "status")
        {
            updated = incoming.Copy();
            foreach (string name in old.Select(p => p.Key).Union(incoming.Select(p => p.Key)).ToList())
                if (name is not ("metadata" or "status" or "apiVersion" or "kind"))
                    CopyField(old, updated, name);
        }
        else
        {
            updated = incoming.Copy();
            if (type.HasStatus) CopyField(old, updated, "status");
            // What keeps a namespace alive is written through /finalize alone.
            if (type is { Group: "", Plural: "namespaces" } && subresource != "finalize")
                CopyField(old, updated, "spec");
        }
        KeepMetadata(old.Metadata, updated.Child("metadata"));
        ApplyDefaults(updated, old, type);
        return updated;
    }

    /// <summary>Counts the generation up when something else than metadata and status changed.</summary>
    public static void CountGeneration(JsonObject old, JsonObject updated, ResourceType type)
    {
        if (!type.HasGeneration && !type.IsCustom) return;
        if (JsonNode.DeepEquals(Desired(old, type), Desired(updated, type))) return;
        updated.Child("metadata")["generation"] = (old.Integer("metadata", "generation") ?? 0) + 1;
    }

    public static void ApplyDefaults(JsonObject document, JsonObject? old, ResourceType type)
    {
        Defaults.Apply(document, type.Schema);
        type.Prepare?.Invoke(document, old);
    }

    /// <exception cref="ApiException">422 with all that is wrong.</exception>
    public static void Validate(JsonObject document, JsonObject? old, ResourceType type)
    {
        List<FieldError> errors = [];
        ObjectMetadata.Validate(document, old, type, errors);
        if (type.IsCustom)
        {
            errors.AddRange(SchemaValidator.Validate(document, type.Schema));
            bool hasRules = RuleValidation.HasRules(type.Schema);
            if (hasRules && errors.Any(IsBlocking)) errors.Add(FieldError.RulesNotChecked);
            else if (hasRules) errors.AddRange(RuleValidation.Validate(document, old, type.Schema));
        }
        else type.Validate?.Invoke(document, old, errors);
        if (errors.Count > 0) throw ApiErrors.Invalid(type.KindName, document.Name, errors);
    }

    /// <summary>Equal but for the resourceVersion: writing it would change nothing.</summary>
    public static bool IsSame(JsonObject old, JsonObject updated)
    {
        (JsonObject a, JsonObject b) = (old.Copy(), updated.Copy());
        a.Child("metadata").Remove("resourceVersion");
        b.Child("metadata").Remove("resourceVersion");
        return JsonNode.DeepEquals(a, b);
    }

    public static long? ParseResourceVersion(string text) =>
        long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out long revision) ? revision : null;

    /// <summary>Errors after which rules are not run: they could see values of types that they do not expect.</summary>
    private static bool IsBlocking(FieldError error) => error.Reason
        is FieldErrorReason.FieldValueNotSupported or FieldErrorReason.FieldValueRequired
        or FieldErrorReason.FieldValueTooLong or FieldErrorReason.FieldValueTooMany
        or FieldErrorReason.FieldValueTypeInvalid;

    private static void KeepMetadata(JsonObject old, JsonObject updated)
    {
        foreach (string field in new[] { "generation", "deletionTimestamp", "deletionGracePeriodSeconds" })
            CopyField(old, updated, field);
        foreach (string field in new[] { "uid", "creationTimestamp", "namespace", "name" })
            if (updated.Text(field).Length == 0)
                CopyField(old, updated, field);
        // The same instant may be written differently, such as with +00:00.
        if (DateTimeOffset.TryParse(
            old.Text("creationTimestamp"), CultureInfo.InvariantCulture, out DateTimeOffset before)
            && DateTimeOffset.TryParse(
                updated.Text("creationTimestamp"), CultureInfo.InvariantCulture, out DateTimeOffset after)
            && before == after)
            CopyField(old, updated, "creationTimestamp");
        updated.Remove("selfLink");
        CopyField(old, updated, "resourceVersion");
    }

    private static JsonObject Desired(JsonObject document, ResourceType type)
    {
        JsonObject copy = document.Copy();
        copy.Remove("metadata");
        copy.Remove("apiVersion");
        if (type.HasStatus) copy.Remove("status");
        return copy;
    }

    private static void CopyField(JsonObject from, JsonObject to, string name)
    {
        to.Remove(name);
        if (from[name] is { } value) to[name] = value.DeepClone();
    }
}
