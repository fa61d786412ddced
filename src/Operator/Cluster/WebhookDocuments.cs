using VipOperator.Api;

namespace VipOperator.Operator.Cluster;

/// <summary>v1 Secret: what is read and applied of the webhook's own.</summary>
internal sealed record SecretDocument
{
    public string ApiVersion { get; set; } = "v1";

    public string Kind { get; set; } = "Secret";

    public ObjectMetadata Metadata { get; set; } = new();

    /// <summary>In JSON as base64.</summary>
    public IReadOnlyDictionary<string, byte[]>? Data { get; init; }
}

/// <summary>
/// admissionregistration.k8s.io/v1 MutatingWebhookConfiguration: of its webhooks the authority alone.
/// </summary>
internal sealed record WebhookConfigurationDocument
{
    public string ApiVersion { get; set; } = "admissionregistration.k8s.io/v1";

    public string Kind { get; set; } = "MutatingWebhookConfiguration";

    public ObjectMetadata Metadata { get; set; } = new();

    public IReadOnlyList<WebhookDocument>? Webhooks { get; init; }
}

internal sealed record WebhookDocument
{
    public required string Name { get; init; }

    public WebhookClientDocument ClientConfig { get; set; } = new();
}

internal sealed record WebhookClientDocument
{
    /// <summary>PEM; in JSON as base64.</summary>
    public byte[]? CaBundle { get; init; }
}
