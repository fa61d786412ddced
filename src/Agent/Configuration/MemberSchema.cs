using System.Net;
using System.Text.Json;
using VipOperator.Api;
using VipOperator.Documents;
using VipOperator.Vrrp;

namespace VipOperator.Agent.Configuration;

/// <summary>
/// What a VirtualIPMember may say; the same rules as in its CRD. Finds everything that is wrong, not only the first,
/// because a person mends a file in one go. What passes can be read as a <see cref="VirtualIPMember"/>.
/// </summary>
internal sealed class MemberSchema
{
    private static readonly GatewayDuration Day = GatewayDuration.FromSeconds(24 * 60 * 60);

    private readonly bool _strict;
    private readonly List<SpecProblem> _problems = [];

    private MemberSchema(bool strict) => _strict = strict;

    /// <param name="strict">
    /// For our own file: unknown fields are refused, <c>apiVersion</c>, <c>kind</c> and a name required. API objects
    /// may come from a newer operator that knows more.
    /// </param>
    public static IReadOnlyList<SpecProblem> Check(JsonElement document, bool strict)
    {
        MemberSchema schema = new(strict);
        schema.CheckDocument(document);
        return schema._problems;
    }

    /// <summary>
    /// Whether a kernel device can have this name (dev_valid_name in the kernel: 1–15 bytes, no slash, colon or white
    /// space).
    /// </summary>
    public static bool IsInterfaceName(string name) =>
        name.Length is >= 1 and <= 15 && name is not ("." or "..")
        && name.All(c => c is > ' ' and <= '~' and not ('/' or ':'));

    private void CheckDocument(JsonElement document)
    {
        ObjectFields fields = ObjectFields.Of(document, "", _problems);
        if (fields.IsBroken)
            return;
        if (_strict)
        {
            fields.Required("apiVersion", GroupVersion.ApiVersion);
            fields.Required("kind", VirtualIPMember.KindName);
            fields.Choice("apiVersion", GroupVersion.ApiVersion);
            fields.Choice("kind", VirtualIPMember.KindName);
            CheckMetadata(fields.RequiredObject("metadata", "a mapping with a name"));
        }
        else
        {
            fields.Any("apiVersion");
            fields.Any("kind");
            fields.Any("metadata");
        }

        fields.Any("status");
        if (fields.RequiredObject("spec", "the member's spec") is { } spec)
            CheckSpec(spec);
        Close(fields);
    }

    private void CheckMetadata(ObjectFields? metadata)
    {
        if (metadata is null)
            return;
        metadata.Required("name", "a name");
        CheckName(metadata, "name");
        CheckName(metadata, "namespace");
        // A document taken from a cluster carries these; they mean nothing here.
        foreach (string ignored in (ReadOnlySpan<string>)[
            "uid", "resourceVersion", "generation", "creationTimestamp", "labels", "annotations", "ownerReferences",
            "finalizers", "managedFields"])
            metadata.Any(ignored);
        Close(metadata);
    }

    private static void CheckName(ObjectFields fields, string field)
    {
        if (fields.String(field, longest: 253) is { } name
            && (name.Length == 0 || !char.IsAsciiLetterOrDigit(name[0])
                || !name.All(c => c is >= 'a' and <= 'z' or >= '0' and <= '9' or '-' or '.')))
            fields.Report(
                field, $"is '{name}'; allowed are lower-case letters, digits, '-' and '.', a letter or digit first");
    }

    private void CheckSpec(ObjectFields spec)
    {
        foreach (string text in (ReadOnlySpan<string>)["virtualIPName", "podName", "podUid", "nodeName", "explanation",
            "inquiry", "awaitedSince"])
            spec.String(text);

        IReadOnlyList<IpPrefix> addresses = CheckAddresses(spec);
        if (spec.String("interfaceName") is { } link && !IsInterfaceName(link))
            spec.Report(
                "interfaceName", $"is '{link}'; allowed are 1 to 15 ASCII characters without '/', ':' and white space");

        spec.Required("virtualRouterId", "a whole number from 1 to 255");
        spec.Integer("virtualRouterId", VirtualRouterId.Lowest, VirtualRouterId.Highest);
        spec.Required("priority", "a whole number from 1 to 254");
        int? priority = spec.Integer("priority", 1, 254);

        TransportType transport = CheckVrrp(spec.Object("vrrp"), addresses.Any(a => a.Address.Family == IpFamily.V6));
        spec.Boolean("standby");
        CheckPeers(spec, transport);
        if (spec.Object("probe") is { } probe)
            CheckProbe(probe, priority);
        Close(spec);
    }

