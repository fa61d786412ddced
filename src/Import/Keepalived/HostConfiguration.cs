namespace VipOperator.Import;

/// <summary>What keepalived on one host runs.</summary>
internal sealed class HostConfiguration(ImportHost host, ConfigurationText text)
{
    public ImportHost Host { get; } = host;

    public ConfigurationText Text { get; } = text;

    /// <summary>vrrp_version.</summary>
    public Sourced<int>? Version { get; set; }

    /// <summary>vrrp_strict.</summary>
    public Directive? Strict { get; set; }

    /// <summary>vrrp_garp_master_refresh, in seconds.</summary>
    public Sourced<long>? AnnouncementRefresh { get; set; }

    public List<Instance> Instances { get; } = [];

    public List<SyncGroup> SyncGroups { get; } = [];

    /// <summary>By kind and name.</summary>
    public Dictionary<(TrackKind Kind, string Name), Check> Checks { get; } = [];
}
