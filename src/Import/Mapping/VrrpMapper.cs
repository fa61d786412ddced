using VipOperator.Api;

namespace VipOperator.Import;

/// <summary>How a virtual router speaks: what the best host says, and where the others differ.</summary>
internal sealed class VrrpMapper(ImportOptions options, Ledger ledger, Differences differences)
{
    private static readonly TimeSpan LongestDelay = TimeSpan.FromHours(1);
    private static readonly TimeSpan LongestRefresh = TimeSpan.FromHours(24);

    /// <param name="cluster">The hosts.</param>
    /// <param name="version">2 or 3.</param>
    /// <param name="secret">The name of the Secret, if there is one.</param>
    public VrrpSpec Map(Cluster cluster, int version, string secret)
    {
        foreach (Instance member in cluster.Members)
            SayVersion(cluster, member, version);
        VrrpSpec defaults = new();
        return new VrrpSpec
        {
            Version = version,
            AdvertisementInterval = Interval(cluster, version),
            Preempt = Preempt(cluster),
            Transport = Transport(cluster),
            Authentication = Authentication(cluster, version, secret),
            AnnouncementRefresh = Refresh(cluster) ?? defaults.AnnouncementRefresh,
            VirtualMac = VirtualMac(cluster),
        };
    }

    /// <summary>The credential that counts; null: nothing is signed.</summary>
    public static Credential? CredentialOf(Cluster cluster, int version) =>
        cluster.Best.Credential is { } credential && (credential.IsHmac || version == 2) ? credential : null;

    private void SayVersion(Cluster cluster, Instance member, int version)
    {
        if (member.Version != cluster.Best.Version)
            differences.Add(
                $"{member.Name} speaks version {member.Version} on {member.Host.Label} and {cluster.Best.Version} on "
                + $"{cluster.Best.Host.Label}");
        if (member.WrittenVersion?.From is not { } from)
            return;
        if (member.WrittenVersion.Value == version)
            ledger.Mapped(from, "It becomes vrrp.version.");
        else if (member.IsIPv6 == true)
            // keepalived refuses the 2 only where it stands below an IPv6 address.
            ledger.Approximated(
                from,
                "vrrp.version is 3, for no RFC has version 2 over IPv6; keepalived sends it all the same, and hears "
                + "no version 3: bring keepalived there first.",
                decide: true);
        else
            ledger.Approximated(from, $"vrrp.version is {version}.", decide: true);
    }

    private GatewayDuration Interval(Cluster cluster, int version)
    {
        TimeSpan interval = Durations.Interval(cluster.Best.Interval?.Value ?? 1, version);
        GatewayDuration duration = Durations.Whole(interval);
        foreach (Instance member in cluster.Members)
        {
            TimeSpan own = Durations.Interval(member.Interval?.Value ?? 1, version);
            if (own != interval)
            {
                string consequence = version == 2 ? ", and such hosts do not hear each other" : "";
                differences.Add(
                    $"{member.Name} advertises every {Durations.Whole(own)} on {member.Host.Label} and {duration} on "
                    + $"{cluster.Best.Host.Label}{consequence}");
            }

            if (member.Interval?.From is not { } from)
                continue;
            if (own != interval)
                ledger.Left(from, $"{cluster.Best.Host.Label}, the host of the highest priority, has {duration}.",
                    decide: version == 2);
            else if (Durations.Of(member.Interval.Value) == own)
                ledger.Mapped(from, $"It becomes vrrp.advertisementInterval: {duration}.");
            else
                ledger.Approximated(from, $"It becomes vrrp.advertisementInterval: {duration}, which keepalived makes "
                    + $"of it in version {version}.");
        }

        return duration;
    }

    // Whether a host takes the addresses back matters only where it is better than another.
    private PreemptSpec Preempt(Cluster cluster)
    {
        Instance[] better = [.. cluster.Members.Where(
            m => cluster.Members.Count == 1 || cluster.Members.Any(o => o.Priority < m.Priority))];
        Instance best = better.Length > 0 ? better.MaxBy(m => m.Priority)! : cluster.Best;
        bool enabled = best.Preempts;
        TimeSpan wanted = Durations.Of(best.EffectiveDelay);
        TimeSpan delay = Durations.Clamp(wanted, TimeSpan.Zero, LongestDelay);
        foreach (Instance member in cluster.Members)
        {
            bool counts = better.Contains(member) || better.Length == 0;
            if (counts && (member.Preempts != enabled || member.EffectiveDelay != best.EffectiveDelay))
                differences.Add(
                    $"{member.Name} preempts otherwise on {member.Host.Label} than on {best.Host.Label}, which counts");
            if (member.NoPreempt is { } from)
                SayNoPreempt(from, member, enabled);
            if (member.PreemptDelay?.From is not { } delayFrom)
                continue;
            if (member.StartsAsMaster)
                ledger.Left(delayFrom, "keepalived takes no delay with state MASTER.");
            else if (!member.Preempts)
                ledger.Left(delayFrom, "keepalived takes no delay with nopreempt.");
            else if (member.EffectiveDelay == best.EffectiveDelay)
                ledger.Mapped(delayFrom, $"It becomes vrrp.preempt.delay: {Durations.Whole(delay)}.");
            else
                ledger.Left(delayFrom, $"{best.Host.Label}, the host of the highest priority, says otherwise.");
        }

        return new PreemptSpec { Enabled = enabled, Delay = Durations.Whole(delay) };
    }

