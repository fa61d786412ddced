namespace VipOperator.Import;

/// <summary>Sync groups of one IPv4 and one IPv6 router on the same link: those become one VirtualIP.</summary>
internal sealed class SyncGroupPairs
{
    private readonly Dictionary<Cluster, (Cluster Second, SyncGroup Group)> _pairs = [];

    public static SyncGroupPairs Of(IReadOnlyList<Cluster> clusters, Ledger ledger)
    {
        SyncGroupPairs pairs = new();
        HostConfiguration[] hosts = [.. clusters.SelectMany(c => c.Members).Select(m => m.Host).Distinct()];
        foreach (HostConfiguration host in hosts)
        {
            foreach (SyncGroup group in host.SyncGroups.Where(g => g.Instances.Count > 0))
                pairs.Look(host, group, clusters, ledger);
        }

        return pairs;
    }

    public Cluster? SecondOf(Cluster cluster) => _pairs.TryGetValue(cluster, out var pair) ? pair.Second : null;

    public SyncGroup? GroupOf(Cluster cluster) => _pairs.TryGetValue(cluster, out var pair) ? pair.Group : null;

    public bool IsSecond(Cluster cluster) => _pairs.Values.Any(p => p.Second == cluster);

    private void Look(HostConfiguration host, SyncGroup group, IReadOnlyList<Cluster> clusters, Ledger ledger)
    {
        List<Cluster> parts = [];
        foreach ((string name, Directive from) in group.Instances)
        {
            Cluster? part = clusters.FirstOrDefault(c => c.Members.Any(m => m.Host == host && m.Name == name));
            if (part is null)
                ledger.Left(from, $"There is no vrrp_instance {name}.", decide: true);
            else
                parts.Add(part);
        }

        if (parts is [var one, var other] && one.IsIPv6 != other.IsIPv6 && LinkOf(one) == LinkOf(other))
        {
            (Cluster first, Cluster second) = one.IsIPv6 ? (other, one) : (one, other);
            _pairs.TryAdd(first, (second, group));
            Say(group, ledger, (d, s) => ledger.Mapped(d, s),
                "The two instances become one VirtualIP, whose families move together.");
        }
        else if (parts.Count < 2)
        {
            Say(group, ledger, (d, s) => ledger.Mapped(d, s), "There is nothing that would have to move together.");
        }
        else
        {
            Say(
                group,
                ledger,
                (d, s) => ledger.Approximated(d, s, decide: true),
                "Each becomes a VirtualIP that moves for itself. Addresses of one link that must move together belong "
                + "into one VirtualIP; those of two links cannot.");
        }
    }

    private static void Say(SyncGroup group, Ledger ledger, Action<Directive, string> put, string sentence)
    {
        put(group.Block, sentence);
        foreach ((_, Directive from) in group.Instances.Where(i => !ledger.Has(i.From)))
            ledger.Mapped(from, $"See line {group.Block.Place.Line}.");
    }

    private static string? LinkOf(Cluster cluster) => cluster.Best.InterfaceName?.Value;
}
