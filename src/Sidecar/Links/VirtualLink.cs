using System.Globalization;
using VipOperator.Sidecar.Linux;
using VipOperator.Sidecar.Netlink;

namespace VipOperator.Sidecar.Links;

/// <summary>A macvlan of ours, which carries one router's virtual MAC address.</summary>
/// <param name="ParentArp">What the parent's ARP settings were before we changed them; null if we did not.</param>
/// <param name="Claim">Says to other sidecars that somebody looks after the link.</param>
internal sealed record VirtualLink(int Index, string Name, int Parent, ArpSettings? ParentArp, Descriptor Claim);

/// <summary>
/// The alias of a macvlan of ours. It keeps what the parent's ARP settings were before the first of them came, so that
/// whoever removes the last one can put them back, be it another sidecar after a crash.
/// </summary>
internal static class VirtualLinkMark
{
    private const string Ours = "vip-sidecar";
    private const string IgnoreWord = "arp_ignore=";
    private const string AnnounceWord = "arp_announce=";

    /// <param name="parentArp">null: the parent's settings are left alone.</param>
    public static string Write(ArpSettings? parentArp) => parentArp is { } arp
        ? string.Create(CultureInfo.InvariantCulture, $"{Ours} {IgnoreWord}{arp.Ignore} {AnnounceWord}{arp.Announce}")
        : Ours;

    public static bool IsOurs(string alias) => alias.Split(' ')[0] == Ours;

    /// <returns>null when the link is none of ours, or its parent was left alone.</returns>
    public static ArpSettings? ReadParentArp(string alias)
    {
        string[] words = alias.Split(' ');
        return words.Length == 3
            && words[0] == Ours
            && TryReadWord(words[1], IgnoreWord, out uint ignore)
            && TryReadWord(words[2], AnnounceWord, out uint announce)
            ? new ArpSettings(ignore, announce)
            : null;
    }

    private static bool TryReadWord(string word, string name, out uint value)
    {
        value = 0;
        return word.StartsWith(name, StringComparison.Ordinal)
            && uint.TryParse(word.AsSpan(name.Length), NumberStyles.None, CultureInfo.InvariantCulture, out value);
    }
}
