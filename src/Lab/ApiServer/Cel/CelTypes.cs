namespace VipOperator.Lab.ApiServer.Cel;

/// <summary>Which function fits which types.</summary>
internal static class CelTypes
{
    public static bool IsOperator(string name) =>
        name is "_==_" or "_!=_" or "_&&_" or "_||_" or "_?_:_" or "_[_]" or "_[?_]" or "@in";

    /// <returns>Null: no overload takes these types.</returns>
    public static CelType? ResultOf(string name, bool isMember, CelType[] types)
    {
        if (IsOperator(name)) return ResultOfOperator(name, types);
        CelType? result = null;
        foreach (CelOverload overload in CelLibrary.Overloads(name, isMember))
        {
            CelType? parameter = null;
            bool fits = overload.Parameters.Count == types.Length;
            for (int i = 0; fits && i < types.Length; i++) fits = Fits(overload.Parameters[i], types[i], ref parameter);
            if (!fits) continue;
            CelType found = Bind(overload.Result, parameter ?? CelType.Dyn);
            // With a dynamic argument several overloads may fit: then the outcome is dynamic too.
            if (result is not null && result.Kind != found.Kind) return CelType.Dyn;
            result ??= found;
        }
        return result;
    }

    /// <summary>A value of <paramref name="actual"/> can stand where <paramref name="wanted"/> is asked for.</summary>
    public static bool IsAssignable(CelType wanted, CelType actual)
    {
        if (wanted.Kind == CelKind.Dyn || actual.Kind == CelKind.Dyn) return true;
        // Null stands for absent objects, times and spans.
        bool takesNull = wanted.Kind is CelKind.Object or CelKind.Timestamp or CelKind.Duration or CelKind.Optional;
        if (actual.Kind == CelKind.Null || wanted.Kind == CelKind.Null)
            return actual.Kind == wanted.Kind
                || takesNull
                || actual.Kind is CelKind.Object or CelKind.Timestamp or CelKind.Duration;
        if (wanted.Kind != actual.Kind) return false;
        return wanted.Kind switch
        {
            CelKind.List or CelKind.Optional => IsAssignable(wanted.Element!, actual.Element!),
            CelKind.Map => IsAssignable(wanted.Key!, actual.Key!) && IsAssignable(wanted.Element!, actual.Element!),
            CelKind.Object => ReferenceEquals(wanted.Object, actual.Object),
            _ => true,
        };
    }

    private static CelType? ResultOfOperator(string name, CelType[] types)
    {
        bool IsBool(int i) => types[i].Kind is CelKind.Bool or CelKind.Dyn;
        switch (name)
        {
            case "_==_" or "_!=_":
                // Numbers of different types compare by order only.
                return IsAssignable(types[0], types[1]) || IsAssignable(types[1], types[0]) ? CelType.Bool : null;
            case "_&&_" or "_||_":
                return IsBool(0) && IsBool(1) ? CelType.Bool : null;
            case "_?_:_":
                if (!IsBool(0) || !IsAssignable(types[1], types[2])) return null;
                return types[1].Kind == CelKind.Null ? types[2] : types[1];
            case "@in":
                return types[1].Kind switch
                {
                    CelKind.List => IsAssignable(types[1].Element!, types[0]) ? CelType.Bool : null,
                    CelKind.Map => IsAssignable(types[1].Key!, types[0]) ? CelType.Bool : null,
                    CelKind.Dyn => CelType.Bool,
                    _ => null,
                };
            default:
                CelType container = types[0].Kind == CelKind.Optional ? types[0].Element! : types[0];
                CelType? item = container.Kind switch
                {
                    CelKind.List => types[1].Kind is CelKind.Int or CelKind.Dyn ? container.Element : null,
                    CelKind.Map => IsAssignable(container.Key!, types[1]) ? container.Element : null,
                    CelKind.Dyn => CelType.Dyn,
                    _ => null,
                };
                return item is not null && (name == "_[?_]" || types[0].Kind == CelKind.Optional)
                    ? CelType.OptionalOf(item)
                    : item;
        }
    }

    private static bool Fits(CelType wanted, CelType actual, ref CelType? parameter)
    {
        switch (wanted.Kind)
        {
            case CelKind.Parameter:
                if (parameter is null || parameter.Kind == CelKind.Dyn) parameter = actual;
                return IsAssignable(parameter, actual) || IsAssignable(actual, parameter);
            case CelKind.List or CelKind.Optional when actual.Kind == wanted.Kind:
                return Fits(wanted.Element!, actual.Element!, ref parameter);
            case CelKind.Map when actual.Kind == CelKind.Map:
                return true;
            default:
                return IsAssignable(wanted, actual);
        }
    }

    private static CelType Bind(CelType type, CelType parameter) => type.Kind switch
    {
        CelKind.Parameter => parameter,
        CelKind.List => CelType.ListOf(Bind(type.Element!, parameter)),
        CelKind.Optional => CelType.OptionalOf(Bind(type.Element!, parameter)),
        _ => type,
    };
}
