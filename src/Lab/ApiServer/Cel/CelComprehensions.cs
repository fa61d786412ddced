namespace VipOperator.Lab.ApiServer.Cel;

/// <summary>The macros that go over a range.</summary>
internal static class CelComprehensions
{
    public static object? Evaluate(CelComprehension macro, CelScope scope)
    {
        object? range = CelEvaluator.Evaluate(macro.Range, scope);
        if (macro.Macro is CelMacro.OptMap or CelMacro.OptFlatMap) return OverOptional(macro, range, scope);
        IEnumerable<object?> items = range switch
        {
            CelList list => list.Items,
            CelMap map => map.Entries.Keys.Select(k => (object?)k),
            _ => throw new CelRuntimeException("no such overload"),
        };
        return macro.Macro switch
        {
            CelMacro.All => Quantify(macro, items, scope, decisive: false),
            CelMacro.Exists => Quantify(macro, items, scope, decisive: true),
            CelMacro.ExistsOne => items.Count(i => Holds(macro, i, scope)) == 1,
            CelMacro.Filter => new CelList([.. items.Where(i => Holds(macro, i, scope))]),
            _ => new CelList([.. items
                .Where(i => macro.Condition is null || Holds(macro, i, scope))
                .Select(i => CelEvaluator.Evaluate(macro.Transform!, scope.With(macro.Variable, i)))]),
        };
    }

    private static object? OverOptional(CelComprehension macro, object? range, CelScope scope)
    {
        if (range is not CelOptional optional) throw new CelRuntimeException("no such overload");
        if (!optional.HasValue) return default(CelOptional);
        object? value = CelEvaluator.Evaluate(macro.Transform!, scope.With(macro.Variable, optional.Value));
        return macro.Macro == CelMacro.OptMap ? new CelOptional(true, value) : value;
    }

    /// <summary>One item can decide even when others fail; without a decision the failure counts.</summary>
    private static bool Quantify(CelComprehension macro, IEnumerable<object?> items, CelScope scope, bool decisive)
    {
        CelRuntimeException? failure = null;
        foreach (object? item in items)
        {
            try
            {
                if (Holds(macro, item, scope) == decisive) return decisive;
            }
            catch (CelRuntimeException e)
            {
                failure ??= e;
            }
        }
        return failure is null ? !decisive : throw failure;
    }

    private static bool Holds(CelComprehension macro, object? item, CelScope scope) =>
        CelEvaluator.Evaluate(macro.Condition!, scope.With(macro.Variable, item)) as bool?
        ?? throw new CelRuntimeException("no such overload");
}