    private static List<IpPrefix> CheckAddresses(ObjectFields spec)
    {
        List<IpPrefix> addresses = [];
        spec.Required("addresses", "a list of 1 to 64 addresses");
        IReadOnlyList<JsonElement> items = spec.List("addresses", 1, 64) ?? [];
        for (int i = 0; i < items.Count; i++)
        {
            string field = $"addresses[{i}]";
            if (items[i].ValueKind != JsonValueKind.String
                || !IpPrefix.TryParse(items[i].GetString(), out IpPrefix prefix))
                spec.Report(field, $"is {ObjectFields.Shown(items[i])}; allowed is an IPv4 or IPv6 address, with or "
                    + $"without a prefix length, such as 192.168.1.108/32");
            else if (WhyNoHost(prefix.Address) is { } why)
                spec.Report(field, $"is {prefix.Address}; allowed is {why}");
            else if (WhyNoHostOf(prefix) is { } wrong)
                spec.Report(field, $"is {prefix}; allowed is {wrong}");
            else if (addresses.Any(a => a.Address == prefix.Address))
                spec.Report(field, $"is {prefix.Address} a second time; an address may stand here once");
            else
                addresses.Add(prefix);
        }

        return addresses;
    }

    /// <returns>What is allowed instead; null: a host can have the address.</returns>
    private static string? WhyNoHost(IpAddress address)
    {
        IPAddress general = address.ToIPAddress();
        if (general.IsIPv4MappedToIPv6)
            return $"an IPv4 address as it is written by itself, {general.MapToIPv4()}";
        // 0.0.0.0/8 and 240.0.0.0/4, to which 255.255.255.255 belongs (RFC 6890 section 2.2.2).
        bool isReserved = address.Family == IpFamily.V4 && (uint)address.Bits is < 1u << 24 or >= 0xf0u << 24;
        return isReserved || address.IsMulticast || address.IsUnspecified || IPAddress.IsLoopback(general)
            ? "an address that a host can have, not an unspecified, loopback, multicast, broadcast or reserved one"
            : null;
    }

    /// <returns>What is allowed instead; null: the address is one of a host in its network.</returns>
    private static string? WhyNoHostOf(IpPrefix prefix)
    {
        int hostLength = (prefix.Address.Length * 8) - prefix.Length;
        if (prefix.Length == 0)
            return "a prefix length of 1 to 32 for IPv4 and 1 to 128 for IPv6";
        if (hostLength < 2)
            return null;
        UInt128 lastOfNetwork = (UInt128.One << hostLength) - 1;
        UInt128 host = prefix.Address.Bits & lastOfNetwork;
        // With IPv6 the first address of a subnet is every router's (RFC 4291 section 2.6.1); there is no broadcast.
        if (host == UInt128.Zero)
            return "the address of a host in its network, not that of the network itself";
        return prefix.Address.Family == IpFamily.V4 && host == lastOfNetwork
            ? "the address of a host in its network, not the network's broadcast address"
            : null;
    }

    private TransportType CheckVrrp(ObjectFields? vrrp, bool anyV6)
    {
        if (vrrp is null)
            return TransportType.Multicast;
        int version = vrrp.Integer("version", 2, 3) ?? 3;
        if (version == 2 && anyV6)
            vrrp.Report("version", "is 2, which carries IPv4 only; IPv6 addresses need 3");
        GatewayDuration? interval = CheckInterval(vrrp, version);
        if (vrrp.Object("preempt") is { } preempt)
        {
            preempt.Boolean("enabled");
            preempt.Duration("delay", GatewayDuration.Zero, GatewayDuration.FromSeconds(3600));
            Close(preempt);
        }

        if (vrrp.DurationText("announcementRefresh") is { } refresh && refresh != GatewayDuration.Zero
            && (refresh < GatewayDuration.FromSeconds(1) || refresh > Day))
            vrrp.Report("announcementRefresh", $"is {refresh}; allowed is 1s to {Day}, or 0s for never");
        CheckLifetime(vrrp, interval);
        string? transport = vrrp.Choice("transport", nameof(TransportType.Multicast), nameof(TransportType.Unicast));
        if (vrrp.Object("authentication") is { } authentication)
            CheckAuthentication(authentication, version);
        vrrp.Boolean("virtualMac");
        Close(vrrp);
        return transport == nameof(TransportType.Unicast) ? TransportType.Unicast : TransportType.Multicast;
    }

