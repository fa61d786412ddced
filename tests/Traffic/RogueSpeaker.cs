using VipOperator.Vrrp;

namespace VipOperator.Traffic;

/// <summary>Advertises over IPv4 as if it were Active, binds no address, and hears nobody.</summary>
internal static class RogueSpeaker
{
    public static int Run(
        string link, string source, int virtualRouterId, int priority, int milliseconds, string address)
    {
        RouterParameters parameters = new()
        {
            Version = VrrpVersion.V3,
            Family = IpFamily.V4,
            VirtualRouterId = VirtualRouterId.Create((byte)virtualRouterId),
            Priority = new Priority((byte)priority),
            AdvertisementInterval = new Centiseconds(milliseconds / 10),
            Addresses = [IpPrefix.Parse(address)],
            AddressLifetime = TimeSpan.Zero,
        };
        VrrpFrame frame = new(link, source);
        RouterEffect effect = RouterEffect.Send(parameters.Priority, parameters.AdvertisementInterval, parameters);
        int length = AdvertisementCodec.Encode(
            parameters, effect, sequence: 0, IpAddress.Parse(source), IpAddress.Parse("224.0.0.18"), frame.Message);
        using LinkSocket socket = new(link);
        while (true)
        {
            socket.Send(frame.Finish(length, 255));
            Thread.Sleep(milliseconds);
        }
    }
}
