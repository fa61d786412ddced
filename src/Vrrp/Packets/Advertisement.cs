namespace VipOperator.Vrrp;

/// <summary>One decoded VRRP advertisement, without its addresses: those stay in the received bytes.</summary>
public readonly record struct Advertisement
{
    public required VrrpVersion Version { get; init; }

    public required IpFamily Family { get; init; }

    public required VirtualRouterId VirtualRouterId { get; init; }

    public required Priority Priority { get; init; }

    /// <summary>v3: Max Advertise Interval. v2: the interval in seconds, as centiseconds.</summary>
    public required Centiseconds AdvertisementInterval { get; init; }

    /// <summary>
    /// The number of addresses in the message; where they start depends on the version alone (byte 8).
    /// </summary>
    public required byte AddressCount { get; init; }

    /// <summary>v2: the raw Auth Type byte (RFC 2338 §5.3.6). v3: 0.</summary>
    public required byte RawAuthenticationType { get; init; }

    /// <summary>Whether an HMAC follows the message; see <see cref="HmacTrailer"/>.</summary>
    public bool HasHmac { get; init; }

    /// <summary>The sender, from the IP header.</summary>
    public required IpAddress Source { get; init; }
}
