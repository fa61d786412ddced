namespace VipOperator.Import;

/// <summary>What keepalived itself complains about, and, where it leaves a line out, what becomes of that.</summary>
internal sealed class Complaints(Ledger ledger, List<Problem> problems)
{
    public Ledger Ledger { get; } = ledger;

    /// <summary>keepalived complains and goes on.</summary>
    public void Note(Directive directive, string message) =>
        problems.Add(new Problem(directive.Place, message, IsFatal: false));

    /// <summary>keepalived complains and leaves the line out; so somebody has to see what was meant.</summary>
    public void Refuse(Directive directive, string message)
    {
        Note(directive, message);
        bool isName = message.StartsWith("keepalived", StringComparison.Ordinal);
        Ledger.Left(
            directive, isName ? $"{message}." : $"{char.ToUpperInvariant(message[0])}{message[1..]}.", decide: true);
    }

    /// <summary>The value of a keyword that needs one: without it keepalived ends at once.</summary>
    public string Value(Directive directive)
    {
        if (directive.Argument.Length == 0)
            problems.Add(new Problem(directive.Place, $"{directive.Name} has no value", IsFatal: true));
        return directive.Argument;
    }

    /// <summary>A word that is no keyword where it stands.</summary>
    public void LeaveUnknown(Directive directive) => Ledger.Left(
        directive, "It is no keyword of keepalived's in this place, so keepalived runs without it; see what was meant.",
        decide: true);
}
