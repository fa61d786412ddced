using System.Text.Json.Nodes;
using VipOperator.Lab.ApiServer.Documents;
using VipOperator.Lab.ApiServer.Errors;
using VipOperator.Lab.ApiServer.Resources;
using VipOperator.Lab.ApiServer.Tables;

namespace VipOperator.Lab.ApiServer.Definitions;

/// <summary>The checks of a CustomResourceDefinition apart from its schemas.</summary>
internal static class DefinitionValidator
{
    private static readonly string[] ColumnTypes = ["integer", "number", "string", "boolean", "date"];

    public static List<FieldError> Validate(JsonObject definition, JsonObject? old)
    {
        List<FieldError> errors = [];
        JsonObject spec = definition.Map("spec") ?? [];
        string group = spec.Text("group"), plural = spec.Text("names", "plural");
        if (definition.Name != $"{plural}.{group}")
        {
            errors.Add(FieldError.Invalid(
                "metadata.name", definition.Name, $"must be spec.names.plural+\".\"+spec.group"));
        }
        Group(group, errors);
        string scope = spec.Text("scope");
        if (scope.Length == 0) errors.Add(FieldError.Required("spec.scope"));
        else if (scope is not ("Cluster" or "Namespaced"))
            errors.Add(FieldError.NotSupported("spec.scope", scope, ["Cluster", "Namespaced"]));
        NamesOf(spec.Map("names") ?? [], errors);
        Versions(spec, errors);
        if (old is not null) Unchanged(spec, old.Map("spec") ?? [], errors);
        return errors;
    }

    private static void Group(string group, List<FieldError> errors)
    {
        const string path = "spec.group";
        if (group.Length == 0) errors.Add(FieldError.Required(path));
        else if (Names.SubdomainProblem(group) is { } problem) errors.Add(FieldError.Invalid(path, group, problem));
        else if (group.Split('.').Length < 2)
            errors.Add(FieldError.Invalid(path, group, "should be a domain with at least one dot"));
    }

    private static void NamesOf(JsonObject names, List<FieldError> errors)
    {
        foreach (string field in new[] { "plural", "singular", "kind", "listKind" })
        {
            string path = $"spec.names.{field}", name = names.Text(field);
            // Kinds are checked in lower case: CamelCase is allowed there.
            if (name.Length == 0) errors.Add(FieldError.Required(path));
            else if (Names.Label1035Problem(field is "kind" or "listKind"
                ? name.ToLowerInvariant() : name) is { } problem)
                errors.Add(FieldError.Invalid(path, name, field is "kind" or "listKind"
                    ? $"may have mixed case, but should otherwise match: {problem}" : problem));
        }
        if (names.Text("kind") == names.Text("listKind") && names.Text("kind").Length > 0)
            errors.Add(FieldError.Invalid(
                "spec.names.listKind", names.Text("listKind"), "kind and listKind may not be the same"));
        foreach (string field in new[] { "shortNames", "categories" })
            foreach ((string name, int index) in names.Texts(field).Select((n, i) => (n, i)))
                if (Names.Label1035Problem(name) is { } problem)
                    errors.Add(FieldError.Invalid($"spec.names.{field}[{index}]", name, problem));
    }

    private static void Versions(JsonObject spec, List<FieldError> errors)
    {
        JsonObject[] versions = [.. spec.Items("versions").OfType<JsonObject>()];
        HashSet<string> names = new(StringComparer.Ordinal);
        for (int i = 0; i < versions.Length; i++)
        {
            string path = $"spec.versions[{i}]", name = versions[i].Text("name");
            if (Names.Label1035Problem(name) is { } problem)
                errors.Add(FieldError.Invalid($"{path}.name", name, problem));
            if (!names.Add(name)) errors.Add(FieldError.Duplicate($"{path}.name", name));
            SchemaOf(
                versions[i], versions.Length == 1 ? "spec.validation" : $"{path}.schema", $"{path}.schema", errors);
            // What only one version has is refused where the server keeps it: at the top.
            string top = versions.Length == 1 ? "spec" : path;
            Columns(versions[i], $"{top}.additionalPrinterColumns", errors);
            SelectableFields(versions[i], $"{top}.selectableFields", errors);
        }
        int storage = versions.Count(v => v.Boolean("storage") == true);
        if (storage != 1)
            errors.Add(FieldError.Invalid(
                "spec.versions", spec["versions"], "must have exactly one version marked as storage version"));
        if (storage == 0)
            errors.Add(FieldError.Invalid("status.storedVersions", null, "must have at least one stored version"));
    }

