using VipOperator.Vrrp;

namespace VipOperator.Planning;

/// <summary>
/// Which virtual router id each accepted VirtualIP has. An id is unique per family and link. Which nodes share a link
/// nobody can tell from here, so that links count as different only when both VirtualIPs name one and the names differ.
/// An explicit id wins over an allocated one; an allocated one is kept for life, also when another VirtualIP is edited
/// so that it would clash, and rests for a while when it is freed. None is allocated that a member still has.
/// </summary>
internal sealed class RouterIds
{
    private readonly Dictionary<string, VirtualRouterId> _byUid = [];
    private readonly Uses _explicit = new();
    private readonly Uses _used = new();
    private readonly Uses _spoken = new();
    private readonly Uses _heard = new();
    private readonly Uses _resting = new();
    private readonly long _nowUnixMs;
    private readonly long _restEndsUnixMs;

    private RouterIds(ClusterSnapshot snapshot)
    {
        _nowUnixMs = snapshot.NowUnixMs;
        foreach (HeardId heard in snapshot.Members.Where(m => m.Report is not null).SelectMany(m => m.Report!.HeardIds))
            _heard.Add(heard.Id, heard.Family, heard.InterfaceName);
        RestingId[] resting = [.. snapshot.RestingIds.Where(r => r.UntilUnixMs > snapshot.NowUnixMs)];
        foreach (RestingId rest in resting)
            _resting.Add(rest.Id, rest.Family, rest.InterfaceName);
        _restEndsUnixMs = resting.Length == 0 ? 0 : resting.Min(r => r.UntilUnixMs);
    }

    /// <summary>
    /// When somebody who got no id can be asked again; null: nobody waits, or time alone brings nothing.
    /// </summary>
    public TimeSpan? RecheckAfter { get; private set; }

    /// <param name="accepted">In age order.</param>
    /// <param name="holding">Members that run on outside the plan; their ids are not free.</param>
    /// <param name="snapshot">For what members hear, and which ids rest.</param>
    /// <param name="currentMembers">
    /// By the VirtualIP's uid; they know the id when a status was lost, and no other's is allocated.
    /// </param>
    public static RouterIds Assign(
        IReadOnlyList<VirtualIPObject> accepted,
        IEnumerable<MemberObject> holding,
        ClusterSnapshot snapshot,
        ILookup<string, MemberObject> currentMembers)
    {
        RouterIds ids = new(snapshot);
        foreach (VirtualIPObject virtualIP in accepted)
        {
            if (virtualIP.Settings!.VirtualRouterId is not { } id)
                continue;
            ids.Take(virtualIP, id);
            foreach (IpFamily family in Families(virtualIP.Settings.Addresses))
                ids._explicit.Add(id, family, virtualIP.Settings.InterfaceName);
        }

        foreach (MemberSpec spec in holding.Select(m => m.Spec).OfType<MemberSpec>())
        {
            foreach (IpFamily family in Families(spec.Addresses))
                ids._used.Add(spec.VirtualRouterId, family, spec.InterfaceName);
        }

        foreach (IGrouping<string, MemberObject> group in currentMembers)
        {
            foreach ((VirtualRouterId id, IpFamily family, string? link) in group.SelectMany(UsesOf).Distinct())
                ids._spoken.Add(id, family, link, group.Key);
        }

        // First those that are as they were: who is edited to clash with another is the one to change.
        List<VirtualIPObject> without = [];
        foreach (VirtualIPObject virtualIP in accepted
            .Where(v => v.Settings!.VirtualRouterId is null)
            .OrderByDescending(v => IsAsItWas(v, currentMembers[v.Uid])))
        {
            VirtualRouterId? had = virtualIP.Report.VirtualRouterId
                ?? currentMembers[virtualIP.Uid].Select(m => m.Spec?.VirtualRouterId)
                .FirstOrDefault(id => id is not null);
            if (had is { } id && IsFree(virtualIP, id, ids._used))
                ids.Take(virtualIP, id);
            else
                without.Add(virtualIP);
        }

        foreach (VirtualIPObject virtualIP in without)
        {
            if (ids.Allocate(virtualIP) is { } id)
                ids.Take(virtualIP, id);
            else if (ids._restEndsUnixMs > 0)
                ids.RecheckAfter = TimeSpan.FromMilliseconds(ids._restEndsUnixMs - ids._nowUnixMs);
        }

        return ids;
    }

