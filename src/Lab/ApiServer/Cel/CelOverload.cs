namespace VipOperator.Lab.ApiServer.Cel;

/// <summary>One signature of a function or operator with what it does.</summary>
/// <param name="IsMember">Called on its first parameter: <c>a.f(b)</c>.</param>
internal sealed record CelOverload(
    string Name, bool IsMember, IReadOnlyList<CelType> Parameters, CelType Result, Func<object?[], object?> Invoke)
{
    public bool Takes(object?[] values)
    {
        if (values.Length != Parameters.Count) return false;
        for (int i = 0; i < values.Length; i++)
            if (!IsA(values[i], Parameters[i].Kind))
                return false;
        return true;
    }

    private static bool IsA(object? value, CelKind kind) => kind switch
    {
        CelKind.Dyn or CelKind.Parameter => true,
        CelKind.Null => value is null,
        CelKind.Bool => value is bool,
        CelKind.Int => value is long,
        CelKind.Uint => value is ulong,
        CelKind.Double => value is double,
        CelKind.String => value is string,
        CelKind.Bytes => value is byte[],
        CelKind.Timestamp => value is DateTimeOffset,
        CelKind.Duration => value is CelDuration,
        CelKind.List => value is CelList,
        CelKind.Map or CelKind.Object => value is CelMap,
        CelKind.Optional => value is CelOptional,
        CelKind.Ip => value is CelIp,
        CelKind.Cidr => value is CelCidr,
        CelKind.Url => value is CelUrl,
        CelKind.Type => value is CelType,
        _ => false,
    };
}
