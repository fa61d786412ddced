namespace VipOperator.Import;

/// <summary>The addresses of a virtual router, and the link that carries them.</summary>
internal sealed class AddressMapper(ImportOptions options, Ledger ledger, Differences differences)
{
    private const int MostAddresses = 64;

    /// <returns>Addresses with their length, in order; empty: the instance has none that could come over.</returns>
    public List<string> Map(Cluster cluster, int version)
    {
        Instance best = cluster.Best;
        string? link = LinkOf(best);
        List<AddressLine> taken = [];
        foreach (AddressLine line in best.Addresses)
        {
            if (Reason(line, link, taken.Count) is { } reason)
                ledger.Left(line.From, reason, decide: true);
            else
                Take(line, link, taken);
        }

        foreach (AddressLine line in best.Excluded)
            MapExcluded(line, version, link, taken);
        foreach (Instance other in cluster.Members.Where(m => m != best))
            Compare(best, other, taken);
        return [.. taken.Select(a => a.Text)];
    }

    /// <summary>The link that all hosts name; null: it is left to each node.</summary>
    public string? Link(Cluster cluster)
    {
        string?[] links = [.. cluster.Members.Select(LinkOf).Distinct(StringComparer.Ordinal)];
        foreach (Instance member in cluster.Members)
        {
            if (member.InterfaceName is not { From: { } from } written)
                continue;
            if (links.Length > 1)
                ledger.Approximated(from, "The hosts name different links, so none is named: each node takes the one "
                    + "whose subnet holds the address.");
            else if (links[0] is null)
                ledger.Left(from, $"{written.Value} is no name of a link; each node takes the one whose subnet "
                    + $"holds the address.", decide: true);
            else if (links[0] == written.Value)
                ledger.Mapped(from, "It becomes spec.interfaceName.");
            else
                ledger.Approximated(
                    from, $"Advertisements go over the link of the addresses, {links[0]}, and no other.", decide: true);
        }

        return links.Length == 1 ? links[0] : null;
    }

    private static bool IsLinkName(string name) =>
        name.Length is > 0 and <= 15
            && name is not ("." or "..")
            && !name.Any(c => c is '/' or ':' || Words.IsBlank(c));

    // Where all addresses stand on another link than the one that is spoken over, they are what matters.
    private static string? LinkOf(Instance instance)
    {
        string?[] devices = [.. instance.Addresses.Select(a => a.Device).Distinct(StringComparer.Ordinal)];
        string? link = devices is [{ } only] && only != "lo" ? only : instance.InterfaceName?.Value;
        return link is not null && IsLinkName(link) ? link : null;
    }

    private static string? Reason(AddressLine line, string? link, int count)
    {
        if (!line.IsUnicast)
            return "A host cannot have this address.";
        if (line.IsNetworkAddress)
            return $"{line.Text} is the number of a whole network; which address in it was meant?";
        if (line.IsBroadcastAddress)
            return $"{line.Text} is the broadcast address of its network; which address in it was meant?";
        if (line.Length == 0)
            return "A prefix length of 0 would cover everything; name the right one.";
        if (line.Device is not null && line.Device != link)
            return $"A VirtualIP has one link, and this address is on {line.Device}; make it a VirtualIP of its own.";
        return count >= MostAddresses ? $"A VirtualIP has at most {MostAddresses} addresses; make a second one." : null;
    }

    private void Take(AddressLine line, string? link, List<AddressLine> taken)
    {
        taken.Add(line);
        string[] extra = [.. line.From.Words.Skip(1)];
        int device = Array.IndexOf(extra, "dev");
        if (device >= 0 && line.Device == link)
            extra = [.. extra[..device], .. extra[(device + 2)..]];
        if (extra.Length > 0)
        {
            ledger.Approximated(line.From,
                $"It becomes spec.addresses, as {line.Text}; nothing comes of \"{string.Join(' ', extra)}\".");
        }
        else if (line.From.Name == line.Text || !line.From.Name.Contains('/', StringComparison.Ordinal))
        {
            ledger.Mapped(line.From, line.From.Name == line.Text
                ? "It becomes spec.addresses."
                : $"It becomes spec.addresses, as {line.Text}.");
        }
        else
        {
            ledger.Approximated(line.From, $"It becomes spec.addresses, as {line.Text}, which keepalived makes of it; "
                + $"see what was meant.", decide: true);
        }
    }

    // keepalived binds these without advertising them; here all of a VirtualIP's addresses are advertised.
    private void MapExcluded(AddressLine line, int version, string? link, List<AddressLine> taken)
    {
        if (Reason(line, line.Device is null ? null : link, taken.Count) is { } reason)
        {
            ledger.Left(line.From, reason, decide: true);
        }
        else if (line.IsIPv6 && version == 2)
        {
            ledger.Left(
                line.From,
                "IPv6 needs version 3, and this router speaks 2: set vrrp_version 3 in keepalived first, or make it a "
                + "VirtualIP of its own.",
                decide: true);
        }
        else if (options.Step != ImportStep.Final)
        {
            ledger.Left(line.From, "It comes with the last step: keepalived refuses advertisements that name other "
                + "addresses than its own.");
        }
        else
        {
            taken.Add(line);
            ledger.Approximated(
                line.From,
                $"It becomes spec.addresses, as {line.Text}, and is advertised like the others; so apply this when "
                + $"keepalived has ended.");
        }
    }

    private void Compare(Instance best, Instance other, List<AddressLine> taken)
    {
        foreach (AddressLine line in other.Addresses.Concat(other.Excluded))
        {
            if (ledger.Has(line.From))
                continue;
            AddressLine? same =
                best.Addresses.Concat(best.Excluded).FirstOrDefault(a => a.Address.Equals(line.Address));
            if (same is null)
            {
                ledger.Left(
                    line.From,
                    $"{best.Host.Label}, the host of the highest priority, has no such address; keepalived's hosts "
                    + $"would not even hear each other.",
                    decide: true);
                differences.Add($"address {line.Address} stands in {line.From.Place} and not in {best.Host.Label}");
            }
            else if (same.Length != line.Length)
            {
                ledger.Approximated(
                    line.From, $"It is one address with {same.From.Place}, whose /{same.Length} counts.");
                differences.Add(
                    $"{line.Address} has /{same.Length} in {same.From.Place} and /{line.Length} in {line.From.Place}");
            }
            else if (taken.Contains(same))
            {
                ledger.Mapped(line.From, $"It is one address with {same.From.Place}.");
            }
            else
            {
                ledger.Left(line.From, $"As {same.From.Place}.");
            }
        }

        foreach (AddressLine line in best.Addresses.Where(a => !other.Addresses.Any(b => b.Address.Equals(a.Address))))
            differences.Add($"address {line.Address} stands in {line.From.Place} and not in {other.Host.Label}");
    }
}
