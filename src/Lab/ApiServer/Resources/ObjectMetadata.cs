using System.Text.Json.Nodes;
using VipOperator.Lab.ApiServer.Documents;
using VipOperator.Lab.ApiServer.Errors;

namespace VipOperator.Lab.ApiServer.Resources;

/// <summary>The checks of <c>metadata</c> that all resources share.</summary>
internal static class ObjectMetadata
{
    private const int MaxAnnotationBytes = 256 * 1024;

    public static void Validate(JsonObject document, JsonObject? old, ResourceType type, ICollection<FieldError> errors)
    {
        JsonObject metadata = document.Metadata;
        string name = metadata.Text("name");
        if (name.Length == 0) errors.Add(FieldError.Required("metadata.name", "name or generateName is required"));
        else if (old is null && NameProblem(name, type) is { } problem)
            errors.Add(FieldError.Invalid("metadata.name", name, problem));
        Labels(metadata, errors);
        Annotations(metadata, errors);
        foreach ((JsonNode? finalizer, int index) in metadata.Items("finalizers").Select((f, i) => (f, i)))
            Finalizer(finalizer.AsText() ?? "", $"metadata.finalizers[{index}]", type, errors);
        OwnerReferences(metadata, errors);
        if (old is not null) Unchanged(metadata, old.Metadata, errors);
    }

    private static string? NameProblem(string name, ResourceType type) => (type.Group, type.Plural) switch
    {
        ("", "namespaces") => Names.LabelProblem(name),
        ("", "services") => Names.Label1035Problem(name),
        ("rbac.authorization.k8s.io", _) => Names.PathSegmentProblem(name),
        _ => Names.SubdomainProblem(name),
    };

    private static void Labels(JsonObject metadata, ICollection<FieldError> errors)
    {
        foreach ((string key, JsonNode? value) in metadata.Map("labels") ?? [])
        {
            if (Names.LabelKeyProblem(key) is { } problem)
                errors.Add(FieldError.Invalid("metadata.labels", key, problem));
            string text = value.AsText() ?? "";
            if (Names.LabelValueProblem(text) is { } valueProblem)
                errors.Add(FieldError.Invalid("metadata.labels", text, valueProblem));
        }
    }

    private static void Annotations(JsonObject metadata, ICollection<FieldError> errors)
    {
        long size = 0;
        foreach ((string key, JsonNode? value) in metadata.Map("annotations") ?? [])
        {
            size += key.Length + (value.AsText()?.Length ?? 0);
            if (Names.LabelKeyProblem(key.ToLowerInvariant()) is { } problem)
                errors.Add(FieldError.Invalid("metadata.annotations", key, problem));
        }
        if (size > MaxAnnotationBytes) errors.Add(FieldError.TooLong("metadata.annotations", MaxAnnotationBytes));
    }

    /// <summary>
    /// Built-ins demand a domain in the name; for custom resources and their definitions it is only advised.
    /// </summary>
    private static void Finalizer(string finalizer, string path, ResourceType type, ICollection<FieldError> errors)
    {
        bool isStandard = finalizer is "kubernetes" or "orphan" or "foregroundDeletion";
        if (Names.LabelKeyProblem(finalizer) is { } problem)
            errors.Add(FieldError.Invalid("metadata.finalizers", finalizer, problem));
        else if (!isStandard && !type.IsCustom && type.Group != "apiextensions.k8s.io"
            && !finalizer.Contains('/', StringComparison.Ordinal))
        {
            errors.Add(FieldError.Invalid(
                path, finalizer, "name is neither a standard finalizer name nor is it fully qualified"));
        }
    }

    private static void OwnerReferences(JsonObject metadata, ICollection<FieldError> errors)
    {
        int controllers = 0;
        foreach (JsonNode? owner in metadata.Items("ownerReferences"))
        {
            const string path = "metadata.ownerReferences";
            string version = owner.Text("apiVersion");
            if (version.Length == 0 || version.Split('/').Length > 2)
                errors.Add(FieldError.Invalid($"{path}.apiVersion", version, "version must not be empty"));
            if (owner.Text("kind").Length == 0) errors.Add(FieldError.Invalid($"{path}.kind", "", "must not be empty"));
            if (owner.Text("name").Length == 0) errors.Add(FieldError.Invalid($"{path}.name", "", "must not be empty"));
            if (owner.Text("uid").Length == 0) errors.Add(FieldError.Invalid($"{path}.uid", "", "must not be empty"));
            if (owner.Boolean("controller") == true && ++controllers == 2)
            {
                errors.Add(FieldError.Invalid(
                    path, metadata["ownerReferences"], "Only one reference can have Controller set to true. "
                        + $"Found \"true\" in references for {owner.Text("name")}"));
            }
        }
    }

    private static void Unchanged(JsonObject metadata, JsonObject old, ICollection<FieldError> errors)
    {
        foreach (string field in new[] { "name", "namespace", "uid", "creationTimestamp", "deletionTimestamp" })
            if (metadata.Text(field) != old.Text(field))
                errors.Add(FieldError.Invalid($"metadata.{field}", metadata[field], "field is immutable"));
        if (old["deletionTimestamp"] is null) return;
        string[] added = [.. metadata.Texts("finalizers").Except(old.Texts("finalizers"))];
        if (added.Length > 0)
        {
            errors.Add(FieldError.Forbidden(
                "metadata.finalizers",
                "no new finalizers can be added if the object is being deleted, found new finalizers "
                    + $"[]string{{{string.Join(", ", added.Select(JsonText.Quote))}}}"));
        }
    }
}
