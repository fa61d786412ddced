using System.Collections.Frozen;

namespace VipOperator.Kubectl.Showing;

/// <summary>Why a member is in its state, in words; the API has CamelCase names.</summary>
internal static class ReasonWords
{
    private static readonly FrozenDictionary<string, string> Words =
        new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["Startup"] = "it started, and others are listened to first",
            ["AddressOwner"] = "it owns the addresses",
            ["Shutdown"] = "it was stopped",
            ["ActiveDownTimerExpired"] = "no better Active router was heard any more",
            ["ActiveRouterResigned"] = "the Active router gave the addresses up",
            ["HigherPriorityHeard"] = "a peer has a higher priority",
            ["HigherAddressHeard"] = "a peer has the same priority and a higher address",
            ["PreemptDelayExpired"] = "it ranks before the one that was Active",
            ["LinkDown"] = "its link is down",
            ["LinkUp"] = "its link is up again",
            ["NoPrimaryAddress"] = "its link has no address to advertise from",
            ["ProbeFailed"] = "its probe failed",
            ["ProbeRecovered"] = "its probe passes again",
            ["EffectFailed"] = "the kernel refused to bind or to send",
            ["Retry"] = "it tries again what the kernel had refused",
            ["LoopStalled"] = "it was paused for longer than the addresses live",
            ["ParametersChanged"] = "its spec changed",
            ["HandedOver"] = "it handed the addresses over on request",
            ["NoPeers"] = "no peer is known to it",
            ["PartnerFailed"] = "its router of the other family cannot serve",
            ["PartnersRecovered"] = "its router of the other family can serve again",
            ["PartnerReleased"] = "its router of the other family gave its addresses up",
            ["ActiveRouterGone"] = "the Active router's process ended",
            ["SidecarSilent"] = "its sidecar does not answer",
            ["HeldBack"] = "it waits until the others have taken their new spec over",
        }.ToFrozenDictionary(StringComparer.Ordinal);

    /// <returns>The reason itself where this version has no words for it.</returns>
    public static string Of(string reason) => Words.GetValueOrDefault(reason, reason);

    public static bool Has(string reason) => Words.ContainsKey(reason);
}
