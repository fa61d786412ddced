using System.Globalization;
using VipOperator.Lab.ApiServer.Documents;

namespace VipOperator.Lab.ApiServer.Schemas;

/// <summary>The schemas of the built-in types, read once from the table <c>Builtins/fields.txt</c>.</summary>
internal static class BuiltinSchemas
{
    private static readonly Lazy<Dictionary<string, Schema>> Table = new(ReadTable);

    public static Schema String { get; } = new() { Type = "string" };

    public static Schema ObjectMeta => Get("ObjectMeta");

    /// <summary>Every type of the table by its short name.</summary>
    public static IReadOnlyDictionary<string, Schema> All => Table.Value;

    public static Schema Get(string shortName) => Table.Value[shortName];

    private static Dictionary<string, Schema> ReadTable()
    {
        const string resource = "VipOperator.Lab.ApiServer.Builtins.fields.txt";
        using Stream stream = typeof(BuiltinSchemas).Assembly.GetManifestResourceStream(resource)
            ?? throw new InvalidOperationException($"{resource} is not embedded.");
        using StreamReader reader = new(stream);
        string[] lines = [.. reader.ReadToEnd().Split('\n').Where(l => l.Length > 0 && l[0] != '#')];

        Dictionary<string, Schema> types = new(StringComparer.Ordinal);
        foreach (string line in lines.Where(l => l[0] != ' '))
        {
            string[] words = line.Split(' ');
            types[words[0]] = new Schema { Type = "object", ReferenceName = words[1] };
        }
        Schema current = String;
        foreach (string line in lines)
        {
            string[] words = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
            if (line[0] != ' ') current = types[words[0]];
            else ReadField(current, words, types);
        }
        return types;
    }

    private static void ReadField(Schema owner, string[] words, Dictionary<string, Schema> types)
    {
        Schema field = ReadType(words[1], types);
        string[] flags = words[2..];
        // A reference to a shared type stays shared unless the field itself says more.
        if (field.ReferenceName is not null && flags.Length > 0) field = Refine(field);
        foreach (string flag in flags)
        {
            if (flag[0] == '#')
            {
                field.ProtobufPath = [.. flag[1..].Split('.').Select(n => int.Parse(n, CultureInfo.InvariantCulture))];
                continue;
            }
            string value = flag[(flag.IndexOf('=', StringComparison.Ordinal) + 1)..];
            switch (flag.Split('=')[0])
            {
                case "keys":
                    field.ListKind = ListKind.Map;
                    field.ListMapKeys = value.Split(',');
                    break;
                case "set":
                    field.ListKind = ListKind.Set;
                    break;
                case "atomic":
                    field.AtomicMap = field.Type == "object";
                    break;
                case "atomicItems":
                    field.Items = Refine(field.Items!);
                    field.Items.AtomicMap = true;
                    break;
                case "merge":
                    field.PatchMergeKey = flag.Contains('=', StringComparison.Ordinal) ? value : "";
                    break;
                case "retainKeys":
                    field.PatchRetainKeys = true;
                    break;
                case "required":
                    owner.Required.Add(words[0]);
                    break;
                case "default":
                    field.HasDefault = true;
                    field.Default = JsonDocumentReader.Read(value);
                    break;
                default:
                    throw new InvalidOperationException($"Unknown flag {flag} of field {words[0]}.");
            }
        }
        owner.Properties[words[0]] = field;
    }

    /// <summary>The same type under one field's own flags: the properties, perhaps not read yet, are shared.</summary>
    private static Schema Refine(Schema type) => new()
    {
        Type = type.Type,
        ReferenceName = type.ReferenceName,
        Properties = type.Properties,
        Required = type.Required,
    };

    private static Schema ReadType(string type, Dictionary<string, Schema> types)
    {
        if (type.StartsWith("[]", StringComparison.Ordinal))
            return new Schema { Type = "array", Items = ReadType(type[2..], types) };
        if (type.StartsWith("map:", StringComparison.Ordinal))
            return new Schema { Type = "object", AdditionalProperties = ReadType(type[4..], types) };
        return type switch
        {
            "string" => new Schema { Type = "string" },
            "bytes" => new Schema { Type = "string", Format = "byte" },
            "time" => new Schema { Type = "string", Format = "date-time", Nullable = true },
            "microtime" => new Schema { Type = "string", Format = "micro-time", Nullable = true },
            "quantity" => new Schema { Type = "string", Format = "quantity" },
            "bool" => new Schema { Type = "boolean" },
            "int32" or "int64" => new Schema { Type = "integer", Format = type },
            "number" => new Schema { Type = "number", Format = "double" },
            "intstr" => new Schema { IntOrString = true },
            "any" or "schemaorbool" or "schemaorarray" or "schemaorstrings" =>
                new Schema { PreserveUnknownFields = true },
            _ => types[type],
        };
    }
}
