namespace VipOperator.Lab.ApiServer.Cel;

/// <summary>
/// What calls cost at most and how large their outcome gets, after the estimates of cel-go and Kubernetes.
/// </summary>
internal static class CelCosts
{
    /// <summary>Of going over one character of a string.</summary>
    private const double Traversal = 0.1;

    /// <summary>Of one character of a regular expression.</summary>
    private const double Pattern = 0.25;

    public static CelFacts Of(string name, CelType result, CelFacts[] arguments)
    {
        double Size(int i) => i < arguments.Length ? arguments[i].Size : 0;
        double operands = arguments.Sum(a => a.Cost);
        CelType? first = arguments.Length > 0 ? arguments[0].Type : null;
        bool isText = first?.Kind is CelKind.String or CelKind.Bytes;
        double own = name switch
        {
            "_&&_" or "_||_" => 0,
            "_?_:_" => arguments[0].Cost + Math.Max(arguments[1].Cost, arguments[2].Cost) - operands,
            "startsWith" or "endsWith" => Cost(Size(1)),
            "contains" => Math.Ceiling(Size(0) * Traversal) * Math.Ceiling(Size(1) * Traversal),
            "matches" or "find" or "findAll" => Cost(Size(0) + 1) * Math.Ceiling(Size(1) * Pattern),
            "@in" when arguments[1].Type.Kind == CelKind.List => Size(1),
            // Only equality is known to look at no more than an address.
            "_!=_" when first?.Kind is CelKind.Ip or CelKind.Cidr => CelSizes.Unknown,
            "_==_" or "_!=_" or "_<_" or "_<=_" or "_>_" or "_>=_" => Cost(Math.Min(Size(0), Size(1))),
            "_+_" when isText => Cost(Size(0) + Size(1)),
            "lowerAscii" or "upperAscii" or "substring" or "trim" or "replace" or "split" or "reverse" or "format" =>
                Cost(Size(0)),
            "join" => Cost(Size(0) * (arguments[0].Element ?? CelSizes.MaxSize(arguments[0].Source?.Items))),
            "indexOf" or "lastIndexOf" when isText =>
                Math.Ceiling(Size(0) * Traversal) * Math.Ceiling(Size(1) * Traversal),
            "isSorted" or "sum" or "min" or "max" or "indexOf" or "lastIndexOf" => Size(0) * ElementCost(arguments[0]),
            "url" or "isURL" or "ip" or "isIP" or "cidr" or "isCIDR" or "ip.isCanonical" when isText => Cost(Size(0)),
            "string" or "bytes" when isText => Cost(Size(0)),
            _ => 1,
        };
        (double size, double? element) = SizeOf(name, result, arguments);
        Schemas.Schema? source = name is "_[_]" or "_[?_]"
            ? arguments[0].Source?.Items ?? arguments[0].Source?.AdditionalProperties
            : null;
        return new CelFacts(result, Math.Min(operands + own, CelSizes.Unknown), size, source, element);
    }

    private static (double Size, double? Element) SizeOf(string name, CelType result, CelFacts[] a)
    {
        switch (name)
        {
            case "_+_" when result.Kind is CelKind.String or CelKind.Bytes or CelKind.List:
                double? largest = a[0].Element is { } x && a[1].Element is { } y
                    ? Math.Max(x, y)
                    : a[0].Element ?? a[1].Element;
                return (a[0].Size + a[1].Size, largest);
            case "_?_:_":
                return (Math.Max(a[1].Size, a[2].Size), a[1].Element);
            case "_[_]" or "_[?_]":
                Schemas.Schema? item = a[0].Source?.Items ?? a[0].Source?.AdditionalProperties;
                return (item is not null ? CelSizes.MaxSize(item) : a[0].Element ?? CelSizes.Unknown, null);
            case "orValue" or "or":
                return (Math.Max(a[0].Size, a[1].Size), a[0].Element);
            case "value" or "lowerAscii" or "upperAscii" or "trim" or "substring" or "charAt"
                or "reverse" or "find" or "dyn":
                return (a[0].Size, null);
            case "replace":
                // Every character may be replaced, and the replacement may stand between all of them.
                return (Math.Max(1, a[2].Size) * (a[0].Size + 1), null);
            case "split" or "findAll":
                return (a[0].Size, a[0].Size);
            case "join":
                double part = a[0].Element ?? CelSizes.MaxSize(a[0].Source?.Items);
                return (a[0].Size * (part + (a.Length > 1 ? a[1].Size : 0)), null);
        }
        bool isSized = result.Kind is CelKind.String or CelKind.Bytes or CelKind.List or CelKind.Map
            or CelKind.Dyn or CelKind.Optional;
        return (isSized ? CelSizes.Unknown : 1, null);
    }

    private static double Cost(double size) => Math.Ceiling(size * Traversal);

    private static double ElementCost(CelFacts list) => list.Type.Element?.Kind is CelKind.String or CelKind.Bytes
        ? Cost(list.Element ?? CelSizes.MaxSize(list.Source?.Items))
        : 1;
}
