using System.Diagnostics.CodeAnalysis;

namespace VipOperator.Operator.Mapping;

/// <summary>
/// One copy of what many objects say alike: names of nodes and pods, explanations, conditions, the settings of routers.
/// Each is read from a document of its own, and would be held as often as it was read. Bounded: of two values that meet
/// in a place the newer stays. Safe for use by several threads.
/// </summary>
internal static class Shared
{
    private static readonly object?[] Places = new object?[1 << 14];

    /// <param name="value">Compared by value, and never changed after.</param>
    /// <returns>An equal one that was given before, or itself.</returns>
    [return: NotNullIfNotNull(nameof(value))]
    public static T? Of<T>(T? value)
        where T : class, IEquatable<T>
    {
        if (value is null)
            return null;
        ref object? place = ref Places[value.GetHashCode() & (Places.Length - 1)];
        if (place is T known && known.Equals(value))
            return known;
        place = value;
        return value;
    }
}
