using VipOperator.Lab.ApiServer.Schemas;

namespace VipOperator.Lab.ApiServer.Cel;

/// <summary>What is known of an expression without running it.</summary>
/// <param name="Cost">Upper bound, in the units of the real server's estimate.</param>
/// <param name="Size">Upper bound of characters, items or entries.</param>
/// <param name="Element">Upper bound of an item's size.</param>
/// <param name="Source">The schema the value comes from, where it comes from the object.</param>
internal sealed record CelFacts(CelType Type, double Cost, double Size, Schema? Source = null, double? Element = null);

/// <summary>Checks types and bounds the cost of a rule, so that what passes here passes in the real server.</summary>
internal sealed class CelChecker
{
    private readonly string _text;

    private CelChecker(string text) => _text = text;

    /// <param name="self">Type and size of <c>self</c>.</param>
    /// <param name="oldSelf">Of <c>oldSelf</c>; null: it may not be used.</param>
    /// <exception cref="CelCompilationException">Unknown field or function, wrong types.</exception>
    public static CelFacts Check(string text, CelExpression expression, CelFacts self, CelFacts? oldSelf)
    {
        CelScope scope = new("self", self, oldSelf is null ? null : new CelScope("oldSelf", oldSelf));
        return new CelChecker(text).Visit(expression, scope);
    }

    private CelFacts Visit(CelExpression expression, CelScope scope) => expression switch
    {
        CelLiteral literal => LiteralOf(literal.Value),
        CelIdentifier identifier => Identifier(identifier, scope),
        CelSelect select => Select(select, scope),
        CelListLiteral list => ListOf(list, scope),
        CelMapLiteral map => MapOf(map, scope),
        CelComprehension macro => Comprehension(macro, scope),
        CelCall call => Call(call, scope),
        _ => throw Problem(expression, "unsupported expression"),
    };

    private static CelFacts LiteralOf(object? value) => value switch
    {
        null => new CelFacts(CelType.Null, 0, 1),
        bool => new CelFacts(CelType.Bool, 0, 1),
        long => new CelFacts(CelType.Int, 0, 1),
        ulong => new CelFacts(CelType.Uint, 0, 1),
        double => new CelFacts(CelType.Double, 0, 1),
        string text => new CelFacts(CelType.String, 0, text.Length),
        byte[] bytes => new CelFacts(CelType.Bytes, 0, bytes.Length),
        _ => new CelFacts(CelType.Dyn, 0, CelSizes.Unknown),
    };

    private CelFacts Identifier(CelIdentifier identifier, CelScope scope)
    {
        if (scope.Find(identifier.Name, out object? found)) return (CelFacts)found! with { Cost = 1 };
        bool isType = identifier.Name is "int" or "uint" or "double" or "bool" or "string" or "bytes" or "list" or "map"
            or "type" or "null_type";
        if (isType) return new CelFacts(CelType.Type, 1, 1);
        throw Problem(identifier, $"undeclared reference to '{identifier.Name}' (in container '')");
    }

    private CelFacts Select(CelSelect select, CelScope scope)
    {
        CelFacts operand = Visit(select.Operand, scope);
        CelType type = operand.Type;
        bool isOptional = type.Kind == CelKind.Optional;
        if (isOptional) type = type.Element!;
        CelFacts field = type.Kind switch
        {
            CelKind.Object => FieldOf(select, type.Object!),
            CelKind.Map => new CelFacts(type.Element!, 0, CelSizes.MaxSize(operand.Source?.AdditionalProperties),
                operand.Source?.AdditionalProperties),
            CelKind.Dyn => new CelFacts(CelType.Dyn, 0, CelSizes.Unknown),
            _ => throw Problem(select, $"type '{type}' does not support field selection"),
        };
        // has() costs nothing on top of its operand, as the server's environment says.
        if (select.IsTest) return new CelFacts(CelType.Bool, operand.Cost, 1);
        CelType result = isOptional || select.IsOptional ? CelType.OptionalOf(field.Type) : field.Type;
        return field with { Type = result, Cost = operand.Cost + 1 };
    }

