using VipOperator.Vrrp;

namespace VipOperator.Planning;

/// <summary>A VirtualIP as it stands in the cluster.</summary>
public sealed record VirtualIPObject
{
    public required ObjectKey Key { get; init; }

    public required string Uid { get; init; }

    public required long Generation { get; init; }

    /// <summary>creationTimestamp in s since the Unix epoch: who came first.</summary>
    public required long CreatedUnixS { get; init; }

    /// <summary>
    /// Its deletion has begun: nothing is planned for it any more, but what it holds is not free yet.
    /// </summary>
    public bool Deleting { get; init; }

    /// <summary>The node that a person wants the addresses on; null: the best one.</summary>
    public string? RequestedNode { get; init; }

    /// <summary>null when the object makes no sense; then <see cref="Problem"/> says why.</summary>
    public VirtualIPSettings? Settings { get; init; }

    public string? Problem { get; init; }

    /// <summary>What its status says now.</summary>
    public VirtualIPReport Report { get; init; } = VirtualIPReport.None;
}

/// <summary>What a person asked for, checked and resolved.</summary>
public sealed record VirtualIPSettings
{
    /// <summary>At least one, no address twice.</summary>
    public required ValueList<IpPrefix> Addresses { get; init; }

    public string? InterfaceName { get; init; }

    public required Selector Selector { get; init; }

    /// <summary>null: to be allocated.</summary>
    public VirtualRouterId? VirtualRouterId { get; init; }

    public required RouterSettings Router { get; init; }

    /// <summary>The best member's priority, 1–254.</summary>
    public Priority Highest { get; init; } = new(254);

    public ValueList<NodePreference> Preferences { get; init; } = [];

    public bool Spread { get; init; } = true;

    /// <summary>Whether members on cordoned nodes hand over as those on evacuated ones do.</summary>
    public bool DemoteCordoned { get; init; }

    public ProbeDocument? Probe { get; init; }
}

/// <summary>Nodes that are liked more, or with a negative weight less.</summary>
public sealed record NodePreference(Selector NodeSelector, int Weight);

/// <summary>How the members speak VRRP; handed on to them as it is.</summary>
public sealed record RouterSettings
{
    public VrrpVersion Version { get; init; } = VrrpVersion.V3;

    public Centiseconds AdvertisementInterval { get; init; } = Centiseconds.FromSeconds(1);

    public bool Preempt { get; init; } = true;

    public TimeSpan PreemptDelay { get; init; }

    public Transport Transport { get; init; } = Transport.Multicast;

    public AuthenticationType Authentication { get; init; } = AuthenticationType.None;

    public SecretKey? Secret { get; init; }

    /// <summary>Zero: never.</summary>
    public TimeSpan AnnouncementRefresh { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>Zero: for ever; null: as the sidecar is set.</summary>
    public TimeSpan? AddressLifetime { get; init; }

    public bool VirtualMac { get; init; }
}

/// <summary>Where a password stands; never the password.</summary>
public sealed record SecretKey(string Name, string Key);

/// <summary>
/// How the service is probed. Planning hands it on unread, so it is kept as the canonical text of the document: equal
/// texts are equal probes.
/// </summary>
public sealed record ProbeDocument(string CanonicalJson);
