using System.Net;
using System.Net.Sockets;

namespace VipOperator.Import;

/// <summary>A value, and the line that it comes from; null: no line, the value is keepalived's own.</summary>
internal sealed record Sourced<T>(T Value, Directive? From);

internal enum TrackKind
{
    Script,
    Process,
}

/// <summary>A check that an instance follows.</summary>
/// <param name="From">The line of track_script or track_process.</param>
/// <param name="Kind">Which of the two.</param>
/// <param name="Name">Of the vrrp_script or vrrp_track_process.</param>
/// <param name="Weight">null: the check's own.</param>
/// <param name="Group">The sync group that it is followed for; null: the instance follows it for itself.</param>
internal sealed record Track(Directive From, TrackKind Kind, string Name, int? Weight, SyncGroup? Group = null);

/// <summary>What advertisements are signed with.</summary>
/// <param name="IsHmac">false: a password.</param>
/// <param name="Value">As the Secret is to hold it; null: it is in a file of the host.</param>
/// <param name="From">The line that holds it.</param>
internal sealed record Credential(bool IsHmac, string? Value, Directive From);

/// <summary>A vrrp_instance of one host, with the values that keepalived runs it with.</summary>
internal sealed class Instance(HostConfiguration host, string name, Directive block)
{
    public const int DefaultPriority = 100;
    public const int OwnerPriority = 255;

    public HostConfiguration Host { get; } = host;

    public string Name { get; } = name;

    public Directive Block { get; } = block;

    /// <summary>null: nothing says which.</summary>
    public bool? IsIPv6 { get; set; }

    /// <summary>Whether an address is of the instance's family, which the first one of any kind decides.</summary>
    public bool IsOfFamily(IPAddress address)
    {
        bool isIPv6 = address.AddressFamily == AddressFamily.InterNetworkV6;
        IsIPv6 ??= isIPv6;
        return IsIPv6 == isIPv6;
    }

    public Directive? State { get; set; }

    public bool StartsAsMaster { get; set; }

    public Sourced<string>? InterfaceName { get; set; }

    /// <summary>null: there is none, and keepalived does not run the instance.</summary>
    public Sourced<int>? RouterId { get; set; }

    public Sourced<int>? WrittenPriority { get; set; }

    /// <summary>1–255. Without a line, MASTER is the owner's.</summary>
    public int Priority => WrittenPriority?.Value ?? (StartsAsMaster ? OwnerPriority : DefaultPriority);

    /// <summary>
    /// What keepalived advertises at most: positive weights of checks are added while they pass. Maybe more than 255.
    /// </summary>
    public int BestPriority => Priority == OwnerPriority
        ? OwnerPriority
        : Priority + Tracks.Sum(t => Math.Max(0, WeightOf(t)));

    /// <summary>What a check adds to the priority while it passes, or takes from it while it fails; 0: neither.</summary>
    public int WeightOf(Track track) => track.Weight ?? Host.Checks[(track.Kind, track.Name)].Weight?.Value ?? 0;

    /// <summary>Seconds, as written.</summary>
    public Sourced<decimal>? Interval { get; set; }

    public Sourced<int>? WrittenVersion { get; set; }

    /// <summary>keepalived speaks version 2 over IPv4 unless told otherwise.</summary>
    public int Version => IsIPv6 == true ? 3 : WrittenVersion?.Value ?? Host.Version?.Value ?? 2;

    public List<AddressLine> Addresses { get; } = [];

    public List<AddressLine> Excluded { get; } = [];

    public Credential? Credential { get; set; }

    public Directive? NoPreempt { get; set; }

    /// <summary>nopreempt is void where the instance starts as MASTER, and for an address owner.</summary>
    public bool Preempts => NoPreempt is null || StartsAsMaster || Priority == OwnerPriority;

    public Sourced<decimal>? PreemptDelay { get; set; }

    /// <summary>Void where the instance starts as MASTER, and with nopreempt.</summary>
    public decimal EffectiveDelay => StartsAsMaster || !Preempts ? 0 : PreemptDelay?.Value ?? 0;

    public List<Directive> Peers { get; } = [];

    public Directive? SourceAddress { get; set; }

    public bool IsUnicast => Peers.Count > 0;

    public Directive? VirtualMac { get; set; }

    /// <summary>Seconds; null: keepalived announces only at a takeover.</summary>
    public Sourced<long>? AnnouncementRefresh { get; set; }

    public List<Track> Tracks { get; } = [];
}