    private CelFacts FieldOf(CelSelect select, Schema owner)
    {
        foreach ((string name, Schema field) in owner.Properties)
        {
            bool isNamed = CelValues.Escape(name) == select.Field || name == select.Field;
            if (!isNamed) continue;
            // Rules see of metadata the name and its prefix alone; fields without a type are not seen at all.
            if (field.ReferenceName is not null)
                return new CelFacts(new CelType(CelKind.Object, Object: NamesOnly), 0, 1, NamesOnly);
            if (field.Type.Length == 0 && !field.IntOrString) break;
            return new CelFacts(CelType.Of(field), 0, CelSizes.MaxSize(field), field);
        }
        throw Problem(select, $"undefined field '{select.Field}'");
    }

    private static readonly Schema NamesOnly = new()
    {
        Type = "object",
        Properties = new Dictionary<string, Schema>(StringComparer.Ordinal)
        {
            ["name"] = new() { Type = "string", MaxLength = 253 },
            ["generateName"] = new() { Type = "string", MaxLength = 253 },
        },
    };

    private CelFacts ListOf(CelListLiteral list, CelScope scope)
    {
        const double createCost = 10;
        CelFacts[] items = [.. list.Items.Select(i => Visit(i, scope))];
        CelType item = items.Length == 0 ? CelType.Dyn : items[0].Type;
        for (int i = 1; i < items.Length; i++)
        {
            if (items[i].Type.Kind == CelKind.Dyn) item = CelType.Dyn;
            else if (!CelTypes.IsAssignable(item, items[i].Type))
                throw Problem(list.Items[i], $"expected type '{item}' but found '{items[i].Type}'");
        }
        double largest = items.Length == 0 ? 0 : items.Max(i => i.Size);
        return new CelFacts(CelType.ListOf(item), createCost + items.Sum(i => i.Cost), items.Length, null, largest);
    }

    private CelFacts MapOf(CelMapLiteral map, CelScope scope)
    {
        const double createCost = 30;
        CelFacts[] keys = [.. map.Entries.Select(e => Visit(e.Key, scope))];
        CelFacts[] values = [.. map.Entries.Select(e => Visit(e.Value, scope))];
        CelType key = keys.Length == 0 ? CelType.Dyn : keys[0].Type;
        CelType value = values.Length == 0 ? CelType.Dyn : values[0].Type;
        if (values.Any(v => !CelTypes.IsAssignable(value, v.Type))) value = CelType.Dyn;
        double cost = createCost + keys.Sum(k => k.Cost) + values.Sum(v => v.Cost);
        return new CelFacts(CelType.MapOf(key, value), cost, map.Entries.Count);
    }

    private CelFacts Comprehension(CelComprehension macro, CelScope scope)
    {
        CelFacts range = Visit(macro.Range, scope);
        if (macro.Macro is CelMacro.OptMap or CelMacro.OptFlatMap) return OverOptional(macro, range, scope);
        CelFacts item = ItemOf(macro, range);
        CelScope inner = scope.With(macro.Variable, item);
        CelFacts? condition = macro.Condition is null ? null : Visit(macro.Condition, inner);
        if (condition is not null && condition.Type.Kind is not (CelKind.Bool or CelKind.Dyn))
            throw Problem(macro.Condition!, $"expected type 'bool' but found '{condition.Type}'");
        CelFacts? transform = macro.Transform is null ? null : Visit(macro.Transform, inner);
        double predicate = condition?.Cost ?? 0;
        // What the loop around the predicate costs: the accumulator's condition and its next value.
        double perItem = macro.Macro switch
        {
            CelMacro.All => predicate + 3,
            CelMacro.Exists => predicate + 4,
            CelMacro.ExistsOne => predicate + 2,
            CelMacro.Filter => predicate + 13,
            _ => predicate + (transform?.Cost ?? 0) + 12,
        };
        double cost = range.Cost + Saturated(range.Size * perItem) + 11;
        return macro.Macro switch
        {
            CelMacro.Filter => new CelFacts(CelType.ListOf(item.Type), cost, range.Size, range.Type.Kind == CelKind.List
                ? range.Source : null, item.Size),
            CelMacro.Map => new CelFacts(CelType.ListOf(transform!.Type), cost, range.Size, null, transform.Size),
            _ => new CelFacts(CelType.Bool, cost, 1),
        };
    }

