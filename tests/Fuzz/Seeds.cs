using System.Buffers.Binary;
using VipOperator.Sidecar.Contract;
using VipOperator.Sidecar.Netlink;
using VipOperator.Vrrp;

namespace VipOperator.Fuzz;

/// <summary>Inputs that are valid, for the fuzzer to begin with: it would not find them by itself.</summary>
internal static class Seeds
{
    public static IpAddress Source4 { get; } = IpAddress.Parse("192.168.1.103");

    public static IpAddress Source6 { get; } = IpAddress.Parse("fe80::103");

    public static UtcTime Now { get; } = new(1_760_000_000_000_000_000);

    public static IEnumerable<RouterParameters> Routers
    {
        get
        {
            var plain = new RouterParameters
            {
                Version = VrrpVersion.V3,
                Family = IpFamily.V4,
                VirtualRouterId = VirtualRouterId.Create(51),
                Priority = new(100),
                AdvertisementInterval = Centiseconds.FromSeconds(1),
                Addresses = [IpPrefix.Parse("192.168.1.108"), IpPrefix.Parse("192.168.1.109")],
                AddressLifetime = TimeSpan.FromSeconds(3),
                PseudoHeaderChecksum = false,
            };
            RouterParameters v2 = plain with { Version = VrrpVersion.V2 };
            yield return plain;
            yield return plain with
            {
                Family = IpFamily.V6,
                Addresses = [IpPrefix.Parse("fe80::108"),
                IpPrefix.Parse("2001:db8::108")]
            };
            yield return plain with { Authentication = AuthenticationType.Hmac, AuthenticationKey = [.. new byte[32]] };
            yield return v2;
            yield return v2 with { Authentication = AuthenticationType.Simple, AuthenticationKey = [.. "1111222"u8] };
        }
    }

    public static void Write(string folder)
    {
        WriteAll(folder, "advertisement", Routers.Select(Advertisement));
        WriteAll(folder, "contract", Contract());
        WriteAll(folder, "netlink", Netlink());
        WriteAll(folder, "configuration", Directory.EnumerateFiles("examples", "*.yaml").Select(File.ReadAllBytes)
            .Append([.. "kind: VirtualIPMember\nmetadata: {name: web}\nspec: {addresses: [192.0.2.1], virtualRouterId: 51, priority: 254}\n"u8]));
    }

    private static void WriteAll(string folder, string target, IEnumerable<byte[]> inputs)
    {
        string path = Path.Combine(folder, target);
        Directory.CreateDirectory(path);
        foreach ((int index, byte[] input) in inputs.Index())
            File.WriteAllBytes(Path.Combine(path, $"{index}"), input);
    }

    private static byte[] Advertisement(RouterParameters router)
    {
        bool isV6 = router.Family == IpFamily.V6;
        var buffer = new byte[AdvertisementCodec.LongestMessage];
        ulong sequence = new AdvertisementSequence().Next(Now);
        int length = AdvertisementCodec.Encode(
            router,
            RouterEffect.Send(router.Priority, router.AdvertisementInterval, router),
            sequence,
            isV6 ? Source6 : Source4,
            MulticastGroup.Of(router.Family),
            buffer);
        return [(byte)(isV6 ? 1 : 2), .. buffer.AsSpan(0, length)];
    }

    private static IEnumerable<byte[]> Contract()
    {
        var writer = new WireWriter();
        new HelloMessage(ContractVersion.Current, 1).Write(writer);
        yield return writer.Written.ToArray();
        foreach (RouterParameters router in Routers)
        {
            writer.Clear();
            new ConfigureMessage(1, [new()
            {
                Handle = 1,
                Name = "default/web",
                InterfaceName = "eth0",
                Probed = true,
                Parameters = router with { Peers = [Source4] },
            }]).Write(writer);
            yield return writer.Written.ToArray();
        }
    }

    private static IEnumerable<byte[]> Netlink()
    {
        var buffer = new byte[AddressMessage.LongestMessage];
        foreach (string prefix in (string[])["192.168.1.108/32", "2001:db8::108/128"])
        {
            NetlinkWriter writer = new(buffer);
            AddressMessage.WriteAdd(ref writer, 1, 2, IpPrefix.Parse(prefix), TimeSpan.FromSeconds(3));
            yield return buffer[..writer.Length];
        }

        // struct nlmsghdr RTM_NEWLINK, struct ifinfomsg, IFLA_IFNAME "eth0".
        var link = new byte[44];
        BinaryPrimitives.WriteInt32LittleEndian(link, link.Length);
        link[4] = 16;
        link[20] = 2;
        link[32] = 9;
        link[34] = 3;
        "eth0"u8.CopyTo(link.AsSpan(36));
        yield return link;
    }
}
