using VipOperator.Vrrp;

namespace VipOperator.Agent.Settings;

/// <summary>
/// How long the kernel keeps an address after the sidecar's last renewal (<c>--address-lifetime</c>):
/// null is "auto", zero is "forever".
/// </summary>
internal readonly record struct AddressLifetime(TimeSpan? Fixed)
{
    public const int LongestSeconds = 86_400;

    public static AddressLifetime Auto => default;

    public static AddressLifetime Forever => new(TimeSpan.Zero);

    public TimeSpan For(VrrpVersion version, Priority priority, Centiseconds advertisementInterval) =>
        Fixed ?? RouterParameters.DefaultAddressLifetime(version, priority, advertisementInterval);
}
