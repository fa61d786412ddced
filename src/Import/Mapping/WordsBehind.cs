using System.Collections.Frozen;

namespace VipOperator.Import;

/// <summary>
/// Words behind a setting's value: keepalived reads the value and says nothing of what follows, as in
/// "fall 2 rise 3", where no rise is set.
/// </summary>
internal static class WordsBehind
{
    /// <summary>Blocks whose settings have one form in all versions of keepalived.</summary>
    private static readonly string[] Blocks =
        ["global_defs", "vrrp_instance", "authentication", "vrrp_script", "vrrp_track_process"];

    /// <summary>How many values a setting has.</summary>
    private static readonly FrozenDictionary<string, int> Values = new[]
    {
        (0, "nopreempt preempt native_ipv6 dont_track_primary init_fail"),
        (1, "router_id vrrp_version vrrp_garp_master_refresh vrrp_mcast_group4 vrrp_mcast_group6 state interface "
            + "virtual_router_id priority version advert_int preempt_delay garp_master_refresh unicast_src_ip "
            + "mcast_src_ip unicast_ttl auth_type auth_pass interval timeout rise fall quorum delay terminate_delay "
            + "fork_delay script"),
    }.SelectMany(r => r.Item2.Split(' ').Select(n => KeyValuePair.Create(n, r.Item1)))
        .ToFrozenDictionary(StringComparer.Ordinal);

    /// <summary>Adds the ignored words to what was said of each line of a block and of the blocks in it.</summary>
    public static void Say(Directive block, Ledger ledger)
    {
        bool isTrack = block.Name is "track_script" or "track_process";
        foreach (Directive line in block.Children.Where(c => c.Kind == DirectiveKind.Known || isTrack))
        {
            Say(line, ledger);
            IReadOnlyList<string> ignored = isTrack ? BehindWeight(line, 1)
                : !Blocks.Contains(block.Name) ? []
                : line.Name == "weight" ? BehindWeight(line, 0)
                : Of(line);
            if (ignored.Count > 0)
            {
                // Behind a password may stand the rest of it.
                string words = line.Name == "auth_pass" ? "what stands" : $"\"{string.Join(' ', ignored)}\"";
                ledger.Qualify(line, $"keepalived ignores {words} behind it; see what was meant.");
            }
        }
    }

    private static IReadOnlyList<string> Of(Directive line)
    {
        if (!Values.TryGetValue(line.Name, out int count))
            return [];
        IReadOnlyList<string> words = line.Name == "script"
            ? Words.SplitCommand(line.Text, resolves: false) ?? [] : line.Words;
        return [.. words.Skip(count + 1)];
    }

    // NAME weight -20 reverse, and weight -20 reverse.
    private static IReadOnlyList<string> BehindWeight(Directive line, int at) =>
        line.Words.Count < at + 3 || line.Words[at] != "weight" ? []
        : [.. line.Words.Skip(line.Words[at + 2] == "reverse" ? at + 3 : at + 2)];
}
