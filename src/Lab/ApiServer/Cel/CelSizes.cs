using VipOperator.Lab.ApiServer.Schemas;

namespace VipOperator.Lab.ApiServer.Cel;

/// <summary>
/// How large values can get at most, from the limits of their schema or from what one request can carry.
/// </summary>
internal static class CelSizes
{
    /// <summary>Bytes of a request body; without a limit of its own no value can be larger.</summary>
    public const double MaxRequestBytes = 3 * 1024 * 1024;

    /// <summary>Nobody knows.</summary>
    public const double Unknown = ulong.MaxValue;

    private const double DurationBytes = 32;
    private const double DateTimeBytes = 21;
    private const double DateBytes = 12;

    /// <summary>UTF-8 bytes per code point at most.</summary>
    private const double BytesPerCharacter = 4;

    /// <summary>The most characters, items or entries that a value of this schema has; 1 for other scalars.</summary>
    public static double MaxSize(Schema? schema)
    {
        if (schema is null) return Unknown;
        if (schema.IntOrString || schema.Type.Length == 0) return MaxRequestBytes - 2;
        return schema.Type switch
        {
            "string" => schema.Format switch
            {
                "duration" => DurationBytes,
                "date" => DateBytes,
                "date-time" or "datetime" => DateTimeBytes,
                _ when schema.MaxLength is { } max => max * (schema.Format == "byte" ? 1 : BytesPerCharacter),
                _ when schema.Enum is { } allowed => allowed.Max(v => v?.ToString().Length ?? 0) * BytesPerCharacter,
                _ => MaxRequestBytes - 2,
            },
            "array" => schema.MaxItems ?? Math.Floor((MaxRequestBytes - 2) / (MinBytes(schema.Items) + 1)),
            "object" when schema.AdditionalProperties is not null =>
                schema.MaxProperties ?? Math.Floor((MaxRequestBytes - 2) / (MinBytes(schema.AdditionalProperties) + 6)),
            _ => 1,
        };
    }

    /// <summary>The fewest bytes that a value of this schema takes in a request.</summary>
    private static double MinBytes(Schema? schema)
    {
        if (schema is null) return 1;
        switch (schema.Type)
        {
            case "string" or "array":
                return 2;
            case "boolean":
                return 4;
            case "object":
                double sum = 2;
                foreach (string name in schema.Required)
                    if (schema.Properties.GetValueOrDefault(name) is { HasDefault: false } field)
                        sum += name.Length + 4 + MinBytes(field);
                return sum;
            default:
                return 1;
        }
    }
}
