using System.Globalization;

namespace VipOperator.Bench.Failover.Reporting;

/// <summary>Figures as people read them: three digits that count.</summary>
internal static class Numbers
{
    public static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);

    public static string Text(double value) => value switch
    {
        double.NaN => "–",
        double.PositiveInfinity => "∞",
        >= 100 => value.ToString("N0", CultureInfo.InvariantCulture),
        >= 10 => value.ToString("0.0", CultureInfo.InvariantCulture),
        >= 0.1 or 0 => value.ToString("0.00", CultureInfo.InvariantCulture),
        _ => value.ToString("0.0000", CultureInfo.InvariantCulture),
    };
}
