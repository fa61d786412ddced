using System.Globalization;

namespace VipOperator.Lab.ApiServer.Tables;

/// <summary>How long ago, as kubectl prints it: 5s, 3m20s, 2h, 4d3h, 1y20d.</summary>
internal static class Ages
{
    public static string Of(string timestamp, DateTimeOffset now) =>
        DateTimeOffset.TryParse(
            timestamp, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out DateTimeOffset then)
            ? Of(now - then)
            : "<unknown>";

    public static string Of(TimeSpan age)
    {
        long seconds = (long)Math.Floor(age.TotalSeconds);
        if (seconds < -1) return "<invalid>";
        if (seconds < 0) return "0s";
        (long minutes, long hours, long days) = (seconds / 60, seconds / 3600, seconds / 86400);
        return seconds switch
        {
            < 120 => $"{seconds}s",
            < 600 => WithRest(minutes, "m", seconds % 60, "s"),
            < 3 * 3600 => $"{minutes}m",
            < 8 * 3600 => WithRest(hours, "h", minutes % 60, "m"),
            < 48 * 3600 => $"{hours}h",
            < 8 * 86400 => WithRest(days, "d", hours % 24, "h"),
            < 2 * 365 * 86400 => $"{days}d",
            < 8L * 365 * 86400 => WithRest(days / 365, "y", days % 365, "d"),
            _ => $"{days / 365}y",
        };
    }

    private static string WithRest(long whole, string unit, long rest, string restUnit) =>
        rest == 0 ? $"{whole}{unit}" : $"{whole}{unit}{rest}{restUnit}";
}
