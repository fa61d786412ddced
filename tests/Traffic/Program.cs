using System.Globalization;
using VipOperator.Traffic;

// Makes traffic that no well-behaved program makes. Runs in the network namespace of a test, until it is killed.
return args switch
{
    ["delay", string one, string other, string most] => DelayingWire.Run(one, other, Number(most)),
    ["announce", string link, string address] => AddressClaim.Run(link, address),
    ["flood", string link, string source, string rate, string seconds] =>
        Flood.Run(link, source, Number(rate), Number(seconds)),
    ["advertise", string link, string source, string id, string priority, string milliseconds, string address] =>
        RogueSpeaker.Run(link, source, Number(id), Number(priority), Number(milliseconds), address),
    _ => Usage(),
};

static int Number(string text) => int.Parse(text, CultureInfo.InvariantCulture);

static int Usage()
{
    Console.Error.WriteLine(
        """
        usage: vip-traffic delay LINK LINK MILLISECONDS          join two links; each frame takes up to so long
               vip-traffic flood LINK SOURCE PER_SECOND SECONDS  malformed advertisements to 224.0.0.18
               vip-traffic announce LINK ADDRESS                 claim an address by gratuitous ARP
               vip-traffic advertise LINK SOURCE VRID PRIORITY MILLISECONDS ADDRESS
                                                                 a VRRPv3 speaker that listens to nobody
        """);
    return 2;
}
