using VipOperator.Vrrp;

namespace VipOperator.Agent.Routers;

/// <summary>What keeps a router in Fault, and what to do, for a person.</summary>
internal static class FaultText
{
    /// <param name="reason">A name of <see cref="TransitionReason"/>, as the state has it.</param>
    /// <param name="link">The link in use; null while there is none.</param>
    /// <returns>Empty where the name says all.</returns>
    public static string Of(string? reason, string family, string? link) => reason switch
    {
        nameof(TransitionReason.LinkDown) => $"{link ?? "its link"} is down or has no carrier.",
        nameof(TransitionReason.NoPrimaryAddress) =>
            $"{link ?? "its link"} has no {family} address of its own to advertise from: give it one"
            + (family == "IPv6" ? ", a link-local one unless peers are unicast; is IPv6 switched off there?" : "."),
        nameof(TransitionReason.NoPeers) => "unicast, and no peer is known to it; peers: [] says that there are none.",
        nameof(TransitionReason.ProbeFailed) => "its probe fails; peers serve until it passes again.",
        nameof(TransitionReason.EffectFailed) =>
            "the kernel refused to bind or to send, as the log says; it is tried again by itself.",
        nameof(TransitionReason.PartnerFailed) =>
            "the router of the other family cannot serve, and they move together.",
        _ => "",
    };
}
