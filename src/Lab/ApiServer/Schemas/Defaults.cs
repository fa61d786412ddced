using System.Text.Json.Nodes;

namespace VipOperator.Lab.ApiServer.Schemas;

/// <summary>Fills in the schema's defaults; a null in a field that is not nullable counts as absent.</summary>
internal static class Defaults
{
    public static void Apply(JsonNode? node, Schema schema)
    {
        switch (node)
        {
            case JsonObject o:
                ApplyToObject(o, schema);
                break;
            case JsonArray a when schema.Items is not null:
                foreach (JsonNode? item in a) Apply(item, schema.Items);
                break;
        }
    }

    private static void ApplyToObject(JsonObject node, Schema schema)
    {
        foreach ((string name, Schema field) in schema.Properties)
        {
            if (node.TryGetPropertyValue(name, out JsonNode? value) && value is null && !field.Nullable)
            {
                node.Remove(name);
                value = null;
            }
            if (field.HasDefault && !node.ContainsKey(name)) node[name] = field.Default?.DeepClone();
            if (node[name] is { } present) Apply(present, field);
        }
        if (schema.AdditionalProperties is not { } additional) return;
        foreach (string name in node.Select(p => p.Key).Where(k => !schema.Properties.ContainsKey(k)).ToList())
        {
            JsonNode? value = node[name];
            if (value is null && !additional.Nullable)
            {
                if (additional.HasDefault) node[name] = value = additional.Default?.DeepClone();
                else if (!additional.KeepsUnknown) node.Remove(name);
            }
            Apply(value, additional);
        }
    }
}
