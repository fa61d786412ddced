using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace VipOperator.Api;

/// <summary>
/// Times as Kubernetes' metav1.Time has them: RFC 3339 in UTC with a Z, whole seconds (cut, not rounded, so that none
/// lies ahead). Any offset and any fraction is read.
/// </summary>
public sealed class KubernetesTimeConverter : JsonConverter<DateTimeOffset>
{
    public static string Format(DateTimeOffset time) =>
        time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);

    public override DateTimeOffset Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        reader.GetDateTimeOffset();

    public override void Write(Utf8JsonWriter writer, DateTimeOffset value, JsonSerializerOptions options) =>
        writer.WriteStringValue(Format(value));
}
