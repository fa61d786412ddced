namespace VipOperator.Lab.ApiServer.Cel;

/// <summary>Evaluates expressions. Runtime errors are exceptions; <c>||</c>, <c>&amp;&amp;</c>, <c>all</c> and
/// <c>exists</c> absorb them as CEL says.</summary>
internal static class CelEvaluator
{
    /// <exception cref="CelRuntimeException">The evaluation failed.</exception>
    public static object? Evaluate(CelExpression expression, CelScope scope) => expression switch
    {
        CelLiteral literal => literal.Value,
        CelIdentifier identifier => scope.Find(identifier.Name, out object? value)
            ? value
            : TypeNamed(identifier.Name) ?? throw new CelRuntimeException($"no such attribute(s): {identifier.Name}"),
        CelSelect select => Select(select, scope),
        CelListLiteral list => new CelList([.. list.Items.Select(i => Evaluate(i, scope))]),
        CelMapLiteral map => new CelMap(map.Entries.ToDictionary(
            e => Key(Evaluate(e.Key, scope)), e => Evaluate(e.Value, scope))),
        CelComprehension comprehension => CelComprehensions.Evaluate(comprehension, scope),
        CelCall call => Call(call, scope),
        _ => throw new CelRuntimeException("unsupported expression"),
    };

    private static string? TypeNamed(string name) =>
        name is "int" or "uint" or "double" or "bool" or "string" or "bytes" or "list" or "map" or "null_type" or "type"
            ? name
            : null;

    private static object? Select(CelSelect select, CelScope scope)
    {
        object? operand = Evaluate(select.Operand, scope);
        if (operand is CelOptional optional)
        {
            // A field of an optional is an optional again.
            if (!optional.HasValue) return select.IsTest ? false : default(CelOptional);
            object? inner = Field(optional.Value, select.Field, out bool isThere);
            return select.IsTest ? isThere : isThere ? new CelOptional(true, inner) : default;
        }
        object? value = Field(operand, select.Field, out bool found);
        if (select.IsTest) return found;
        if (select.IsOptional) return found ? new CelOptional(true, value) : default(CelOptional);
        return found ? value : throw new CelRuntimeException($"no such key: {select.Field}");
    }

    private static object? Field(object? operand, string field, out bool found)
    {
        if (operand is not CelMap map)
            throw new CelRuntimeException($"no such overload: type {CelValues.TypeName(operand)} has no fields");
        found = map.Entries.TryGetValue(field, out object? value);
        return value;
    }

    private static object? Call(CelCall call, CelScope scope)
    {
        switch (call.Function)
        {
            case "_&&_":
                return Logic(call, scope, decisive: false);
            case "_||_":
                return Logic(call, scope, decisive: true);
            case "_?_:_":
                bool condition =
                    Evaluate(call.Arguments[0], scope) as bool? ?? throw new CelRuntimeException("no such overload");
                return Evaluate(call.Arguments[condition ? 1 : 2], scope);
        }
        string function = QualifiedName(call, scope) ?? call.Function;
        bool isQualified = function != call.Function;
        object?[] values = [.. (isQualified ? call.Arguments : call.AllArguments).Select(a => Evaluate(a, scope))];
        return function switch
        {
            "_==_" => CelValues.AreEqual(values[0], values[1]),
            "_!=_" => !CelValues.AreEqual(values[0], values[1]),
            "@in" => In(values[0], values[1]),
            "_[_]" => Index(values[0], values[1], out bool found) is var item
                && found ? item : throw NotThere(values[0], values[1]),
            "_[?_]" => OptionalIndex(values[0], values[1]),
            _ => CelLibrary.Call(function, call.Target is not null && !isQualified, values),
        };
    }

    /// <summary>
    /// <c>ip.isCanonical(…)</c>: a function whose name has a dot, unless a variable is called <c>ip</c>.
    /// </summary>
    public static string? QualifiedName(CelCall call, CelScope scope) =>
        call.Target is CelIdentifier { Name: var prefix } && CelLibrary.Namespaces.Contains(prefix)
        && !scope.Find(prefix, out _)
            ? $"{prefix}.{call.Function}"
            : null;

    /// <summary>Either side decides alone; an error of the other side then does not matter.</summary>
    private static bool Logic(CelCall call, CelScope scope, bool decisive)
    {
        CelRuntimeException? failure = null;
        foreach (CelExpression side in call.Arguments)
        {
            try
            {
                if (Evaluate(side, scope) is not bool value) throw new CelRuntimeException("no such overload");
                if (value == decisive) return decisive;
            }
            catch (CelRuntimeException e)
            {
                failure ??= e;
            }
        }
        return failure is null ? !decisive : throw failure;
    }

    private static bool In(object? item, object? container) => container switch
    {
        CelList list => list.Items.Any(i => CelValues.AreEqual(i, item)),
        CelMap map => item is not null && map.Entries.ContainsKey(Key(item)),
        _ => throw new CelRuntimeException("no such overload"),
    };

    private static object? Index(object? container, object? index, out bool found)
    {
        found = false;
        object? value = null;
        switch (container)
        {
            case CelList list when index is long or ulong or double:
                Int128 at = index is double d ? (Int128)d : CelValues.ToInt128(index);
                found = at >= 0 && at < list.Items.Count;
                return found ? list.Items[(int)at] : null;
            case CelMap map when index is not null:
                found = map.Entries.TryGetValue(Key(index), out value);
                return value;
            default:
                throw new CelRuntimeException("no such overload");
        }
    }

    private static CelOptional OptionalIndex(object? container, object? index)
    {
        if (container is CelOptional optional)
            return optional.HasValue ? OptionalIndex(optional.Value, index) : default;
        object? value = Index(container, index, out bool found);
        return found ? new CelOptional(true, value) : default;
    }

    private static CelRuntimeException NotThere(object? container, object? index) =>
        new(container is CelList ? $"index out of bounds: {index}" : $"no such key: {index}");

    /// <summary>Whole numbers are the same key whatever their type.</summary>
    private static object Key(object? key) => key switch
    {
        null => throw new CelRuntimeException("unsupported key type"),
        ulong u when u <= long.MaxValue => (long)u,
        double d when d == Math.Floor(d) && Math.Abs(d) < 9e18 => (long)d,
        _ => key,
    };
}
