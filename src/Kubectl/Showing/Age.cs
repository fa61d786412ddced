using System.Globalization;

namespace VipOperator.Kubectl.Showing;

/// <summary>Ages as kubectl prints them: one or two units.</summary>
internal static class Age
{
    public static string Of(TimeSpan age) => age switch
    {
        // A clock of another machine is ahead.
        { TotalSeconds: < 0 } => "0s",
        { TotalSeconds: < 120 } => string.Create(CultureInfo.InvariantCulture, $"{(int)age.TotalSeconds}s"),
        { TotalMinutes: < 120 } =>
            string.Create(CultureInfo.InvariantCulture, $"{(int)age.TotalMinutes}m{age.Seconds}s"),
        { TotalHours: < 48 } => string.Create(CultureInfo.InvariantCulture, $"{(int)age.TotalHours}h{age.Minutes}m"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{(int)age.TotalDays}d{age.Hours}h"),
    };
}
