using System.Collections.Immutable;
using System.Net;

namespace VipOperator.Agent.Probes;

/// <summary>
/// The addresses at which a service of this node may answer: the given one, or else those that the routers advertise
/// from (a web server may listen on its node's address alone) and then loopback. Thread-safe.
/// </summary>
internal sealed class ProbeTargets(IPAddress? given)
{
    private ImmutableArray<IPAddress> _addresses = given is null
        ? [IPAddress.Loopback, IPAddress.IPv6Loopback]
        : [given];

    public ImmutableArray<IPAddress> Addresses => _addresses;

    /// <returns>Whether that changed anything.</returns>
    public bool SetPrimaryAddresses(IEnumerable<IPAddress> primaryAddresses)
    {
        if (given is not null)
            return false;
        ImmutableArray<IPAddress> addresses =
            [.. primaryAddresses.Distinct(), IPAddress.Loopback, IPAddress.IPv6Loopback];
        bool changed = !addresses.SequenceEqual(_addresses);
        if (changed)
            _addresses = addresses;
        return changed;
    }
}
