using System.Globalization;
using VipOperator.Api;

namespace VipOperator.Import;

/// <summary>
/// Makes VirtualIPs of virtual routers: one of each, or one of an IPv4 and an IPv6 router that a sync group holds
/// together.
/// </summary>
internal sealed class VirtualIPMapper
{
    private readonly ImportOptions _options;
    private readonly Ledger _ledger;
    private readonly Differences _differences;
    private readonly ObjectNames _names = new();
    private readonly AddressMapper _addresses;
    private readonly VrrpMapper _vrrp;
    private readonly PriorityMapper _priorities;
    private readonly ProbeMapper _probes;

    public VirtualIPMapper(
        ImportOptions options,
        IConfigurationFiles files,
        Ledger ledger,
        Differences differences)
    {
        (_options, _ledger, _differences) = (options, ledger, differences);
        _addresses = new AddressMapper(options, ledger, differences);
        _vrrp = new VrrpMapper(options, ledger, differences);
        _priorities = new PriorityMapper(options, ledger, differences);
        _probes = new ProbeMapper(files, options, ledger);
    }

    public IReadOnlyList<Draft> Map(IReadOnlyList<HostConfiguration> hosts)
    {
        List<Draft> drafts = [];
        List<Cluster> clusters = Cluster.Of(hosts);
        SyncGroupPairs pairs = SyncGroupPairs.Of(clusters, _ledger);
        foreach (Cluster cluster in clusters)
        {
            if (pairs.IsSecond(cluster))
                continue;
            if (MapOne(cluster, pairs.SecondOf(cluster), pairs.GroupOf(cluster)) is { } draft)
                drafts.Add(draft);
        }

        foreach (Check check in hosts.SelectMany(h => h.Checks.Values))
            _probes.LeaveUnused(check);
        _probes.SayParted();
        return drafts;
    }

    private Draft? MapOne(Cluster cluster, Cluster? second, SyncGroup? group)
    {
        int version = second is null ? cluster.Best.Version : 3;
        List<string> addresses =
            [.. _addresses.Map(cluster, version), .. second is null ? [] : _addresses.Map(second, version)];
        if (addresses.Count == 0)
        {
            foreach (Instance member in cluster.Members.Concat(second?.Members ?? []))
            {
                ProbeMapperLeaves(member);
                _ledger.LeftWhole(member.Block, "There is no address in it that a VirtualIP could have.", decide: true);
            }

            return null;
        }

        string name = _names.Take(NameOf(cluster, group));
        PrioritySpec priority = _priorities.Map(cluster, second);
        string secret = $"{(name.Length <= 58 ? name : name[..58].TrimEnd('-'))}-vrrp";
        Draft draft = new()
        {
            Name = name,
            Origins = [.. cluster.Members.Concat(second?.Members ?? [])
                .Select(m => $"vrrp_instance {m.Name} of {m.Block.Place}").Distinct()],
            Credential = VrrpMapper.CredentialOf(cluster, version),
            Spec = new VirtualIPSpec
            {
                Addresses = addresses,
                InterfaceName = _addresses.Link(cluster),
                Selector = new LabelSelector { MatchLabels = _options.Selector },
                VirtualRouterId = RouterId(cluster),
                Vrrp = _vrrp.Map(cluster, version, secret),
                Priority = priority,
                Probe = Probe(cluster, priority.Highest),
            },
        };
        if (second is not null)
            MapSecond(cluster, second, version, secret);
        SaySilent(cluster, draft);
        foreach (Cluster part in second is null ? [cluster] : new[] { cluster, second })
            SayInstances(part, name);
        return draft;
    }

    // What stands in the IPv6 router is said of it, and must be as in the IPv4 router, whose values count.
    private void MapSecond(Cluster cluster, Cluster second, int version, string secret)
    {
        _ = _addresses.Link(second);
        _ = _vrrp.Map(second, version, secret);
        _ = _priorities.Map(second, cluster);
        _ = Probe(second, PriorityMapper.HighestAllowed);
        foreach (Instance member in second.Members)
        {
            if (member.RouterId is not { From: { } from } id)
                continue;
            if (id.Value == cluster.Best.RouterId?.Value)
                _ledger.Mapped(from, "It becomes spec.virtualRouterId, for both families.");
            else
                _ledger.Approximated(from, $"Both families of a VirtualIP have one id, {cluster.Best.RouterId?.Value}: "
                    + $"bring keepalived to it first.", decide: true);
        }

        foreach (Instance member in cluster.Members.Where(m => m.Version == 2))
        {
            _ledger.Approximated(
                member.Block,
                "It becomes one VirtualIP with its IPv6 partner, which needs version 3: set vrrp_version 3 in "
                + "keepalived on all hosts first.",
                decide: true);
        }
    }

