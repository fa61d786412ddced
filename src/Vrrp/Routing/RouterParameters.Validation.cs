using System.Diagnostics.CodeAnalysis;

namespace VipOperator.Vrrp;

public sealed partial record RouterParameters
{
    public const int MostAddresses = 64;

    private static readonly TimeSpan LongestSpan = TimeSpan.FromDays(1);

    /// <summary>
    /// Checks each value and how they fit together. The state machine and the codec take valid parameters only; the
    /// shells call this where parameters come in.
    /// </summary>
    /// <param name="reason">
    /// What is wrong and what is allowed, as a clause that starts with the field; never the key itself.
    /// </param>
    public bool TryValidate([NotNullWhen(false)] out string? reason)
    {
        reason = FindProtocolProblem()
            ?? FindAddressProblem()
            ?? FindAuthenticationProblem()
            ?? FindTransportProblem()
            ?? FindTimingProblem();
        return reason is null;
    }

    private string? FindProtocolProblem()
    {
        if (Version is not (VrrpVersion.V2 or VrrpVersion.V3))
            return $"version: {(int)Version} is unknown; 2 or 3";
        if (Family is not (IpFamily.V4 or IpFamily.V6))
            return $"family: {(int)Family} is unknown; 4 or 6";
        if (Version == VrrpVersion.V2 && Family == IpFamily.V6)
            return "version: VRRPv2 carries IPv4 only; IPv6 needs version 3";
        if (VirtualRouterId.Value == 0)
            return "virtual router id: none is set; 1 to 255";
        if (Priority.IsResigning)
            return "priority: 0 is what a router sends when it resigns; 1 to 255";
        if (OnProbeFailure is not (FailurePolicy.Release or FailurePolicy.Demote))
            return $"probe failure policy: {(int)OnProbeFailure} is unknown; Release or Demote";
        if (OnProbeFailure == FailurePolicy.Release)
            return null;
        if (DemotionWeight is < 1 or > 253)
            return $"demotion weight: {DemotionWeight}; 1 to 253";
        // A demoted owner would have to listen to others, which an owner must not (RFC 9568 §7.1).
        return Priority.IsAddressOwner ? "priority: 255, the address owner, cannot be demoted; 1 to 254" : null;
    }

    private string? FindAddressProblem()
    {
        if (Addresses.IsDefaultOrEmpty || Addresses.Length > MostAddresses)
            return $"addresses: {(Addresses.IsDefault ? 0 : Addresses.Length)} given; 1 to {MostAddresses}";
        for (int i = 0; i < Addresses.Length; i++)
        {
            IpAddress address = Addresses[i].Address;
            if (FindUnicastProblem(address) is { } problem)
                return $"addresses: {address} {problem}";
            if (Addresses.Take(i).Any(other => other.Address == address))
                return $"addresses: {address} is listed twice";
        }

        return null;
    }

    private string? FindAuthenticationProblem() => Authentication switch
    {
        AuthenticationType.None => null,
        AuthenticationType.Simple when Version != VrrpVersion.V2 => "authentication: a simple password needs version 2",
        AuthenticationType.Simple when AuthenticationKey.IsDefaultOrEmpty =>
            "authentication: the password is empty; 1 to 8 bytes",
        AuthenticationType.Simple when AuthenticationKey.Length > SimplePassword.LongestLength =>
            $"authentication: the password has {AuthenticationKey.Length} bytes; 1 to 8 (keepalived uses the first 8 "
            + $"of a longer one)",
        AuthenticationType.Simple => null,
        AuthenticationType.Hmac when AuthenticationKey.IsDefault
        || AuthenticationKey.Length is < HmacTrailer.ShortestKey or > HmacTrailer.LongestKey =>
            $"authentication: the HMAC key has {(AuthenticationKey.IsDefault ? 0 : AuthenticationKey.Length)} "
            + $"bytes; 32 to 64",
        AuthenticationType.Hmac when AuthenticationKeyId == 0 => "authentication: the HMAC key's id is 0; 1 to 255",
        AuthenticationType.Hmac => null,
        _ => $"authentication: {(int)Authentication} is unknown; None, Simple or HMAC",
    };

    private string? FindTransportProblem()
    {
        if (Transport is not (Transport.Multicast or Transport.Unicast))
            return $"transport: {(int)Transport} is unknown; Multicast or Unicast";
        if (Transport == Transport.Multicast)
            return null;
        // No peer at all is valid: whether the router takes part then is for Alone to say.
        if (Peers.IsDefault)
            return "peers: none given with unicast transport";
        for (int i = 0; i < Peers.Length; i++)
        {
            if (FindUnicastProblem(Peers[i]) is { } problem)
                return $"peers: {Peers[i]} {problem}";
            if (Peers.AsSpan()[..i].Contains(Peers[i]))
                return $"peers: {Peers[i]} is listed twice";
        }

        return null;
    }

    private string? FindTimingProblem()
    {
        if (!Centiseconds.TryCreateInterval(Version, AdvertisementInterval.Value, out _))
        {
            string allowed = Version == VrrpVersion.V2
                ? "whole seconds, 1s to 255s"
                : "10ms to 40.95s in steps of 10ms";
            return $"advertisement interval: {AdvertisementInterval}; version {(int)Version} takes {allowed}";
        }

        if (PreemptDelay < TimeSpan.Zero || PreemptDelay > LongestSpan)
            return $"preempt delay: {PreemptDelay}; 0s to 24h";
        if (AddressLifetime < TimeSpan.Zero || AddressLifetime > LongestSpan
            || AddressLifetime.Ticks % TimeSpan.TicksPerSecond != 0)
            return $"address lifetime: {AddressLifetime}; whole seconds, 1s to 24h, or 0s for ever";
        if (AnnounceRefresh != TimeSpan.Zero
            && (AnnounceRefresh < TimeSpan.FromSeconds(1) || AnnounceRefresh > LongestSpan))
            return $"announce refresh: {AnnounceRefresh}; 1s to 24h, or 0s for never";
        return null;
    }

    private string? FindUnicastProblem(IpAddress address)
    {
        if (address.Family != Family)
            return $"is not of the router's family, IPv{(int)Family}";
        return address.IsMulticast || address.IsUnspecified ? "is not a unicast address" : null;
    }
}
