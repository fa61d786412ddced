using VipOperator.Api;
using VipOperator.Documents;
using VipOperator.Vrrp;

namespace VipOperator.Agent.Configuration;

/// <summary>
/// Finds members that cannot run beside one another: an address that two claim, or a virtual router id that two use for
/// one family on one link (RFC 9568 §5.2.3). A link that is left to the sidecar is not known here; the sidecar looks
/// again.
/// </summary>
internal sealed class ConflictFinder
{
    private readonly Dictionary<(string Link, int Id, IpFamily Family), string> _routers = [];
    private readonly Dictionary<IpAddress, string> _addresses = [];

    /// <summary>Takes a member in, unless it conflicts with an earlier one.</summary>
    public SpecProblem? Add(string key, VirtualIPMember member)
    {
        VirtualIPMemberSpec spec = member.Spec;
        IpAddress[] addresses =
            [.. spec.Addresses.Select(a => IpPrefix.TryParse(a, out IpPrefix prefix) ? prefix.Address : default)];
        for (int i = 0; i < addresses.Length; i++)
        {
            if (_addresses.TryGetValue(addresses[i], out string? other))
                return new SpecProblem($"spec.addresses[{i}]",
                    $"is {addresses[i]}, which {other} has already; an address may have one member");
        }

        IpFamily[] families = [.. addresses.Select(a => a.Family).Distinct()];
        string link = spec.InterfaceName ?? "";
        foreach (IpFamily family in families)
        {
            if (_routers.TryGetValue((link, spec.VirtualRouterId, family), out string? other))
            {
                return new SpecProblem(
                    "spec.virtualRouterId",
                    $"is {spec.VirtualRouterId}, which {other} uses on the same link already; allowed is one router of "
                    + $"an id, link and family");
            }
        }

        foreach (IpAddress address in addresses)
            _addresses[address] = key;
        foreach (IpFamily family in families)
            _routers[(link, spec.VirtualRouterId, family)] = key;
        return null;
    }
}
