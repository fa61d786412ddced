namespace VipOperator.Import;

/// <summary>The instances of several hosts that are one virtual router: at most one of each host.</summary>
internal sealed class Cluster
{
    private readonly List<Instance> _members = [];

    /// <summary>In the order of the hosts.</summary>
    public IReadOnlyList<Instance> Members => _members;

    /// <summary>The one with the highest priority, of equals the first.</summary>
    public Instance Best => Ranked[0];

    /// <summary>By priority, the best first.</summary>
    public IReadOnlyList<Instance> Ranked => [.. _members.OrderByDescending(m => m.Priority)];

    public bool IsIPv6 => Best.IsIPv6 == true;

    /// <summary>
    /// Puts instances together that have an address in common, or a virtual router id and a name: such hosts speak with
    /// each other, or are meant to.
    /// </summary>
    public static List<Cluster> Of(IEnumerable<HostConfiguration> hosts)
    {
        List<Cluster> clusters = [];
        foreach (HostConfiguration host in hosts)
        {
            foreach (Instance instance in host.Instances)
            {
                Cluster? cluster = clusters.Find(c => c.IsFor(instance, byAddress: true)) ?? clusters.Find(
                    c => c.IsFor(instance, byAddress: false));
                if (cluster is null)
                    clusters.Add(cluster = new Cluster());
                cluster._members.Add(instance);
            }
        }

        return clusters;
    }

    private bool IsFor(Instance instance, bool byAddress)
    {
        if (_members.Any(m => m.Host == instance.Host || (m.IsIPv6 ?? false) != (instance.IsIPv6 ?? false)))
            return false;
        return byAddress
            ? _members.SelectMany(m => m.Addresses).Any(a => instance.Addresses.Any(b => a.Address.Equals(b.Address)))
            : _members.Any(m => m.Name == instance.Name && m.RouterId?.Value == instance.RouterId?.Value
                && instance.RouterId is not null);
    }
}
