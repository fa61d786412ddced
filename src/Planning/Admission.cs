using VipOperator.Vrrp;

namespace VipOperator.Planning;

/// <summary>Whether a VirtualIP takes part, and if not, why.</summary>
internal sealed record Verdict(ConditionReason Reason, string Message)
{
    public static Verdict Accepted { get; } = new(ConditionReason.Accepted, "");

    public bool IsAccepted => Reason == ConditionReason.Accepted;
}

/// <summary>
/// Decides who may have which address and which explicit id. Who was accepted keeps what it was accepted with; among
/// the others the older goes first. A VirtualIP that asks for something taken is refused whole. Members that it has
/// from before (its spec was edited) run on as they are, so that a slip of the pen costs no service, unless what they
/// hold has become another's: then they go.
/// </summary>
internal sealed class Admission
{
    private readonly IReadOnlyList<Candidate> _candidates;
    private readonly Dictionary<string, string> _nodeOfAddress = [];
    private readonly HashSet<string> _evicted = [];
    private readonly Dictionary<string, Verdict> _verdicts = [];
    private Claims _claims = new();

    private Admission(IReadOnlyList<Candidate> candidates, IReadOnlyList<NodeObject> nodes)
    {
        _candidates = candidates;
        foreach (NodeObject node in nodes)
        {
            foreach (IpAddress address in node.Addresses)
                _nodeOfAddress.TryAdd(address.ToString(), node.Name);
        }
    }

    /// <param name="inAgeOrder">All VirtualIPs, the oldest first.</param>
    /// <param name="members">By the VirtualIP's uid, those that stay for as long as it takes part.</param>
    public static Admission Decide(
        IReadOnlyList<VirtualIPObject> inAgeOrder,
        ILookup<string, MemberObject> members,
        IReadOnlyList<NodeObject> nodes)
    {
        Admission admission = new([.. inAgeOrder.Select(v => new Candidate(v, [.. members[v.Uid]]))], nodes);

        // Evicting somebody frees what it held, which may change who else is accepted. The evicted only grow in number.
        while (admission.Pass())
        {
        }

        return admission;
    }

    public Verdict this[VirtualIPObject virtualIP] => _verdicts[virtualIP.Uid];

    /// <summary>Whether a refused VirtualIP's members must go.</summary>
    public bool IsEvicted(VirtualIPObject virtualIP) => _evicted.Contains(virtualIP.Uid);

    /// <summary>Takes the right to run on from a refused VirtualIP, and decides anew.</summary>
    public void Evict(VirtualIPObject virtualIP)
    {
        _evicted.Add(virtualIP.Uid);
        while (Pass())
        {
        }
    }

    private bool Pass()
    {
        _claims = new Claims();
        _verdicts.Clear();
        foreach (Candidate candidate in _candidates.Where(c => !_evicted.Contains(c.VirtualIP.Uid)))
        {
            foreach (Claim claim in candidate.Incumbent())
                _claims.TryTake(claim, candidate.VirtualIP);
        }

        foreach (Candidate candidate in _candidates)
        {
            Verdict verdict = Judge(candidate);
            _verdicts[candidate.VirtualIP.Uid] = verdict;
            if (!verdict.IsAccepted || candidate.VirtualIP.Deleting)
                continue;
            foreach (Claim claim in candidate.Wanted)
                _claims.TryTake(claim, candidate.VirtualIP);
        }

        // Once more, now that all is given away: why somebody is refused must not depend on who was asked first.
        foreach (Candidate candidate in _candidates.Where(c => !_verdicts[c.VirtualIP.Uid].IsAccepted))
            _verdicts[candidate.VirtualIP.Uid] = Judge(candidate);

        bool changed = false;
        foreach (Candidate candidate in _candidates)
        {
            if (!_verdicts[candidate.VirtualIP.Uid].IsAccepted
                && candidate.Held.Any(h => _claims.HolderOtherThan(candidate.VirtualIP, h) is not null))
                changed |= _evicted.Add(candidate.VirtualIP.Uid);
        }

        return changed;
    }

