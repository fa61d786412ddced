using System.Collections.Immutable;
using VipOperator.Agent.Configuration;
using VipOperator.Agent.Settings;
using VipOperator.Api;
using VipOperator.Sidecar.Contract;
using VipOperator.Vrrp;

namespace VipOperator.Agent.Routers;

/// <summary>Why a member cannot run as specified.</summary>
/// <param name="Reason">CamelCase, for the status.</param>
/// <param name="Message">What is wrong and what is allowed; never part of a secret.</param>
internal sealed record MemberProblem(string Reason, string Message)
{
    public const string InvalidSpec = "InvalidSpec";
    public const string SecretUnavailable = "SecretUnavailable";
    public const string Conflict = "Conflict";

    /// <summary>The sidecar refuses it.</summary>
    public const string Refused = "Refused";

    /// <summary>The sidecar does not answer.</summary>
    public const string SidecarSilent = "SidecarSilent";

    /// <summary>No problem, but the reason of a member that is to run no router for the time being.</summary>
    public const string HeldBack = "HeldBack";
}

/// <summary>Turns a member's spec into the routers of the sidecar: one per family of its addresses.</summary>
internal sealed class MemberPlan(SecretStore secrets, AddressLifetime lifetime, bool pseudoHeaderChecksum)
{
    /// <param name="handleOf">The agent's number of a router of the member, by family.</param>
    public MemberProblem? TryBuild(
        string key, VirtualIPMember member, Func<IpFamily, uint> handleOf,
        out ImmutableArray<RouterConfiguration> routers)
    {
        routers = [];
        VirtualIPMemberSpec spec = member.Spec;
        if (spec.Standby)
            return null;
        AuthenticationSpec authentication = spec.Vrrp.Authentication;
        byte[] secret = [];
        if (authentication.Type != AuthenticationScheme.None
            && secrets.TryRead(authentication.SecretRef!, out secret) is { } unreadable)
            return new MemberProblem(
                MemberProblem.SecretUnavailable, "spec.vrrp.authentication.secretRef: " + unreadable);

        HmacKey hmac = new(1, [.. secret]);
        if (authentication.Type == AuthenticationScheme.HMAC
            && !HmacKey.TryParse(secret, out hmac, out string malformed))
            return new MemberProblem(MemberProblem.InvalidSpec, "spec.vrrp.authentication.secretRef: " + malformed);

        IpPrefix[] addresses = [.. spec.Addresses.Select(IpPrefix.Parse)];
        IpAddress[] peers = [.. (spec.Peers ?? []).SelectMany(p => p.Addresses).Select(IpAddress.Parse)];
        ImmutableArray<RouterConfiguration>.Builder built = ImmutableArray.CreateBuilder<RouterConfiguration>();
        foreach (IGrouping<IpFamily, IpPrefix> family in addresses.GroupBy(a => a.Address.Family).OrderBy(g => g.Key))
        {
            RouterParameters parameters = Parameters(spec, family.Key) with
            {
                Addresses = [.. family],
                Peers = spec.Vrrp.Transport == TransportType.Unicast
                    ? [.. peers.Where(p => p.Family == family.Key).Distinct()] : [],
                Alone = spec.Peers is { Count: 0 },
                AuthenticationKey = hmac.Bytes,
                AuthenticationKeyId = hmac.Id,
            };
            if (!parameters.TryValidate(out string? reason))
                return new MemberProblem(MemberProblem.InvalidSpec, reason);
            built.Add(new RouterConfiguration
            {
                Handle = handleOf(family.Key),
                Name = key,
                InterfaceName = spec.InterfaceName ?? "",
                Probed = spec.Probe is not null,
                Parameters = parameters,
            });
        }

        routers = built.ToImmutable();
        return null;
    }

    private RouterParameters Parameters(VirtualIPMemberSpec spec, IpFamily family)
    {
        Centiseconds interval = new((int)(spec.Vrrp.AdvertisementInterval.Value.TotalMilliseconds / 10));
        Priority.TryCreateAssignable(spec.Priority, out Priority priority);
        VrrpVersion version = spec.Vrrp.Version == 2 ? VrrpVersion.V2 : VrrpVersion.V3;
        return new RouterParameters
        {
            Version = version,
            Family = family,
            VirtualRouterId = VirtualRouterId.Create(spec.VirtualRouterId),
            Priority = priority,
            AdvertisementInterval = interval,
            Addresses = [],
            Preempt = spec.Vrrp.Preempt.Enabled,
            PreemptDelay = spec.Vrrp.Preempt.Delay.Value,
            OnProbeFailure =
                spec.Probe?.OnFailure == ProbeFailureAction.Demote ? FailurePolicy.Demote : FailurePolicy.Release,
            DemotionWeight =
                spec.Probe?.OnFailure == ProbeFailureAction.Demote ? spec.Probe.Weight ?? ProbeSpec.DefaultWeight : 0,
            Authentication = spec.Vrrp.Authentication.Type switch
            {
                AuthenticationScheme.None => AuthenticationType.None,
                AuthenticationScheme.Simple => AuthenticationType.Simple,
                AuthenticationScheme.HMAC => AuthenticationType.Hmac,
            },
            Transport = spec.Vrrp.Transport == TransportType.Unicast ? Transport.Unicast : Transport.Multicast,
            AddressLifetime = spec.Vrrp.AddressLifetime?.Value ?? lifetime.For(version, priority, interval),
            AnnounceRefresh = spec.Vrrp.AnnouncementRefresh.Value,
            PseudoHeaderChecksum = pseudoHeaderChecksum,
            VirtualMac = spec.Vrrp.VirtualMac,
        };
    }
}
