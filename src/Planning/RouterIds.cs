using VipOperator.Vrrp;

namespace VipOperator.Planning;

/// <summary>
/// Which virtual router id each accepted VirtualIP has. Ids are unique per family over the whole cluster: that is more than
/// VRRP asks (unique per link), but nobody has to tell which nodes share a link. An explicit id wins over an allocated one; an
/// allocated one is kept for life.
/// </summary>
internal sealed class RouterIds
{
    private readonly Dictionary<string, VirtualRouterId> _byUid = [];
    private readonly HashSet<(int Id, IpFamily Family)> _explicit = [];
    private readonly HashSet<(int Id, IpFamily Family)> _used = [];
    private readonly HashSet<int> _heard;

    private RouterIds(IEnumerable<MemberObject> members) =>
        _heard = [.. members.Where(m => m.Report is not null).SelectMany(m => m.Report!.HeardIds).Select(id => (int)id.Value)];

    /// <param name="accepted">In age order.</param>
    /// <param name="holding">Members that run on outside the plan; their ids are not free.</param>
    /// <param name="members">All, for what they hear.</param>
    /// <param name="currentMembers">By the VirtualIP's uid; they know the id when a status was lost.</param>
    public static RouterIds Assign(
        IReadOnlyList<VirtualIPObject> accepted,
        IEnumerable<MemberObject> holding,
        IEnumerable<MemberObject> members,
        ILookup<string, MemberObject> currentMembers)
    {
        RouterIds ids = new(members);
        foreach (VirtualIPObject virtualIP in accepted)
        {
            if (virtualIP.Settings!.VirtualRouterId is { } id)
                ids.Take(virtualIP, id);
        }

        ids._explicit.UnionWith(ids._used);
        foreach (MemberObject member in holding.Where(m => m.Spec is not null))
            ids._used.UnionWith(UsesOf(member.Spec!));

        List<VirtualIPObject> without = [];
        foreach (VirtualIPObject virtualIP in accepted.Where(v => v.Settings!.VirtualRouterId is null))
        {
            VirtualRouterId? had = virtualIP.Report.VirtualRouterId
                ?? currentMembers[virtualIP.Uid].Select(m => m.Spec?.VirtualRouterId).FirstOrDefault(id => id is not null);
            if (had is { } id && ids.IsFree(virtualIP, id))
                ids.Take(virtualIP, id);
            else
                without.Add(virtualIP);
        }

        foreach (VirtualIPObject virtualIP in without)
        {
            if (ids.Allocate(virtualIP) is { } id)
                ids.Take(virtualIP, id);
        }

        return ids;
    }

    /// <summary>null: there is none left.</summary>
    public VirtualRouterId? this[VirtualIPObject virtualIP] =>
        _byUid.TryGetValue(virtualIP.Uid, out VirtualRouterId id) ? id : null;

    /// <summary>Whether a member that runs on outside the plan uses an id that somebody asked for explicitly.</summary>
    public bool Clashes(MemberObject holding) => holding.Spec is not null && UsesOf(holding.Spec).Any(_explicit.Contains);

    private static IEnumerable<(int Id, IpFamily Family)> UsesOf(MemberSpec spec) =>
        Families(spec.Addresses).Select(family => ((int)spec.VirtualRouterId.Value, family));

    private static IEnumerable<IpFamily> Families(ValueList<IpPrefix> addresses) =>
        addresses.Select(a => a.Address.Family).Distinct();

    // Starting at a place of its own, not at 1: other clusters and routers on the same link are likely to have the low ids, and a
    // freed id rests for long.
    private VirtualRouterId? Allocate(VirtualIPObject virtualIP)
    {
        int start = (int)(StableHash.Of(virtualIP.Uid) % VirtualRouterId.Highest);
        for (int i = 0; i < VirtualRouterId.Highest; i++)
        {
            VirtualRouterId id = VirtualRouterId.Create(((start + i) % VirtualRouterId.Highest) + 1);
            if (!_heard.Contains(id.Value) && IsFree(virtualIP, id))
                return id;
        }

        return null;
    }

    private bool IsFree(VirtualIPObject virtualIP, VirtualRouterId id) =>
        Families(virtualIP.Settings!.Addresses).All(family => !_used.Contains((id.Value, family)));

    private void Take(VirtualIPObject virtualIP, VirtualRouterId id)
    {
        _byUid[virtualIP.Uid] = id;
        foreach (IpFamily family in Families(virtualIP.Settings!.Addresses))
            _used.Add((id.Value, family));
    }
}
