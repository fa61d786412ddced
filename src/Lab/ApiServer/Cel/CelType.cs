using VipOperator.Lab.ApiServer.Schemas;

namespace VipOperator.Lab.ApiServer.Cel;

internal enum CelKind
{
    Dyn,
    Null,
    Bool,
    Int,
    Uint,
    Double,
    String,
    Bytes,
    Timestamp,
    Duration,
    List,
    Map,
    Object,
    Optional,
    Type,
    Ip,
    Cidr,
    Url,
    Parameter,
}

/// <summary>The type of an expression as the checker knows it.</summary>
/// <param name="Element">Item of a list, value of a map, content of an optional.</param>
/// <param name="Object">The fields of an object.</param>
internal sealed record CelType(CelKind Kind, CelType? Key = null, CelType? Element = null, Schema? Object = null)
{
    public static readonly CelType Dyn = new(CelKind.Dyn), Null = new(CelKind.Null), Bool = new(CelKind.Bool),
        Int = new(CelKind.Int), Uint = new(CelKind.Uint), Double = new(CelKind.Double), String = new(CelKind.String),
        Bytes = new(CelKind.Bytes), Timestamp = new(CelKind.Timestamp), Duration = new(CelKind.Duration),
        Type = new(CelKind.Type), Ip = new(CelKind.Ip), Cidr = new(CelKind.Cidr), Url = new(CelKind.Url),
        T = new(CelKind.Parameter), ListOfT = ListOf(T), AnyMap = MapOf(Dyn, Dyn);

    public bool IsNumber => Kind is CelKind.Int or CelKind.Uint or CelKind.Double;

    public static CelType ListOf(CelType item) => new(CelKind.List, Element: item);

    public static CelType MapOf(CelType key, CelType value) => new(CelKind.Map, key, value);

    public static CelType OptionalOf(CelType content) => new(CelKind.Optional, Element: content);

    /// <summary>The type that a schema's values have in rules.</summary>
    public static CelType Of(Schema schema)
    {
        if (schema.IntOrString || schema.Type.Length == 0) return Dyn;
        return schema.Type switch
        {
            "string" => schema.Format switch
            {
                "byte" => Bytes,
                "duration" => Duration,
                "date" or "date-time" or "datetime" => Timestamp,
                _ => String,
            },
            "integer" => Int,
            "number" => Double,
            "boolean" => Bool,
            "array" => ListOf(schema.Items is null ? Dyn : Of(schema.Items)),
            _ when schema.AdditionalProperties is { } values => MapOf(String, Of(values)),
            _ => new CelType(CelKind.Object, Object: schema),
        };
    }

    /// <summary>As error messages of the checker print it.</summary>
    public override string ToString() => Kind switch
    {
        CelKind.List => $"list({Element})",
        CelKind.Map => $"map({Key}, {Element})",
        CelKind.Optional => $"optional_type({Element})",
        CelKind.Object => "object",
        CelKind.Timestamp => "google.protobuf.Timestamp",
        CelKind.Duration => "google.protobuf.Duration",
        CelKind.Ip => "net.IP",
        CelKind.Cidr => "net.CIDR",
        CelKind.Url => "kubernetes.URL",
        _ => Kind.ToString().ToLowerInvariant(),
    };
}
