using static VipOperator.Lab.ApiServer.Cel.CelLibrary;
using T = VipOperator.Lab.ApiServer.Cel.CelType;

namespace VipOperator.Lab.ApiServer.Cel;

/// <summary>Arithmetic, order and negation. Integer arithmetic fails on overflow, as CEL demands.</summary>
internal static class CelOperators
{
    public static IEnumerable<CelOverload> All => [.. Arithmetic, .. Orders()];

    private static readonly CelOverload[] Arithmetic =
    [
        Function("_+_", [T.Int, T.Int], T.Int, a => Checked(() => checked((long)a[0]! + (long)a[1]!))),
        Function("_+_", [T.Uint, T.Uint], T.Uint, a => Checked(() => checked((ulong)a[0]! + (ulong)a[1]!))),
        Function("_+_", [T.Double, T.Double], T.Double, a => (double)a[0]! + (double)a[1]!),
        Function("_+_", [T.String, T.String], T.String, a => (string)a[0]! + (string)a[1]!),
        Function("_+_", [T.Bytes, T.Bytes], T.Bytes, a => ((byte[])a[0]!).Concat((byte[])a[1]!).ToArray()),
        Function("_+_", [T.ListOfT, T.ListOfT], T.ListOfT, a => Joined((CelList)a[0]!, (CelList)a[1]!)),
        Function(
            "_+_", [T.Timestamp, T.Duration], T.Timestamp, a => CelTime.Add((DateTimeOffset)a[0]!, (CelDuration)a[1]!)),
        Function(
            "_+_", [T.Duration, T.Timestamp], T.Timestamp, a => CelTime.Add((DateTimeOffset)a[1]!, (CelDuration)a[0]!)),
        Function("_+_", [T.Duration, T.Duration], T.Duration,
            a => new CelDuration(((CelDuration)a[0]!).Nanoseconds + ((CelDuration)a[1]!).Nanoseconds)),
        Function("_-_", [T.Int, T.Int], T.Int, a => Checked(() => checked((long)a[0]! - (long)a[1]!))),
        Function("_-_", [T.Uint, T.Uint], T.Uint, a => Checked(() => checked((ulong)a[0]! - (ulong)a[1]!))),
        Function("_-_", [T.Double, T.Double], T.Double, a => (double)a[0]! - (double)a[1]!),
        Function("_-_", [T.Timestamp, T.Timestamp], T.Duration,
            a => CelTime.Between((DateTimeOffset)a[0]!, (DateTimeOffset)a[1]!)),
        Function("_-_", [T.Timestamp, T.Duration], T.Timestamp,
            a => CelTime.Add((DateTimeOffset)a[0]!, new CelDuration(-((CelDuration)a[1]!).Nanoseconds))),
        Function("_-_", [T.Duration, T.Duration], T.Duration,
            a => new CelDuration(((CelDuration)a[0]!).Nanoseconds - ((CelDuration)a[1]!).Nanoseconds)),
        Function("_*_", [T.Int, T.Int], T.Int, a => Checked(() => checked((long)a[0]! * (long)a[1]!))),
        Function("_*_", [T.Uint, T.Uint], T.Uint, a => Checked(() => checked((ulong)a[0]! * (ulong)a[1]!))),
        Function("_*_", [T.Double, T.Double], T.Double, a => (double)a[0]! * (double)a[1]!),
        Function(
            "_/_", [T.Int, T.Int], T.Int, a => Checked(() => (long)a[0]! / NotZero((long)a[1]!, "division by zero"))),
        Function("_/_", [T.Uint, T.Uint], T.Uint, a => (ulong)a[0]! / NotZero((ulong)a[1]!, "division by zero")),
        Function("_/_", [T.Double, T.Double], T.Double, a => (double)a[0]! / (double)a[1]!),
        Function(
            "_%_", [T.Int, T.Int], T.Int, a => Checked(() => (long)a[0]! % NotZero((long)a[1]!, "modulus by zero"))),
        Function("_%_", [T.Uint, T.Uint], T.Uint, a => (ulong)a[0]! % NotZero((ulong)a[1]!, "modulus by zero")),
        Function("-_", [T.Int], T.Int, a => Checked(() => checked(-(long)a[0]!))),
        Function("-_", [T.Double], T.Double, a => -(double)a[0]!),
        Function("!_", [T.Bool], T.Bool, a => !(bool)a[0]!),
    ];

    private static IEnumerable<CelOverload> Orders()
    {
        CelType[] numbers = [T.Int, T.Uint, T.Double];
        foreach ((string sign, Func<int, bool> holds) in new (string, Func<int, bool>)[]
            { ("_<_", o => o < 0), ("_<=_", o => o <= 0), ("_>_", o => o > 0), ("_>=_", o => o >= 0) })
        {
            foreach (CelType left in numbers)
                foreach (CelType right in numbers)
                    yield return Function(
                        sign, [left, right], T.Bool,
                        a => CelValues.CompareNumbers(a[0]!, a[1]!) is { } order && holds(order));
            yield return Function(
                sign, [T.String, T.String], T.Bool, a => holds(CompareText((string)a[0]!, (string)a[1]!)));
            yield return Function(sign, [T.Bytes, T.Bytes], T.Bool,
                a => holds(((byte[])a[0]!).AsSpan().SequenceCompareTo((byte[])a[1]!)));
            yield return Function(sign, [T.Bool, T.Bool], T.Bool, a => holds(((bool)a[0]!).CompareTo((bool)a[1]!)));
            yield return Function(sign, [T.Timestamp, T.Timestamp], T.Bool,
                a => holds(((DateTimeOffset)a[0]!).CompareTo((DateTimeOffset)a[1]!)));
            yield return Function(
                sign, [T.Duration, T.Duration], T.Bool, a => holds(((CelDuration)a[0]!).CompareTo((CelDuration)a[1]!)));
        }
    }

    /// <summary>Code point order, which UTF-16 order is not.</summary>
    internal static int CompareText(string a, string b) =>
        System.Text.Encoding.UTF8.GetBytes(a).AsSpan().SequenceCompareTo(System.Text.Encoding.UTF8.GetBytes(b));

    /// <summary>A set united with a list: items that are there already are not added again.</summary>
    private static CelList Joined(CelList a, CelList b) => a.IsUnordered
        ? new CelList([.. a.Items, .. b.Items.Where(i => !a.Items.Any(o => CelValues.AreEqual(o, i)))], true)
        : new CelList([.. a.Items, .. b.Items]);

    private static object Checked<TNumber>(Func<TNumber> operation)
        where TNumber : struct
    {
        try
        {
            return operation();
        }
        catch (OverflowException)
        {
            throw new CelRuntimeException("integer overflow");
        }
    }

    private static TNumber NotZero<TNumber>(TNumber value, string problem)
        where TNumber : struct, System.Numerics.INumber<TNumber> =>
        value == TNumber.Zero ? throw new CelRuntimeException(problem) : value;
}
