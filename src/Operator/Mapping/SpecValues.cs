using System.Globalization;
using VipOperator.Api;
using VipOperator.Planning;
using VipOperator.Vrrp;

namespace VipOperator.Operator.Mapping;

/// <summary>Values that specs of VirtualIPs and members share, from the API's form to checked ones and back.</summary>
internal static class SpecValues
{
    /// <exception cref="SpecException">One is no address, or there is none.</exception>
    public static ValueList<IpPrefix> Addresses(IReadOnlyList<string> texts)
    {
        if (texts.Count == 0)
            throw new SpecException("spec.addresses: must hold at least one address.");
        return
        [
            .. texts.Select(text => IpPrefix.TryParse(text, out IpPrefix prefix)
                ? prefix
                : throw new SpecException(
                    $"spec.addresses: '{text}' is not an IPv4 or IPv6 address with an optional prefix length, such as "
                    + $"192.168.1.108/24.")),
        ];
    }

    public static VirtualRouterId RouterId(int id) => VirtualRouterId.TryCreate(id, out VirtualRouterId checkedId)
        ? checkedId
        : throw new SpecException($"spec.virtualRouterId: must be 1 to 255, not {Text(id)}.");

    public static Priority Priority(int priority, string field) =>
        Vrrp.Priority.TryCreateAssignable(priority, out Priority checkedPriority)
        ? checkedPriority
        : throw new SpecException($"{field}: must be 1 to 254, not {Text(priority)}.");

    public static RouterSettings Router(VrrpSpec vrrp, ValueList<IpPrefix> addresses)
    {
        VrrpVersion version = vrrp.Version switch
        {
            2 => VrrpVersion.V2,
            3 => VrrpVersion.V3,
            _ => throw new SpecException($"spec.vrrp.version: must be 2 or 3, not {Text(vrrp.Version)}."),
        };
        if (version == VrrpVersion.V2 && addresses.Any(a => a.Address.Family == IpFamily.V6))
            throw new SpecException("spec.addresses: IPv6 addresses need vrrp.version 3; version 2 carries IPv4 only.");

        long milliseconds = (long)vrrp.AdvertisementInterval.Value.TotalMilliseconds;
        if (milliseconds % 10 != 0
            || milliseconds > 1_000_000
            || !Centiseconds.TryCreateInterval(version, (int)(milliseconds / 10), out Centiseconds interval))
        {
            throw new SpecException(version == VrrpVersion.V2
                ? $"spec.vrrp.advertisementInterval: must be 1s to 255s in whole seconds with version 2, not "
                    + $"{vrrp.AdvertisementInterval}."
                : $"spec.vrrp.advertisementInterval: must be 10ms to 40s950ms in steps of 10ms with version 3, not "
                    + $"{vrrp.AdvertisementInterval}.");
        }

        return new RouterSettings
        {
            Version = version,
            AdvertisementInterval = interval,
            Preempt = vrrp.Preempt.Enabled,
            PreemptDelay = vrrp.Preempt.Delay.Value,
            Transport = vrrp.Transport switch
            {
                TransportType.Multicast => Transport.Multicast,
                TransportType.Unicast => Transport.Unicast,
            },
            Authentication = vrrp.Authentication.Type switch
            {
                AuthenticationScheme.None => AuthenticationType.None,
                AuthenticationScheme.Simple => AuthenticationType.Simple,
                AuthenticationScheme.HMAC => AuthenticationType.Hmac,
            },
            Secret = vrrp.Authentication.SecretRef is { } secret ? new SecretKey(secret.Name, secret.Key) : null,
            AnnouncementRefresh = vrrp.AnnouncementRefresh.Value,
            AddressLifetime = vrrp.AddressLifetime?.Value,
            VirtualMac = vrrp.VirtualMac,
        };
    }

    public static VrrpSpec Router(RouterSettings router) => new()
    {
        Version = (int)router.Version,
        AdvertisementInterval = GatewayDuration.FromMilliseconds(router.AdvertisementInterval.Value * 10),
        Preempt = new PreemptSpec { Enabled = router.Preempt, Delay = new GatewayDuration(router.PreemptDelay) },
        Transport = router.Transport switch
        {
            Transport.Multicast => TransportType.Multicast,
            Transport.Unicast => TransportType.Unicast,
        },
        Authentication = new AuthenticationSpec
        {
            Type = router.Authentication switch
            {
                AuthenticationType.None => AuthenticationScheme.None,
                AuthenticationType.Simple => AuthenticationScheme.Simple,
                AuthenticationType.Hmac => AuthenticationScheme.HMAC,
            },
            SecretRef = router.Secret is { } secret ? new SecretKeyReference
            { Name = secret.Name, Key = secret.Key } : null,
        },
        AnnouncementRefresh = new GatewayDuration(router.AnnouncementRefresh),
        AddressLifetime = router.AddressLifetime is { } lifetime ? new GatewayDuration(lifetime) : null,
        VirtualMac = router.VirtualMac,
    };

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
