using System.Globalization;
using System.Text.RegularExpressions;

namespace VipOperator.Lab.ApiServer.Cel;

/// <summary>Durations in Go's notation and RFC 3339 timestamps.</summary>
internal static partial class CelTime
{
    private const long NanosecondsPerTick = 100;

    private static readonly System.Buffers.SearchValues<char> Digits =
        System.Buffers.SearchValues.Create("0123456789.");

    /// <exception cref="CelRuntimeException">Not a duration.</exception>
    public static CelDuration ParseDuration(string text)
    {
        if (text is "0" or "+0" or "-0") return default;
        Match match = DurationPattern().Match(text);
        if (!match.Success)
            throw new CelRuntimeException("type conversion error from 'string' to 'google.protobuf.Duration'");
        decimal total = 0;
        foreach (Capture part in match.Groups["part"].Captures)
        {
            int unitAt = part.Value.AsSpan().IndexOfAnyExcept(Digits);
            decimal amount = decimal.Parse(
                part.Value.AsSpan(0, unitAt), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture);
            total += amount * part.Value[unitAt..] switch
            {
                "ns" => 1m,
                "us" or "µs" or "μs" => 1_000m,
                "ms" => 1_000_000m,
                "s" => 1_000_000_000m,
                "m" => 60_000_000_000m,
                _ => 3_600_000_000_000m,
            };
        }
        if (total > long.MaxValue)
            throw new CelRuntimeException("type conversion error from 'string' to 'google.protobuf.Duration'");
        Int128 nanoseconds = (Int128)decimal.Truncate(total);
        return new CelDuration(text[0] == '-' ? -nanoseconds : nanoseconds);
    }

    /// <exception cref="CelRuntimeException">Not a timestamp.</exception>
    public static DateTimeOffset ParseTimestamp(string text) =>
        Schemas.Formats.IsDateTime(text)
            ? DateTimeOffset.Parse(text, CultureInfo.InvariantCulture)
            : throw new CelRuntimeException("type conversion error from 'string' to 'google.protobuf.Timestamp'");

    public static DateTimeOffset Add(DateTimeOffset time, CelDuration span) =>
        time.AddTicks((long)(span.Nanoseconds / NanosecondsPerTick));

    public static CelDuration Between(DateTimeOffset later, DateTimeOffset earlier) =>
        new((Int128)(later - earlier).Ticks * NanosecondsPerTick);

    /// <summary>Seconds with a fraction, as CEL turns a duration into a string: <c>3600s</c>, <c>0.5s</c>.</summary>
    public static string Show(CelDuration span)
    {
        decimal seconds = (decimal)span.Nanoseconds / 1_000_000_000m;
        return seconds.ToString("0.#########", CultureInfo.InvariantCulture) + "s";
    }

    public static string Show(DateTimeOffset time) =>
        time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.FFFFFFF'Z'", CultureInfo.InvariantCulture);

    [GeneratedRegex(@"^[+-]?(?<part>(\d+(\.\d*)?|\.\d+)(ns|us|µs|μs|ms|s|m|h))+\z")]
    private static partial Regex DurationPattern();
}
