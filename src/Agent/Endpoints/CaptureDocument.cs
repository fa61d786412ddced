using System.Text.Json;
using System.Text.Json.Serialization;
using VipOperator.Agent.Probes;
using VipOperator.Api;
using VipOperator.Sidecar.Contract;
using VipOperator.Vrrp;

namespace VipOperator.Agent.Endpoints;

/// <summary>The answer to a reader of a capture.</summary>
/// <param name="Last">What to ask with next.</param>
internal sealed record CaptureDocument(long Last, IReadOnlyList<CaptureAdvertisement> Advertisements);

/// <summary>An advertisement that was sent or came in; <c>capture -o json</c> prints a line for each.</summary>
internal sealed record CaptureAdvertisement
{
    public required DateTimeOffset Time { get; init; }

    public required string InterfaceName { get; init; }

    /// <summary>sent, taken or dropped.</summary>
    public required string What { get; init; }

    /// <summary>CamelCase: why it was dropped; null when it was not.</summary>
    public string? Reason { get; init; }

    public required string Source { get; init; }

    /// <summary>"peers" where it was sent to several.</summary>
    public required string Destination { get; init; }

    /// <summary>As received, as are the next two.</summary>
    public required int Version { get; init; }

    public required int VirtualRouterId { get; init; }

    public required int Priority { get; init; }

    /// <summary>As the API writes durations: "1s"; null where the packet could not be decoded.</summary>
    public string? Interval { get; init; }

    /// <summary>
    /// None, Simple, Hmac, or the number of another type; null where the packet could not be decoded.
    /// </summary>
    public string? Authentication { get; init; }

    public IReadOnlyList<string>? Addresses { get; init; }

    /// <summary>How many before this one were left out, because they came faster than they are told.</summary>
    public required long Missed { get; init; }

    /// <param name="lost">Left out on the way from the agent to the reader.</param>
    public static CaptureAdvertisement Of(CapturedReport report, long lost, TimeProvider time)
    {
        bool decoded = report.AdvertisementInterval.Value > 0;
        return new CaptureAdvertisement
        {
            Time = time.ToWallClock(report.At),
            InterfaceName = report.InterfaceName,
            What = report.As switch
            {
                CapturedAs.Sent => "sent",
                CapturedAs.Taken => "taken",
                CapturedAs.Dropped => "dropped",
            },
            Reason = report.Reason == DropReason.None ? null : report.Reason.ToString(),
            Source = report.Source.ToString(),
            Destination = report.Destination.IsNone ? "peers" : report.Destination.ToString(),
            Version = report.Version,
            VirtualRouterId = report.VirtualRouterId,
            Priority = report.Priority.Value,
            Interval = decoded
                ? GatewayDuration.FromMilliseconds(report.AdvertisementInterval.Value * 10).ToString() : null,
            Authentication = !decoded ? null : report.HasHmac
                ? nameof(AuthenticationType.Hmac)
                : report.RawAuthenticationType switch
                {
                    0 => nameof(AuthenticationType.None),
                    (byte)AuthenticationType.Simple => nameof(AuthenticationType.Simple),
                    byte other => other.ToString(System.Globalization.CultureInfo.InvariantCulture),
                },
            Addresses = decoded ? [.. report.Addresses.Select(a => a.ToString())] : null,
            Missed = (long)report.Missed + lost,
        };
    }
}

/// <summary>Without indents: a line is a document.</summary>
[JsonSourceGenerationOptions(JsonSerializerDefaults.Web, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(CaptureDocument))]
[JsonSerializable(typeof(CaptureAdvertisement))]
internal sealed partial class CaptureJsonContext : JsonSerializerContext;
