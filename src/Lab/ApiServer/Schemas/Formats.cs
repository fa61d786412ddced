using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text.RegularExpressions;

namespace VipOperator.Lab.ApiServer.Schemas;

/// <summary>The string formats of OpenAPI v3 that custom resources may name, and those of built-in fields.</summary>
internal static partial class Formats
{
    /// <summary>Formats that the real server checks; any other format is taken as a comment.</summary>
    public static readonly IReadOnlySet<string> Known = new HashSet<string>(StringComparer.Ordinal)
    {
        "bsonobjectid", "uri", "email", "hostname", "ipv4", "ipv6", "cidr", "mac", "uuid", "uuid3",
        "uuid4", "uuid5", "isbn",
        "isbn10", "isbn13", "creditcard", "ssn", "hexcolor", "rgbcolor", "byte", "password",
        "date", "duration", "datetime",
        "date-time", "int32", "int64", "float", "double",
    };

    public static bool Matches(string format, string text) => format switch
    {
        "date-time" or "datetime" => IsDateTime(text),
        "date" => DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out _),
        "ipv4" => IPAddress.TryParse(text, out IPAddress? v4) && v4.AddressFamily == AddressFamily.InterNetwork
            && text.Count(c => c == '.') == 3,
        "ipv6" => IPAddress.TryParse(text, out IPAddress? v6) && v6.AddressFamily == AddressFamily.InterNetworkV6,
        "cidr" => IsCidr(text),
        "mac" => MacPattern().IsMatch(text),
        "uuid" => UuidPattern().IsMatch(text),
        "byte" => IsBase64(text),
        "uri" => Uri.TryCreate(text, UriKind.RelativeOrAbsolute, out Uri? uri)
            && (uri.IsAbsoluteUri || text.StartsWith('/')),
        "email" => EmailPattern().IsMatch(text),
        "hostname" => text.Length <= 255 && HostnamePattern().IsMatch(text),
        "hexcolor" => HexColorPattern().IsMatch(text),
        "duration" => DurationPattern().IsMatch(text),
        _ => true,
    };

    public static bool IsDateTime(string text) =>
        DateTimePattern().IsMatch(text)
        && DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out _);

    public static bool IsBase64(string text) =>
        text.Length % 4 == 0 && Convert.TryFromBase64String(text, new byte[(text.Length / 4 * 3) + 3], out _);

    public static bool IsQuantity(string text) => QuantityPattern().IsMatch(text);

    public static bool IsCidr(string text)
    {
        int slash = text.IndexOf('/', StringComparison.Ordinal);
        return slash > 0
            && IPAddress.TryParse(text.AsSpan(0, slash), out IPAddress? address)
            && int.TryParse(text.AsSpan(slash + 1), NumberStyles.None, CultureInfo.InvariantCulture, out int length)
            && length <= (address.AddressFamily == AddressFamily.InterNetwork ? 32 : 128);
    }

    [GeneratedRegex(
        @"^\d{4}-\d{2}-\d{2}[Tt]\d{2}:\d{2}:\d{2}(\.\d+)?([Zz]|[+-]\d{2}:\d{2})\z", RegexOptions.CultureInvariant)]
    private static partial Regex DateTimePattern();

    [GeneratedRegex(@"^([0-9A-Fa-f]{2}[:-]){5}[0-9A-Fa-f]{2}\z|^([0-9A-Fa-f]{4}\.){2}[0-9A-Fa-f]{4}\z")]
    private static partial Regex MacPattern();

    [GeneratedRegex(@"^[0-9a-fA-F]{8}-?[0-9a-fA-F]{4}-?[0-9a-fA-F]{4}-?[0-9a-fA-F]{4}-?[0-9a-fA-F]{12}\z")]
    private static partial Regex UuidPattern();

    [GeneratedRegex(@"^[^@\s<>]+@[^@\s<>]+\z")]
    private static partial Regex EmailPattern();

    [GeneratedRegex(@"^[a-zA-Z0-9]([a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?(\.[a-zA-Z0-9]([a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?)*\z")]
    private static partial Regex HostnamePattern();

    [GeneratedRegex(@"^#?([0-9a-fA-F]{3}|[0-9a-fA-F]{6})\z")]
    private static partial Regex HexColorPattern();

    [GeneratedRegex(@"^[+-]?(\d+(\.\d*)?\s*(ns|us|µs|ms|s|m|h|d|w|hours?|minutes?|seconds?|days?|weeks?)\s*)+\z|^0\z")]
    private static partial Regex DurationPattern();

    [GeneratedRegex(@"^[+-]?(\d+(\.\d*)?|\.\d+)([KMGTPE]i|[numkMGTPE]|[eE][+-]?\d+)?\z")]
    private static partial Regex QuantityPattern();
}
