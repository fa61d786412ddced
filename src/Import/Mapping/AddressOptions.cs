namespace VipOperator.Import;

/// <summary>What follows the address in a line of virtual_ipaddress.</summary>
internal static class AddressOptions
{
    private const int LongestLabel = 15;

    /// <param name="line">The line.</param>
    /// <param name="isIPv6">Of the address.</param>
    /// <param name="length">Of its prefix.</param>
    /// <param name="complaints">Takes what keepalived complains about.</param>
    /// <param name="isRefused">keepalived leaves the address out.</param>
    /// <returns>The link that is named; null: none.</returns>
    public static string? Read(Directive line, bool isIPv6, int length, Complaints complaints, out bool isRefused)
    {
        string? device = null;
        isRefused = false;
        for (int i = 1; i < line.Words.Count; i++)
        {
            string word = line.Words[i];
            if (word is "home" or "-nodad" or "mngtmpaddr" or "noprefixroute" or "autojoin" or "no_track" or "use_vmac")
                continue;
            if (word is not ("dev" or "scope" or "broadcast" or "brd" or "label" or "peer" or "preferred_lft"))
            {
                Note($"keepalived knows no {word} for an address and leaves the word out");
                continue;
            }

            if (i + 1 == line.Words.Count)
            {
                Note($"nothing follows {word}; keepalived leaves the address out");
                isRefused = true;
                return device;
            }

            string value = line.Words[++i];
            switch (word)
            {
                case "dev" when device is not null:
                    Note("there are two links; keepalived leaves the address out");
                    isRefused = true;
                    break;
                case "dev":
                    device = value;
                    break;
                case "brd" or "broadcast" when isIPv6:
                    Note("IPv6 has no broadcast; keepalived leaves the address out");
                    isRefused = true;
                    break;
                case "brd" or "broadcast" when value is "+" or "-" && length > 30:
                    Note($"a /{length} has no broadcast address");
                    break;
                case "brd" or "broadcast" when value is not ("+" or "-") && !AddressLine.TryParse(value, out _):
                    Note($"{value} is no broadcast address; keepalived leaves the address out");
                    isRefused = true;
                    break;
                case "label" when value.Length > LongestLabel:
                    Note($"a label has at most {LongestLabel} characters; keepalived leaves the address out");
                    isRefused = true;
                    break;
                case "label" or "scope" when isIPv6:
                    Note($"IPv6 addresses have no {word}; keepalived leaves it out");
                    break;
            }
        }

        return device;

        void Note(string message) => complaints.Note(line, message);
    }
}
