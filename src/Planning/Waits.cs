namespace VipOperator.Planning;

/// <summary>
/// Who has been given an address or an id that members of another VirtualIP still have in their specs, be it that their
/// VirtualIP is gone, or that it gives up the one for another in a roll-out. Both would speak at the same time; so who
/// comes waits for who goes.
/// </summary>
internal sealed class Waits
{
    private readonly Dictionary<string, Wait> _byUid = [];
    private readonly HashSet<string> _giveWay = [];

    /// <param name="accepted">In age order.</param>
    /// <param name="ids">What they were given.</param>
    /// <param name="grounded">By the VirtualIP's uid, the members that may speak.</param>
    public static Waits Of(
        IReadOnlyList<VirtualIPObject> accepted, RouterIds ids, ILookup<string, MemberObject> grounded)
    {
        Dictionary<Claim, List<(string? Link, string OwnerUid, ObjectKey Owner)>> held = [];
        foreach (IGrouping<string, MemberObject> group in grounded)
        {
            foreach (Claim claim in group.SelectMany(HeldBy).Distinct())
            {
                if (!held.TryGetValue(claim.WithoutLink, out List<(string?, string, ObjectKey)>? holders))
                    held[claim.WithoutLink] = holders = [];
                MemberObject first = group.First(m => m.Spec is not null);
                holders.Add(
                    (claim.Link, group.Key, new ObjectKey(first.Key.Namespace, first.Spec!.VirtualIPName)));
            }
        }

        Waits waits = new();
        foreach (VirtualIPObject virtualIP in accepted)
        {
            if (ids[virtualIP] is not { } id)
                continue;
            VirtualIPSettings settings = virtualIP.Settings!;
            HashSet<Claim>? own = null;
            foreach (Claim claim in Claim.ForAddresses(settings.Addresses, settings.InterfaceName)
                .Concat(Claim.ForId(id, settings.Addresses, settings.InterfaceName)))
            {
                if (!held.TryGetValue(claim.WithoutLink, out List<(string? Link, string Uid, ObjectKey Owner)>? holders)
                    || !holders.Exists(h => h.Uid != virtualIP.Uid && claim.Excludes(h.Link)))
                    continue;

                // Where both have it already, as after a backup is restored, the wait would mend nothing.
                own ??= [.. grounded[virtualIP.Uid].SelectMany(HeldBy)];
                if (own.Contains(claim))
                    continue;
                List<(string? Link, string Uid, ObjectKey Owner)> others =
                    holders.FindAll(h => h.Uid != virtualIP.Uid && claim.Excludes(h.Link));
                if (!waits._byUid.TryGetValue(virtualIP.Uid, out Wait? wait))
                    waits._byUid[virtualIP.Uid] = wait = new Wait(claim, others.Min(h => h.Owner), []);
                wait.OwnerUids.UnionWith(others.Select(h => h.Uid));
            }
        }

        waits.BreakCircle(accepted);
        return waits;
    }

    /// <summary>What it waits for, for a person; null: it need not.</summary>
    public string? Reason(VirtualIPObject virtualIP) => _byUid.TryGetValue(virtualIP.Uid, out Wait? wait)
        ? (wait.Claim.Address is { } address ? $"The address {address}" : $"The virtual router id {wait.Claim.Id}")
            + $" is still in the specs of members of the VirtualIP {wait.Owner}, which is giving it up. It is this "
            + "one's as soon as they have it no more."
        : null;

    /// <summary>Whether its own members must go first, since others wait for them in a circle.</summary>
    public bool GivesWay(VirtualIPObject virtualIP) => _giveWay.Contains(virtualIP.Uid);

    // Two that swap what they have would wait for each other for ever: the newest of the circle starts anew.
    private void BreakCircle(IReadOnlyList<VirtualIPObject> accepted)
    {
        Dictionary<string, Wait> stuck = new(_byUid);
        while (stuck.Where(w => !w.Value.OwnerUids.Overlaps(stuck.Keys)).Select(w => w.Key).ToArray()
            is { Length: > 0 } free)
        {
            foreach (string uid in free)
                stuck.Remove(uid);
        }

        if (stuck.Count > 0)
            _giveWay.Add(accepted.Last(v => stuck.Values.Any(w => w.OwnerUids.Contains(v.Uid))
                && stuck.ContainsKey(v.Uid)).Uid);
    }

    private static IEnumerable<Claim> HeldBy(MemberObject member) => member.Spec is { } spec
        ? Claim.ForAddresses(spec.Addresses, spec.InterfaceName)
            .Concat(Claim.ForId(spec.VirtualRouterId, spec.Addresses, spec.InterfaceName))
        : [];

    /// <param name="Claim">The first of what it waits for.</param>
    /// <param name="Owner">Who has that.</param>
    /// <param name="OwnerUids">Of all whom it waits for.</param>
    private sealed record Wait(Claim Claim, ObjectKey Owner, HashSet<string> OwnerUids);
}
