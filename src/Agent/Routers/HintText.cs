using VipOperator.Sidecar.Contract;

namespace VipOperator.Agent.Routers;

/// <summary>What a hint says to a person: what is seen, then what to do.</summary>
internal static class HintText
{
    public static string Of(in RouterHint hint)
    {
        string seen = Seen(hint);
        return seen.Length == 0 ? hint.Advice : $"{seen} {hint.Advice}";
    }

    private static string Seen(in RouterHint hint) => hint.Kind switch
    {
        RouterHintKind.None => "",
        RouterHintKind.TwoActives => $"{hint.Source} advertises as Active, with a lower priority, while we are Active.",
        RouterHintKind.ForeignSpeaker =>
            $"{hint.Source} advertises our virtual router id and is not listened to ({hint.Drop}).",
        RouterHintKind.OtherAddresses => $"{hint.Source} advertises other addresses for our virtual router id.",
        RouterHintKind.OtherInterval => $"{hint.Source} advertises at another interval than ours.",
        RouterHintKind.AddressConflict =>
            $"{hint.HardwareAddress} answers for {hint.Source} as well, and another Active is heard.",
        RouterHintKind.HeldElsewhere =>
            $"{hint.HardwareAddress} answers for {hint.Source}, which we hold because no advertisement comes in.",
        RouterHintKind.LoopLate => "The event loop ran later than an advertisement interval.",
        RouterHintKind.AddressesRemoved => "Another program keeps removing the addresses.",
        RouterHintKind.NoPeers => "The transport is unicast, but no peer is known.",
        RouterHintKind.VirtualMacRefused => "The virtual router MAC address cannot be used.",
        RouterHintKind.AdvertisementsLost =>
            "No advertisement of this family comes in, though the router of the other family hears the Active one.",
        // The advice says enough of a kind that is newer than these words.
        _ => "",
    };
}
