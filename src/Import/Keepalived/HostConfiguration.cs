namespace VipOperator.Import;

/// <summary>What keepalived on one host runs.</summary>
internal sealed class HostConfiguration(ImportHost host, ConfigurationText text)
{
    public ImportHost Host { get; } = host;

    public ConfigurationText Text { get; } = text;

    /// <summary>The Kubernetes node that it will be; known when all hosts have been read.</summary>
    public string Node { get; set; } = "";

    /// <summary>What the report calls it: the file, or the node where several hosts have one file.</summary>
    public string Label { get; set; } = host.Path;

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
