using System.Text.Json.Serialization;

namespace VipOperator.Lab.Probing;

/// <summary>One request of the client: a new connection, a GET, the answer's body.</summary>
/// <param name="StartedAt">Microseconds since 1970, by the machine's clock, which all processes of a lab share.</param>
/// <param name="EndedAt">The same, when the answer was complete or the request was given up.</param>
/// <param name="Responder">The answer's body, which names the node; null when there was none. Of an echo empty: it
/// names nobody.</param>
/// <param name="Error">Why there was none.</param>
internal sealed record ProbeSample(long StartedAt, long EndedAt, string? Responder, string? Error)
{
    /// <summary>When the connection was there; null when none was made, and of a datagram.</summary>
    public long? ConnectedAt { get; init; }

    /// <summary>Whether it was a datagram and its echo, not a GET.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool IsEcho { get; init; }

    [JsonIgnore]
    public bool Answered => Responder is not null;
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition =
        JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(ProbeSample))]
internal sealed partial class ProbeJsonContext : JsonSerializerContext;
