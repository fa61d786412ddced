using System.Collections.Frozen;

namespace VipOperator.Lab.ApiServer.Cel;

/// <summary>All functions and operators that rules may use: CEL's own and Kubernetes' extensions.</summary>
internal static class CelLibrary
{
    /// <summary>Namespaces in function names (<c>ip.isCanonical</c>): not variables.</summary>
    public static readonly FrozenSet<string> Namespaces = FrozenSet.ToFrozenSet(["ip", "optional", "sets"]);

    private static readonly FrozenDictionary<string, CelOverload[]> ByName = CelOperators.All
        .Concat(CelConversions.All).Concat(CelStrings.All).Concat(CelLists.All)
        .Concat(CelTimes.All).Concat(CelNetwork.All)
        .GroupBy(o => o.Name).ToFrozenDictionary(g => g.Key, g => g.ToArray());

    public static bool Knows(string name) => ByName.ContainsKey(name);

    public static IReadOnlyList<CelOverload> Overloads(string name, bool isMember) =>
        [.. ByName.GetValueOrDefault(name, []).Where(o => o.IsMember == isMember)];

    /// <exception cref="CelRuntimeException">No such overload, or the function failed.</exception>
    public static object? Call(string name, bool isMember, object?[] values)
    {
        foreach (CelOverload overload in ByName.GetValueOrDefault(name, []))
            if (overload.IsMember == isMember && overload.Takes(values))
                return overload.Invoke(values);
        throw new CelRuntimeException("no such overload");
    }

    internal static CelOverload Function(
        string name, CelType[] parameters, CelType result, Func<object?[], object?> invoke) =>
        new(name, false, parameters, result, invoke);

    internal static CelOverload Member(
        string name, CelType[] parameters, CelType result, Func<object?[], object?> invoke) =>
        new(name, true, parameters, result, invoke);
}