    private CelFacts ItemOf(CelComprehension macro, CelFacts range)
    {
        switch (range.Type.Kind)
        {
            case CelKind.List:
                Schema? items = range.Source?.Items;
                double size =
                    range.Element ?? (items is null ? SizeOfType(range.Type.Element!) : CelSizes.MaxSize(items));
                return new CelFacts(range.Type.Element!, 1, size, items);
            case CelKind.Map:
                // A schema has no limit for a map's keys; the real server's estimate takes them for empty.
                return new CelFacts(range.Type.Key!, 1, range.Source is null ? CelSizes.MaxRequestBytes : 0);
            case CelKind.Dyn:
                return new CelFacts(CelType.Dyn, 1, CelSizes.Unknown);
            default:
                throw Problem(macro.Range, $"expression of type '{range.Type}' cannot be range of a comprehension "
                    + $"(must be list, map, or dynamic)");
        }
    }

    private CelFacts OverOptional(CelComprehension macro, CelFacts range, CelScope scope)
    {
        if (range.Type.Kind is not (CelKind.Optional or CelKind.Dyn))
            throw Problem(macro, $"found no matching overload for 'optMap' applied to '({range.Type})'");
        CelFacts value = range with { Type = range.Type.Element ?? CelType.Dyn };
        CelFacts transform = Visit(macro.Transform!, scope.With(macro.Variable, value));
        CelType result = macro.Macro == CelMacro.OptMap ? CelType.OptionalOf(transform.Type) : transform.Type;
        return transform with { Type = result, Cost = range.Cost + transform.Cost + 3 };
    }

    private CelFacts Call(CelCall call, CelScope scope)
    {
        string name = CelEvaluator.QualifiedName(call, scope) ?? call.Function;
        bool isQualified = name != call.Function;
        IReadOnlyList<CelExpression> expressions = isQualified ? call.Arguments : call.AllArguments;
        CelFacts[] arguments = [.. expressions.Select(a => Visit(a, scope))];
        CelType[] types = [.. arguments.Select(a => a.Type)];
        bool isMember = call.Target is not null && !isQualified;
        CelType? result = CelTypes.ResultOf(name, isMember, types);
        if (result is null)
        {
            bool isKnown = CelLibrary.Knows(name) || CelTypes.IsOperator(name);
            if (!isKnown) throw Problem(call, $"undeclared reference to '{name}' (in container '')");
            string shown = isMember
                ? $"{types[0]}.({string.Join(", ", types.Skip(1))})"
                : $"({string.Join(", ", types.AsEnumerable())})";
            throw Problem(call, $"found no matching overload for '{name}' applied to '{shown}'");
        }
        CheckPattern(call, name);
        return CelCosts.Of(name, result, arguments);
    }

    /// <summary>A pattern that is written out is compiled at once.</summary>
    private void CheckPattern(CelCall call, string name)
    {
        if (name is not ("matches" or "find" or "findAll")
            || call.Arguments is not [.., CelLiteral { Value: string pattern } literal])
            return;
        try
        {
            _ = CelStrings.Pattern(pattern);
        }
        catch (CelRuntimeException)
        {
            throw Problem(literal, $"invalid {name} argument");
        }
    }

    private static double SizeOfType(CelType type) =>
        type.Kind is CelKind.String or CelKind.Bytes or CelKind.List or CelKind.Map or CelKind.Dyn
            ? CelSizes.Unknown
            : 1;

    private static double Saturated(double cost) => Math.Min(cost, CelSizes.Unknown);

    private CelCompilationException Problem(CelExpression at, string problem) => new(_text, at.Position, problem);
}
