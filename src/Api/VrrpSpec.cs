using System.Text.Json.Serialization;

namespace VipOperator.Api;

/// <summary>How the routers of a VirtualIP speak VRRP (<c>spec.vrrp</c>).</summary>
public sealed record VrrpSpec
{
    /// <summary>2 or 3; default 3; IPv6 needs 3.</summary>
    public int Version { get; set; } = 3;

    /// <summary>v3: 10ms–40s950ms in steps of 10ms; v2: whole seconds, 1s–255s. Default 1s.</summary>
    public GatewayDuration AdvertisementInterval { get; set; } = GatewayDuration.FromSeconds(1);

    public PreemptSpec Preempt { get; set; } = new();

    public TransportType Transport { get; set; } = TransportType.Multicast;

    public AuthenticationSpec Authentication { get; set; } = new();

    /// <summary>
    /// How often the Active member announces the addresses again; 0s: never, else 1s–24h; default 1m.
    /// </summary>
    public GatewayDuration AnnouncementRefresh { get; set; } = GatewayDuration.FromSeconds(60);

    /// <summary>
    /// How long the kernel keeps an address that its sidecar renews no more; 0s: for ever, else whole seconds, 1s–24h.
    /// null: the sidecar's own setting, by default three advertisement intervals.
    /// </summary>
    public GatewayDuration? AddressLifetime { get; init; }

    /// <summary>Answer from the virtual router MAC address 00-00-5E-00-01/02-{vrid}; default false.</summary>
    public bool VirtualMac { get; init; }
}

/// <summary>Whether a better member takes the addresses back (<c>spec.vrrp.preempt</c>).</summary>
public sealed record PreemptSpec
{
    public bool Enabled { get; set; } = true;

    /// <summary>How long a worse Active is left alone first; 0s–1h, default 0s.</summary>
    public GatewayDuration Delay { get; set; } = GatewayDuration.Zero;
}

[JsonConverter(typeof(JsonStringEnumConverter<TransportType>))]
public enum TransportType
{
    Multicast,
    Unicast,
}

/// <summary>What advertisements are signed with (<c>spec.vrrp.authentication</c>).</summary>
public sealed record AuthenticationSpec
{
    public AuthenticationScheme Type { get; set; } = AuthenticationScheme.None;

    /// <summary>Required unless <see cref="Type"/> is None. The key itself never stands in an API object.</summary>
    public SecretKeyReference? SecretRef { get; init; }
}

[JsonConverter(typeof(JsonStringEnumConverter<AuthenticationScheme>))]
public enum AuthenticationScheme
{
    None,

    /// <summary>v2 only: a password of up to 8 bytes in clear, as keepalived's auth_type PASS.</summary>
    Simple,

    /// <summary>keepalived's HMAC.</summary>
    HMAC,
}

/// <summary>A key of a Secret that is mounted into the sidecar's container, in a folder per Secret.</summary>
public sealed record SecretKeyReference
{
    public required string Name { get; init; }

    public required string Key { get; init; }
}
