using System.Text.Json.Nodes;
using VipOperator.Lab.ApiServer.Documents;
using VipOperator.Lab.ApiServer.Resources;

namespace VipOperator.Lab.ApiServer.Tables;

/// <summary>Objects as <c>meta.k8s.io/v1 Table</c>, from which kubectl prints.</summary>
internal static class TableRenderer
{
    private static readonly PrinterColumn NameColumn = new(
        "Name", "string", o => o.Name, 0, "name", "Name of the object");

    private static readonly PrinterColumn CreatedColumn =
        new("Created At", "date", o => o.Text("metadata", "creationTimestamp"), 0, "",
            "Time at which the object was made");

    /// <param name="includeObject">Metadata (default), Object or None: what each row carries besides its cells.</param>
    public static JsonObject Render(
        IEnumerable<JsonObject> objects, ResourceType type, JsonObject listMetadata, string includeObject,
        bool withColumns, DateTimeOffset now)
    {
        PrinterColumn[] columns = ColumnsOf(type);
        JsonArray rows = [];
        foreach (JsonObject o in objects)
        {
            JsonObject row = new()
            {
                ["cells"] = new JsonArray([.. columns.Select(c => Cell(c, o, type, now))]),
            };
            JsonObject? carried = Carried(o, includeObject);
            if (carried is not null) row["object"] = carried;
            rows.Add(row);
        }
        return new JsonObject
        {
            ["kind"] = "Table",
            ["apiVersion"] = "meta.k8s.io/v1",
            ["metadata"] = listMetadata,
            ["columnDefinitions"] = withColumns ? new JsonArray([.. columns.Select(Definition)]) : [],
            ["rows"] = rows,
        };
    }

    // Events alone have their name not in front but among the wide columns, which they list themselves.
    private static PrinterColumn[] ColumnsOf(ResourceType type) => type.Columns switch
    {
        [] => [NameColumn, CreatedColumn],
        [.., var last] when last.Name == NameColumn.Name => [.. type.Columns],
        var columns => [NameColumn, .. columns],
    };

    /// <summary>The object cut down to its metadata.</summary>
    public static JsonObject PartialMetadata(JsonObject document) => new()
    {
        ["kind"] = "PartialObjectMetadata",
        ["apiVersion"] = "meta.k8s.io/v1",
        ["metadata"] = document.Metadata.DeepClone(),
    };

    private static JsonObject? Carried(JsonObject document, string includeObject) => includeObject switch
    {
        "None" => null,
        "Object" => document.Copy(),
        _ => PartialMetadata(document),
    };

    private static JsonNode? Cell(PrinterColumn column, JsonObject document, ResourceType type, DateTimeOffset now)
    {
        JsonNode? value = column.Value(document);
        // Custom resources send dates as times and leave it to the server to print the age; built-ins do the same.
        if (column.Type == "date" && value.AsText() is { } time)
            return time.Length == 0 ? "<unknown>" : type.IsCustom
            || column.Name != "Created At" ? Ages.Of(time, now) : time;
        return value?.DeepClone();
    }

    private static JsonObject Definition(PrinterColumn column) => new()
    {
        ["name"] = column.Name,
        // The cell already holds text.
        ["type"] = column.Type,
        ["format"] = column.Format,
        ["description"] = column.Description,
        ["priority"] = column.Priority,
    };
}