    /// <returns>null when it is wrong.</returns>
    private static GatewayDuration? CheckInterval(ObjectFields vrrp, int version)
    {
        if (vrrp.Any("advertisementInterval") is null)
            return new VrrpSpec().AdvertisementInterval;
        if (vrrp.DurationText("advertisementInterval") is not { } interval)
            return null;
        long milliseconds = (long)interval.Value.TotalMilliseconds;
        VrrpVersion carried = version == 2 ? VrrpVersion.V2 : VrrpVersion.V3;
        if (milliseconds % 10 != 0 || milliseconds > int.MaxValue
            || !Centiseconds.TryCreateInterval(carried, (int)(milliseconds / 10), out _))
        {
            string allowed = version == 2
                ? "with version 2 allowed is 1s to 255s in whole seconds"
                : "with version 3 allowed is 10ms to 40s950ms in steps of 10ms";
            vrrp.Report("advertisementInterval", $"is {interval}; {allowed}");
            return null;
        }

        return interval;
    }

    // The address is renewed with each advertisement.
    private static void CheckLifetime(ObjectFields vrrp, GatewayDuration? interval)
    {
        if (vrrp.DurationText("addressLifetime") is not { } lifetime || lifetime == GatewayDuration.Zero)
            return;
        if (lifetime.Value.Ticks % TimeSpan.TicksPerSecond != 0 || lifetime > Day)
            vrrp.Report(
                "addressLifetime", $"is {lifetime}; allowed is 1s to {Day} in whole seconds, or 0s for ever");
        else if (interval is { } renewal && lifetime.Value < 2 * renewal.Value)
            vrrp.Report("addressLifetime", $"is {lifetime}; allowed is at least twice the advertisementInterval, "
                + $"which is {renewal}, or 0s for ever");
    }

