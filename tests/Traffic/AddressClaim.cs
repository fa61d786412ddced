using System.Net;

namespace VipOperator.Traffic;

/// <summary>
/// Gratuitous ARP requests for an address, from a link's own MAC address, as a misconfigured host sends them.
/// </summary>
internal static class AddressClaim
{
    public static int Run(string link, string address)
    {
        byte[] own = LinkSocket.HardwareAddress(link);
        byte[] claimed = IPAddress.Parse(address).GetAddressBytes();
        byte[] frame =
        [
            0xff, 0xff, 0xff, 0xff, 0xff, 0xff, .. own, 0x08, 0x06,
            0, 1, 8, 0, 6, 4, 0, 1, .. own, .. claimed, 0, 0, 0, 0, 0, 0, .. claimed,
        ];
        using LinkSocket socket = new(link);
        while (true)
        {
            socket.Send(frame);
            Thread.Sleep(500);
        }
    }
}
