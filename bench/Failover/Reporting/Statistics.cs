namespace VipOperator.Bench.Failover.Reporting;

internal static class Statistics
{
    /// <returns>Of an even number, the mean of the middle two; NaN of none.</returns>
    public static double Median(IEnumerable<double> values)
    {
        double[] sorted = [.. values.Order()];
        return sorted.Length == 0 ? double.NaN : (sorted[(sorted.Length - 1) / 2] + sorted[sorted.Length / 2]) / 2;
    }

    /// <param name="percent">0–100.</param>
    /// <returns>The least value that so many percent of all do not exceed; NaN of none.</returns>
    public static double Percentile(IEnumerable<double> values, double percent)
    {
        double[] sorted = [.. values.Order()];
        return sorted.Length == 0
            ? double.NaN
            : sorted[Math.Max(0, (int)Math.Ceiling(sorted.Length * percent / 100) - 1)];
    }
}
