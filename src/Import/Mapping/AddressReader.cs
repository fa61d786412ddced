using System.Net;
using System.Net.Sockets;

namespace VipOperator.Import;

/// <summary>Reads a virtual_ipaddress or virtual_ipaddress_excluded block.</summary>
internal static class AddressReader
{
    public static void Read(Instance instance, Directive block, Complaints complaints)
    {
        complaints.Ledger.Mapped(block, "Its lines follow.");
        foreach (Directive line in block.Children)
            ReadLine(instance, line, isExcluded: block.Name != "virtual_ipaddress", complaints);
    }

    private static void ReadLine(Instance instance, Directive line, bool isExcluded, Complaints complaints)
    {
        string text = line.Name;
        int slash = text.IndexOf('/', StringComparison.Ordinal);
        if (!AddressLine.TryParse(slash < 0 ? text : text[..slash], out IPAddress address))
        {
            complaints.Refuse(line, $"{text} is no address; keepalived leaves it out");
            return;
        }

        bool isIPv6 = address.AddressFamily == AddressFamily.InterNetworkV6;
        int longest = isIPv6 ? 128 : 32;
        int length = longest;
        if (slash >= 0)
        {
            if (Numbers.TryRead(text[(slash + 1)..], 0, longest, out long written))
                length = (int)written;
            else
                complaints.Note(line, $"/{text[(slash + 1)..]} is no prefix length; keepalived takes /{longest}");
        }

        string? device = AddressOptions.Read(line, isIPv6, length, complaints, out bool isRefused);
        if (isRefused)
            complaints.Ledger.Left(
                line, "keepalived does not take this line, so it has no address of it.", decide: true);
        else if (!isExcluded && !instance.IsOfFamily(address))
            complaints.Refuse(
                line, $"{text} is not of the family of the instance's first address; keepalived leaves it out");
        else if (instance.Addresses.Concat(instance.Excluded).Any(a => a.Address.Equals(address)))
            complaints.Ledger.Left(line, "The address stands above already.");
        else
            (isExcluded ? instance.Excluded : instance.Addresses).Add(new AddressLine(line, address, length, device));
    }
}
