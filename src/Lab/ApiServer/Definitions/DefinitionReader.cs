using System.Globalization;
using System.Text.Json.Nodes;
using VipOperator.Lab.ApiServer.Documents;
using VipOperator.Lab.ApiServer.Resources;
using VipOperator.Lab.ApiServer.Schemas;
using VipOperator.Lab.ApiServer.Tables;

namespace VipOperator.Lab.ApiServer.Definitions;

/// <summary>From a CustomResourceDefinition that was accepted to the types it serves.</summary>
internal static class DefinitionReader
{
    public static IReadOnlyList<ResourceType> Read(JsonObject definition)
    {
        JsonObject spec = definition.Map("spec") ?? [];
        JsonObject names = spec.Map("names") ?? [];
        return [.. spec.Items("versions").OfType<JsonObject>()
            .Where(v => v.Boolean("served") == true)
            .OrderBy(v => v.Text("name"), VersionOrder.Instance)
            .Select(v => ReadVersion(spec, names, v))];
    }

    private static ResourceType ReadVersion(JsonObject spec, JsonObject names, JsonObject version) => new()
    {
        Group = spec.Text("group"),
        Version = version.Text("name"),
        Plural = names.Text("plural"),
        Singular = names.Text("singular") is { Length: > 0 } singular
            ? singular
            : names.Text("kind").ToLowerInvariant(),
        Kind = names.Text("kind"),
        ListKindOverride = names.Text("listKind") is { Length: > 0 } list ? list : null,
        ShortNames = [.. names.Texts("shortNames")],
        Categories = [.. names.Texts("categories")],
        Namespaced = spec.Text("scope") == "Namespaced",
        IsCustom = true,
        HasStatus = version.Map("subresources", "status") is not null,
        Schema = SchemaReader.ReadRoot(version.Map("schema", "openAPIV3Schema")?.Copy() ?? []),
        Columns = [.. Columns(version)],
        SelectableFields = version.Items("selectableFields").Select(f => f.Text("jsonPath").TrimStart('.'))
            .ToDictionary(f => f, f => f, StringComparer.Ordinal),
    };

    private static IEnumerable<PrinterColumn> Columns(JsonObject version)
    {
        JsonObject[] declared = [.. version.Items("additionalPrinterColumns").OfType<JsonObject>()];
        if (declared.Length == 0)
        {
            yield return new PrinterColumn("Age", "date", o => o.At("metadata", "creationTimestamp")?.DeepClone());
            yield break;
        }
        foreach (JsonObject column in declared)
        {
            JsonPath path = JsonPath.Parse(column.Text("jsonPath"));
            string type = column.Text("type");
            yield return new PrinterColumn(
                column.Text("name"), type, o => Cell(path, type, o), (int)(column.Integer("priority") ?? 0),
                column.Text("format"), column.Text("description"));
        }
    }

    /// <summary>
    /// A value of another type than the column says leaves the cell empty; text columns print anything.
    /// </summary>
    private static JsonNode? Cell(JsonPath path, string type, JsonObject document)
    {
        JsonNode? found = path.Find(document).FirstOrDefault(v => v is not null);
        if (found is null) return null;
        return type switch
        {
            "integer" => found.TryNumber(out double number) ? (long)number : null,
            "number" => found.TryNumber(out double number) ? number : null,
            "boolean" => found.TryBoolean(out bool flag) ? flag : null,
            "date" => found.AsText() is { } time ? time : null,
            _ => found.AsText() ?? (found.TryNumber(out double n) && !found.TryInteger(out _)
                ? n.ToString(CultureInfo.InvariantCulture)
                : JsonText.Of(found)),
        };
    }
}
