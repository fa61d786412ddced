using System.Globalization;

namespace VipOperator.Import;

/// <summary>Reads an auth_hmac block (keepalived 2.4.2 and later).</summary>
internal static class HmacReader
{
    // Bytes of a key.
    private const int ShortestKey = 32;
    private const int LongestKey = 64;

    public static void Read(Instance instance, Directive block, Complaints complaints)
    {
        Ledger ledger = complaints.Ledger;
        ledger.Mapped(block, "It becomes vrrp.authentication.type HMAC.");
        Dictionary<long, Directive> keys = [];
        long active = 0;
        foreach (Directive directive in block.Children)
        {
            switch (directive.Name)
            {
                case "key" when directive.Kind == DirectiveKind.Known:
                    if (directive.Words.Count < 3 || !Numbers.TryRead(directive.Argument, 1, 255, out long id)
                        || !IsKey(directive.Words[2])
                        || !keys.TryAdd(id, directive))
                    {
                        complaints.Refuse(directive, $"a key has a number of its own, 1 to 255, and {ShortestKey} to "
                            + $"{LongestKey} bytes; keepalived leaves it out");
                    }

                    break;
                case "active_key":
                    if (Numbers.TryRead(directive.Argument, 1, 255, out active))
                        ledger.Mapped(directive, "It is the number of the key that the Secret holds.");
                    else
                        complaints.Refuse(directive, "the number of a key must be 1 to 255; keepalived leaves it out");
                    break;
                case "mode" when directive.Argument == "enforce":
                    ledger.Mapped(directive, "Members take in only what is signed.");
                    break;
                case "mode":
                    ledger.Approximated(
                        directive,
                        "Members take in only what is signed; bring keepalived to mode enforce before they join.",
                        decide: true);
                    break;
                case "time_window" or "anti_replay":
                    ledger.Approximated(directive, "A sender's numbers must grow; within five minutes of the clock, or "
                        + "of an advertisement before.");
                    break;
                default:
                    complaints.LeaveUnknown(directive);
                    break;
            }
        }

        foreach ((long id, Directive key) in keys)
        {
            if (id != active)
                ledger.Left(key, "Only the active key is used; a new one in the Secret rolls over by itself.");
        }

        if (keys.TryGetValue(active, out Directive? used))
            Use(instance, used, active, ledger);
        else
            ledger.Left(block, "keepalived turns it off, for no key has the number of active_key.", decide: true);
    }

    private static void Use(Instance instance, Directive key, long id, Ledger ledger)
    {
        string written = key.Words[2];
        if (written.StartsWith("file:", StringComparison.Ordinal))
        {
            instance.Credential = new Credential(IsHmac: true, Value: null, key);
            ledger.Approximated(
                key, "The key is in a file of the host: make the Secret of it yourself, as a comment in "
                    + "the manifest says.", decide: true);
            return;
        }

        string value = id == 1 ? written : string.Create(CultureInfo.InvariantCulture, $"key {id} {written}");
        instance.Credential = new Credential(IsHmac: true, value, key);
        ledger.Mapped(key, "It is the Secret's value.");
    }

    private static bool IsKey(string text)
    {
        if (text.StartsWith("file:", StringComparison.Ordinal))
            return true;
        int length = text.StartsWith("hex:", StringComparison.Ordinal)
            ? text.Skip(4).All(char.IsAsciiHexDigit) ? (text.Length - 4) / 2 : 0
            : System.Text.Encoding.UTF8.GetByteCount(text);
        return length is >= ShortestKey and <= LongestKey;
    }
}