    /// <summary>null: there is none left.</summary>
    public VirtualRouterId? this[VirtualIPObject virtualIP] =>
        _byUid.TryGetValue(virtualIP.Uid, out VirtualRouterId id) ? id : null;

    /// <summary>Whether a member that runs on outside the plan uses an id that somebody asked for explicitly.</summary>
    public bool Clashes(MemberObject holding) =>
        holding.Spec is { } spec
        && Families(spec.Addresses).Any(family => _explicit.Includes(spec.VirtualRouterId, family, spec.InterfaceName));

    private static bool IsAsItWas(VirtualIPObject virtualIP, IEnumerable<MemberObject> members) =>
        virtualIP.Report.Find(ConditionType.Accepted) is { Status: ConditionStatus.True } accepted
            && accepted.ObservedGeneration == virtualIP.Generation
        || members.Any(m => m.Spec is { } spec && spec.InterfaceName == virtualIP.Settings!.InterfaceName
            && !Families(virtualIP.Settings.Addresses).Except(Families(spec.Addresses)).Any());

    private static IEnumerable<(VirtualRouterId Id, IpFamily Family, string? Link)> UsesOf(MemberObject member) =>
        member.Spec is { } spec
            ? Families(spec.Addresses).Select(family => (spec.VirtualRouterId, family, spec.InterfaceName))
            : [];

    private static IEnumerable<IpFamily> Families(ValueList<IpPrefix> addresses) =>
        addresses.Select(a => a.Address.Family).Distinct();

    // Starting at a place of its own, not at 1: other clusters and routers on the same link are likely to have the low
    // ids, and a freed id rests for long by this alone.
    private VirtualRouterId? Allocate(VirtualIPObject virtualIP)
    {
        int start = (int)(StableHash.Of(virtualIP.Uid) % VirtualRouterId.Highest);
        for (int i = 0; i < VirtualRouterId.Highest; i++)
        {
            VirtualRouterId id = VirtualRouterId.Create(((start + i) % VirtualRouterId.Highest) + 1);
            if (IsFree(virtualIP, id, _used) && IsFree(virtualIP, id, _spoken)
                && IsFree(virtualIP, id, _heard) && IsFree(virtualIP, id, _resting))
                return id;
        }

        return null;
    }

    private static bool IsFree(VirtualIPObject virtualIP, VirtualRouterId id, Uses uses) =>
        Families(virtualIP.Settings!.Addresses)
        .All(family => !uses.Includes(id, family, virtualIP.Settings.InterfaceName, virtualIP.Uid));

    private void Take(VirtualIPObject virtualIP, VirtualRouterId id)
    {
        _byUid[virtualIP.Uid] = id;
        foreach (IpFamily family in Families(virtualIP.Settings!.Addresses))
            _used.Add(id, family, virtualIP.Settings.InterfaceName);
    }

    /// <summary>Ids with the links that they are used on; null is any link.</summary>
    private sealed class Uses
    {
        /// <summary>Among the names: some link, nobody knows which. No link is named so.</summary>
        private const string Any = "";

        private readonly Dictionary<(byte Id, IpFamily Family), HashSet<(string Link, string? Owner)>> _links = [];

        /// <param name="owner">The uid of the VirtualIP to which it is no hindrance; null: to all it is one.</param>
        public void Add(VirtualRouterId id, IpFamily family, string? link, string? owner = null)
        {
            if (!_links.TryGetValue((id.Value, family), out HashSet<(string, string?)>? links))
                _links[(id.Value, family)] = links = [];
            links.Add((link ?? Any, owner));
        }

        public bool Includes(VirtualRouterId id, IpFamily family, string? link, string? self = null) =>
            _links.TryGetValue((id.Value, family), out HashSet<(string Link, string? Owner)>? links)
            && links.Any(l => (l.Owner is null || l.Owner != self)
                && (link is null || l.Link == Any || l.Link == link));
    }
}
