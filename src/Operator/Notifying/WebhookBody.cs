using System.Text.Json;
using System.Text.Json.Serialization;
using VipOperator.Api;

namespace VipOperator.Operator.Notifying;

/// <summary>
/// The JSON that receivers get; docs/notifications.md promises it. Fields may be added, none changes or goes.
/// </summary>
internal sealed record WebhookBody
{
    public const string KindName = "Notification";

    public string ApiVersion { get; init; } = GroupVersion.ApiVersion;

    public string Kind { get; init; } = KindName;

    public required Guid Id { get; init; }

    public required string Cluster { get; init; }

    public required string Channel { get; init; }

    public required DateTime Time { get; init; }

    public required Severity Severity { get; init; }

    public required string Summary { get; init; }

    public required IReadOnlyList<WebhookEvent> Events { get; init; }

    public required int OmittedEvents { get; init; }

    public static byte[] Write(Batch batch, ChannelSettings channel, string cluster)
    {
        WebhookBody body = new()
        {
            Id = batch.Id,
            Cluster = cluster,
            Channel = channel.Name,
            Time = batch.Time.UtcDateTime,
            Severity = batch.Severity,
            Summary = batch.Summary(),
            Events = [.. batch.Listed.Select(WebhookEvent.Of)],
            OmittedEvents = batch.Omitted,
        };
        return JsonSerializer.SerializeToUtf8Bytes(body, WebhookJsonContext.Default.WebhookBody);
    }
}

internal sealed record WebhookEvent
{
    public required Guid Id { get; init; }

    public required DateTime Time { get; init; }

    public required int Count { get; init; }

    public required Severity Severity { get; init; }

    public required string Reason { get; init; }

    public required string Message { get; init; }

    [JsonPropertyName("virtualIP")]
    public required WebhookVirtualIP VirtualIP { get; init; }

    public required string? ActiveNode { get; init; }

    public required string? ActivePod { get; init; }

    public static WebhookEvent Of(Repeated repeated)
    {
        Notification last = repeated.Last;
        return new WebhookEvent
        {
            Id = last.Id,
            Time = last.Time.UtcDateTime,
            Count = repeated.Count,
            Severity = last.Severity,
            Reason = last.Reason,
            Message = last.Message,
            VirtualIP = new WebhookVirtualIP(
                last.VirtualIP.Namespace, last.VirtualIP.Name, last.Uid, last.Addresses, last.VirtualRouterId),
            ActiveNode = last.ActiveNode,
            ActivePod = last.ActivePod,
        };
    }
}

internal sealed record WebhookVirtualIP(
    string Namespace, string Name, string Uid, IReadOnlyList<string> Addresses, byte? VirtualRouterId);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, UseStringEnumConverter = true)]
[JsonSerializable(typeof(WebhookBody))]
internal sealed partial class WebhookJsonContext : JsonSerializerContext;
