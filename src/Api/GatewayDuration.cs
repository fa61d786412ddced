using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace VipOperator.Api;

/// <summary>
/// A duration as the Gateway API writes it (GEP-2257): up to four groups of at most five digits and a unit, h, m, s or
/// ms: "1s", "1m30s", "100ms". No sign, no fraction, no bare number; order and repetition are free.
/// </summary>
[JsonConverter(typeof(GatewayDurationConverter))]
public readonly record struct GatewayDuration(TimeSpan Value) : IComparable<GatewayDuration>
{
    /// <summary>The form, as the CRD's <c>pattern</c> states it.</summary>
    public const string Pattern = "^([0-9]{1,5}(h|m|s|ms)){1,4}$";

    public static GatewayDuration Zero => default;

    public static GatewayDuration FromSeconds(int seconds) => new(TimeSpan.FromSeconds(seconds));

    public static GatewayDuration FromMilliseconds(int milliseconds) => new(TimeSpan.FromMilliseconds(milliseconds));

    /// <returns>false when <paramref name="text"/> does not match <see cref="Pattern"/>.</returns>
    public static bool TryParse(ReadOnlySpan<char> text, out GatewayDuration duration)
    {
        duration = default;
        TimeSpan sum = TimeSpan.Zero;
        int groups = 0;
        while (!text.IsEmpty)
        {
            int digits = text.IndexOfAnyExceptInRange('0', '9');
            if (digits is < 1 or > 5 || ++groups > 4)
                return false;
            int number = int.Parse(text[..digits], NumberStyles.None, CultureInfo.InvariantCulture);
            text = text[digits..];
            (TimeSpan unit, int length) = text switch
            {
                ['m', 's', ..] => (TimeSpan.FromMilliseconds(1), 2),
                ['h', ..] => (TimeSpan.FromHours(1), 1),
                ['m', ..] => (TimeSpan.FromMinutes(1), 1),
                ['s', ..] => (TimeSpan.FromSeconds(1), 1),
                _ => (TimeSpan.Zero, 0),
            };
            if (length == 0)
                return false;
            sum += number * unit;
            text = text[length..];
        }

        duration = new GatewayDuration(sum);
        return groups > 0;
    }

    public int CompareTo(GatewayDuration other) => Value.CompareTo(other.Value);

    public static bool operator <(GatewayDuration left, GatewayDuration right) => left.Value < right.Value;

    public static bool operator >(GatewayDuration left, GatewayDuration right) => left.Value > right.Value;

    public static bool operator <=(GatewayDuration left, GatewayDuration right) => left.Value <= right.Value;

    public static bool operator >=(GatewayDuration left, GatewayDuration right) => left.Value >= right.Value;

    /// <summary>The shortest canonical form: "0s", "1m30s", "100ms".</summary>
    public override string ToString()
    {
        if (Value == TimeSpan.Zero)
            return "0s";
        StringBuilder text = new();
        Append(text, (long)Value.TotalHours, "h");
        Append(text, Value.Minutes, "m");
        Append(text, Value.Seconds, "s");
        Append(text, Value.Milliseconds, "ms");
        return text.ToString();
    }

    private static void Append(StringBuilder text, long number, string unit)
    {
        if (number != 0)
            text.Append(CultureInfo.InvariantCulture, $"{number}{unit}");
    }
}

/// <summary>Reads and writes a <see cref="GatewayDuration"/> as a JSON string.</summary>
public sealed class GatewayDurationConverter : JsonConverter<GatewayDuration>
{
    public override GatewayDuration Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        string? text = reader.TokenType == JsonTokenType.String ? reader.GetString() : null;
        return text is not null && GatewayDuration.TryParse(text, out GatewayDuration duration)
            ? duration
            : throw new JsonException($"'{text}' is not a duration: up to four numbers with a unit h, m, s or ms, such as 1s, 1m30s or 100ms.");
    }

    public override void Write(Utf8JsonWriter writer, GatewayDuration value, JsonSerializerOptions options) =>
        writer.WriteStringValue(value.ToString());
}