    /// <param name="path">Where refusals of a single version's schema point to, for the server moves it there.</param>
    private static void SchemaOf(JsonObject version, string path, string ownPath, List<FieldError> errors)
    {
        if (version.Map("schema", "openAPIV3Schema") is not { } schema)
        {
            errors.Add(FieldError.Required($"{ownPath}.openAPIV3Schema"));
            return;
        }
        errors.AddRange(StructuralSchemaValidator.Validate(schema, $"{path}.openAPIV3Schema"));
    }

    private static void Columns(JsonObject version, string path, List<FieldError> errors)
    {
        foreach ((JsonNode? column, int index) in version.Items("additionalPrinterColumns").Select((c, i) => (c, i)))
        {
            string at = $"{path}[{index}]", type = column.Text("type"), jsonPath = column.Text("jsonPath");
            if (column.Text("name").Length == 0) errors.Add(FieldError.Required($"{at}.name"));
            if (type.Length == 0)
                errors.Add(FieldError.Required(
                    $"{at}.type", $"must be one of {string.Join(",", ColumnTypes.Order(StringComparer.Ordinal))}"));
            else if (!ColumnTypes.Contains(type))
            {
                errors.Add(FieldError.Invalid(
                    $"{at}.type", type,
                    $"must be one of {string.Join(",", ColumnTypes.Order(StringComparer.Ordinal))}"));
            }
            if (jsonPath.Length == 0) errors.Add(FieldError.Required($"{at}.jsonPath"));
            else if (!IsJsonPath(jsonPath, out string why))
                errors.Add(FieldError.Invalid($"{at}.JSONPath", jsonPath, why));
        }
    }

    private static bool IsJsonPath(string text, out string why)
    {
        try
        {
            why = "must be a simple json path starting with .";
            if (!text.StartsWith('.')) return false;
            _ = JsonPath.Parse(text);
            return true;
        }
        catch (Exception e) when (e is FormatException or MalformedDocumentException)
        {
            why = e.Message;
            return false;
        }
    }

    private static void SelectableFields(JsonObject version, string path, List<FieldError> errors)
    {
        foreach ((JsonNode? field, int index) in version.Items("selectableFields").Select((f, i) => (f, i)))
        {
            string jsonPath = field.Text("jsonPath");
            JsonNode? schema = version.At("schema", "openAPIV3Schema");
            foreach (string step in jsonPath.TrimStart('.').Split('.')) schema = schema.At("properties", step);
            string at = $"{path}[{index}].jsonPath";
            if (schema is null)
                errors.Add(FieldError.Invalid(at, jsonPath, "is an invalid path: does not refer to a valid field"));
            else if (schema.Text("type") is not ("string" or "integer" or "boolean"))
                errors.Add(
                    FieldError.Invalid(at, jsonPath, "must point to a field of type string, boolean or integer"));
        }
    }

    private static void Unchanged(JsonObject spec, JsonObject old, List<FieldError> errors)
    {
        foreach (string[] field in new string[][] { ["group"], ["scope"], ["names", "kind"], ["names", "plural"] })
            if (spec.Text(field) != old.Text(field))
                errors.Add(FieldError.Invalid("spec." + string.Join('.', field), spec.At(field), "field is immutable"));
    }
}
