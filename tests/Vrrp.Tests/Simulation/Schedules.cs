using System.Globalization;

namespace VipOperator.Vrrp.Tests;

/// <summary>
/// Runs a property over many seeds on all processors. SCHEDULES in the environment sets how many in all (100,000 by
/// default, `make soak` runs millions), SEED runs that one alone.
/// </summary>
internal static class Schedules
{
    private const int Default = 100_000;

    private static readonly int? OnlySeed = Number("SEED");

    private static readonly int All = Number("SCHEDULES") ?? Default;

    /// <param name="perMille">The property's share of all schedules.</param>
    /// <param name="faultsOf">What happens with a seed.</param>
    /// <param name="run">Runs a seed with faults; throws if the property does not hold.</param>
    public static void Run(int perMille, Func<int, List<Fault>> faultsOf, Action<int, List<Fault>> run)
    {
        if (OnlySeed is { } only)
        {
            Check(only, faultsOf(only), run);
            return;
        }

        int count = (int)((long)All * perMille / 1000);
        int failed = int.MaxValue;
        Parallel.For(0, count, (seed, loop) =>
        {
            if (Attempt(seed, faultsOf(seed), run) is null)
                return;
            InterlockedMin(ref failed, seed);
            loop.Break();
        });
        if (failed != int.MaxValue)
            Check(failed, faultsOf(failed), run);
    }

    private static void Check(int seed, List<Fault> faults, Action<int, List<Fault>> run)
    {
        if (Attempt(seed, faults, run) is null)
            return;
        List<Fault> needed = Shrink(seed, faults, run);
        Exception failure = Attempt(seed, needed, run)!;
        throw new InvalidOperationException(
            $"SEED={seed}: {failure.Message}\nwith\n{string.Join('\n', needed.OrderBy(f => f.At))}", failure);
    }

    // Leaves out one fault after the other as long as it still fails.
    private static List<Fault> Shrink(int seed, List<Fault> faults, Action<int, List<Fault>> run)
    {
        List<Fault> needed = faults;
        for (int i = needed.Count - 1; i >= 0; i--)
        {
            List<Fault> fewer = [.. needed];
            fewer.RemoveAt(i);
            if (Attempt(seed, fewer, run) is not null)
                needed = fewer;
        }

        return needed;
    }

    private static Exception? Attempt(int seed, List<Fault> faults, Action<int, List<Fault>> run)
    {
        try
        {
            run(seed, faults);
            return null;
        }
        catch (Exception failure)
        {
            return failure;
        }
    }

    private static void InterlockedMin(ref int target, int value)
    {
        int seen;
        do
            seen = target;
        while (value < seen && Interlocked.CompareExchange(ref target, value, seen) != seen);
    }

    private static int? Number(string variable) =>
        int.TryParse(Environment.GetEnvironmentVariable(variable), NumberStyles.None,
            CultureInfo.InvariantCulture, out int number)
            ? number
            : null;
}
