using System.Globalization;
using System.Net;
using System.Text.Json.Nodes;
using VipOperator.Lab.ApiServer.Documents;
using VipOperator.Lab.ApiServer.Schemas;

namespace VipOperator.Lab.ApiServer.Cel;

/// <summary>A list; one that is a set (or keyed) by its schema is equal to another whatever the order.</summary>
internal sealed record CelList(IReadOnlyList<object?> Items, bool IsUnordered = false);

/// <summary>A map or an object, whose keys are its fields' escaped names.</summary>
internal sealed record CelMap(IReadOnlyDictionary<object, object?> Entries);

/// <summary>A span of time with CEL's resolution.</summary>
internal readonly record struct CelDuration(Int128 Nanoseconds) : IComparable<CelDuration>
{
    public int CompareTo(CelDuration other) => Nanoseconds.CompareTo(other.Nanoseconds);
}

internal readonly record struct CelOptional(bool HasValue, object? Value);

internal sealed record CelIp(IPAddress Address);

internal sealed record CelCidr(IPAddress Address, int PrefixLength);

internal sealed record CelUrl(Uri Value);

/// <summary>
/// Values as CEL sees them: null, bool, long, ulong, double, string, byte[], DateTimeOffset and the types here.
/// </summary>
internal static class CelValues
{
    private static readonly Dictionary<string, string> ReservedNames = ((string[])
        [
            "true", "false", "null", "in", "as", "break", "const", "continue", "else", "for",
            "function", "if", "import", "let",
            "loop", "package", "namespace", "return", "var", "void", "while",
        ]).ToDictionary(n => n, n => $"__{n}__", StringComparer.Ordinal);

    /// <summary>A field's name in rules; null when rules cannot name it.</summary>
    public static string? Escape(string field)
    {
        if (ReservedNames.TryGetValue(field, out string? reserved)) return reserved;
        bool isUsable = field.Length > 0 && (char.IsAsciiLetter(field[0]) || field[0] is '_' or '.' or '-' or '/')
            && field.All(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '.' or '-' or '/');
        if (!isUsable) return null;
        return field
            .Replace("__", "__underscores__", StringComparison.Ordinal)
            .Replace(".", "__dot__", StringComparison.Ordinal)
            .Replace("-", "__dash__", StringComparison.Ordinal)
            .Replace("/", "__slash__", StringComparison.Ordinal);
    }

    /// <summary>A document's value by its schema.</summary>
    public static object? Of(JsonNode? node, Schema schema) => node switch
    {
        null => null,
        JsonArray a =>
            new CelList([.. a.Select(i => Of(i, schema.Items ?? new Schema()))], schema.ListKind != ListKind.Atomic),
        JsonObject o => OfObject(o, schema),
        _ => OfScalar(node, schema),
    };

    private static CelMap OfObject(JsonObject node, Schema schema)
    {
        Dictionary<object, object?> entries = [];
        foreach ((string name, JsonNode? value) in node)
        {
            Schema? field = schema.Field(name);
            bool isMapKey = schema.AdditionalProperties is not null || schema.Properties.Count == 0;
            // A null in an optional field counts as absent.
            if (value is null && field is { Nullable: false }) continue;
            string? key = isMapKey ? name : Escape(name);
            if (key is not null) entries[key] = Of(value, field ?? new Schema());
        }
        return new CelMap(entries);
    }

    private static object? OfScalar(JsonNode node, Schema schema)
    {
        if (node.AsText() is { } text)
        {
            return schema.Type != "string" ? text : schema.Format switch
            {
                "byte" => Convert.FromBase64String(text),
                "duration" => CelTime.ParseDuration(text),
                "date" => new DateTimeOffset(
                    DateOnly.ParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture), default, default),
                "date-time" or "datetime" => CelTime.ParseTimestamp(text),
                _ => text,
            };
        }
        if (node.TryBoolean(out bool flag)) return flag;
        bool isWhole = node.TryInteger(out long whole);
        if (isWhole && schema.Type != "number") return whole;
        return node.TryNumber(out double number) ? number : null;
    }

    public static bool AreEqual(object? a, object? b)
    {
        if (a is null || b is null) return a is null && b is null;
        if (IsNumber(a) && IsNumber(b)) return CompareNumbers(a, b) == 0;
        return (a, b) switch
        {
            (byte[] x, byte[] y) => x.AsSpan().SequenceEqual(y),
            (CelList x, CelList y) => AreEqual(x, y),
            (CelMap x, CelMap y) => x.Entries.Count == y.Entries.Count
                && x.Entries.All(e => y.Entries.TryGetValue(e.Key, out object? other) && AreEqual(e.Value, other)),
            (CelOptional x, CelOptional y) => x.HasValue == y.HasValue && AreEqual(x.Value, y.Value),
            _ => a.Equals(b),
        };
    }

    public static bool IsNumber(object? value) => value is long or ulong or double;

    /// <returns>Null: not comparable (NaN).</returns>
    public static int? CompareNumbers(object a, object b)
    {
        if (a is double || b is double)
        {
            double x = Convert.ToDouble(a, CultureInfo.InvariantCulture), y = Convert.ToDouble(
                b, CultureInfo.InvariantCulture);
            return double.IsNaN(x) || double.IsNaN(y) ? null : x.CompareTo(y);
        }
        return ToInt128(a).CompareTo(ToInt128(b));
    }

    public static Int128 ToInt128(object value) => value is ulong u ? u : (long)value;

    public static string TypeName(object? value) => value switch
    {
        null => "null_type",
        bool => "bool",
        long => "int",
        ulong => "uint",
        double => "double",
        string => "string",
        byte[] => "bytes",
        CelList => "list",
        CelMap => "map",
        CelDuration => "google.protobuf.Duration",
        DateTimeOffset => "google.protobuf.Timestamp",
        CelOptional => "optional_type",
        CelIp => "net.IP",
        CelCidr => "net.CIDR",
        _ => "type",
    };

    private static bool AreEqual(CelList a, CelList b)
    {
        if (a.Items.Count != b.Items.Count) return false;
        if (!a.IsUnordered && !b.IsUnordered) return a.Items.Zip(b.Items).All(p => AreEqual(p.First, p.Second));
        return a.Items.All(i => b.Items.Any(o => AreEqual(i, o))) && b.Items.All(i => a.Items.Any(o => AreEqual(i, o)));
    }
}