    private void SaySilent(Cluster cluster, Draft draft)
    {
        Instance best = cluster.Best;
        if (draft.Spec.Vrrp.Version == 2 && best.WrittenVersion is null && best.Host.Version is null)
            _differences.AddSilent(
                $"{draft.Name} speaks version 2, keepalived's default over IPv4; once keepalived is gone, version 3 "
                + $"is the better one");
        if (best.WrittenPriority is null)
            _differences.AddSilent(
                $"{draft.Name}: {best.Host.Label} has no priority, which keepalived makes {best.Priority}");
        if (best.Tracks.Count == 0)
            _differences.AddSilent(
                $"{draft.Name} follows no check, so a node whose nginx is dead keeps the addresses; "
                + $"spec.probe would notice");
    }

    private void SayInstances(Cluster cluster, string name)
    {
        foreach (Instance member in cluster.Members)
        {
            if (!_ledger.Has(member.Block))
                _ledger.Mapped(member.Block, $"It becomes VirtualIP {name}{Together(cluster, member)}.");
            // What nobody had a word for must stand in the report all the same.
            foreach (Directive directive in member.Block.Descendants.Where(d => !_ledger.Has(d)))
                SayLast(directive, member);
        }
    }

    private static string Together(Cluster cluster, Instance member)
    {
        string[] others =
        [
            .. cluster.Members.Where(m => m != member)
                .Select(m => m.Host.Label == m.Host.Host.Path ? m.Block.Place.ToString() : $"node {m.Host.Label}"),
        ];
        return others.Length == 0 ? "" : $", one with {string.Join(", ", others)}";
    }

    private void SayLast(Directive directive, Instance member)
    {
        if (directive.Kind == DirectiveKind.Value
            && member.Block.Named("track_interface").Any(b => b.Children.Contains(directive)))
        {
            if (directive.Name == member.InterfaceName?.Value)
                _ledger.Approximated(directive, "The link of the addresses is watched anyway: without a carrier the "
                    + "member is in Fault, whatever the weight.");
            else
                _ledger.Left(directive, "Only the link of the addresses is watched; a probe that goes over this one "
                    + "could stand for it.", decide: true);
        }
        else
        {
            _ledger.Left(directive, "Nothing in a VirtualIP is like it.", decide: true);
        }
    }

    private int? RouterId(Cluster cluster)
    {
        int? id = cluster.Best.RouterId?.Value;
        if (id is null)
            _differences.Add(
                $"{cluster.Best.Name} of {cluster.Best.Host.Label} has no virtual_router_id, so keepalived does not "
                + $"run it; one is allocated");
        foreach (Instance member in cluster.Members)
        {
            if (member.RouterId is not { From: { } from } own)
                continue;
            if (own.Value == id)
            {
                _ledger.Mapped(from, "It becomes spec.virtualRouterId.");
                continue;
            }

            _ledger.Left(from, $"{cluster.Best.Host.Label}, the host of the highest priority, has {id}; with two ids "
                + $"both hosts hold the address.", decide: true);
            _differences.Add(string.Create(
                CultureInfo.InvariantCulture, $"{member.Name} has virtual_router_id {own.Value} in {from.Place} and {id} on {cluster.Best.Host.Label}"));
        }

        return id;
    }

    private ProbeSpec? Probe(Cluster cluster, int highest)
    {
        int[] levels = [.. cluster.Ranked.Select(m => m.Priority).Distinct()];
        int gap = levels.Length > 1 ? levels[0] - levels[1] : 0;
        ProbeSpec? best = _probes.Map(cluster.Best, gap, highest);
        foreach (Instance member in cluster.Members.Where(m => m != cluster.Best))
        {
            // On a host that is no better than the next, a weight moves nothing anyway.
            if (_probes.Map(member, 0, highest) != best)
                _differences.Add(
                    $"{member.Name} is checked otherwise on {member.Host.Label} than on "
                    + $"{cluster.Best.Host.Label}, which counts");
        }

        return best;
    }

    private void ProbeMapperLeaves(Instance member)
    {
        foreach (Track track in member.Tracks)
            _ledger.Left(track.From, "The instance does not come over.");
    }

    private string NameOf(Cluster cluster, SyncGroup? group)
    {
        IEnumerable<string> candidates = cluster.Members.Select(m => m.Name).Prepend(group?.Name ?? "");
        foreach (string candidate in candidates)
        {
            if (_options.Names.TryGetValue(candidate, out string? name))
                return name;
        }

        return group?.Name ?? cluster.Best.Name;
    }
}