    private Verdict Judge(Candidate candidate)
    {
        if (candidate.VirtualIP.Settings is null)
            return new Verdict(ConditionReason.InvalidSpec, candidate.VirtualIP.Problem ?? "The spec cannot be read.");

        foreach (Claim claim in candidate.Wanted)
        {
            if (_claims.HolderOtherThan(candidate.VirtualIP, claim) is { } holder)
            {
                return claim.Address is { } address
                    ? new Verdict(
                        ConditionReason.AddressConflict,
                        $"The address {address} is taken by the VirtualIP {holder.Key}. Remove it from one of the two.")
                    : new Verdict(
                        ConditionReason.VirtualRouterIdConflict,
                        $"The virtual router id {claim.Id} is taken by the VirtualIP {holder.Key}. " +
                        "Choose another, or leave virtualRouterId out to have one allocated.");
            }

            // A node may report the virtual address as its own while it has it, so members in service are left alone.
            if (claim.Address is { } own
                && _nodeOfAddress.TryGetValue(own.ToString(), out string? node)
                && !candidate.Held.Contains(claim))
            {
                return new Verdict(
                    ConditionReason.AddressConflict,
                    $"The address {own} is the own address of the node {node}. A virtual IP must be an address "
                    + $"that no node has.");
            }
        }

        return Verdict.Accepted;
    }

    private sealed class Claims
    {
        private readonly Dictionary<Claim, List<(string? Link, VirtualIPObject Holder)>> _holders = [];

        public void TryTake(Claim claim, VirtualIPObject taker)
        {
            if (HolderOtherThan(taker, claim) is not null)
                return;
            if (!_holders.TryGetValue(claim.WithoutLink, out List<(string? Link, VirtualIPObject Holder)>? holders))
                _holders[claim.WithoutLink] = holders = [];
            holders.Add((claim.Link, taker));
        }

        /// <summary>Of several, on different links, always the same one, whoever came first.</summary>
        public VirtualIPObject? HolderOtherThan(VirtualIPObject virtualIP, Claim claim) =>
            _holders.TryGetValue(claim.WithoutLink, out List<(string? Link, VirtualIPObject Holder)>? holders)
                ? holders.Where(h => h.Holder.Uid != virtualIP.Uid && claim.Excludes(h.Link))
                    .Select(h => h.Holder).MinBy(h => h.Key)
                : null;
    }

    private sealed class Candidate
    {
        public Candidate(VirtualIPObject virtualIP, IReadOnlyList<MemberObject> members)
        {
            VirtualIP = virtualIP;
            Wanted = virtualIP.Settings is { } settings ? [.. WantedBy(settings)] : [];

            // Allocated ids are not claimed here: they give way to explicit ones.
            Held = [.. members.Where(m => m.Spec is not null)
                .SelectMany(m => Claim.ForAddresses(m.Spec!.Addresses, m.Spec.InterfaceName)).Distinct()];
            if (virtualIP.Settings?.VirtualRouterId is not null)
            {
                Held = [.. Held, .. members.Where(m => m.Spec is not null)
                    .SelectMany(m => Claim.ForId(m.Spec!.VirtualRouterId, m.Spec.Addresses, m.Spec.InterfaceName))
                    .Distinct()];
            }
        }

        public VirtualIPObject VirtualIP { get; }

        public IReadOnlyList<Claim> Wanted { get; }

        public IReadOnlyList<Claim> Held { get; }

        /// <summary>What it has a right to before anybody else is asked.</summary>
        public IEnumerable<Claim> Incumbent()
        {
            if (VirtualIP.Deleting || VirtualIP.Settings is null)
                return Held;
            ConditionReport? accepted = VirtualIP.Report.Find(ConditionType.Accepted);
            bool acceptedAsItIs = accepted?.Status == ConditionStatus.True
                && accepted.ObservedGeneration == VirtualIP.Generation;
            return acceptedAsItIs ? Wanted : Held.Intersect(Wanted);
        }

        private static IEnumerable<Claim> WantedBy(VirtualIPSettings settings)
        {
            IEnumerable<Claim> addresses = Claim.ForAddresses(settings.Addresses, settings.InterfaceName);
            return settings.VirtualRouterId is { } id
                ? addresses.Concat(Claim.ForId(id, settings.Addresses, settings.InterfaceName))
                : addresses;
        }
    }
}