    private void CheckAuthentication(ObjectFields authentication, int version)
    {
        string? type = authentication.Choice(
            "type", nameof(AuthenticationScheme.None), nameof(AuthenticationScheme.Simple),
            nameof(AuthenticationScheme.HMAC));
        if (type == nameof(AuthenticationScheme.Simple) && version != 2)
            authentication.Report(
                "type", "is Simple, which only version 2 carries; with version 3 allowed is None or HMAC");
        ObjectFields? reference = type is null or nameof(AuthenticationScheme.None)
            ? authentication.Object("secretRef")
            : authentication.RequiredObject("secretRef", "the name and key of a Secret");
        if (_strict && reference is not null
            && (type == nameof(AuthenticationScheme.None) || authentication.Any("type") is null))
            authentication.Report(
                "secretRef", "is given, but type is None; set type to Simple or HMAC or leave it out");
        if (reference is not null)
        {
            reference.Required("name", "the name of a Secret");
            CheckName(reference, "name");
            reference.Required("key", "a key of the Secret");
            // As Kubernetes allows; so neither can lead out of the directory of Secrets.
            if (reference.String("key", longest: 253) is { } key
                && (key.Length == 0 || key == "." || key.StartsWith("..", StringComparison.Ordinal)
                    || !key.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.')))
                reference.Report(
                    "key", $"is '{key}'; allowed are letters, digits, '-', '_' and '.', not '..' at the beginning");
            Close(reference);
        }

        Close(authentication);
    }

    private void CheckPeers(ObjectFields spec, TransportType transport)
    {
        IReadOnlyList<JsonElement> peers = spec.List("peers", 0, 1024) ?? [];
        if (_strict && peers.Count > 0 && transport == TransportType.Multicast)
            spec.Report(
                "peers", "are given, but the transport is Multicast; set vrrp.transport to Unicast or leave them out");
        for (int i = 0; i < peers.Count; i++)
        {
            ObjectFields peer = ObjectFields.Of(peers[i], spec.PathOf($"peers[{i}]"), _problems);
            peer.String("nodeName");
            peer.Required("addresses", "the addresses of the peer's node");
            IReadOnlyList<JsonElement> addresses = peer.List("addresses", 1, 2) ?? [];
            HashSet<IpFamily> families = [];
            for (int j = 0; j < addresses.Count; j++)
            {
                if (addresses[j].ValueKind != JsonValueKind.String
                    || !IpAddress.TryParse(addresses[j].GetString(), out IpAddress address))
                    peer.Report($"addresses[{j}]",
                        $"is {ObjectFields.Shown(addresses[j])}; allowed is an IPv4 or IPv6 address");
                else if (address.IsMulticast || address.IsUnspecified)
                    peer.Report($"addresses[{j}]", $"is {address}; allowed is an address of one host");
                else if (!families.Add(address.Family))
                    peer.Report($"addresses[{j}]", "is the second address of its family; allowed is one of each");
            }

            Close(peer);
        }
    }

    private void CheckProbe(ObjectFields probe, int? priority)
    {
        ObjectFields? http = probe.Object("http");
        ObjectFields? tcp = probe.Object("tcp");
        ObjectFields? process = probe.Object("process");
        if (!probe.IsBroken && (http is null ? 0 : 1) + (tcp is null ? 0 : 1) + (process is null ? 0 : 1) != 1)
            probe.Report("", "must have exactly one of http, tcp and process");

        if (http is not null)
            CheckHttp(http);
        if (tcp is not null)
        {
            tcp.Required("port", "a whole number from 1 to 65535");
            tcp.Integer("port", 1, 65535);
            Close(tcp);
        }

        if (process is not null)
        {
            process.Required("name", "the name of a process");
            if (process.String("name", longest: 15) is { } name
                && (name.Length == 0 || name[0] == ' ' || name[^1] == ' '
                    || name.Contains("  ", StringComparison.Ordinal) || !name.All(c => c is >= ' ' and <= '~')))
                process.Report(
                    "name", $"is '{name}'; allowed are 1 to 15 printable ASCII characters, as in /proc/PID/comm");
            Close(process);
        }

        probe.Duration("interval", GatewayDuration.FromMilliseconds(100), GatewayDuration.FromSeconds(3600));
        probe.Duration("timeout", GatewayDuration.FromMilliseconds(10), GatewayDuration.FromSeconds(60));
        probe.Integer("failureThreshold", 1, 100);
        probe.Integer("successThreshold", 1, 100);
        probe.Duration("restartGrace", GatewayDuration.Zero, GatewayDuration.FromSeconds(3600));
        string? action = probe.Choice(
            "onFailure", nameof(ProbeFailureAction.Release), nameof(ProbeFailureAction.Demote));
        int? weight = probe.Integer("weight", 1, 253);
        if (_strict)
            CheckWeight(probe, weight, action == nameof(ProbeFailureAction.Demote), priority);
        Close(probe);
    }

    // Of the operator's members only the best has a priority that the weight fits; the others go down to 1 at most.
    private static void CheckWeight(ObjectFields probe, int? weight, bool demotes, int? priority)
    {
        if (weight is not null && !demotes)
            probe.Report("weight", "is given, but onFailure is Release; set onFailure to Demote or leave it out");
        else if (demotes && (weight is not null || probe.Any("weight") is null)
            && (weight ?? ProbeSpec.DefaultWeight) >= priority)
            probe.Report("weight", $"is {weight ?? ProbeSpec.DefaultWeight}{(weight is null ? " if not given" : "")}; "
                + $"allowed is less than the priority, {priority}, from which it is taken");
    }

    private void CheckHttp(ObjectFields http)
    {
        http.Integer("port", 1, 65535);
        if (http.String("path", longest: 1024) is { } path
            && (!path.StartsWith('/') || !path.All(c => c is > ' ' and <= '~')))
            http.Report("path", "must start with '/' and have only printable ASCII characters without blanks");
        if (http.String("host", longest: 259) is { } host
            && !host.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '.' or ':' or '[' or ']' or '_'))
            http.Report("host", "may have letters, digits, '-', '_', '.', ':', '[' and ']'");
        if (http.String("expectedStatus") is { } expected && !StatusRange.TryParse(expected, out _))
            http.Report("expectedStatus",
                $"is '{expected}'; allowed is a status or a range from 100 to 599, such as 200 or 200-399");
        http.Choice("scheme", nameof(ProbeScheme.HTTP), nameof(ProbeScheme.HTTPS));
        IReadOnlyList<JsonElement> headers = http.List("httpHeaders", 0, 16) ?? [];
        for (int i = 0; i < headers.Count; i++)
            CheckHeader(ObjectFields.Of(headers[i], http.PathOf($"httpHeaders[{i}]"), _problems));
        Close(http);
    }

    // A line end in a name or value would be a second header; these fields say how our own request ends.
    private void CheckHeader(ObjectFields header)
    {
        header.Required("name", "the name of a header field");
        header.Required("value", "the value of a header field");
        if (header.String("name", longest: 128) is { } name)
        {
            if (name.Length == 0 || !name.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_'))
                header.Report("name", "may have letters, digits, '-' and '_'");
            else if (name.ToUpperInvariant() is "CONNECTION" or "CONTENT-LENGTH" or "TRANSFER-ENCODING")
                header.Report("name", $"is {name}, which the probe sets itself");
        }

        if (header.String("value", longest: 1024) is { } value && !value.All(c => c is >= ' ' and <= '~'))
            header.Report("value", "may have printable ASCII characters");
        Close(header);
    }

    private void Close(ObjectFields fields)
    {
        if (_strict)
            fields.RefuseOthers();
    }
}
