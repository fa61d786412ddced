using static VipOperator.Lab.ApiServer.Cel.CelLibrary;
using T = VipOperator.Lab.ApiServer.Cel.CelType;

namespace VipOperator.Lab.ApiServer.Cel;

/// <summary>Kubernetes' list functions, sets and optionals.</summary>
internal static class CelLists
{
    private static readonly CelType[] Ordered =
        [T.Int, T.Uint, T.Double, T.Bool, T.String, T.Bytes, T.Timestamp, T.Duration];

    public static readonly CelOverload[] All =
    [
        .. Ordered.SelectMany(OfOrdered),
        Member("sum", [T.ListOf(T.Int)], T.Int, a => Sum(a[0], 0L)),
        Member("sum", [T.ListOf(T.Uint)], T.Uint, a => Sum(a[0], 0UL)),
        Member("sum", [T.ListOf(T.Double)], T.Double, a => Sum(a[0], 0.0)),
        Member("sum", [T.ListOf(T.Duration)], T.Duration, a => Sum(a[0], default(CelDuration))),
        Member("indexOf", [T.ListOfT, T.T], T.Int, a => Items(a[0])
            .FindIndex(i => CelValues.AreEqual(i, a[1])) is var at ? (long)at : -1L),
        Member("lastIndexOf", [T.ListOfT, T.T], T.Int, a => (long)Items(a[0])
            .FindLastIndex(i => CelValues.AreEqual(i, a[1]))),
        Function("sets.contains", [T.ListOfT, T.ListOfT], T.Bool, a => Contains(Items(a[0]), Items(a[1]))),
        Function("sets.intersects", [T.ListOfT, T.ListOfT], T.Bool,
            a => Items(a[0]).Exists(i => Items(a[1]).Exists(o => CelValues.AreEqual(i, o)))),
        Function("sets.equivalent", [T.ListOfT, T.ListOfT], T.Bool,
            a => Contains(Items(a[0]), Items(a[1])) && Contains(Items(a[1]), Items(a[0]))),
        Function("optional.of", [T.T], T.OptionalOf(T.T), a => new CelOptional(true, a[0])),
        Function("optional.none", [], T.OptionalOf(T.Dyn), _ => default(CelOptional)),
        Member("hasValue", [T.OptionalOf(T.T)], T.Bool, a => ((CelOptional)a[0]!).HasValue),
        Member("value", [T.OptionalOf(T.T)], T.T, a => a[0] is CelOptional { HasValue: true } o
            ? o.Value : throw new CelRuntimeException("optional.none() dereference")),
        Member(
            "orValue", [T.OptionalOf(T.T), T.T], T.T, a => a[0] is CelOptional { HasValue: true } o ? o.Value : a[1]),
        Member("or", [T.OptionalOf(T.T), T.OptionalOf(T.T)], T.OptionalOf(T.T),
            a => a[0] is CelOptional { HasValue: true } ? a[0] : a[1]),
    ];

    private static CelOverload[] OfOrdered(CelType item) =>
    [
        Member("isSorted", [T.ListOf(item)], T.Bool,
            a => Items(a[0]) is var items && items.Zip(items.Skip(1)).All(p => Compare(p.First, p.Second) <= 0)),
        Member("min", [T.ListOf(item)], item, a => Extreme(a[0], "min", smallest: true)),
        Member("max", [T.ListOf(item)], item, a => Extreme(a[0], "max", smallest: false)),
    ];

    private static List<object?> Items(object? list) => [.. ((CelList)list!).Items];

    private static bool Contains(List<object?> all, List<object?> some) =>
        some.TrueForAll(s => all.Exists(i => CelValues.AreEqual(i, s)));

    private static object? Extreme(object? list, string name, bool smallest)
    {
        List<object?> items = Items(list);
        if (items.Count == 0) throw new CelRuntimeException($"{name} called on empty list");
        return items.Aggregate((best, i) => Compare(i, best) < 0 == smallest && Compare(i, best) != 0 ? i : best);
    }

    private static object? Sum(object? list, object zero) =>
        Items(list).Aggregate((object?)zero, (sum, i) => Call("_+_", false, [sum, i]));

    private static int Compare(object? a, object? b) =>
        CelValues.AreEqual(a, b) ? 0 : Call("_<_", false, [a, b]) is true ? -1 : 1;
}
