using System.Globalization;
using static VipOperator.Lab.ApiServer.Cel.CelLibrary;
using T = VipOperator.Lab.ApiServer.Cel.CelType;

namespace VipOperator.Lab.ApiServer.Cel;

/// <summary>Timestamps, durations and URLs.</summary>
internal static class CelTimes
{
    private const long Second = 1_000_000_000;

    public static readonly CelOverload[] All =
    [
        Function("duration", [T.String], T.Duration, a => CelTime.ParseDuration((string)a[0]!)),
        Function("duration", [T.Duration], T.Duration, a => a[0]),
        Function("timestamp", [T.String], T.Timestamp, a => CelTime.ParseTimestamp((string)a[0]!)),
        Function("timestamp", [T.Timestamp], T.Timestamp, a => a[0]),
        Function("timestamp", [T.Int], T.Timestamp, a => DateTimeOffset.FromUnixTimeSeconds((long)a[0]!)),
        Member("getHours", [T.Duration], T.Int, a => Whole(a[0], 3600 * Second)),
        Member("getMinutes", [T.Duration], T.Int, a => Whole(a[0], 60 * Second)),
        Member("getSeconds", [T.Duration], T.Int, a => Whole(a[0], Second)),
        Member("getMilliseconds", [T.Duration], T.Int, a => Whole(a[0], Second / 1000) % 1000),
        .. Part("getFullYear", t => t.Year),
        .. Part("getMonth", t => t.Month - 1),
        .. Part("getDate", t => t.Day),
        .. Part("getDayOfMonth", t => t.Day - 1),
        .. Part("getDayOfWeek", t => (int)t.DayOfWeek),
        .. Part("getDayOfYear", t => t.DayOfYear - 1),
        .. Part("getHours", t => t.Hour),
        .. Part("getMinutes", t => t.Minute),
        .. Part("getSeconds", t => t.Second),
        .. Part("getMilliseconds", t => t.Millisecond),
        Function("url", [T.String], T.Url, a => ParseUrl((string)a[0]!) is { } u
            ? new CelUrl(u)
            : throw new CelRuntimeException($"URL parse error during conversion from string: {a[0]}")),
        Function("isURL", [T.String], T.Bool, a => ParseUrl((string)a[0]!) is not null),
        Member("getScheme", [T.Url], T.String, a => Of(a).IsAbsoluteUri ? Of(a).Scheme : ""),
        Member("getHost", [T.Url], T.String, a => Of(a).IsAbsoluteUri
            ? Of(a).OriginalString.Split("//").ElementAtOrDefault(1)?.Split('/')[0].Split('@')[^1] ?? "" : ""),
        Member("getHostname", [T.Url], T.String, a => Of(a).IsAbsoluteUri ? Of(a).Host.Trim('[', ']') : ""),
        Member("getPort", [T.Url], T.String, a => Of(a) is { IsAbsoluteUri: true, IsDefaultPort: false } u
            ? u.Port.ToString(CultureInfo.InvariantCulture) : ""),
        Member("getEscapedPath", [T.Url], T.String, a => Of(a).IsAbsoluteUri
            ? Of(a).AbsolutePath
            : Of(a).OriginalString.Split('?')[0]),
    ];

    private static long Whole(object? span, long unit) => (long)(((CelDuration)span!).Nanoseconds / unit);

    private static CelOverload[] Part(string name, Func<DateTimeOffset, int> part) =>
    [
        Member(name, [T.Timestamp], T.Int, a => (long)part(((DateTimeOffset)a[0]!).ToUniversalTime())),
        Member(name, [T.Timestamp, T.String], T.Int, a => (long)part(InZone((DateTimeOffset)a[0]!, (string)a[1]!))),
    ];

    private static DateTimeOffset InZone(DateTimeOffset time, string zone)
    {
        if (zone == "UTC") return time.ToUniversalTime();
        string offset = zone.TrimStart('+');
        return TimeSpan.TryParse(offset, CultureInfo.InvariantCulture, out TimeSpan span)
            ? time.ToOffset(span)
            : TimeZoneInfo.TryFindSystemTimeZoneById(zone, out TimeZoneInfo? found)
                ? TimeZoneInfo.ConvertTime(time, found)
                : throw new CelRuntimeException($"unknown time zone {zone}");
    }

    private static Uri Of(object?[] values) => ((CelUrl)values[0]!).Value;

    private static Uri? ParseUrl(string text)
    {
        bool isPath = text.StartsWith('/');
        return Uri.TryCreate(text, isPath ? UriKind.Relative : UriKind.Absolute, out Uri? uri) ? uri : null;
    }
}