    private void SayNoPreempt(Directive from, Instance member, bool enabled)
    {
        if (member.Preempts)
            ledger.Left(from, "keepalived takes no nopreempt with state MASTER or priority 255, so the host does take "
                + "the addresses back.");
        else if (!enabled)
            ledger.Mapped(from, "It becomes vrrp.preempt.enabled: false.");
        else
            ledger.Left(
                from, "No host is worse than this one, so there is nobody that it could take the addresses from.");
    }

    private TransportType Transport(Cluster cluster)
    {
        bool unicast = cluster.Best.IsUnicast;
        string[] own = [.. cluster.Members.Select(m => m.SourceAddress?.Argument ?? "")];
        foreach (Instance member in cluster.Members)
        {
            if (member.IsUnicast != unicast)
                differences.Add($"{member.Name} speaks {(member.IsUnicast ? "unicast" : "multicast")} on {member.Host.Label} alone");
            if (member.SourceAddress is { } source)
            {
                if (source.Name == "unicast_src_ip" && !member.IsUnicast)
                    ledger.Approximated(source, "Without peers keepalived speaks multicast, and so do the members.");
                else
                    ledger.Approximated(
                        source, "Members speak from their node's own address on the link; it should be this one.");
            }

            if (!member.IsUnicast)
                continue;
            SayPeers(member, own);
            if (options.Step != ImportStep.Final)
            {
                ledger.Approximated(
                    member.Peers[0],
                    "The operator's lists name members alone, so no member hears keepalived or is heard: take "
                    + "multicast in keepalived first, or change over in a pause.",
                    decide: true);
            }
        }

        return unicast ? TransportType.Unicast : TransportType.Multicast;
    }

    private void SayPeers(Instance member, string[] own)
    {
        if (own.Contains(""))
            return;
        foreach (Directive peer in member.Peers.Where(p => !own.Contains(p.Name)))
        {
            ledger.Approximated(peer,
                "No file that was given is this peer's; if it is one more host, give its file too.", decide: true);
            differences.Add($"{peer.Place} names the peer {peer.Name}, and no host says that it is that");
        }
    }

    private AuthenticationSpec Authentication(Cluster cluster, int version, string secret)
    {
        Credential? used = CredentialOf(cluster, version);
        foreach (Instance member in cluster.Members)
        {
            if (member.Credential is not { } credential)
            {
                if (used is not null)
                    differences.Add(
                        $"{member.Name} has no password or key on {member.Host.Label}, so it and "
                        + $"{cluster.Best.Host.Label} do not hear each other");
                continue;
            }

            if (!credential.IsHmac && version == 3)
            {
                ledger.Left(credential.From, "keepalived uses no password in version 3; auth_hmac and "
                    + "authentication.type HMAC are what version 3 has.");
            }
            else if (used is null || credential.Value != used.Value || credential.IsHmac != used.IsHmac)
            {
                ledger.Left(
                    credential.From, $"It is not that of {cluster.Best.Host.Label}, whose counts.", decide: true);
                differences.Add(
                    $"the password or key in {credential.From.Place} is another one than {cluster.Best.Host.Label} "
                    + $"has: such hosts do not hear each other");
            }
        }

        return used is null
            ? new AuthenticationSpec()
            : new AuthenticationSpec
            {
                Type = used.IsHmac ? AuthenticationScheme.HMAC : AuthenticationScheme.Simple,
                SecretRef = new SecretKeyReference { Name = secret, Key = used.IsHmac ? "key" : "password" },
            };
    }

    private GatewayDuration? Refresh(Cluster cluster)
    {
        Sourced<long>? best = cluster.Best.AnnouncementRefresh ?? cluster.Best.Host.AnnouncementRefresh;
        TimeSpan? refresh = best is null
            ? null
            : TimeSpan.FromSeconds(Math.Min(best.Value, (long)LongestRefresh.TotalSeconds));
        foreach (Instance member in cluster.Members)
        {
            if (member.AnnouncementRefresh?.From is not { } from)
                continue;
            if (best is null || member.AnnouncementRefresh.Value != best.Value)
                ledger.Left(from, $"{cluster.Best.Host.Label}, the host of the highest priority, says otherwise.");
            else if (TimeSpan.FromSeconds(best.Value) == refresh)
                ledger.Mapped(from, "It becomes vrrp.announcementRefresh.");
            else
                ledger.Approximated(from, "It becomes vrrp.announcementRefresh: 24h, which is as far as that goes.");
        }

        return refresh is { } value ? Durations.Whole(value) : null;
    }

    private bool VirtualMac(Cluster cluster)
    {
        bool used = cluster.Best.VirtualMac is not null;
        foreach (Instance member in cluster.Members)
        {
            if (member.VirtualMac is not null != used)
                differences.Add(
                    $"{member.Name} uses a virtual MAC address on {(used ? cluster.Best : member).Host.Label} alone");
            if (member.VirtualMac is not { } from)
                continue;
            if (from.Words.Any(w => w.Contains(':', StringComparison.Ordinal)))
                ledger.Approximated(from,
                    "It becomes vrrp.virtualMac, with the MAC address of the RFC rather than this one.", decide: true);
            else if (from.Words.Count > 1)
                ledger.Approximated(from, "It becomes vrrp.virtualMac; the macvlan has a name of its own.");
            else
                ledger.Mapped(from, "It becomes vrrp.virtualMac.");
        }

        return used;
    }
}
