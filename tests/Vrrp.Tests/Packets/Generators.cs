using CsCheck;

namespace VipOperator.Vrrp.Tests;

/// <summary>Random but valid parameters and everything a packet needs around it.</summary>
internal static class Generators
{
    public static readonly Gen<IpAddress> Unicast4 =
        Gen.UInt[0x0100_0000, 0xdfff_fffe].Select(IpAddress.V4);

    public static readonly Gen<IpAddress> Unicast6 =
        Gen.Select(Gen.ULong[0x2000_0000_0000_0000, 0xfeff_ffff_ffff_ffff], Gen.ULong,
            (high, low) => IpAddress.V6(new UInt128(high, low)));

    public static readonly Gen<RouterParameters> Parameters = Gen.OneOf(
            (VrrpVersion.V2, IpFamily.V4), (VrrpVersion.V3, IpFamily.V4), (VrrpVersion.V3, IpFamily.V6))
        .SelectMany(kind => Gen.Select(
            Gen.Int[1, 255],
            Gen.Byte[1, 254],
            kind.Item1 == VrrpVersion.V2 ? Gen.Int[1, 255].Select(s => s * 100) : Gen.Int[1, 4095],
            Unicast(kind.Item2).HashSet[1, 64],
            Gen.OneOf(Gen.Byte.Array[0, kind.Item1 == VrrpVersion.V2 ? 8 : 0], Gen.Byte.Array[32, 64]),
            Gen.Bool,
            (id, priority, interval, addresses, key, pseudoHeader) => new RouterParameters
            {
                Version = kind.Item1,
                Family = kind.Item2,
                VirtualRouterId = VirtualRouterId.Create(id),
                Priority = new(priority),
                AdvertisementInterval = new(interval),
                Addresses = [.. addresses.Select(Host)],
                Authentication = key.Length switch
                {
                    0 => AuthenticationType.None,
                    <= 8 => AuthenticationType.Simple,
                    _ => AuthenticationType.Hmac,
                },
                AuthenticationKey = [.. key],
                AddressLifetime = RouterParameters.DefaultAddressLifetime(new(interval)),
                PseudoHeaderChecksum = pseudoHeader,
            }));

    public static Gen<IpAddress> Unicast(IpFamily family) => family == IpFamily.V4 ? Unicast4 : Unicast6;

    private static IpPrefix Host(IpAddress address)
    {
        Assert.True(IpPrefix.TryCreate(address, address.Length * 8, out IpPrefix prefix));
        return prefix;
    }
}
